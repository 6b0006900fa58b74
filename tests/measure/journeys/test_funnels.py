"""Funnels against plain loops over every event, on both engines; ties, groups, windows, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.measure.journeys import Funnel, FunnelQuery, StartRule, compute_funnel, parse_step
from journey_lake import START, draw_events, fill_journey_lake, make_event, write_events

STEPS = ("view", "click", "visit", "order")
FIRST, LAST = date(2025, 3, 3), date(2025, 3, 30)
DAY = timedelta(days=1)


def ask(steps: tuple[str, ...] = STEPS, **given: Any) -> FunnelQuery:
    given = {"window": 9 * DAY, "rule": StartRule.FIRST} | given
    return FunnelQuery(FIRST, LAST, tuple(map(parse_step, steps)), **given)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> canyu.Lake:
    return fill_journey_lake(tmp_path_factory.mktemp("funnel") / "my.lake")


def is_of(event: dict[str, Any], text: str) -> bool:
    step = parse_step(text)
    given = all(event[field] == value for field, value in step.given)
    return event["type"] in step.types and given and bool(event["actor"]) and event["source"] != "console"


def list_ways(events: list[dict[str, Any]], query: FunnelQuery) -> Iterator[tuple[dict[str, Any], list[datetime]]]:
    """Each start of a person with the moments of the steps it leads to, each at its earliest."""
    of_step = [[event for event in events if is_of(event, step.name)] for step in query.steps]
    ids = [{event["id"] for event in found} for found in of_step]
    strict = [any(ids[place] & ids[other] for other in range(place)) for place in range(len(ids))]
    end = START + (LAST - FIRST + DAY)
    for start in of_step[0]:
        if not START <= start["time"] < end:
            continue
        moments = [start["time"]]
        for place in range(1, len(ids)):
            found = [
                event["time"]
                for event in of_step[place]
                if event["actor"] == start["actor"]
                and (not query.hold or event[query.hold] == start[query.hold])
                and (event["time"] > moments[-1] if strict[place] else event["time"] >= moments[-1])
                and event["time"] - start["time"] <= query.window
                and event["time"] < end + query.window
            ]
            if not found:
                break
            moments.append(min(found))
        yield start, moments


def count_by_hand(events: list[dict[str, Any]], query: FunnelQuery) -> dict[str, list[int]]:
    """People at each step, of all and by group."""
    ways = sorted(list_ways(events, query), key=lambda way: (way[0]["time"], way[0]["id"]))
    if query.rule is StartRule.FIRST:
        firsts: dict[Any, tuple[dict[str, Any], list[datetime]]] = {}
        for start, moments in ways:
            firsts.setdefault((start["actor"], start[query.hold] if query.hold else ""), (start, moments))
        ways = list(firsts.values())
    people: dict[str, list[set[Any]]] = {}
    for start, moments in ways:
        who = (start["actor"], start[query.hold] if query.hold else "")
        for group in ("all", start[query.by]) if query.by else ("all",):
            reached = people.setdefault(group, [set() for _ in query.steps])
            for depth in range(len(moments)):
                reached[depth].add(who)
    return {group: [len(each) for each in reached] for group, reached in people.items()}


def count(funnel: Funnel) -> dict[str, list[int]]:
    groups = {"all": funnel.whole} | {group.value: group for group in funnel.groups}
    return {str(name): [step.people for step in group.steps] for name, group in groups.items()}


QUERIES = {
    "first start": ask(),
    "any start": ask(rule=StartRule.ANY),
    "first start by channel, object held": ask(hold="object", by="channel"),
    "any start, object held": ask(rule=StartRule.ANY, hold="object"),
    "any start, steps that one event could be": ask(("view", "view channel=weibo", "view,click"), rule=StartRule.ANY),
    "first start, steps that one event could be": ask(("view", "view channel=weibo", "view,click")),
    "filters, a day": ask(("view channel=douyin", "click object=a"), window=DAY),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_counts_are_those_of_plain_loops(lake: canyu.Lake, query: FunnelQuery) -> None:
    expected = count_by_hand(draw_events(), query)
    assert count(compute_funnel(lake, query)) == expected
    assert all(before >= after for people in expected.values() for before, after in pairwise(people))
    assert expected["all"][-1] > 0


def test_the_first_start_is_the_same_on_every_engine(lake: canyu.Lake, engine: Engine) -> None:
    query = QUERIES["first start by channel, object held"]
    assert count(compute_funnel(Lake(lake.path, engine=engine), query)) == count_by_hand(draw_events(), query)


def find_latest_starts(events: list[dict[str, Any]], query: FunnelQuery) -> list[list[dict[str, Any]]]:
    """For each step, the latest start that leads to each of its events that a start leads to in time."""
    of_step = [[event for event in events if is_of(event, step.name)] for step in query.steps]
    end = START + (LAST - FIRST + DAY)
    reached = [(event, event) for event in of_step[0] if START <= event["time"] < end]
    latest = [[start for _, start in reached]]
    for found in of_step[1:]:
        further = []
        for event in found:
            starts = [s for e, s in reached if e["actor"] == event["actor"] and e["time"] <= event["time"]]
            start = max(starts, key=lambda s: (s["time"], s["id"]), default=None)
            if start and START <= event["time"] < end + query.window and event["time"] - start["time"] <= query.window:
                further.append((event, start))
        reached = further
        latest.append([start for _, start in reached])
    return latest


def test_with_any_start_a_way_is_of_the_group_of_its_latest_start(lake: canyu.Lake, engine: Engine) -> None:
    query = ask(rule=StartRule.ANY, by="channel")
    latest = find_latest_starts(draw_events(), query)
    channels = sorted({start["channel"] for start in latest[0]})
    expected = {
        name: [len({start["actor"] for start in starts if start["channel"] == name}) for starts in latest]
        for name in channels
    }
    expected["all"] = [len({start["actor"] for start in starts}) for starts in latest]
    found = compute_funnel(Lake(lake.path, engine=engine), query)
    assert count(found) == expected
    assert sum(people[0] for people in expected.values()) > 2 * expected["all"][0]
    assert any("add up to more" in note.en for note in found.notes)


def test_what_happens_at_one_moment_counts_in_the_order_of_the_steps(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "ties.lake", create=True)
    events = [make_event(2, type="view"), make_event(1, type="click"), make_event(3, actor="p2")]
    write_events(lake, events)
    for rule in StartRule:
        assert count(compute_funnel(lake, ask(("view", "click"), rule=rule)))["all"] == [2, 1]
        assert count(compute_funnel(lake, ask(("click", "view"), rule=rule)))["all"] == [1, 1]
        assert count(compute_funnel(lake, ask(("view", "view"), rule=rule)))["all"] == [2, 0]  # one event is one step


def test_times_shares_and_what_may_still_come(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "times.lake", create=True)
    hours = {"p1": 1, "p2": 2, "p3": 50, "p4": 72, "p5": 73}
    begun = [make_event(n, actor=who, type="click") for n, who in enumerate([*hours, "p6"])]
    bought = [
        make_event(20 + n, actor=who, type="order", time=START + timedelta(hours=wait))
        for n, (who, wait) in enumerate(hours.items())
    ]
    late = [make_event(30, actor="p7", type="click", time=START + 2 * DAY)]
    write_events(lake, [*begun, *bought, *late])
    found = compute_funnel(lake, ask(("click", "order"), window=3 * DAY))
    step = found.whole.steps[1]
    assert (step.people, round(step.of_start.value or 0, 4)) == (4, 0.5714)
    assert (step.of_start.low, step.of_start.high) == pytest.approx((0.2505, 0.8418), abs=1e-4)
    assert step.times is not None
    assert (step.times.quarter_s, step.times.half_s, step.times.three_quarters_s) == (
        3588,
        7189,
        179998,
    )  # buckets of 13 seconds
    assert step.times.bars == ((3600, 1), (10800, 1), (259200, 2))
    assert found.whole.still_open == 1
    assert any("window of 1 people" in note.en for note in found.notes)
    assert found.estimate is step.of_start
    assert "click > order" in found.proof.definition.en
    assert (found.proof.rows, found.proof.versions, found.is_simulated) == (7, {"events": 1}, False)


def test_nothing_is_told_of_nobody(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "empty.lake", create=True)
    for rule in StartRule:
        found = compute_funnel(lake, ask(rule=rule, by="channel"))
        assert [step.people for step in found.whole.steps] == [0, 0, 0, 0]
        assert (found.estimate.value, found.estimate.missing) == (None, found.notes[-1])
        assert found.groups == ()
    write_events(lake, [make_event(1, actor=None), make_event(2, type="click")])
    found = compute_funnel(lake, ask())
    assert found.estimate.value is None  # an event of nobody begins nothing
    assert any("27 of the period's 28 days" in note.en for note in found.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": (parse_step("view"),)}, "2 to 12 steps"),
        ({"window": timedelta(0)}, "1 second to 366 days"),
        ({"by": "actor"}, "no field 'actor'"),
        ({"end": date(2025, 3, 1)}, "ends"),
    ],
)
def test_what_is_no_funnel_is_refused(lake: canyu.Lake, change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        compute_funnel(lake, replace(ask(), **change))


@pytest.mark.parametrize("text", ["", "clicks", "click weibo", "click nothing=1", 'click "channel=a', "click props.=1"])
def test_a_step_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_step(text)
    assert refused.value.mend


def test_a_step_may_ask_for_props_of_any_kind(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "props.lake", create=True)
    props = ['{"a": "x, y", "n": 2}', '{"a":"x","n":2.5}', '{"b":true}', "{}"]
    write_events(lake, [make_event(n, actor=f"p{n}", props=text) for n, text in enumerate(props)])
    for text, people in {
        '"props.a=x, y"': 1,
        "props.n=2": 1,
        "props.n=2.5": 1,
        "props.b=true": 1,
        "props.c=1": 0,
    }.items():
        assert compute_funnel(lake, ask((f"view {text}", "click"))).whole.steps[0].people == people, text
