"""Offers and limited editions in a real browser: a cart tried, a unit claimed on a phone without script; accessible."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browsing import FINE, LOOKS, PHONE, Look, examine, list_violations

pytestmark = pytest.mark.browser
PREPARE = """
from datetime import timedelta
from canyu.kit.clock import get_now
from canyu.ops.offers.drops.models import Drop
from drop_fixtures import ask, release_drop
from offer_fixtures import TEN_PERCENT, add_code, check_out, release
from canyu.ops.offers.redeeming.actions import redeem
now = get_now()
release("ac-fridge", {"amount_minor": 300_000}, "bundle", bundle=[{"products": ["ac"]}, {"products": ["fridge"]}])
june = release("june", TEN_PERCENT, budget_minor=5_000_000, uses=1000)
redeem(check_out("o-1", add_code(june, "JUNE2026"), unit_minor=499_900), now)
release("su7-home", {"amount_minor": 500_000, "categories": ["appliance"]}, "entitlement", triggers=("su7",))
gold = release_drop("gold", 300, opens_at=now - timedelta(hours=1), price_minor=52_990_000, quotas={"cn": 200})
ask(gold, "p1", "p2", now=now)
release_drop("luck", 10, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=5), entry="lottery")
release_drop("line", 5, opens_at=now - timedelta(hours=1), entry="queue")
release_drop("soon", 5, opens_at=now + timedelta(hours=1), entry="queue")
"""
STAFF = {
    "offers": "/offers/",
    "offer": "/offers/one/2/",
    "offer-new": "/offers/new/",
    "offers-try": "/offers/try/",
    "drops": "/offers/drops/",
    "drop": "/offers/drops/one/1/",
    "drop-new": "/offers/drops/new/",
}
PUBLIC = {"public-drop": "/drop/gold/", "public-lottery": "/drop/luck/"}


@pytest.fixture(scope="module", autouse=True)
def offers(console: Any) -> None:
    """Offers and limited editions that two people wrote and released, in the running console."""
    console.prepare(PREPARE)


def take_picture(page: Page, name: str) -> None:
    folder = os.environ.get("CANYU_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_accessible_calm_and_fits_a_phone(
    console: Any, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    found = {}
    for name, address in {**STAFF, **PUBLIC}.items():
        page.goto(address)
        take_picture(page, f"{name}-{look}")
        found[name] = examine(page)
    assert found == dict.fromkeys({**STAFF, **PUBLIC}, FINE)
    assert calm() == []


def test_a_cart_is_tried_and_every_step_is_shown(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    page.goto("/offers/try/")
    page.get_by_label("Codes, one per line").fill("june-2026\nnothing")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_text("10,998.00 − 3,000.00 = 7,998.00")).to_be_visible()
    expect(page.get_by_text("There is no such code.")).to_be_visible()
    take_picture(page, "tried")
    assert list_violations(page) == []


def test_a_unit_is_claimed_on_a_phone_without_script(console: Any, calm: Callable[[], list[str]]) -> None:
    context = console.open(**PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto("/drop/gold/")
    page.get_by_label("I agree that this browser").check()
    page.get_by_role("button", name="Claim one").click()
    expect(page.get_by_text("No. 3 of 300")).to_be_visible()
    take_picture(page, "claimed-360")
    page.goto("/drop/gold/")
    expect(page.get_by_text("No. 3 of 300")).to_be_visible()


def test_the_waiting_room_fits_a_phone_and_opens_by_itself_without_script(console: Any) -> None:
    page = console.open(**PHONE).new_page()
    enter_queue(page, "soon")
    expect(page.get_by_text("You are in the waiting room.")).to_be_visible()
    assert examine(page) == FINE
    take_picture(page, "waiting-360")
    page = console.open(**PHONE, java_script_enabled=False).new_page()
    enter_queue(page, "line")
    expect(page.get_by_text("No. 1 of 5")).to_be_visible(timeout=20_000)  # nobody loads it again


def enter_queue(page: Page, code: str) -> None:
    page.goto(f"/drop/{code}/")
    page.get_by_label("I agree that this browser").check()
    page.get_by_role("button", name="Take part").click()
    expect(page.get_by_role("heading", name="Where do I stand?")).to_be_visible()
