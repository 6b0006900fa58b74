"""Aspects, storylines and topics in a real browser: both languages, accessible, calm, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from browsing import FINE, LOOKS, Look, examine, list_violations
from voices_lake import fill_voices_lake, get_blame_id

pytestmark = pytest.mark.browser
DAYS = "from=2025-04-07&to=2025-05-04"
PAGES = {
    "aspects": f"/aspects/?{DAYS}&brand=all",
    "storylines": f"/storylines/?{DAYS}&storyline=leica-images",
    "topics": f"/topics/?{DAYS}",
    "post": f"/posts/one/?id={get_blame_id(21)}",
    "pulse": f"/pulse/?{DAYS}",
}


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    return fill_voices_lake


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_accessible_and_fits_a_phone(console: Any, look: Look, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(look)
    found = {}
    for name, address in PAGES.items():
        page.goto(address)
        found[name] = examine(page)
    assert found == dict.fromkeys(PAGES, FINE)
    assert calm() == []


def test_a_cell_leads_to_its_posts_and_the_map_to_its_proof(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    page.goto(PAGES["aspects"])
    page.locator("table.heat td.bad3 a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/posts/**")
    expect(page.get_by_text("40 posts")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="How it came to be").click()
    page.locator("#drawer pre.sql").wait_for()
    page.locator("#drawer").get_by_text("Run again").click()
    page.get_by_text("Every digit is the same.").wait_for()
    assert list_violations(page) == []
    assert calm() == []


def test_a_storyline_and_a_topic_lead_to_their_posts(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    page.goto(PAGES["storylines"])
    page.locator("#messages tr.chosen td a").first.click()
    expect(page.get_by_text("14 posts")).to_be_visible()
    page.goto(PAGES["topics"])
    page.locator("ol.topics li").first.get_by_role("link").first.click()
    expect(page.get_by_text("8 posts")).to_be_visible()
    assert calm() == []


@pytest.mark.parametrize("name", ["aspects", "topics", "storylines"])
def test_a_figure_above_the_page_opens_its_proof(console: Any, name: str, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(viewport={"width": 1280, "height": 800})
    page.goto(f"/{name}/?from=2025-04-07&to=2025-05-04")
    page.locator(".strip a.opens").nth(1).click()
    drawer = page.locator("#drawer-body")
    drawer.get_by_text("Wilson").first.wait_for()
    expect(drawer.locator("pre.sql")).to_have_count(1)
    assert calm() == []
