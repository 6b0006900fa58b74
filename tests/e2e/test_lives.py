"""Live sessions and charity in a real browser: the staff's pages in both looks, the public one on a phone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browsing import FINE, LOOKS, PHONE, Look, examine, list_violations, measure_width, set_look

pytestmark = pytest.mark.browser
TESTS = Path(__file__).resolve().parents[1]
PAGES = {
    "lives": "/lives/",
    "live": "/lives/1/",
    "live-planned": "/lives/2/",
    "live-proof": "/lives/1/proof/usual/",
    "charity": "/campaigns/1/charity/",
    "story": "/campaigns/1/charity/stories/1/",
}


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    def fill(path: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
        place = os.pathsep.join([str(TESTS), *filter(None, sys.path)])
        command = [sys.executable, str(TESTS / "live_site.py"), str(path)]
        done = subprocess.run(command, env={**kept, "PYTHONPATH": place}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    return fill


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_are_accessible_calm_and_no_wider_than_a_phone(
    console, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    found = {}
    for name, address in PAGES.items():
        page.goto(address)
        found[name] = examine(page)
    assert found == dict.fromkeys(PAGES, FINE)
    assert calm() == []


def test_a_session_is_started_marked_watched_and_ended(console, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    page.keyboard.press("g")
    page.keyboard.press("j")
    expect(page).to_have_url(f"{console.address}lives/")
    page.get_by_role("link", name="The founder on the T7").first.click()
    page.get_by_role("button", name="It has started").click()
    expect(page.get_by_role("status").filter(has_text="Live: counted until")).to_be_visible()
    page.get_by_label("How Peak viewers came to be").click()
    expect(page.locator("#drawer")).to_contain_text("Not a platform's own peak")
    page.keyboard.press("Escape")
    page.get_by_label("What happened", exact=True).select_option("open")
    page.get_by_role("button", name="Set the mark").click()
    expect(page.locator("#marks li")).to_have_count(1)
    with page.expect_response("**/board/"):
        page.wait_for_timeout(1)
    page.get_by_role("button", name="It has ended").click()
    expect(page.get_by_text("Live: counted until")).to_have_count(0)
    assert calm() == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_public_page_of_a_pledge_is_read_on_a_phone_without_script(console, language: str) -> None:
    page = console.open(java_script_enabled=True, **PHONE).new_page()
    page.goto("/account/login/")
    set_look(page, language)
    page.goto("/c/launch-night/charity/")
    assert (list_violations(page), measure_width(page)) == ([], 360)
    plain = console.open(java_script_enabled=False, **PHONE).new_page()
    plain.goto("/c/launch-night/charity/")
    expect(plain.locator(".total b")).to_have_text("¥411")
    expect(plain.locator("img.told")).to_be_visible()
