"""What clients send is answered as they need it, and becomes events."""

from __future__ import annotations

import base64
import gzip
import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from canyu.events import make_event_id
from canyu.events.collector import Door, Source, hash_key
from canyu.events.importers import get_salt, hash_actor
from collector_fixtures import KEY, NOW_TEXT, SHOP, House, post, track


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def pageview(**changes: Any) -> dict[str, Any]:
    properties = {"$current_url": "https://a.example/su7", "distinct_id": "d1", "utm_source": "weibo"}
    properties |= {"utm_campaign": "618", "utm_medium": "social", "$browser": "Chrome", "token": KEY}
    return {"event": "$pageview", "uuid": "p1", "timestamp": NOW_TEXT, "properties": properties} | changes


def test_a_batch_is_acknowledged_and_becomes_events(house: House) -> None:
    (answer,) = house.ask(post("/v1/batch", {"batch": [track(1), track(2)], "sentAt": NOW_TEXT}))
    events = house.carry()
    assert (answer.status_code, answer.json()) == (200, {"success": True, "status": 1})
    assert sorted(event["object"] for event in events) == ["o1", "o2"]
    event = next(event for event in events if event["object"] == "o1")
    assert (event["id"], event["source"]) == (make_event_id("shop", "segment", "m1"), "shop")
    assert (event["market"], event["channel"], event["value"]) == ("cn", "site", 1999)
    assert event["actor"] == hash_actor(get_salt(house.desk.lake.path), "shop", "u1")
    assert not list(house.inbox_folder.glob("*.segment"))


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/v1/t", track(), "order"),
        ("/v1/track", {k: v for k, v in track().items() if k != "type"}, "order"),
        ("/v1/p", {"messageId": "a", "anonymousId": "x", "context": {"page": {"url": "https://a.example"}}}, "visit"),
        ("/v1/page", {"messageId": "a", "anonymousId": "x", "name": "Home"}, "visit"),
        ("/v1/screen", {"messageId": "a", "userId": "x", "name": "Home"}, "visit"),
        ("/v1/i", {"messageId": "a", "userId": "x", "traits": {"email": "a@b.example"}}, "join"),
        ("/v1/group", {"messageId": "a", "userId": "x", "groupId": "club"}, "join"),
        ("/e/", pageview(), "visit"),
        ("/e/", [pageview()], "visit"),
        ("/batch/", {"api_key": KEY, "batch": [pageview()]}, "visit"),
        ("/capture/", {"api_key": KEY, **pageview()}, "visit"),
    ],
)
def test_every_path_and_shape_of_the_clients(house: House, path: str, body: Any, kind: str) -> None:
    headers = {"authorization": None} if path.startswith(("/e", "/b", "/c")) else {}
    (answer,) = house.ask(post(path, body, headers=headers))
    events = house.carry()
    assert (answer.status_code, [event["type"] for event in events], house.desk.refused) == (200, [kind], {})


@pytest.mark.parametrize(
    ("path", "wrap", "headers"),
    [
        ("/v1/batch", lambda text: gzip.compress(text), {"content-encoding": "gzip"}),
        ("/v1/batch", lambda text: gzip.compress(text), {"content-type": "application/x-www-form-urlencoded"}),
        ("/v1/batch", lambda text: text, {"content-type": "text/plain"}),
        ("/v1/batch", lambda text: gzip.compress(text[:50]) + gzip.compress(text[50:]), {}),
        ("/e/?compression=base64", lambda text: b"data=" + quote(base64.b64encode(text)).encode(), {}),
        ("/e/", lambda text: b"data=" + base64.b64encode(text).rstrip(b"="), {}),
        ("/e/", lambda text: b"data=" + quote(text).encode(), {}),
        ("/e/", lambda text: b"data=" + quote(base64.b64encode(gzip.compress(text))).encode() + b"&ip=0", {}),
    ],
)
def test_bodies_are_known_by_what_they_are(house: House, path: str, wrap: Any, headers: dict[str, str]) -> None:
    text = json.dumps({"batch": [pageview()]} if path.startswith("/e") else {"batch": [track()]}).encode()
    (answer,) = house.ask(post(path, wrap(text), headers=headers))
    assert (answer.status_code, len(house.carry())) == (200, 1)


@pytest.mark.parametrize("place", ["writeKey", "api_key", "token"])
def test_the_key_may_be_in_the_body(house: House, place: str) -> None:
    answers = house.ask(post("/v1/batch", {"batch": [track()], place: KEY}, headers={"authorization": None}))
    assert answers[0].status_code == 200


def test_the_marks_of_a_link_are_kept_and_a_persons_traits_are_not(house: House) -> None:
    campaign = {"source": "weibo", "medium": "social", "name": "618", "content": "a"}
    sent = track(context={"campaign": campaign}, properties={"order_id": "o", "revenue": 1, "currency": "CNY"})
    sent["properties"] |= {"email": "a@b.example", "buyer": {"phone": "1", "level": 2}, "products": [{"name": "SU7"}]}
    house.ask(post("/v1/batch", {"batch": [sent]}), post("/e/", [pageview()]))
    order, visit = sorted(house.carry(), key=lambda event: event["type"])
    props = json.loads(order["props"])
    assert (order["channel"], order["campaign"]) == ("weibo", "618")
    assert {name: value for name, value in props.items() if name.startswith("utm_")} == {
        "utm_source": "weibo",
        "utm_medium": "social",
        "utm_campaign": "618",
        "utm_content": "a",
    }
    assert (props["buyer"], props["products"], "email" in props) == ({"level": 2}, [{"name": "SU7"}], False)
    assert (visit["channel"], visit["campaign"], visit["object"]) == ("weibo", "618", "https://a.example/su7")
    assert json.loads(visit["props"]) == {"utm_source": "weibo", "utm_medium": "social", "utm_campaign": "618"}


def test_what_is_sent_again_counts_once_also_after_a_restart(house: House) -> None:
    house.ask(*[post("/v1/batch", {"batch": [track(1), track(2)]})] * 2)
    assert len(house.carry()) == 2
    house.ask(post("/v1/batch", {"batch": [track(2), track(3)]}))
    assert len(house.carry()) == 3


def test_without_an_id_the_same_content_is_the_same_event(house: House) -> None:
    bare = {name: value for name, value in track().items() if name != "messageId"}
    house.ask(*[post("/v1/t", bare)] * 2, post("/v1/t", {**bare, "userId": "u2"}))
    assert len(house.carry()) == 2


def test_single_bad_events_are_refused_with_their_reason_beside_good_ones(house: House) -> None:
    batch = [
        track(1),
        track(2, event="Dance"),
        track(3, timestamp="2026-11-30 12:00"),
        "text",
        track(4, timestamp="2099-01-01T00:00:00Z"),
        track(5, properties={"order_id": "o", "revenue": "a lot", "currency": "CNY"}),
        track(6, properties=[1]),
        track(7, userId=None),
        track(8, properties={"order_id": "o", "revenue": "1e999999", "currency": "CNY"}),
    ]
    (answer,) = house.ask(post("/v1/batch", {"batch": batch}))
    events = house.carry()
    assert (answer.status_code, len(events)) == (200, 1)
    found = {one.row: (one.field, one.reason) for one in house.desk.refused.values()}
    assert found == {
        2: ("event", "unknown_event"),
        3: ("timestamp", "no_zone"),
        4: ("", "not_object"),
        5: ("time", "time_in_future"),
        6: ("revenue", "no_number"),
        7: ("properties", "not_object"),
        8: ("actor", "missing_field"),
        9: ("", "unreadable"),
    }
    assert all(one.message.zh and one.message.en for one in house.desk.refused.values())
    assert json.loads(next(one.raw for one in house.desk.refused.values() if one.row == 2)) == batch[1]
    tally = house.desk.tallies["shop"]
    assert (tally.sent, tally.kept, tally.refused, tally.left_out) == (9, 1, 8, 0)


def test_a_sources_own_names_are_mapped(tmp_path: Path) -> None:
    house = House(tmp_path, sources={hash_key(KEY): Source("shop", names={"Test drive wanted": "book"})})
    house.ask(post("/v1/t", track(event="Test drive wanted", properties={"object": "su7"})))
    assert [(event["type"], event["object"]) for event in house.carry()] == [("book", "su7")]


def test_a_clients_talk_of_itself_is_left_out_and_counted(house: House) -> None:
    house.ask(post("/e/", [pageview(), pageview(event="$pageleave"), pageview(event="$autocapture")]))
    assert len(house.carry()) == 1
    assert (house.desk.tallies["shop"].left_out, house.desk.refused) == (2, {})


BEFORE = {"userId": "after", "timestamp": NOW_TEXT, "messageId": "x"}
NAMES = {"$anon_distinct_id": "before", "distinct_id": "after"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/identify", {**BEFORE, "anonymousId": "before", "traits": {"parent": "p-1"}}),
        ("/v1/alias", {**BEFORE, "previousId": "before"}),
        ("/e/?api_key=" + KEY, [pageview(event="$identify", properties={**NAMES, "token": KEY})]),
        (
            "/e/?api_key=" + KEY,
            [pageview(event="$create_alias", properties={"distinct_id": "before", "alias": "after", "token": KEY})],
        ),
    ],
)
def test_who_a_person_was_before_is_kept_beside_who_they_are(house: House, path: str, body: Any) -> None:
    house.ask(post(path, body))
    (event,) = house.carry()
    salt = get_salt(house.desk.lake.path)
    before, after = hash_actor(salt, "shop", "before"), hash_actor(salt, "shop", "after")
    assert (event["type"], event["object"], event["actor"], event["parent"]) == ("join", "account", after, before)


def test_an_identify_without_a_former_id_names_nobody_else(house: House) -> None:
    house.ask(post("/v1/identify", {**BEFORE, "traits": {"parent": "p-1"}}))
    house.ask(post("/v1/identify", {**BEFORE, "messageId": "y", "anonymousId": "after"}))
    assert [event["parent"] for event in house.carry()] == [None, None]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (post("/v1/batch", b"{"), 400),
        (post("/v1/batch", b""), 400),
        (post("/v1/batch", {"batch": "no list"}), 400),
        (post("/v1/batch", b"[" * 100_000), 400),
        (post("/v1/batch", b"\x1f\x8bnot gzip"), 400),
        (post("/v1/batch", gzip.compress(b"{}" * 100)[:-9]), 400),
        (post("/e/", b"data=%%%"), 400),
        (post("/v1/batch", {"batch": [track()]}, headers={"authorization": None}), 401),
        (post("/v1/batch", {"batch": [track()]}, headers={"authorization": "Basic !!"}), 401),
        (post("/v1/batch", {"batch": [track()], "writeKey": "x" * 999}, headers={"authorization": None}), 401),
        (post("/v1/nothing", {"batch": []}), 404),
        (post("/v1/batch", b" " * 5_000), 413),
        (post("/v1/batch", gzip.compress(b" " * 200_000)), 413),
        (post("/v1/batch", {"batch": [track()]}, headers={"origin": "https://evil.example"}), 403),
        (post("/v1/batch", {"batch": []}), 200),
    ],
)
def test_what_cannot_be_taken_is_answered_and_nothing_is_kept(tmp_path: Path, request_: Any, status: int) -> None:
    house = House(tmp_path, door=Door(most_bytes=4_000, most_unfolded_bytes=100_000))
    if request_.content == b"[" * 100_000:
        house.door = Door()
    (answer,) = house.ask(request_)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert house.carry() == []


def test_numbers_and_texts_that_json_has_no_word_for_cost_nobody_a_batch(house: House) -> None:
    text = json.dumps({"batch": [track(1, properties={"object": "o", "n": float("nan"), "big": 10**40})]})
    text = text.replace('"u1"', '"u\\ud800"').replace("Order Completed", "Product Clicked")
    deep = '{"batch":[' + json.dumps(track(2)) + "," + '{"a":' * 300 + "1" + "}" * 300 + "]}"
    answers = house.ask(post("/v1/batch", text.encode()), post("/v1/batch", deep.encode()))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [event["object"] for event in house.carry()] == ["o2"]
    assert {one.reason for one in house.desk.refused.values()} == {"props_not_object", "missing_field"}


def test_a_source_that_is_off_is_closed_and_a_new_key_opens_at_once(house: House) -> None:
    house.sources[hash_key(KEY)] = Source("shop", is_on=False)
    assert house.ask(post("/v1/t", track()))[0].status_code == 401
    house.sources[hash_key(KEY)] = SHOP
    assert house.ask(post("/v1/t", track()))[0].status_code == 200


def test_pages_of_allowed_origins_may_send_and_others_are_not_told(house: House) -> None:
    import httpx

    origin = {"origin": "https://shop.example"}
    preflight, stranger = (
        httpx.Request("OPTIONS", "http://c/v1/t", headers={"origin": name, "access-control-request-method": "POST"})
        for name in ("https://shop.example", "https://evil.example")
    )
    allowed, refused, sent, server = house.ask(
        preflight, stranger, post("/v1/t", track(), headers=origin), post("/v1/t", track(2))
    )
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "https://shop.example")
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (403, False)
    assert sent.headers["access-control-allow-origin"] == "https://shop.example"
    assert (server.status_code, "access-control-allow-origin" in server.headers) == (200, False)


def test_under_pressure_the_sender_is_told_when_to_come_again(tmp_path: Path) -> None:
    house = House(tmp_path, most_bytes=1)
    first, second = house.ask(post("/v1/t", track(1)), post("/v1/t", track(2)))
    assert (first.status_code, second.status_code, second.headers["retry-after"]) == (200, 429, "2")
    assert [event["object"] for event in house.carry()] == ["o1"]
    assert house.ask(post("/v1/t", track(2)))[0].status_code == 200


def test_a_source_over_its_limit_waits_and_the_others_do_not(tmp_path: Path) -> None:
    slow = Source("slow", per_minute=60)
    house = House(tmp_path, sources={hash_key(KEY): slow, hash_key("other"): Source("fast")})
    batch = {"batch": [track(n) for n in range(90)]}
    first, second = house.ask(post("/v1/batch", batch), post("/v1/t", track(91)))
    assert (first.status_code, second.status_code) == (200, 429)
    assert 30 <= int(second.headers["retry-after"]) <= 32
    free = post("/v1/t", track(91), headers={"authorization": "Basic " + base64.b64encode(b"other:").decode()})
    assert house.ask(free)[0].status_code == 200


def test_settings_name_this_server(house: House) -> None:
    import httpx

    segment, rudder, posthog, unknown = house.ask(
        *(
            httpx.Request("GET", f"http://collect.example{path}")
            for path in (
                f"/v1/projects/{KEY}/settings",
                f"/sourceConfig/?p=npm&writeKey={KEY}",
                f"/array/{KEY}/config",
                "/array/x/config",
            )
        )
    )
    assert segment.json()["integrations"]["Segment.io"]["apiHost"] == "collect.example/v1"
    assert rudder.json()["source"]["enabled"] is True
    assert (posthog.status_code, unknown.status_code) == (200, 401)
    assert house.ask(post("/flags/?v=2", {"token": KEY}, headers={"authorization": None}))[0].json()["flags"] == {}


def test_a_hundred_thousand_events_in_one_body(house: House) -> None:
    small = [{"event": "view", "properties": {"object": str(n)}} for n in range(100_000)]
    body = gzip.compress(json.dumps({"batch": small}).encode(), 1)
    assert house.ask(post("/v1/batch", body))[0].status_code == 200
    house.carry()
    assert house.desk.tallies["shop"].kept == 100_000


def test_nothing_of_a_person_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    secret = "someone@private.example"
    with caplog.at_level(logging.DEBUG):
        house.ask(
            post("/v1/batch", {"batch": [track(userId=secret), track(2, properties={"revenue": secret}), secret]}),
            post("/v1/batch", b"{" + secret.encode()),
        )
        house.carry()
    assert secret not in caplog.text
    assert KEY not in caplog.text
