"""Corrections in a real browser: labelled with keys and without script, accessible, calm, no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from brand_lake import SCRIPT, get_hostile_id

pytestmark = pytest.mark.browser
PAGES = ("/labels/", "/labels/?state=withdrawn", "/labels/queue/", f"/posts/one/?id={get_hostile_id(SCRIPT)}")
LANGUAGES = ["zh-hans", "en"]


def list_violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page)["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


def speak(page: Page, language: str, theme: str = "light") -> None:
    cookies = {"django_language": language, "canyu_theme": theme}
    home = page.evaluate("location.origin")
    page.context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])


def test_posts_are_labelled_with_keys_and_undone(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    page.goto("/labels/queue/")
    before = page.locator("blockquote").inner_text()
    for key in "123":
        with page.expect_navigation():
            page.keyboard.press(key)
    expect(page.get_by_text("3 corrections stand")).to_be_visible()
    assert page.locator("blockquote").inner_text() != before
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
    assert page.url.endswith("/labels/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_accessible_and_fit_a_phone(console: Any, language: str, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    speak(page, language)
    found: dict[str, tuple[list[str], int]] = {}
    for address in PAGES:
        page.goto(address)
        found[address] = (list_violations(page), page.evaluate("document.documentElement.scrollWidth"))
    assert found == {address: ([], 360) for address in PAGES}
    speak(page, language, "dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    for address in PAGES:
        page.goto(address)
        assert list_violations(page) == []
    assert calm() == []
