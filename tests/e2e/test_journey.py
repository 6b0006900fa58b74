"""What people do in the console, with a real browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Calm = Callable[[], list[str]]
ALL_DAYS = "from=2025-03-01&to=2025-04-29"
CASE = """
from canyu.kit.clock import get_now
from case_fixtures import complain
complain(get_now())
"""
SAID = """
from canyu.kit.clock import get_now
from canyu.ops.care import actions
from canyu.ops.care.models import Case
for case in Case.objects.all():
    actions.say(case.pk, actions.Message("lin", "您好"), get_now())
"""


def test_a_colleague_comes_in_with_a_one_time_password(console, calm: Calm) -> None:
    admin = console.sign_in()
    admin.goto("/people/")
    admin.fill("#username", "lin")
    admin.locator("section.card form").get_by_label("PR officer").check()
    admin.get_by_role("button", name="Open the account").click()
    one_time = admin.locator("code.secret").inner_text()
    lin = console.sign_in_by_form("lin", one_time)
    expect(lin.get_by_role("heading", name="Choose your own password")).to_be_visible()
    for field, value in (
        ("#id_oldpassword", one_time),
        ("#id_password1", "lin likes tea"),
        ("#id_password2", "lin likes tea"),
    ):
        lin.fill(field, value)
    lin.get_by_role("button", name="Keep this password").click()
    expect(lin.get_by_role("heading", name="What are people saying?")).to_be_visible()
    expect(lin.get_by_role("link", name="People")).to_have_count(0)


def test_a_figure_opens_to_its_proof_and_runs_again(console, calm: Calm) -> None:
    page = console.sign_in()
    page.goto(f"/pulse/?{ALL_DAYS}")
    page.get_by_label("How Volume came to be").click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", name="Volume")).to_be_visible()
    expect(drawer.locator("pre.sql")).to_contain_text("SELECT")
    drawer.get_by_role("link", name="Run again").click()
    expect(drawer.get_by_text("Every digit is the same.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    assert page.url.endswith(f"/pulse/?{ALL_DAYS}")


def test_the_picture_changes_and_can_be_taken_along(console, calm: Calm) -> None:
    page = console.sign_in()
    page.goto(f"/pulse/?{ALL_DAYS}")
    page.get_by_label("Picture").get_by_role("link", name="Sentiment").click()
    expect(page.locator("#sentiment_by_day svg").first).to_be_visible()
    with page.expect_download() as taken:
        page.locator("#sentiment_by_day").get_by_role("link", name="PNG").click()
    assert taken.value.suggested_filename == "canyu-sentiment_by_day-2025-03-01-2025-04-29.png"
    page.locator("#sentiment_by_day").get_by_text("As table").click()
    expect(page.locator("#sentiment_by_day tbody tr")).to_have_count(60)


def test_a_link_can_be_copied_and_shows_the_same(console, calm: Calm) -> None:
    page = console.sign_in(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/pulse/?days=7")
    page.locator("#volume_by_day").get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "from=2025-04-23&to=2025-04-29&brand=xiaomi" in link
    before = page.locator("dl.strip").inner_text()
    page.goto(link)
    assert page.locator("dl.strip").inner_text() == before


def test_posts_are_searched_and_read(console, calm: Calm) -> None:
    page = console.sign_in()
    page.goto(f"/posts/?{ALL_DAYS}")
    page.fill("#q", "异响")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("60 posts")
    page.locator("td.words a").first.click()
    expect(page.locator("blockquote")).to_have_text("小米SU7刹车异响，售后不理人")
    expect(page.locator("blockquote mark").first).to_have_text("小米SU7")
    page.get_by_text("The event as it is kept").click()
    expect(page.locator("pre.json")).to_contain_text('"source":"rehearsal"')


def test_keys_go_search_and_help(console, calm: Calm) -> None:
    page = console.sign_in()
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/posts/**")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("gp?")
    expect(page.locator("#q")).to_have_value("gp?")
    page.keyboard.press("Tab")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/pulse/")
    page.keyboard.press("/")
    page.wait_for_url("**/posts/#search")
    expect(page.locator("#q")).to_be_focused()


def test_everything_can_be_reached_with_the_tab_key(console, calm: Calm) -> None:
    page = console.sign_in()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_language_and_theme_are_switched_and_kept(console, calm: Calm) -> None:
    page = console.sign_in()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="大家在说什么？")).to_be_visible()
    page.get_by_label("账号与外观").click()
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(19, 20, 22)")
    page.goto("/posts/")
    expect(page.locator("body")).to_have_css("background-color", "rgb(19, 20, 22)")
    expect(page.get_by_role("heading", name="他们的原话")).to_be_visible()


def test_the_second_factor_guards_the_next_sign_in(console, calm: Calm) -> None:
    admin = console.sign_in()
    admin.goto("/people/")
    admin.fill("#username", "mei")
    admin.get_by_role("button", name="Open the account").click()
    one_time = admin.locator("code.secret").inner_text()
    mei = console.sign_in_by_form("mei", one_time)
    for field, value in (
        ("#id_oldpassword", one_time),
        ("#id_password1", "mei has a cat"),
        ("#id_password2", "mei has a cat"),
    ):
        mei.fill(field, value)
    mei.get_by_role("button", name="Keep this password").click()
    recovery_code = _turn_on(mei)
    again = console.sign_in_by_form("mei", "mei has a cat")
    expect(again.get_by_role("heading", name="Enter the code")).to_be_visible()
    again.fill("#id_code", recovery_code)
    again.get_by_role("button", name="Sign in").first.click()
    expect(again.get_by_text("Your roles do not include this page.")).to_be_visible()
    console.faults[:] = [fault for fault in console.faults if "403" not in fault]


def test_signing_out_ends_the_session(console, calm: Calm) -> None:
    page = console.sign_in_by_form()
    page.get_by_label("Account and appearance").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/pulse/")
    assert re.search(r"/account/login/\?next=", page.url)


def make_code(secret: str) -> str:
    """The six digits of an authenticator app (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def _turn_on(page: Page) -> str:
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Turn on").click()
    page.locator("#id_password, code.secret").first.wait_for()
    if page.locator("#id_password").count():
        page.fill("#id_password", "mei has a cat")
        page.get_by_role("button", name="Go on").click()
    secret = page.locator("code.secret").inner_text()
    page.fill("#id_code", make_code(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return page.locator("ul.codes code").first.inner_text()


def test_news_of_cases_come_by_themselves_and_a_lost_stream_goes_on(console) -> None:
    """The queue fetches itself anew each half a minute too: what is asked is that the stream woke it, and resumes."""
    page = console.sign_in()
    with page.expect_response(lambda response: "/stream/cases/" in response.url) as opened:
        page.goto("/care/")
    assert opened.value.headers["content-type"] == "text/event-stream; charset=utf-8"
    with page.expect_response(lambda response: response.url.endswith("/care/")):
        console.prepare(CASE)
    expect(page.locator("#queue")).to_contain_text("C000001")
    page.goto("/care/one/1/")
    expect(page.locator("#news")).to_be_hidden()
    console.prepare(SAID)
    expect(page.locator("#news")).to_be_visible()
    cookies = {cookie["name"]: cookie["value"] for cookie in console.cookies}
    headers = {"last-event-id": "1"}
    with httpx.stream("GET", f"{console.address}stream/cases/", cookies=cookies, headers=headers, timeout=60) as lost:
        lines = (line for line in lost.iter_lines() if line.startswith("data:"))
        assert next(lines) == 'data: {"things":[1]}'
    assert httpx.get(f"{console.address}stream/cases/").status_code == 401
