"""The browser clients, unmodified from their packages, in a real Chromium on a page of another origin."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from chromium import run_chromium
from running_collector import ORIGIN

pytestmark = pytest.mark.browser
SENDERS = Path(__file__).resolve().parent / "senders"
COUNT = 5
MARKS = {"utm_source": "weibo", "utm_medium": "social", "utm_campaign": "618"}
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
# the page is given by the test and has no address of its own: it may talk to this machine as a public page to the net
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
ARGUMENTS += ["--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with run_chromium(ARGUMENTS) as found:
        yield found


@pytest.fixture
def shop(chromium: Browser, node_modules: Path) -> Iterator[Page]:
    """A page of a shop whose files are the packages as they were published."""
    context = chromium.new_context(user_agent=AGENT)

    def give(route: Route) -> None:
        path = urlsplit(route.request.url).path
        kept = node_modules / path.removeprefix("/modules/") if path.startswith("/modules/") else SENDERS / path[1:]
        kind = mimetypes.guess_type(kept.name)[0] or "text/plain"
        if kept.is_file():
            route.fulfill(body=kept.read_bytes(), content_type=kind)
        else:
            route.fulfill(status=404)

    context.route(f"{ORIGIN}/**", give)
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.parametrize("name", ["segment", "rudderstack", "posthog"])
def test_everything_that_a_page_sends_is_in_the_lake_once(name: str, collector: Any, shop: Page) -> None:
    told: list[str] = []
    shop.on("console", lambda message: told.append(message.text))
    asked = urlencode({"key": collector.key, "address": collector.address, "count": COUNT, **MARKS})
    shop.goto(f"{ORIGIN}/{name}_browser.html?{asked}")
    expect(shop).to_have_title("sent", timeout=60_000)
    orders = {f"{name}-{number}" for number in range(COUNT)}
    found = collector.wait_for_objects(orders, page=shop)
    assert {found[order] for order in orders} == {1}, told
    events = collector.read_events()
    order = next(event for event in events if event["object"] == f"{name}-0")
    assert (order["type"], order["value"], order["channel"], order["campaign"]) == ("order", 1999, "weibo", "618"), told
    assert json.loads(order["props"])["utm_medium"] == "social"
    assert any(event["type"] == "visit" and f"{name}_browser.html" in str(event["object"]) for event in events)
    assert "private.example" not in str(events)


def test_a_page_of_another_origin_may_not_send(collector: Any, chromium: Browser) -> None:
    context = chromium.new_context()
    context.route(
        "http://evil.test/**", lambda route: route.fulfill(body="<title>evil</title>", content_type="text/html")
    )
    page = context.new_page()
    page.goto("http://evil.test/")
    body = json.dumps({"token": collector.key, "event": "view", "properties": {"object": "evil-1"}})
    script = "([url, body]) => fetch(url, {method: 'POST', body}).then(a => a.status, e => String(e))"
    assert "TypeError" in str(page.evaluate(script, [f"{collector.address}/e/", body]))
    context.close()
    assert not [event for event in collector.read_events() if event["object"] == "evil-1"]
