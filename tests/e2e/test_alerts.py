"""The pages of alerts in a real browser: both languages, accessible, calm, and no wider than a phone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from alert_lake import fill_alert_lake
from browsing import FINE, LOOKS, Look, examine

pytestmark = pytest.mark.browser
PAGES = (
    "/alerts/",
    "/alerts/?state=closed",
    "/alerts/replay/?days=30",
    "/alerts/about/replay/",
    "/alerts/rules/",
    "/alerts/rules/new/",
    "/alerts/forecasts/new/",
    "/alerts/routes/new/",
    "/alerts/settings/",
)


def fill_and_check(path: Path) -> None:
    fill_alert_lake(path)
    command = [str(Path(sys.executable).parent / "canyu"), "alerts", "check", "--now", "2025-04-14T00:05"]
    subprocess.run([*command, "--lake", str(path)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    return fill_and_check


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_accessible_calm_and_fits_a_phone(
    console: Any, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    page.goto("/alerts/")
    one = page.locator("article h2 a").first.get_attribute("href") or ""
    found = {}
    for address in (*PAGES, one):
        page.goto(address)
        found[address] = examine(page)
    assert found == dict.fromkeys((*PAGES, one), FINE)
    assert calm() == []


def test_an_alert_leads_to_its_posts_and_is_closed_with_a_note(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    page.goto("/alerts/")
    page.locator("article summary").first.click()
    page.locator("article li a").first.click()
    expect(page.locator("blockquote")).to_contain_text("刹车失灵")
    page.go_back()
    page.get_by_text("How an alert comes to be").click()
    page.locator("#drawer h3").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("article h2 a").first.click()
    page.fill("#note", "recall announced")
    page.get_by_role("button", name="Close the alert").click()
    expect(page.get_by_text("recall announced")).to_have_count(1)
    page.get_by_role("button", name="Open again").click()
    page.get_by_text("What it was, and what you did").wait_for()
    assert calm() == []


def test_a_rule_that_cannot_be_kept_says_which_field(console: Any) -> None:
    page = console.sign_in()
    page.goto("/alerts/rules/new/")
    page.fill("#id_name", "brakes")
    page.fill("#id_team", "PR")
    page.fill("#id_time_zone", "Mars")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Name a time zone")).to_be_visible()
    page.fill("#id_time_zone", "Asia/Shanghai")
    page.get_by_role("button", name="Keep it").click()
    page.wait_for_url("**/alerts/rules/")
    expect(page.get_by_role("rowheader", name="brakes")).to_be_visible()
