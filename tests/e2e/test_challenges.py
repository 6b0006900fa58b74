"""A challenge in a real browser: entered on a phone without script, a live board, a queue decided by keys."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from browsing import FINE, LOOKS, PHONE, Look, examine, set_look

pytestmark = pytest.mark.browser
PREPARE = """
from datetime import timedelta
from campaign_fixtures import draft
from canyu.kit.clock import get_now
from canyu.ops.campaigns.actions import create_campaign
from canyu.ops.people.models import Person
from challenge_fixtures import open_challenge, send, vote
now = get_now()
people = [Person.objects.create(username=name) for name in ("mei", "lin")]
span = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=30)}
times = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=20)}
challenge = open_challenge(*people, span, **times, most_entries_a_day=9)
words = "周末沿着海边开了三百公里，车里装得下帐篷和两辆自行车，日落真美"
entries = [send(challenge, f"p{at}", at=now, name=f"海边的第{at}天", text=f"{words} {at}") for at in range(12)]
for at in range(7):
    vote(challenge, entries[3], f"v{at}", now, "one network")
vote(challenge, entries[5], "v9", now)
challenge.is_decided_first = True
challenge.save()
send(challenge, "late", at=now, name="<b>bold</b>", text=words)
create_campaign(people[0], draft(slug="second"), now)
"""
PUBLIC = {
    "page": "/c/spring-road/challenge/",
    "board": "/c/spring-road/challenge/board/",
    "entry": "/c/spring-road/challenge/4/",
}
STAFF = {
    "challenge": "/campaigns/1/challenge/",
    "entries": "/campaigns/1/challenge/entries/",
    "entry-staff": "/campaigns/1/challenge/entries/4/",
    "plan": "/campaigns/1/",
    "edit": "/campaigns/2/challenge/edit/",
}


@pytest.fixture(scope="module", autouse=True)
def challenge(console: Any) -> None:
    """A live challenge with twelve entries, held votes and one entry to decide, in the running console."""
    console.prepare(PREPARE)


def take_picture(page: Page, name: str) -> None:
    folder = os.environ.get("CANYU_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def make_image() -> bytes:
    told = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(told, "PNG")
    return told.getvalue()


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


def test_an_entry_is_sent_on_a_phone_without_script_decided_by_keys_and_seen_live(
    console: Any, calm: Callable[[], list[str]]
) -> None:
    phone = console.open(**PHONE, java_script_enabled=False).new_page()
    phone.goto(PUBLIC["page"])
    phone.get_by_label("Your name, as everybody will see it").fill("Ann")
    phone.get_by_label("Image (JPEG").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": make_image()}
    )
    phone.get_by_label("A few words").fill("at the sea #SpringRoad")
    phone.get_by_label("I agree to the rules").check()
    phone.wait_for_timeout(2_100)  # a person reads before they send
    phone.get_by_role("button", name="Send my entry").click()
    expect(phone.get_by_text("Entry 14 · To decide")).to_be_visible()
    staff = console.sign_in()
    set_look(staff, "en")
    staff.goto(STAFF["entries"])
    watcher = console.open().new_page()
    watcher.goto(PUBLIC["board"])
    expect(watcher.get_by_text("Ann")).to_have_count(0)
    staff.get_by_role("checkbox", name="Entry 14").check()
    staff.get_by_role("checkbox", name="Entry 14").blur()
    staff.keyboard.press("1")
    expect(staff.get_by_text("1 entry decided.")).to_be_visible()
    expect(watcher.get_by_text("Ann")).to_be_visible()
    phone.goto(PUBLIC["page"])
    expect(phone.get_by_text("You stand at 13 of 13.")).to_be_visible()
    phone.get_by_role("link", name="Ann", exact=True).click()
    expect(phone.get_by_text("This entry is yours.")).to_be_visible()
    assert calm() == []
