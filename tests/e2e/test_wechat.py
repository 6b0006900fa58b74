"""The vendor's calls over real HTTP on a running console, and its pages in a browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from browsing import FINE, LOOKS, Look, examine
from canyu.kit.clock import get_now
from waiting import LONGEST_S
from wechat_fixtures import make_call, write_text
from wechat_vendor import Vendor, run_vendor

pytestmark = [pytest.mark.browser, pytest.mark.long]
VENDOR_WAITS_S, SLOW_S = 5.0, 7.0
MAKE = """
from canyu.kit.clock import get_now
from wechat_fixtures import hear, make_account, write_text
now = get_now()
hear(make_account("desk", frames=("https://a.example",)), write_text("发票怎么开？", user="reader", at=now), now)
make_account(is_answering=True)
"""


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with run_vendor() as found:
        yield found


@pytest.fixture(scope="module")
def server_settings(vendor: Vendor) -> dict[str, str]:
    return {"CANYU_WECHAT_API": vendor.base, "CANYU_WECOM_API": vendor.base}


@pytest.fixture(scope="module")
def shop(console: Any) -> Any:
    """A console with an account that answers by itself, and one where a customer wrote already."""
    console.prepare(MAKE)
    return console


def push(console: Any, xml: str, **changed: Any) -> tuple[httpx.Response, float]:
    """Call as the vendor does; return the answer and how long it took."""
    query, body = make_call(xml, changed.pop("at", get_now()))
    begun = time.monotonic()
    answer = httpx.post(f"{console.address}wechat/shop/", params=query | changed, content=body, timeout=30)
    return answer, time.monotonic() - begun


def wait_for(is_true: Callable[[], object]) -> None:
    end = time.monotonic() + LONGEST_S
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_handler_of_7_s_still_answers_the_vendor_in_under_5_s(shop: Any, vendor: Vendor) -> None:
    vendor.reset()
    vendor.delays.extend([SLOW_S])
    first, begun = write_text("屏幕碎了怎么办", msg_id="1", at=get_now()), time.monotonic()
    answers = [push(shop, first)]
    wait_for(vendor.is_slow.is_set)  # the worker answers the user now, and will for seven seconds
    answers += [push(shop, first), push(shop, first), push(shop, write_text("在吗", user="u2", at=get_now()))]
    assert vendor.is_slow.is_set()
    assert [(answer.status_code, answer.text) for answer, _ in answers] == [(200, "success")] * 4
    assert max(took for _, took in answers) < VENDOR_WAITS_S
    wait_for(lambda: len(vendor.sent) == 2)
    assert time.monotonic() - begun > SLOW_S
    assert [each["touser"] for each in vendor.sent] == ["open-id-1", "u2"]
    told = shop.prepare(
        "from canyu.ops.wechat.models import Push; print(Push.objects.filter(account__name='shop').count())"
    )
    assert told.strip() == "2"


def test_what_is_not_the_vendors_is_refused(shop: Any) -> None:
    xml, address = write_text(at=get_now()), f"{shop.address}wechat/"
    assert push(shop, xml, msg_signature="0" * 40)[0].status_code == 403
    old = push(shop, xml, at=get_now() - timedelta(seconds=301))[0]
    assert (old.status_code, "秒" in old.text or " s apart" in old.text) == (403, True)
    query, body = make_call(xml, get_now())
    assert httpx.post(f"{address}nobody/", params=query, content=body).status_code == 404
    assert httpx.post(f"{address}shop/", params=query, content=b"<xml>" + b" " * (400 << 10)).status_code == 413
    assert httpx.post(f"{address}shop/", params=query, content=b"<xml>").status_code == 400
    asked = {name: query[name] for name in ("timestamp", "nonce", "signature")} | {"echostr": "echo-7"}
    echo = httpx.get(f"{address}shop/", params=asked)
    assert (echo.status_code, echo.text) == (200, "echo-7")
    assert httpx.get(f"{address}shop/", params=asked | {"signature": "0" * 40}).status_code == 403
    assert httpx.delete(f"{address}shop/").status_code == 405


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_of_wechat_can_be_read_on_a_phone_and_by_a_screen_reader(
    look: Look, shop: Any, calm: Callable[[], list[str]]
) -> None:
    page = shop.sign_in(look)
    for address in ("/talks/", "/talks/one/1/", "/talks/accounts/", "/talks/accounts/new/", "/talks/accounts/one/1/"):
        page.goto(address)
        assert examine(page) == FINE, address
    page.goto("/talks/sidebar/1/")
    page.click("text=C000001")
    assert page.locator("h2").all_inner_texts() != []
    assert examine(page) == FINE
