"""The pages of spread in a real browser: both languages, accessible, calm, no wider than a phone, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from travel_lake import PERIOD, fill_travel_lake

pytestmark = pytest.mark.browser
LANGUAGES = ["zh-hans", "en"]
SPREAD = f"/spread/?{PERIOD}"
ONE = f"/spread/one/?post=post-a&{PERIOD}"
ADDRESSES = {
    "spread": SPREAD,
    "one": ONE,
    "branch": f"{ONE}&at=a2&colour=mood&scale=linear",
    "forecasts": "/spread/forecast/",
    "nothing": "/spread/forecast/?at=2025-03-15T00:00",
    "forecast": "/spread/forecast/one/?post=young&age=0.5",
    "too-early": "/spread/forecast/one/?post=few",
}


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    return fill_travel_lake


def list_violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page)["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


def speak(page: Page, language: str, theme: str = "light") -> None:
    cookies = {"django_language": language, "canyu_theme": theme}
    home = page.evaluate("location.origin")
    page.context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])


def measure_width(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible_and_fits_a_phone(console: Any, language: str, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    found = {}
    for name, address in ADDRESSES.items():
        page.set_viewport_size({"width": 360, "height": 740})
        speak(page, language)
        page.goto(address)
        slim = (list_violations(page), measure_width(page))
        page.set_viewport_size({"width": 1280, "height": 900})
        speak(page, language, "dark")
        page.goto(address)
        for summary in page.locator("details summary.small").all():
            summary.click()
        found[name] = (*slim, list_violations(page))
    assert found == dict.fromkeys(ADDRESSES, ([], 360, []))
    assert calm() == []


def test_from_the_accounts_to_a_branch_by_keyboard_and_back(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(viewport={"width": 1280, "height": 900})
    page.goto(SPREAD)
    page.get_by_label("How Carried by the top 10 came to be").click()
    page.locator("#drawer pre.sql").wait_for()
    assert list_violations(page) == []
    page.keyboard.press("Escape")
    page.locator("#cascades td.words a").first.click()
    page.locator(".canvas.wide .tree a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**at=a1**")
    expect(page.locator("#tree h2")).to_have_text("4 reposts below u1")
    page.locator(".crumbs a").first.click()
    page.wait_for_url(lambda address: "at=" not in address)
    expect(page.locator("#tree h2")).to_have_text("u1 carried 60% of the reposts")
    assert calm() == []


def test_the_slider_of_ages_moves_the_band(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(viewport={"width": 1280, "height": 900})
    page.goto("/spread/forecast/")
    page.locator("td.words a").first.click()
    page.get_by_role("link", name="known after 30 min").click()
    page.wait_for_url("**age=0.5**")
    expect(page.locator("dl.strip .value").first).to_have_text("20")
    page.get_by_text("How it came to be").click()
    page.locator("#drawer pre.sql").wait_for()
    assert "80% intervals held in" in page.locator("#drawer").inner_text()
    assert calm() == []


def test_files_are_downloaded_from_the_tree(console: Any) -> None:
    page = console.sign_in(viewport={"width": 1280, "height": 900})
    page.goto(ONE)
    for form in ("CSV", "SVG", "PNG"):
        with page.expect_download() as download:
            page.locator("#tree .offers").get_by_text(form, exact=True).click()
        assert download.value.suggested_filename == f"canyu-spread-tree.{form.lower()}"


def test_the_pages_can_be_read_without_script(console: Any) -> None:
    page = console.sign_in(java_script_enabled=False)
    page.goto(ONE)
    page.get_by_label("How Depth came to be").click()
    expect(page.get_by_text("What it counts")).to_be_visible()
    page.get_by_text("Back to the page").click()
    expect(page.locator("#tree h2")).to_have_text("u1 carried 60% of the reposts")
