"""Fans in a real browser: looked up, erased by two people, with a receipt; every page accessible in every look."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browsing import FINE, LOOKS, PHONE, Look, examine, set_look

pytestmark = pytest.mark.browser
PREPARE = """
from datetime import timedelta
from canyu.kit.clock import get_now
from canyu.ops.fans import actions, queries
from canyu.ops.fans.erasing.actions import carry_out
from canyu.ops.fans.identity.actions import tie_by_hand
from canyu.ops.fans.identity.grouping import Rule
from canyu.ops.fans.rules import IdKind, LookUp, Purpose
from canyu.ops.fans.subject import actions as subject
from canyu.ops.campaigns.referral.rules import SignalKind
from campaign_fixtures import join, release
from fan_fixtures import actor, get_fan, say
from offer_fixtures import get_person
now = get_now(); clerk, lead = get_person("clerk"), get_person("lead")
release(clerk, lead, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30))
for name in ("p-mei", "p-mei-too"):
    join(name, at=now, signals={SignalKind.DEVICE: "d" * 32})
say(("visitor-of-mei", "p-mei"), at=now)
fan = get_fan("p-mei")
tie_by_hand(clerk, actor("p-mei"), queries.read_named(LookUp.PHONE, "13800004321"), "called us", now)
told = actions.Decision(Purpose.SMS, True, "v1", "zh", "shop", now)
actions.keep_decision(clerk, fan, told, now)
subject.ask_erasure(clerk, fan, fan.key, now)
subject.open_request(fan, "correct", "clerk", "staff", now - timedelta(days=20))
gone = get_fan("somebody-long-gone"); asked = subject.ask_erasure(clerk, gone, gone.key, now)
carry_out(subject.release_erasure(lead, asked.pk, gone.key, now), get_now)
print(fan.key)
"""


@pytest.fixture(scope="module")
def key(console: Any) -> str:
    """The number of somebody who asked to be erased, in the running console."""
    return console.prepare(PREPARE).split()[-1]


def take_picture(page: Page, name: str) -> None:
    folder = os.environ.get("CANYU_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_accessible_calm_and_fits_a_phone(
    console: Any, key: str, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    pages = {"fans": "/fans/", "fan": f"/fans/one/{key}/", "requests": "/fans/requests/", "receipts": "/fans/receipts/"}
    found = {}
    for name, address in pages.items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        take_picture(page, f"{name}-{look}")
        found[name] = examine(page)
    assert found == dict.fromkeys(pages, FINE)
    assert calm() == []


def test_a_visitor_asks_and_a_person_is_found_by_phone_and_erased(console: Any, key: str) -> None:
    visitor = console.open(**PHONE).new_page()
    visitor.goto("/c/spring-road/")
    visitor.get_by_label("I agree to the privacy notice").check()
    visitor.wait_for_timeout(2_100)  # faster than this, it takes a visitor for a program
    visitor.get_by_role("button", name="Join").click()
    visitor.get_by_text("My data", exact=True).click()
    visitor.get_by_role("button", name="Ask for a copy of my data").click()
    visitor.get_by_text("My data", exact=True).click()
    expect(visitor.get_by_text("You asked for a copy")).to_be_visible()
    take_picture(visitor, "my-data")
    set_look(visitor, "zh-hans")
    visitor.goto("/c/spring-road/")
    visitor.get_by_text("我的数据", exact=True).click()
    take_picture(visitor, "my-data-zh")
    assert examine(visitor) == FINE

    page = console.sign_in()
    page.goto("/fans/")
    page.get_by_label("What you have").select_option("phone")
    page.get_by_label("The number, address or id").fill("+86 138 0000 4321")
    page.get_by_role("button", name="Look up").click()
    expect(page).to_have_url(f"{console.address}fans/one/{key}/")
    page.goto("/fans/requests/")
    page.get_by_label(f"Type {key}").fill(key)
    page.get_by_role("button", name="Erase this person for good").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    expect(page.get_by_text("released", exact=True)).to_be_visible()
