"""A campaign from the plan to the claw-back, as staff, fans and the shop live it; the designer of its posters."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

import canyu
from browsing import FINE, LOOKS, PHONE, Look, examine
from canyu.kit.clock import get_now
from waiting import wait_until

pytestmark = pytest.mark.browser
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
SLUG = "spring-road"
TEXTS = {
    "strategy_hit": "A car that everybody talks of",
    "strategy_fans": "Drivers who show their roads",
    "strategy_media": "Our own road diary",
    "tactic_node": "Choose the route together",
    "tactic_interaction": "Bring a friend along",
    "tactic_spread": "Posters with a code of one's own",
    "title_zh": "春天一起上路",
    "title_en": "Hit the road together",
    "copy_zh": "邀请朋友同行，下单双方都有礼。",
    "copy_en": "Bring a friend: a gift for both of you.",
}


PREPARE = """
from datetime import timedelta
from campaign_fixtures import release
from canyu.kit.clock import get_now
from canyu.ops.people.models import Person
from poster_fixtures import show_poster
now = get_now()
staff = [Person.objects.create(username=name) for name in ("mei", "wen")]
campaign = release(*staff, slug="autumn-road", starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30))
show_poster(*staff, campaign, headline_zh="春天一起上路，全网第一", headline_en="Hit the road together this spring")
"""


@pytest.fixture(scope="module", autouse=True)
def campaign(console: Any) -> None:
    """A released campaign with a poster, in the running console."""
    console.prepare(PREPARE)


def run_canyu(lake: Path, *words: str) -> dict[str, Any]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    command = [str(Path(sys.executable).parent / "canyu"), *words, "--lake", str(lake), "--json"]
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def bring_in_second_person(console: Any) -> Page:
    admin = console.sign_in()
    admin.goto("/people/")
    admin.fill("#username", "lin")
    admin.locator("section.card form").get_by_label("Marketing lead").check()
    admin.get_by_role("button", name="Open the account").click()
    one_time = admin.locator("code.secret").inner_text()
    lin = console.sign_in_by_form("lin", one_time)
    own = "lin likes green tea"
    for field, value in (("#id_oldpassword", one_time), ("#id_password1", own), ("#id_password2", own)):
        lin.fill(field, value)
    lin.get_by_role("button", name="Keep this password").click()
    lin.wait_for_url("**/pulse/")
    page: Page = lin
    return page


def plan(writer: Page) -> str:
    """Write the plan, its rewards and its poster, and send it to review; return the campaign's address."""
    writer.goto("/campaigns/new/")
    basics = {"name": "Spring road", "slug": SLUG, "owner": "admin", "budget": "1000", "currency": "CNY"}
    now = get_now().astimezone(ZoneInfo("Asia/Shanghai"))
    times = {"starts_at": now - timedelta(days=2), "ends_at": now + timedelta(days=30)}
    for name, text in {**basics, **TEXTS, "goal_participants": "100"}.items():
        writer.fill(f"[name={name}]", text)
    for name, moment in times.items():
        writer.fill(f"[name={name}]", moment.strftime("%Y-%m-%dT%H:%M"))
    writer.select_option("[name=markets-0-market]", "cn")
    writer.fill("[name=markets-0-currency]", "CNY")
    writer.fill("[name=markets-0-zone]", "Asia/Shanghai")
    writer.get_by_label("WeChat").check()
    writer.get_by_role("button", name="Keep it as a draft").click()
    expect(writer.get_by_role("heading", name="Spring road")).to_be_visible()
    address = writer.url
    writer.get_by_role("link", name="Set the rewards").click()
    for name, text in {"levels": "50", "invitee": "20", "pending_days": "0"}.items():
        writer.fill(f"[name={name}]", text)
    writer.get_by_role("button", name="Keep it").click()
    writer.goto(f"{address}poster/")
    for language, text in {"zh": "春天一起上路", "en": "Hit the road together"}.items():
        writer.fill(f"[name=headline_{language}]", text)
    writer.get_by_role("button", name="Keep it as the next revision").click()
    writer.goto(address)
    writer.get_by_role("button", name="Send it to review").click()
    expect(writer.get_by_text("in review").first).to_be_visible()
    return address


def release(second: Page, address: str) -> None:
    second.goto(address)
    second.fill("#typed", SLUG)
    second.get_by_role("button", name="Release the campaign").click()
    expect(second.get_by_role("link", name="Public page")).to_be_visible()
    second.goto(f"{address}poster/")
    second.get_by_role("button", name="Switch revision 1 on").click()
    expect(second.get_by_text("They get the newest revision.")).to_be_visible()


def take_part(console: Any, address: str) -> Page:
    """Open an address on a phone of its own and join."""
    fan: Page = console.open(**PHONE, user_agent=AGENT).new_page()
    fan.goto(address)
    assert f"/c/{SLUG}/" in fan.url
    fan.get_by_label("I agree to the privacy notice").check()
    fan.wait_for_timeout(2100)  # the brake against programs
    fan.get_by_role("button", name="Join and get my link").click()
    expect(fan.locator("#link")).to_be_visible()
    return fan


def make_poster(fan: Page) -> str:
    """Make one's own poster and return what its QR code says."""
    fan.get_by_label("Name on it").fill("小满")
    looks = [examine(fan)]
    fan.get_by_role("button", name="Show my poster").click()
    expect(fan.locator("img.made")).to_be_visible()
    looks.append(examine(fan))
    assert looks == [FINE, FINE]
    source = fan.locator("img.made").get_attribute("src") or ""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("L"))
    text: str = found.text
    return text


def tell_shop(console: Any, key: str, name: str, **properties: object) -> None:
    """Send what a shop's server sends with the key of its source."""
    event = {
        "type": "track",
        "event": name,
        "messageId": str(uuid4()),
        "userId": "customer-7",
        "properties": properties,
    }
    sent = {"batch": [event | {"timestamp": get_now().isoformat()}]}
    answer = httpx.post(f"{console.address}v1/batch", json=sent, auth=(key, ""))
    assert answer.status_code == 200, answer.text


def list_types(lake: Path) -> list[str]:
    rows = canyu.open(lake).scan().to_pyarrow().to_pylist()
    return [row["type"] for row in rows if row["campaign"] == SLUG]


def test_a_campaign_is_planned_shared_ordered_rewarded_and_clawed_back(
    console: Any, calm: Callable[[], list[str]]
) -> None:
    lake, writer, second = console.lake, console.sign_in(), bring_in_second_person(console)
    address = plan(writer)
    release(second, address)
    fan = take_part(console, f"/c/{SLUG}/")
    friend = take_part(console, make_poster(fan))  # by the QR code
    member = friend.locator("#link").input_value().partition("?from=")[2]
    key = run_canyu(lake, "key", "create", "shop")["key"]

    tell_shop(console, key, "Order Completed", order_id="A-1", revenue=199.0, currency="CNY", member=member)
    wait_until(lambda: "order" in (row["type"] for row in find_rows(lake, "A-1")))
    swept = run_canyu(lake, "campaigns", "sweep")
    assert (swept["orders"], swept["paid"]) == (1, 2)
    fan.goto(f"/c/{SLUG}/")
    expect(fan.locator("dl.sums")).to_contain_text("¥50")
    friend.reload()
    expect(friend.locator("dl.sums")).to_contain_text("¥20")

    tell_shop(console, key, "Order Refunded", order_id="A-1", revenue=199.0, currency="CNY")
    wait_until(lambda: "refund" in (row["type"] for row in find_rows(lake, "A-1")))
    assert run_canyu(lake, "campaigns", "sweep")["refunds"] == 1
    assert run_canyu(lake, "campaigns", "sweep")["refunds"] == 0  # once, however often it is read
    fan.goto(f"/c/{SLUG}/")
    expect(fan.locator("dl.sums")).to_have_count(0)

    look_at_the_tree_and_the_ledger(second, address)
    wait_until(lambda: set(list_types(lake)) >= {"book", "join", "share", "scan"})
    assert list_types(lake).count("join") == 2
    assert run_canyu(lake, "ledger", "audit")["is_sound"] is True
    assert calm() == []


def find_rows(lake: Path, order: str) -> list[dict[str, Any]]:
    rows = canyu.open(lake).scan().to_pyarrow().to_pylist()
    return [row for row in rows if row["source"] == "shop" and order in (row["object"], row["parent"])]


def look_at_the_tree_and_the_ledger(page: Page, address: str) -> None:
    page.goto(f"{address}referral/")
    orders = page.locator(".figure", has_text="Orders")
    expect(orders.locator("dd.value")).to_have_text("1")
    expect(orders.locator("dd.more")).to_have_text("1 given back")
    expect(page.locator(".figure", has_text="Joined").locator("dd.value")).to_have_text("2")
    expect(page.locator(".figure", has_text="Rewards")).to_contain_text("¥70")
    number = address.rstrip("/").rpartition("/")[2]
    page.goto(f"/ledger/account/?id=campaign:{number}:budget")
    for kind in ("hold", "settlement", "reversal"):
        expect(page.locator("table.posts")).to_contain_text(kind)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_designer_shows_what_changes_and_is_accessible(
    console: Any, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(look)
    page.goto("/campaigns/1/poster/")
    before = page.locator("img.poster").get_attribute("src")
    page.locator("#id_layout").select_option("ticket")
    expect(page.locator("img.poster")).not_to_have_attribute("src", before)
    assert examine(page) == FINE
    assert calm() == []
