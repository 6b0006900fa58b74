"""Hot lists and share of voice in a real browser: both languages, accessible, calm, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page

from hotlists_lake import fill_hotlists_lake

pytestmark = pytest.mark.browser
LANGUAGES = ["zh-hans", "en"]
HOT_LISTS = "/hot-lists/?from=2025-03-10&to=2025-03-10&brand=xiaomi"
VOICE = "/share-of-voice/?from=2025-02-24&to=2025-04-29&brand=xiaomi"


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    return fill_hotlists_lake


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


@pytest.mark.parametrize("address", [HOT_LISTS, VOICE], ids=["hot-lists", "share-of-voice"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_accessible_and_fits_a_phone(
    console: Any, language: str, address: str, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    speak(page, language)
    page.goto(address)
    assert (list_violations(page), measure_width(page)) == ([], 360)
    page.set_viewport_size({"width": 1280, "height": 900})
    speak(page, language, "dark")
    page.goto(address)
    page.locator("details summary.small").first.click()
    assert (list_violations(page), calm()) == ([], [])


def test_a_title_leads_to_the_posts_of_its_days_and_a_figure_to_its_proof(
    console: Any, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in()
    page.goto(HOT_LISTS)
    page.get_by_label("How Coverage came to be").click()
    page.locator("#drawer pre.sql").wait_for()
    assert list_violations(page) == []
    page.keyboard.press("Escape")
    page.locator("#titles td.words a").first.click()
    assert "from=2025-03-10&to=2025-03-10&link=xiaomi" in page.url
    assert page.locator("td.words").count() > 0
    assert calm() == []
