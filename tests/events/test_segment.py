"""Segment-style payloads become events, or say which field is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from canyu.events import SEGMENT_NAMES, Event, build_event_table, make_event_id, split_valid
from canyu.events.segment import read_segment
from canyu.kit.errors import BadInput
from canyu.kit.words import speak

NOW = datetime(2025, 3, 1, 5, tzinfo=UTC)


def send(event: str = "Order Completed", **changes: Any) -> dict[str, Any]:
    properties = {"order_id": "o1", "revenue": 19.99, "currency": "CNY", "products": [{"product_id": "su7"}]}
    properties |= changes.pop("properties", {})
    base = {
        "type": "track",
        "event": event,
        "messageId": "m1",
        "userId": "u1",
        "timestamp": "2025-03-01T12:00:00+08:00",
    }
    return base | {"properties": {k: v for k, v in properties.items() if v is not None}} | changes


def read(payload: Any) -> Event:
    return read_segment(payload, source="shop", now=NOW)


def test_an_order_has_its_amount_in_minor_units_and_its_products_in_props() -> None:
    event = read(send())
    assert (event.type, event.object, event.value, event.currency, event.actor) == ("order", "o1", 1999, "CNY", "u1")
    assert event.time == datetime(2025, 3, 1, 4, tzinfo=UTC)
    assert event.id == make_event_id("shop", "segment", "m1")
    assert json.loads(event.props or "")["products"] == [{"product_id": "su7"}]


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [(0.1 + 0.2, "CNY", None), ("1999.50", "USD", 199950), (1500, "JPY", 1500), ("1.234", "KWD", 1234), (0, "CNY", 0)],
)
def test_money_is_exact_or_refused(amount: Any, currency: str, minor: int | None) -> None:
    payload = send(properties={"revenue": amount, "currency": currency})
    if minor is None:
        with pytest.raises(BadInput, match="more digits"):
            read(payload)
    else:
        assert read(payload).value == minor


def test_the_total_goes_before_the_revenue_and_a_refund_is_positive() -> None:
    assert read(send(properties={"total": "25.00"})).value == 2500
    assert read(send("Order Refunded", properties={"total": "-25.00"})).value == 2500


def test_page_screen_identify_and_group_are_understood() -> None:
    page = {"type": "page", "messageId": "m", "anonymousId": "a", "timestamp": "2025-03-01T04:00:00Z"}
    visit = read(page | {"properties": {"url": "https://shop.example/su7"}})
    assert (visit.type, visit.object, visit.actor) == ("visit", "https://shop.example/su7", "a")
    assert read(page | {"type": "screen", "name": "Home"}).object == "Home"
    joined = read(page | {"type": "identify", "traits": {"email": "a@b.c", "Phone": "1", "plan": "pro"}})
    assert (joined.type, joined.object, joined.props) == ("join", "account", '{"plan":"pro"}')
    assert read(page | {"type": "group", "groupId": "fans"}).object == "fans"


def test_a_review_a_click_and_a_share() -> None:
    review = read(send("Product Reviewed", properties={"product_id": "su7", "rating": 5, "review_body": "真快"}))
    assert (review.type, review.object, review.value, review.text) == ("rate", "su7", 5, "真快")
    assert read(send("Product Clicked", properties={"sku": "s1"})).object == "s1"
    assert read(send("Product Shared", properties={"share_message": "看"})).text == "看"


def test_context_gives_campaign_channel_market_and_language() -> None:
    context = {"campaign": {"name": "618", "source": "wechat"}, "locale": "zh-CN", "location": {"country": "CN"}}
    event = read(send(context=context))
    assert (event.campaign, event.channel, event.lang, event.market) == ("618", "wechat", "zh", "cn")


def test_actors_can_be_hashed_on_the_way_in() -> None:
    assert read_segment(send(), source="shop", now=NOW, name_actor=lambda user: f"h-{user}").actor == "h-u1"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"messageId": None}, "messageId"),
        ({"event": "Rocket Launched"}, "event"),
        ({"event": ""}, "event"),
        ({"type": "unknown"}, "type"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2025-03-01T12:00:00"}, "zone"),
        ({"timestamp": None}, "timestamp"),
        ({"userId": " "}, "actor"),
        ({"properties": {"currency": None}}, "currency"),
        ({"properties": {"currency": "rmb"}}, "currency"),
        ({"properties": {"revenue": None}}, "value"),
        ({"properties": {"revenue": "free"}}, "revenue"),
        ({"properties": {"revenue": float("nan")}}, "revenue"),
        ({"properties": {"revenue": "1e400"}}, "revenue"),
        ({"properties": {"order_id": None, "products": None}}, "object"),
        ({"properties": {"deep": 2**70}}, "properties"),
        ({"context": "none"}, "context"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], word: str) -> None:
    with pytest.raises(BadInput, match=word):
        read(send(**change))


def test_a_refusal_speaks_the_language_of_whoever_reads_it() -> None:
    with pytest.raises(BadInput) as caught:
        read(send("Product Shared", userId=None))
    assert str(caught.value) == "The field actor is missing: a share needs it. Send it in userId or anonymousId."
    with speak("zh-hans"):
        assert str(caught.value) == "缺少字段 actor：share 事件需要它。 请放在 userId 或 anonymousId 中上报。"


@pytest.mark.parametrize("payload", [None, [], "x", 3, {}, {"type": []}, {"type": {"a": 1}}])
def test_what_is_no_payload_is_refused(payload: Any) -> None:
    with pytest.raises(BadInput):
        read(payload)


@pytest.mark.parametrize("name", list(SEGMENT_NAMES))
def test_every_mapped_name_gives_an_event_that_may_enter(name: str) -> None:
    sent = {"product_id": "p", "coupon_id": "c", "url": "https://x.example", "rating": 4, "parent": "p0"}
    event = read(send(name, properties=sent))
    verdict = split_valid(build_event_table([event]), now=NOW)
    assert (verdict.kept.num_rows, verdict.refused.to_pylist()) == (1, [])
    assert isinstance(verdict.kept, pa.Table)
