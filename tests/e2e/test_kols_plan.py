"""A plan in a real browser: an account dragged in and out, the same by keyboard and without script, accessible."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from brand_lake import fill_brand_lake
from browsing import FINE, LOOKS, WIDE, Look, examine, list_violations
from kol_plan_market import save_small_graph

pytestmark = pytest.mark.browser
ROSTER = """
import os, sys
import django
django.setup()
from kol_plan_market import SCRIPT, add_account, fill_market
fill_market()
add_account(SCRIPT, "k:hostile", 70000)
"""
_LAKES: list[Path] = []


@pytest.fixture(scope="module")
def fill_lake() -> Callable[[Path], object]:
    """The brand's lake with the graph of the small market in it."""

    def fill(path: Path) -> None:
        fill_brand_lake(path)
        save_small_graph(path / "influence.graph")
        _LAKES.append(path)

    return fill


@pytest.fixture(scope="module")
def market(console: Any) -> Any:
    """The console with the roster of the small market, written beside the running server."""
    names = {"CANYU_LAKE": str(_LAKES[-1]), "DJANGO_SETTINGS_MODULE": "canyu.ops.settings"}
    paths = os.pathsep.join([str(Path(__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    subprocess.run([sys.executable, "-c", ROSTER], env={**os.environ, **names, "PYTHONPATH": paths}, check=True)
    return console


def open_plan(page: Page, address: str = "/kols/plan/") -> None:
    page.goto(address)
    page.locator("#plan-in").wait_for()


def expect_reach(page: Page, begin: str) -> None:
    expect(page.locator("dl.strip .value").first).to_have_text(re.compile(begin))


def find_row(page: Page, zone: str, name: str) -> Any:
    return page.locator(f'#plan-{zone} tbody tr:has(b:text-is("{name}"))')


def test_an_account_is_dragged_in_and_out_and_the_reach_moves(market: Any, calm: Callable[[], list[str]]) -> None:
    page = market.sign_in(**WIDE)
    open_plan(page)
    expect_reach(page, r"^0")
    find_row(page, "out", "KOL A").drag_to(page.locator("#plan-in h2"))
    find_row(page, "in", "KOL A").wait_for()
    expect_reach(page, r"^7")
    expect(page.get_by_text("Took in KOL A.").last).to_be_visible()
    find_row(page, "out", "KOL B").drag_to(page.locator("#plan-in"))
    find_row(page, "in", "KOL B").wait_for()
    expect_reach(page, r"^(10|9\.9)")
    find_row(page, "in", "KOL B").drag_to(page.locator("#plan-out h2"))
    find_row(page, "out", "KOL B").wait_for()
    expect_reach(page, r"^7")
    page.go_back()
    find_row(page, "in", "KOL B").wait_for()
    page.go_forward()
    find_row(page, "out", "KOL B").wait_for()
    assert calm() == []


def test_the_keyboard_does_the_same(market: Any, calm: Callable[[], list[str]]) -> None:
    page = market.sign_in(**WIDE)
    open_plan(page)
    page.get_by_role("button", name="Take in KOL C").focus()
    page.keyboard.press("Enter")
    find_row(page, "in", "KOL C").wait_for()
    expect(page.locator(":focus")).to_have_text(re.compile("^Take out"))
    expect(page.locator("#plan-said")).to_contain_text("KOL C")
    expect_reach(page, r"^3")
    page.keyboard.press("Enter")
    find_row(page, "out", "KOL C").wait_for()
    expect_reach(page, r"^0")
    page.keyboard.press("u")
    find_row(page, "in", "KOL C").wait_for()
    expect_reach(page, r"^3")
    assert calm() == []


def test_a_plan_is_filled_saved_approved_and_booked(market: Any, calm: Callable[[], list[str]]) -> None:
    page = market.sign_in(**WIDE)
    open_plan(page)
    page.fill("#budget", "2100")
    page.get_by_role("button", name="Plan it").click()
    find_row(page, "in", "KOL A").wait_for()
    expect(page.locator("#plan-in tbody tr")).to_have_count(3)
    page.locator("#plan-certificate:not([hx-get])").wait_for()
    expect(page.locator("#plan-certificate .value")).to_have_text(re.compile(r"^\s*9"))
    page.locator("dl.strip a.opens").first.click()
    page.locator("#drawer .proof").wait_for()
    assert list_violations(page) == []
    page.keyboard.press("Escape")
    page.fill("#plan-name", "Spring")
    page.get_by_role("button", name="Save the plan").click()
    page.get_by_role("button", name="Approve the plan").click()
    page.get_by_role("button", name="Make the bookings").click()
    expect(page.get_by_text("Planned and measured")).to_be_visible()
    expect(page.locator("#bookings tbody tr")).to_have_count(3)
    assert calm() == []


def test_waves_are_waited_for_and_opened_as_a_plan(market: Any, calm: Callable[[], list[str]]) -> None:
    page = market.sign_in(viewport={"width": 1280, "height": 900})
    open_plan(page)
    for name in ("KOL A", "KOL B", "KOL C"):
        page.get_by_role("button", name=f"Take in {name}").click()
        find_row(page, "in", name).wait_for()
    page.get_by_role("link", name="In waves").click()
    expect(page.locator("#waves-table tbody tr")).to_have_count(2)
    expect(page.locator("#waves-table tbody tr").first).to_contain_text("KOL A")
    page.locator("#waves-board a.opens").first.click()
    expect(page.locator("#drawer .proof")).to_contain_text("262,144 + 262,144 sets")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Open these accounts as a plan").click()
    expect(page.locator("#plan-in tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Whom it reaches").click()
    expect(page.locator("#by-platform tbody tr")).to_have_count(2)
    assert calm() == []


def test_a_plan_is_made_without_script(market: Any) -> None:
    page = market.sign_in(java_script_enabled=False)
    page.goto("/kols/plan/")
    first_value = page.locator("dl.strip .value").first
    page.get_by_role("button", name="Take in KOL A").click()
    expect(first_value).to_have_text(re.compile("^7"))
    page.get_by_role("button", name="Undo").click()
    expect(first_value).to_have_text(re.compile("^0"))
    page.fill("#find", "KOL D")
    page.locator("button[form=plan-find]").click()
    expect(page.locator("#plan-out tbody tr")).to_have_count(1)
    page.goto("/kols/plan/")
    page.get_by_role("link", name="How many impressions would that take?").click()
    expect(page.get_by_text("243.3M")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_are_accessible_and_fit_a_phone(market: Any, look: Look, calm: Callable[[], list[str]]) -> None:
    page = market.sign_in(look)
    page.goto("/kols/plan/")
    first = page.locator("button[name=add]").first.get_attribute("value")
    pages = (
        "/kols/plan/",
        f"/kols/plan/?in={first}&budget=3000&was=none&never=99",
        "/kols/plan/?budget=1&quota=platform:weibo&least=3&most=1",
        "/kols/plan/impressions/",
        "/kols/plan/proof/reach/",
        f"/kols/plan/audience/?in={first}",
        f"/kols/plan/waves/?in={first}",
        "/kols/plan/waves/?waves=4&gap=99",
        "/kols/plan/rumour/?budget=3000&who=k:D&count=first",
        "/kols/plan/beside/waves/",
        "/kols/plans/",
    )
    found = {}
    market.faults.clear()
    for address in pages:
        page.goto(address)
        found[address] = examine(page)
    assert found == dict.fromkeys(pages, FINE)
    assert [fault for fault in calm() if "400" not in fault] == []
    market.faults.clear()
