from __future__ import annotations

from datetime import UTC, datetime

import canyu
from canyu.events import Event, Verb, build_event_table
from canyu.spread.cascades import REPOST_SCHEMA, build_cascades, read_reposts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make(name: str, verb: Verb, parent: str | None = None, text: str | None = "x") -> Event:
    return Event(name, str(verb), NOON, NOON, "test", actor=f"@{name}", parent=parent, text=text)


def test_answers_are_led_up_to_the_post_through_any_number_of_steps() -> None:
    events = [
        make("c", Verb.COMMENT, "b"),
        make("b", Verb.REPOST, "a"),
        make("a", Verb.REPOST, "p"),
        make("p", Verb.POST),
        make("l", Verb.LIKE, "p"),
        make("y", Verb.REPOST, "x"),
        make("x", Verb.REPOST, "outside"),
        make("q", Verb.POST, "p"),
    ]
    table = read_reposts(build_event_table(events))
    assert table.schema == REPOST_SCHEMA
    assert dict(zip(table["id"].to_pylist(), table["root"].to_pylist(), strict=True)) == {
        "c": "p",
        "b": "p",
        "a": "p",
        "p": "p",
        "y": "outside",
        "x": "outside",
        "q": "q",
    }
    found = build_cascades(table)
    assert (found.report.cascades, found.report.reposts, found.report.root_rows) == (3, 5, 2)
    assert found.report.by_how == {"stated": 5}


def test_events_in_a_circle_belong_to_the_first_of_them() -> None:
    events = [make("c", Verb.REPOST, "b"), make("a", Verb.REPOST, "b"), make("b", Verb.REPOST, "a")]
    assert read_reposts(build_event_table(events))["root"].to_pylist() == ["a", "a", "a"]


def test_what_hung_on_erased_posts_is_no_cascade_of_all_that_is_erased(lake: canyu.Lake) -> None:
    events = [make("p", Verb.POST), make("a", Verb.REPOST, "p"), make("b", Verb.REPOST, "a")]
    lake.append(build_event_table([*events, make("q", Verb.POST), make("c", Verb.REPOST, "q")]))
    lake.erase_posts(["p", "q"])
    left = lake.scan().to_pyarrow()
    assert left["parent"].to_pylist().count("erased") == 2
    table = read_reposts(left)
    rows = zip(table["id"].to_pylist(), table["root"].to_pylist(), table["parent"].to_pylist(), strict=True)
    assert sorted(rows) == [("a", "a", None), ("b", "a", "a"), ("c", "c", None)]


def test_a_lake_gives_the_same_trees(lake: canyu.Lake) -> None:
    lake.append(build_event_table([make("p", Verb.POST), make("a", Verb.REPOST, "p"), make("b", Verb.REPOST, "a")]))
    edges = build_cascades(read_reposts(lake.scan().to_pyarrow())).make_edges()
    found = dict(zip(edges["id"].to_pylist(), edges["parent"].to_pylist(), strict=True))
    assert found == {"a": "p", "b": "a"}
