"""The pages of spread in a real browser: both languages, accessible, calm, no wider than a phone, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from browsing import FINE, LOOKS, WIDE, Look, examine, list_violations
from travel_lake import PERIOD, fill_travel_lake

pytestmark = pytest.mark.browser
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


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_accessible_and_fits_a_phone(console: Any, look: Look, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(look)
    found = {}
    for name, address in ADDRESSES.items():
        page.goto(address)
        for summary in page.locator("details summary.small").all():
            summary.click()
        found[name] = examine(page)
    assert found == dict.fromkeys(ADDRESSES, FINE)
    assert calm() == []


def test_from_the_accounts_to_a_branch_by_keyboard_and_back(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(**WIDE)
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
    page = console.sign_in(**WIDE)
    page.goto("/spread/forecast/")
    page.locator("td.words a").first.click()
    page.get_by_role("link", name="known after 30 min").click()
    page.wait_for_url("**age=0.5**")
    expect(page.locator("dl.strip .value").first).to_have_text("20")
    page.get_by_text("How it came to be").click()
    expect(page.locator("#drawer")).to_contain_text("80% intervals held in")
    assert calm() == []


def test_files_are_downloaded_from_the_tree(console: Any) -> None:
    page = console.sign_in(**WIDE)
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
