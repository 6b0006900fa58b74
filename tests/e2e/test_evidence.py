"""The pages of evidence in a real browser: both languages, accessible, calm, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from browsing import FINE, LOOKS, Look, examine
from evidence_lake import fill_evidence_lake

pytestmark = pytest.mark.browser
COPY = "全网蕞低价！2024年全国销量第一，续航700公里。致力于做最好的电动车<script>alert(1)</script>"
ALL_DAYS = "from=2025-03-01&to=2025-03-21"


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    return fill_evidence_lake


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_copy_is_checked(console: Any, look: Look, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(look)
    page.goto("/copy-check/")
    assert examine(page) == FINE
    page.fill("#copy-text", COPY)
    page.select_option("#industry", "car")
    page.click("main button.main")
    page.locator("a.sign.block").first.click()
    page.wait_for_url("**#found-1")
    assert examine(page) == FINE
    assert calm() == []


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_copies_lead_to_their_posts(console: Any, look: Look, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(look)
    page.goto(f"/copies/?{ALL_DAYS}")
    page.locator("details summary").last.click()
    assert examine(page) == FINE
    page.locator("td.words a").first.click()
    expect(page.locator("td.words")).to_have_count(6)
    assert examine(page) == FINE
    assert calm() == []


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_queue_of_claims(console: Any, look: Look, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(look)
    page.goto(f"/rumours/?{ALL_DAYS}&precision=0.8")
    assert page.locator("mark").count() >= 1
    page.locator("details summary").last.click()
    assert examine(page) == FINE
    assert calm() == []


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_group_of_accounts_opens_to_its_posts(console: Any, look: Look, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(look)
    page.goto(f"/coordination/?{ALL_DAYS}")
    page.locator("details summary").last.click()
    assert examine(page) == FINE
    page.locator("td.words a").first.click()
    expect(page.locator("td.words")).to_have_count(18)
    assert examine(page) == FINE
    assert calm() == []


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_posts_of_a_group_are_a_list_to_narrow_and_take_along(
    console: Any, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    page.goto(f"/coordination/?{ALL_DAYS}")
    page.locator("#groups td.num a").first.click()
    expect(page.locator("td.words")).to_have_count(18)
    assert examine(page) == FINE
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
