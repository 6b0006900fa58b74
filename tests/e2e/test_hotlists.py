"""Hot lists and share of voice in a real browser: both languages, accessible, calm, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from browsing import FINE, LOOKS, Look, examine, list_violations
from hotlists_lake import fill_hotlists_lake

pytestmark = pytest.mark.browser
HOT_LISTS = "/hot-lists/?from=2025-03-10&to=2025-03-10&brand=xiaomi"
VOICE = "/share-of-voice/?from=2025-02-24&to=2025-04-29&brand=xiaomi"


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    return fill_hotlists_lake


@pytest.mark.parametrize("address", [HOT_LISTS, VOICE], ids=["hot-lists", "share-of-voice"])
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_page_is_accessible_and_fits_a_phone(
    console: Any, look: Look, address: str, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    page.goto(address)
    page.locator("details summary.small").first.click()
    assert (examine(page), calm()) == (FINE, [])


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
    page.wait_for_url("**from=2025-03-10&to=2025-03-10&link=xiaomi**")
    expect(page.locator("td.words").first).to_be_visible()
    assert calm() == []
