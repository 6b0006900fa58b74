"""KOLs in a real browser: a file taken in, a post booked and undone; accessible, calm, no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browsing import FINE, LOOKS, Look, examine, set_look
from hostile_posts import TRICKS

pytestmark = pytest.mark.browser
HEADER = "达人,平台,账号,编号,粉丝数,领域,市场,图文报价,币种,备注\n"


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with good rows, two refused ones, and names that nobody wishes for."""
    return write_roster(tmp_path_factory.mktemp("roster") / "达人.csv", "mei")


@pytest.fixture
def another_roster(tmp_path: Path) -> Path:
    """The same with accounts of its own, so that nobody took it in before."""
    return write_roster(tmp_path / "达人.csv", "lan")


def write_roster(path: Path, name: str) -> Path:
    tricks = [text.replace('"', '""').replace("\x00", "")[:90] for text in TRICKS.values() if "\n" not in text]
    rows = [
        f'"梅{at} {text}",微博,{name}{at},{name}-p{at},{at + 1}.5万,汽车,cn,2300.50,CNY,"{text}"'
        for at, text in enumerate(tricks)
    ]
    path.write_text(HEADER + "\n".join([*rows, "林,微博,,k,很多,,,,,", "林,微博,lin,k9,很多,,,,,"]), "utf-8")
    return path


def take_in(page: Page, roster: Path) -> None:
    page.goto("/kols/import/")
    page.set_input_files("#file", str(roster))
    page.get_by_role("button", name="Look at the file").click()
    page.locator("dl.strip").wait_for()


def keep(page: Page, roster: Path) -> None:
    """Take the file in, whether or not another test did so before."""
    take_in(page, roster)
    if page.locator(".next-step").count():
        page.get_by_role("button", name="Keep these changes").click()
        expect(page.get_by_text("2 rows are refused")).to_be_visible()


def test_a_roster_is_taken_in_and_a_post_is_booked(
    console: Any, another_roster: Path, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in()
    take_in(page, another_roster)
    expect(page.get_by_text("Nothing is kept yet.")).to_be_visible()
    page.get_by_role("button", name="Keep these changes").click()
    expect(page.get_by_text("2 rows are refused")).to_be_visible()
    page.goto("/kols/?q=lan3")
    page.locator("table.roster tbody th a").first.click()
    page.get_by_role("link", name="Book a post").first.click()
    page.get_by_label("Brief").fill("请试驾一天 #广告#")
    page.get_by_role("button", name="Open the booking").click()
    page.get_by_role("button", name="The brief is out").click()
    page.get_by_role("button", name="Accepts").click()
    page.get_by_label("Or its address").fill("https://weibo.com/1")
    page.get_by_role("button", name="It is posted").click()
    page.get_by_role("button", name="Undo: posted").click()
    expect(page.get_by_role("heading", name="Which post is it?")).to_be_visible()
    assert page.evaluate("window.hit") is None
    assert calm() == []


def test_the_pages_work_without_script(console: Any, roster: Path) -> None:
    page = console.sign_in(java_script_enabled=False)
    keep(page, roster)
    page.goto("/kols/?sort=-price")
    page.get_by_label("How these figures came to be").click()
    expect(page.get_by_role("heading", name="Middle price")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_are_accessible_and_fit_a_phone(
    console: Any, look: Look, roster: Path, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(**look.screen)
    take_in(page, roster)
    preview = page.url
    keep(page, roster)
    page.goto("/kols/")
    kol = page.locator("table.roster tbody th a").first.get_attribute("href")
    page.goto("/kols/bookings/")
    booking = page.locator("tbody th a").first
    places = ["/kols/", "/kols/?who=blocked", "/kols/bookings/", "/kols/import/", "/kols/about/signals/", preview, kol]
    places += [booking.get_attribute("href")] if booking.count() else []
    set_look(page, look.language, look.theme)
    found = {}
    for address in places:
        page.goto(address)
        found[address] = examine(page)
    assert found == dict.fromkeys(places, FINE)
    assert calm() == []
