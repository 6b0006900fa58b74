"""Sources and short links in a real browser: a key made, an event refused and mended, a link followed and counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1.15 MicroMessenger/8.0"
PAGES = ["/sources/", "/sources/quarantine/", "/sources/webhooks/", "/sources/webhooks/new/", "/links/"]


@pytest.fixture(scope="module")
def server_settings() -> dict[str, str]:
    return {"CANYU_LINK_HOSTS": "shop.example", "CANYU_WEBHOOK_PRIVATE": "true"}


def list_violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page)["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


def make_source(page: Page, name: str) -> str:
    page.goto("/sources/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Make a write key").click()
    return page.locator("code.secret").inner_text()


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
    page.goto("/links/")
    page.get_by_label("Leads to").fill("https://shop.example/su7?utm_source=weibo")
    page.get_by_label("Short code").fill("su7")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_text(re.compile("Made: http.*/l/su7"))).to_be_visible()
    answer = httpx.get(f"{console.address}l/su7", headers={"user-agent": AGENT})
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/su7?utm_source=weibo")
    httpx.head(f"{console.address}l/su7", headers={"user-agent": AGENT})
    page.get_by_role("link", name="/l/su7", exact=True).click()
    reload_until(page, "asks for the headers only")
    expect(page.get_by_role("cell", name="clicks")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_and_no_wider_than_a_phone(console: Any, language: str, theme: str) -> None:
    page = console.sign_in(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    home = page.evaluate("location.origin")
    cookies = {"django_language": language, "canyu_theme": theme}
    page.context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])
    faults: dict[str, Any] = {}
    for path in [*PAGES, "/sources/one/1/", "/links/one/1/"]:
        console.faults.clear()
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        faults[path] = [*list_violations(page), *console.faults, *([f"{width} px"] if width > 360 else [])]
    assert {path: found for path, found in faults.items() if found} == {}
