"""Corrections in a real browser: labelled with keys and without script, accessible, calm, no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from brand_lake import SCRIPT, get_hostile_id
from browsing import FINE, LOOKS, Look, examine

pytestmark = pytest.mark.browser
PAGES = ("/labels/", "/labels/?state=withdrawn", "/labels/queue/", f"/posts/one/?id={get_hostile_id(SCRIPT)}")


def test_posts_are_labelled_with_keys_and_undone(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    page.goto("/labels/queue/")
    before = page.locator("blockquote").inner_text()
    for key in "123":
        with page.expect_navigation():
            page.keyboard.press(key)
    expect(page.get_by_text("3 corrections stand")).to_be_visible()
    expect(page.locator("blockquote")).not_to_have_text(before, use_inner_text=True)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 corrections stand")).to_be_visible()
    page.goto("/labels/")
    expect(page.locator("td.words")).to_have_count(2)
    assert calm() == []


def test_posts_are_labelled_without_script(console: Any) -> None:
    page = console.sign_in(java_script_enabled=False)
    page.goto(f"/posts/one/?id={get_hostile_id(SCRIPT)}")
    page.get_by_role("button", name="It is negative").click()
    expect(page.get_by_text("Corrected by admin:")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    page.wait_for_url("**/labels/")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_are_accessible_and_fit_a_phone(console: Any, look: Look, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(look)
    found = {}
    for address in PAGES:
        page.goto(address)
        found[address] = examine(page)
    assert found == dict.fromkeys(PAGES, FINE)
    assert calm() == []
