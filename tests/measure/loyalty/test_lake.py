"""Loyalty read from a lake's orders: what Python counts one by one, on both engines; bad orders told and left out."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Event, Lake, build_event_table
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.measure.intervals import compute_share_interval
from canyu.measure.loyalty import BgNbd, Customers, LoyaltyQuery, measure_loyalty
from canyu.measure.loyalty.loyalty import NO_WINDOW, TOO_FEW

QUERY = LoyaltyQuery(date(2025, 1, 1), date(2025, 6, 30), window_days=60)
FIRST = datetime(2024, 12, 31, 16, tzinfo=UTC)  # the first midnight of 2025 in Shanghai


def make_event(key: str, verb: str, day: float, actor: str | None, **given: object) -> Event:
    moment = FIRST + timedelta(days=day)
    given = {"object": "phone", "value": 1000, "currency": "CNY", **given}
    return Event(key, verb, moment, moment, "shop", actor=actor, **given)


def tell_shop() -> tuple[list[Event], dict[str, dict[int, int]], dict[str, str]]:
    """Return a shop's events, and by customer the money of each day and the age band of the first order."""
    random = np.random.default_rng(3)
    events, kept, bands = [], defaultdict(dict), {}
    for person in range(300):
        name = f"p{person:03d}"
        bands[name] = ("", "18-24", "25-34")[person % 3]
        day, stays = float(random.integers(0, 150)), int(random.geometric(random.beta(1, 3)))
        gap, worth = 1 / random.gamma(2, 0.03), 6000 / random.gamma(4, 1)
        for number in range(stays):
            day = 12 * round(day / 12) + 0.3  # few days, for every one is a file of the lake
            if day >= 181:
                break
            value, key = int(100 + worth * random.gamma(6, 1 / 6)), f"{name}-{number}"
            props = dump_json({"age_band": bands[name]}) if number == 0 and bands[name] else "{}"
            events.append(make_event(key, "order", day, name, value=value, props=props))
            left = value
            if person % 10 == 0 and number == 1:  # given back in full, the refund's clock before the order's
                events.append(make_event(f"{key}-r", "refund", day - 0.01, None, value=value, parent=key))
                left = 0
            if person % 10 == 1:  # in part
                events.append(make_event(f"{key}-r", "refund", day + 0.01, name, value=40, parent=key))
                left -= 40
            if left:
                kept[name][int(day)] = kept[name].get(int(day), 0) + left
            day += float(random.exponential(gap)) + 6
    return events, kept, bands


def write(path: Path, events: list[Event]) -> canyu.Lake:
    lake = canyu.open(path, create=True)
    lake.append(build_event_table(events))
    return lake


@pytest.mark.parametrize("name", ["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def test_the_lake_says_what_python_counts(tmp_path: Path, name: str, request: pytest.FixtureRequest) -> None:
    events, kept, bands = tell_shop()
    lake = write(tmp_path / "shop.lake", events)
    if name == "spark":
        engine: Engine = request.getfixturevalue("spark_engine")
        lake = Lake(lake.path, engine=engine)
    found = measure_loyalty(lake, QUERY)
    assert (found.customers, found.returned) == (len(kept), sum(len(days) > 1 for days in kept.values()))
    columns = [(len(d) - 1, max(d) - min(d), 180 - min(d)) for d in kept.values()]
    expected = BgNbd().fit(Customers.of_columns(*zip(*columns, strict=True)))
    assert found.buying is not None
    assert found.buying.values == expected.values
    for row in found.repurchase:
        mine = [days for who, days in kept.items() if row.band in {"*", bands[who]} and min(days) + 60 <= 180]
        back = sum(any(0 < day - min(days) <= 60 for day in days) for days in mine)
        assert (row.people, row.returned) == (len(mine), back)
        assert (row.share.low, row.share.high) == compute_share_interval(back, len(mine))
    assert [row.band for row in found.repurchase] == ["*", "", "18-24", "25-34"]
    assert_cohorts(found.cohorts, kept)
    assert found.expected_value.value is not None
    assert found.expected_value.low < found.expected_value.value < found.expected_value.high
    assert found.proofs[0].versions == {"events": lake.version("events")}


def assert_cohorts(cells: tuple, kept: dict[str, dict[int, int]]) -> None:
    def month_of(day: int) -> int:
        return (date(2025, 1, 1) + timedelta(days=day)).month

    sizes, counts = defaultdict(int), defaultdict(int)
    for days in kept.values():
        first = month_of(min(days))
        sizes[first] += 1
        for month in {month_of(day) for day in days}:
            counts[first, month - first] += 1
    for cell in cells:
        assert (cell.size, cell.people) == (sizes[cell.cohort.month], counts[cell.cohort.month, cell.offset])
        assert cell.is_whole
    assert len(cells) == sum(7 - month for month in sizes)


def test_orders_that_cannot_be_used_are_counted_and_told(tmp_path: Path) -> None:
    events = [
        make_event("a", "order", 1, None),
        make_event("b", "order", 1, "p", currency="USD"),
        make_event("c", "refund", 2, "p"),
        make_event("d", "order", 3, "p"),
        make_event("e", "order", 200, "late"),
    ]
    odd = [event for event in events if event.actor or event.type != "order"]
    found = measure_loyalty(write(tmp_path / "odd.lake", odd), QUERY)
    assert found.customers == 1
    told = [note.en for note in found.notes[2:]]
    assert told == ["1 orders or refunds are not in CNY.", "1 refunds name no order and are not taken off."]


@pytest.mark.parametrize("people", [0, 1, 49])
def test_few_customers_give_no_figure(tmp_path: Path, people: int) -> None:
    events = [make_event(f"{n}-{day}", "order", 10.0 * day + n / 9, f"p{n}") for n in range(people) for day in range(3)]
    found = measure_loyalty(write(tmp_path / "few.lake", events), QUERY)
    assert found.customers == people
    for estimate in (found.expected_orders, found.alive, found.expected_value):
        assert (estimate.value, estimate.missing) == (None, TOO_FEW)
    assert (found.repurchase[0].share.missing == NO_WINDOW) == (people == 0)
    assert found.cohorts[:1] == () if people == 0 else found.cohorts[0].size == people


def test_a_last_month_that_goes_on_is_marked(tmp_path: Path) -> None:
    lake = write(tmp_path / "shop.lake", [make_event("a", "order", 1, "p"), make_event("b", "order", 40, "p")])
    found = measure_loyalty(lake, LoyaltyQuery(date(2025, 1, 1), date(2025, 2, 20)))
    assert [(cell.offset, cell.people, cell.is_whole) for cell in found.cohorts] == [(0, 1, True), (1, 1, False)]


def test_a_question_without_sense_is_refused(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "empty.lake", create=True)
    for change in (
        {"model": "magic"},
        {"window_days": 0},
        {"ahead_days": 10**9},
        {"rate": -1.0},
        {"rate": float("nan")},
    ):
        with pytest.raises(BadInput, match="cannot be used"):
            measure_loyalty(lake, LoyaltyQuery(date(2025, 1, 1), date(2025, 2, 1), **change))
