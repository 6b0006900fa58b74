"""The pages of evidence in a real browser: both languages, accessible, calm, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from evidence_lake import fill_evidence_lake

pytestmark = pytest.mark.browser
COPY = "全网蕞低价！2024年全国销量第一，续航700公里。致力于做最好的电动车<script>alert(1)</script>"
LANGUAGES = ["zh-hans", "en"]
ALL_DAYS = "from=2025-03-01&to=2025-03-21"


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    return fill_evidence_lake


def list_violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page)["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


def open_phone(console: Any, language: str) -> Page:
    page: Page = console.sign_in(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    speak(page, language)
    return page


def speak(page: Page, language: str, theme: str = "light") -> None:
    cookies = {"django_language": language, "canyu_theme": theme}
    home = page.evaluate("location.origin")
    page.context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])


def measure_width(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


@pytest.mark.parametrize("language", LANGUAGES)
def test_copy_is_checked_on_a_phone(console: Any, language: str, calm: Callable[[], list[str]]) -> None:
    page = open_phone(console, language)
    page.goto("/copy-check/")
    assert (list_violations(page), measure_width(page)) == ([], 360)
    page.fill("#copy-text", COPY)
    page.select_option("#industry", "car")
    page.click("main button.main")
    page.locator("a.sign.block").first.click()
    assert page.url.endswith("#found-1")
    assert (list_violations(page), measure_width(page)) == ([], 360)
    speak(page, language, "dark")
    page.goto("/copy-check/")
    assert list_violations(page) == []
    assert calm() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_copies_lead_to_their_posts(console: Any, language: str, calm: Callable[[], list[str]]) -> None:
    page = open_phone(console, language)
    page.goto(f"/copies/?{ALL_DAYS}")
    assert (list_violations(page), measure_width(page)) == ([], 360)
    page.locator("td.words a").first.click()
    expect(page.locator("td.words")).to_have_count(6)
    assert (list_violations(page), measure_width(page)) == ([], 360)
    check_wide_and_dark(page, language, f"/copies/?{ALL_DAYS}")
    assert calm() == []


def check_wide_and_dark(page: Page, language: str, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    speak(page, language, "dark")
    page.goto(address)
    page.locator("details summary").last.click()
    assert list_violations(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_queue_of_claims_on_a_phone(console: Any, language: str, calm: Callable[[], list[str]]) -> None:
    page = open_phone(console, language)
    address = f"/rumours/?{ALL_DAYS}&precision=0.8"
    page.goto(address)
    assert page.locator("mark").count() >= 1
    assert (list_violations(page), measure_width(page)) == ([], 360)
    check_wide_and_dark(page, language, address)
    assert calm() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_group_of_accounts_opens_to_its_posts(console: Any, language: str, calm: Callable[[], list[str]]) -> None:
    page = open_phone(console, language)
    page.goto(f"/coordination/?{ALL_DAYS}")
    assert (list_violations(page), measure_width(page)) == ([], 360)
    page.locator("td.words a").first.click()
    expect(page.locator("td.words")).to_have_count(18)
    assert (list_violations(page), measure_width(page)) == ([], 360)
    check_wide_and_dark(page, language, f"/coordination/?{ALL_DAYS}")
    assert calm() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_posts_of_a_group_are_a_list_to_narrow_and_take_along(
    console: Any, language: str, calm: Callable[[], list[str]]
) -> None:
    page = open_phone(console, language)
    page.goto(f"/coordination/?{ALL_DAYS}")
    page.locator("#groups td.num a").first.click()
    expect(page.locator("td.words")).to_have_count(18)
    assert (list_violations(page), measure_width(page)) == ([], 360)
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.fill("#q", "底盘")
    page.click("form.filters button.main")
    expect(page.locator("td.words")).to_have_count(6)
    expect(page.locator(".narrowed")).to_have_count(1)
    page.locator(".narrowed a").first.click()
    expect(page.locator(".narrowed")).to_have_count(0)
    assert calm() == []
