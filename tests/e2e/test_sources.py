"""Sources and short links in a real browser: a key made, an event refused and mended, a link followed and counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from browsing import FINE, LOOKS, Look, examine, set_look

pytestmark = pytest.mark.browser
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1.15 MicroMessenger/8.0"
PAGES = ["/sources/", "/sources/quarantine/", "/sources/webhooks/", "/sources/webhooks/new/", "/links/"]


@pytest.fixture(scope="module")
def server_settings() -> dict[str, str]:
    return {"CANYU_LINK_HOSTS": "shop.example", "CANYU_WEBHOOK_PRIVATE": "true"}


def make_source(page: Page, name: str) -> str:
    page.goto("/sources/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Make a write key").click()
    return page.locator("code.secret").inner_text()


def make_link(page: Page, code: str) -> None:
    page.goto("/links/")
    page.get_by_label("Leads to").fill("https://shop.example/su7?utm_source=weibo")
    page.get_by_label("Short code").fill(code)
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_text(re.compile(f"Made: http.*/l/{code}"))).to_be_visible()


def send(console: Any, key: str, event: str, number: int) -> None:
    payload = {"messageId": f"m{number}", "userId": "u1", "event": event, "properties": {"object": f"su7-{number}"}}
    answer = httpx.post(f"{console.address}v1/track", json=payload, auth=(key, ""))
    assert answer.status_code == 200


def reload_until(page: Page, text: str) -> None:
    for _ in range(120):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text(text)).to_be_visible()


def test_an_event_is_refused_mended_and_read_again(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    key = make_source(page, "shop")
    send(console, key, "Test drive wanted", 1)
    send(console, key, "Product Clicked", 2)
    page.goto("/sources/quarantine/")
    reload_until(page, "1 refused event")
    page.goto("/sources/")
    page.get_by_role("link", name="shop", exact=True).click()
    page.get_by_label("Its own event names").fill("Test drive wanted = book")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("It holds within seconds")).to_be_visible()
    page.goto("/sources/quarantine/")
    page.get_by_role("button", name="Read these again").click()
    expect(page.get_by_text("1 event is mended and in the lake.")).to_be_visible()


def test_a_link_is_made_followed_and_counted(console: Any, calm: Callable[[], list[str]]) -> None:
    page = console.sign_in()
    make_link(page, "su7")
    answer = httpx.get(f"{console.address}l/su7", headers={"user-agent": AGENT})
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/su7?utm_source=weibo")
    httpx.head(f"{console.address}l/su7", headers={"user-agent": AGENT})
    page.get_by_role("link", name="/l/su7", exact=True).click()
    reload_until(page, "asks for the headers only")
    expect(page.get_by_role("cell", name="clicks")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_accessible_and_no_wider_than_a_phone(
    console: Any, look: Look, calm: Callable[[], list[str]]
) -> None:
    page = console.sign_in(**look.screen)
    make_source(page, f"seen-{look}")
    make_link(page, f"seen-{look}")
    set_look(page, look.language, look.theme)
    places = [*PAGES, "/sources/one/1/", "/links/one/1/"]
    found = {}
    for path in places:
        page.goto(path)
        found[path] = examine(page)
    assert found == dict.fromkeys(places, FINE)
    assert calm() == []
