"""Retention against plain loops on both engines; weeks that are not over, gaps, money, and who is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.measure.journeys import Quantity, Retention, RetentionQuery, compute_retention, parse_step
from journey_lake import START, draw_events, fill_journey_lake, make_event, write_events

WEEK = timedelta(weeks=1)
QUERY = RetentionQuery(date(2025, 3, 10), date(2025, 4, 6), parse_step("view"), parse_step("click,order"))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> canyu.Lake:
    return fill_journey_lake(tmp_path_factory.mktemp("retention") / "my.lake")


def list_weeks() -> tuple[dict[str, int], list[tuple[str, int, int]]]:
    """The week (0 is that of 10 March) of each person's first view ever, and of each time somebody was back."""
    events = [event for event in draw_events() if event["actor"] and event["source"] != "console"]
    first: dict[str, int] = {}
    back = []
    for event in sorted(events, key=lambda event: event["time"]):
        week = (event["time"] - START) // WEEK - 1
        if event["type"] == "view":
            first.setdefault(event["actor"], week)
        if event["type"] in {"click", "order"}:
            back.append((event["actor"], week, event["value"] or 0))
    return first, back


def tell(found: Retention) -> dict[tuple[int, int], float | None]:
    return {
        ((cohort.monday - date(2025, 3, 10)).days // 7, later): cell.value
        for cohort in found.cohorts
        for later, cell in enumerate(cohort.weeks)
    }


@pytest.mark.parametrize("quantity", Quantity)
def test_cohorts_are_those_of_plain_loops_on_every_engine(lake: canyu.Lake, engine: Engine, quantity: Quantity) -> None:
    first, back = list_weeks()
    found = compute_retention(Lake(lake.path, engine=engine), replace(QUERY, quantity=quantity))
    expected = {}
    for week in sorted({week for week in first.values() if 0 <= week <= 3}):
        people = {actor for actor, began in first.items() if began == week}
        for later in range(4 - week):
            rows = [(actor, value) for actor, at, value in back if actor in people and at == week + later]
            of = len({actor for actor, _ in rows}) if quantity is Quantity.PEOPLE else sum(value for _, value in rows)
            expected[week, later] = of / len(people)
    known = {key: value for key, value in expected.items() if sum(key) < 4}
    assert tell(found) == pytest.approx(known)
    assert {week for week in first.values() if week < 0}  # people who began before are there, and are not new
    whole = [cohort.people for cohort in found.cohorts if cohort.weeks[1:2]]
    now = sum(
        len([a for a, began in first.items() if began == week]) * expected[week, 1]
        for week in (0, 1, 2)
        if (week, 1) in expected
    )
    assert found.curve[1].value == pytest.approx(now / sum(whole))


def test_a_week_that_is_not_over_or_was_not_seen_is_missing(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "gap.lake", create=True)
    days = [0, 1, 14, 15, 20, 24]  # nothing at all in the second week; the data ends within the fourth
    write_events(
        lake, [make_event(n, actor=f"p{n % 2}", time=START + timedelta(days=day)) for n, day in enumerate(days)]
    )
    view = parse_step("view")
    found = compute_retention(lake, RetentionQuery(date(2025, 3, 3), date(2025, 3, 30), view, view))
    (cohort,) = found.cohorts
    assert cohort.people == 2
    assert [week.value for week in cohort.weeks] == [1.0, None, 1.0, None]
    assert [week.missing and week.missing.en for week in cohort.weeks][1::2] == [
        "This week holds no event at all: nothing is known.",
        "This week had not ended yet: nothing is known.",
    ]
    assert any("of the period's 28 days hold no event" in note.en for note in found.notes)


def test_money_is_by_currency_and_an_order_told_twice_counts_once(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "money.lake", create=True)
    order: dict[str, Any] = {"type": "order", "actor": "p1", "value": 500, "props": '{"order_id": "o1"}'}
    rows = [
        make_event(1, **order),
        make_event(2, **order, source="erp"),
        make_event(3, type="order", actor="p2", value=700),
    ]
    rows += [make_event(4, type="order", actor="p3", value=90, currency="EUR")]
    rows += [make_event(5, actor="p9", time=START + timedelta(days=13, hours=23))]  # the data goes on for a week
    write_events(lake, rows)
    step = parse_step("order")
    query = RetentionQuery(date(2025, 3, 3), date(2025, 3, 9), step, step, Quantity.REVENUE)
    found = compute_retention(lake, query)
    told = {cohort.currency: (cohort.people, cohort.weeks[0].value) for cohort in found.cohorts}
    assert told == {"CNY": (3, 400.0), "EUR": (3, 30.0)}
    (cell,) = found.cohorts[0].weeks
    assert cell.low is not None
    assert (cell.low, cell.high) == pytest.approx((400 - 1.96 * 208.1666, 400 + 1.96 * 208.1666), abs=0.1)


def test_what_cannot_be_told_is_said(tmp_path: Path, lake: canyu.Lake) -> None:
    empty = compute_retention(canyu.open(tmp_path / "empty.lake", create=True), QUERY)
    assert (empty.cohorts, empty.curve[0].value) == ((), None)
    assert any(note.en == "Nobody began in the period." for note in empty.notes)
    with pytest.raises(BadInput, match="more than 62 weeks"):
        compute_retention(lake, replace(QUERY, end=date(2026, 6, 30)))
