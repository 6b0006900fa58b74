"""Aspects, storylines and topics in a real browser: both languages, accessible, calm, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

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


def list_violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page)["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


def speak(page: Page, language: str, theme: str = "light") -> None:
    cookies = {"django_language": language, "canyu_theme": theme}
    home = page.evaluate("location.origin")
    page.context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_accessible_and_fits_a_phone(console: Any, language: str, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    faults: dict[str, Any] = {}
    for name, address in PAGES.items():
        speak(page, language)
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        light = list_violations(page)
        speak(page, language, "dark")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        faults[name] = (width, light, list_violations(page))
    assert {name: found for name, found in faults.items() if found != (360, [], [])} == {}
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
