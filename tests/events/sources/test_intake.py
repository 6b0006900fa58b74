"""Rows as JSON: kept or refused one by one, people hashed, sent again without effect."""

from __future__ import annotations

from datetime import UTC, datetime

import canyu
from canyu.events import make_event_id
from canyu.events.importers import get_salt, hash_actor
from canyu.events.sources import Delivery, build_mapping, take_body, take_rows

NOW = datetime(2026, 8, 12, 4, tzinfo=UTC)
GOOD = {"id": "1", "type": "post", "time": "2026-08-12T10:00:00+08:00", "text": "很稳", "actor": "u1", "likes": "1.2万"}


def deliver(lake: canyu.Lake | None, **changes: str) -> Delivery:
    return Delivery(lake, "test", build_mapping("shop", channel="weibo", **changes), NOW)


def test_a_row_becomes_an_event_with_its_person_hashed(lake: canyu.Lake) -> None:
    taken = take_rows([{**GOOD, "city": "杭州"}], deliver(lake))
    event = lake.scan().to_pyarrow().to_pylist()[0]
    assert (taken.rows, taken.kept, taken.added, taken.refused) == (1, 1, 1, 0)
    assert taken.version == lake.version()
    assert event["id"] == make_event_id("shop", "1")
    assert event["actor"] == hash_actor(get_salt(lake.path), "shop", "u1")
    assert event["time"] == datetime(2026, 8, 12, 2, tzinfo=UTC)
    assert (event["channel"], event["source"], event["text"]) == ("weibo", "shop", "很稳")
    assert event["props"] == '{"city":"杭州","likes":12000}'


def test_each_bad_row_is_refused_alone_with_its_place_and_mend(lake: canyu.Lake) -> None:
    rows = [
        {**GOOD, "id": ""},
        {**GOOD, "id": "2", "time": "2026-08-12 10:00"},
        {**GOOD, "id": "3", "type": "dance"},
        {**GOOD, "id": "4", "value": "dear"},
        GOOD,
    ]
    taken = take_rows(rows, deliver(lake))
    assert [(each.row, each.field, each.reason) for each in taken.refusals] == [
        (1, "id", "missing_key"),
        (2, "time", "no_zone"),
        (3, "type", "unknown_type"),
        (4, "value", "unreadable_number"),
    ]
    assert (taken.kept, lake.scan("quarantine").count().to_pyarrow().as_py()) == (1, 4)


def test_a_comment_points_at_the_id_of_its_parent(lake: canyu.Lake) -> None:
    comment = {**GOOD, "id": "c1", "type": "comment", "parent": "1"}
    take_rows([GOOD, comment], deliver(lake))
    parents = {event["type"]: event["parent"] for event in lake.scan().to_pyarrow().to_pylist()}
    assert parents == {"post": None, "comment": make_event_id("shop", "1")}


def test_sent_again_nothing_is_added_and_nothing_refused_twice(lake: canyu.Lake) -> None:
    rows = [GOOD, {**GOOD, "id": "2", "time": "soon"}]
    first = take_rows(rows, deliver(lake))
    again = take_rows(rows, deliver(lake))
    assert (first.added, again.added, again.kept, again.refused) == (1, 0, 1, 1)
    assert lake.scan("quarantine").count().to_pyarrow().as_py() == 1


def test_a_notice_of_deletion_erases_the_post_and_keeps_it_out(lake: canyu.Lake) -> None:
    rows = [GOOD, {**GOOD, "id": "c1", "type": "comment", "parent": "1"}, {**GOOD, "id": 77}]
    take_rows(rows, deliver(lake))
    gone = take_rows([{"id": "1", "type": "Delete"}, {"type": "delete", "id": 77}, {"type": "delete"}], deliver(lake))
    assert (gone.rows, gone.kept, gone.added, gone.deletions, gone.version) == (3, 2, 0, 2, lake.version())
    assert [(each.row, each.reason) for each in gone.refusals] == [(3, "missing_key")]
    again = take_rows([*rows, {"id": "1", "type": "delete"}], deliver(lake))
    assert (again.added, again.deletions) == (0, 1)
    kept = lake.scan().to_pyarrow().to_pylist()
    assert [(event["id"], event["parent"]) for event in kept] == [(make_event_id("shop", "c1"), "erased")]
    assert lake.scan("receipts").count().to_pyarrow().as_py() == 1


def test_no_source_erases_the_posts_of_another(lake: canyu.Lake) -> None:
    take_rows([GOOD], deliver(lake))
    other = Delivery(lake, "test", build_mapping("stranger", channel="weibo"), NOW)
    assert take_rows([{"id": "1", "type": "delete"}], other).deletions == 1
    assert lake.scan().count().to_pyarrow().as_py() == 1


def test_a_notice_that_is_faster_than_its_post_keeps_it_out(lake: canyu.Lake) -> None:
    take_rows([{"id": "1", "type": "delete"}], deliver(lake))
    assert (take_rows([GOOD, {**GOOD, "id": "2"}], deliver(lake)).added) == 1


def test_a_look_without_a_lake_writes_nothing(lake: canyu.Lake) -> None:
    taken = take_rows([GOOD], deliver(None))
    assert (taken.kept, taken.added, taken.version) == (1, 0, -1)
    assert lake.version() is None


def test_no_rows_are_no_error(lake: canyu.Lake) -> None:
    assert take_rows([], deliver(lake)).as_counts() == {
        "rows": 0,
        "kept": 0,
        "refused": 0,
        "added": 0,
        "deletions": 0,
        "version": -1,
    }


def test_hostile_lines_are_refused_and_never_crash(lake: canyu.Lake) -> None:
    lines = [
        b"not json",
        b"[1]",
        b"null",
        b'"text"',
        b"\xff\xfe\x00{",
        b'{"id":"\\ud800","type":"post","time":"2026-08-12T02:00:00Z","text":"\\ud800"}',
        b'{"id":"long","type":"post","time":"2026-08-12T02:00:00Z","text":"' + b"a" * (1 << 20) + b'"}',
        b'{"id":"deep","type":"post","time":"2026-08-12T02:00:00Z","text":"x","n":' + b"[" * 400 + b"]" * 400 + b"}",
        b'{"id":"nul","type":"post","time":"2026-08-12T02:00:00Z","text":"a\\u0000b"}',
        '{"id":"z","type":"post","time":"2026-08-12T02:00:00Z","text":"Z͑ͫ̓ͪ̂ͫ 👩‍👩‍👧"}'.encode(),
    ]
    taken = take_body(b"\n".join(lines), deliver(lake))
    assert taken.rows == len(lines)
    assert taken.kept + taken.refused == taken.rows
    assert "Z͑ͫ̓ͪ̂ͫ 👩‍👩‍👧" in {event["text"] for event in lake.scan().to_pyarrow().to_pylist()}
