"""Attribution of a lake's orders against plain loops, on both engines; ties, repeats, intervals, refusals."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.measure.attribution import (
    NOT_LIFT,
    Attribution,
    Method,
    Model,
    compute_attribution,
    compute_markov,
    compute_shapley,
    credit_journeys,
)
from canyu.measure.attribution.markov import build_chain, solve_removals
from canyu.measure.journeys import JourneyQuery, Journeys, collect_journeys, make_journeys, parse_step
from canyu.measure.journeys.paths import RETURNED
from journey_lake import START, draw_events, fill_journey_lake, make_event, write_events

FIRST, LAST = date(2025, 3, 3), date(2025, 4, 6)
QUERY = JourneyQuery(FIRST, LAST, parse_step("view,click"), lookback=timedelta(days=5))
QUICK = Model(draws=100)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> canyu.Lake:
    return fill_journey_lake(tmp_path_factory.mktemp("attribution") / "my.lake")


def list_journeys() -> tuple[list[list[dict[str, Any]]], list[list[str]], list[dict[str, Any]]]:
    """Touches before each order, the paths that no order followed, and the orders, by loops over every event."""
    events = [event for event in draw_events() if event["actor"] and event["source"] != "console"]
    events.sort(key=lambda event: (event["time"], event["id"]))
    orders = [event for event in events if event["type"] == "order" and event["time"] < START + 35 * DAY]
    touches = [event for event in events if event["type"] in {"view", "click"}]
    won = [
        [t for t in touches if t["actor"] == o["actor"] and timedelta(0) <= o["time"] - t["time"] <= QUERY.lookback]
        for o in orders
    ]
    lost: dict[str, list[str]] = {}
    for t in touches:
        if not any(
            o["actor"] == t["actor"] and timedelta(0) <= o["time"] - t["time"] <= QUERY.lookback for o in orders
        ):
            lost.setdefault(t["actor"], []).append(t["channel"])
    return won, list(lost.values()), orders


def spell(journeys: Journeys, amounts: Any) -> Counter[tuple[str, ...]]:
    told: Counter[tuple[str, ...]] = Counter()
    for path, amount in enumerate(amounts):
        codes = journeys.codes[journeys.offsets[path] : journeys.offsets[path + 1]]
        told[tuple(journeys.names[code] for code in codes)] += int(amount)
    return +told


def test_journeys_are_those_of_plain_loops_on_every_engine(lake: canyu.Lake, engine: Engine) -> None:
    won, lost, orders = list_journeys()
    found = collect_journeys(Lake(lake.path, engine=engine), QUERY)
    assert spell(found.journeys, found.journeys.conversions) == Counter(
        tuple(t["channel"] for t in ts) for ts in won if ts
    )
    assert spell(found.journeys, found.journeys.lost) == Counter(map(tuple, lost))
    assert (found.conversions, found.untouched) == (len(orders), sum(not touches for touches in won))
    assert found.untouched > 0
    value = sum(order["value"] for order, touches in zip(orders, won, strict=True) if touches)
    assert found.journeys.value.sum() == value
    assert found.proof.versions == {"events": 1}


def test_time_decay_is_that_of_plain_loops_on_every_engine(lake: canyu.Lake, engine: Engine) -> None:
    won, _, orders = list_journeys()
    expected: Counter[str] = Counter()
    for order, touches in zip(orders, won, strict=True):
        weights = [2.0 ** -((order["time"] - touch["time"]) / (2 * DAY)) for touch in touches]
        for touch, weight in zip(touches, weights, strict=True):
            expected[touch["channel"]] += weight / sum(weights)
    model = replace(QUICK, half_life=2 * DAY)
    (found,) = compute_attribution(Lake(lake.path, engine=engine), QUERY, (Method.DECAY,), model).methods
    assert name_credits(found.channels) == pytest.approx(dict(expected), rel=1e-9)


def name_credits(channels: Any) -> dict[str, float | None]:
    return {one.name: one.conversions.value for one in channels}


def get_method(found: Attribution, method: Method) -> Any:
    return next(each for each in found.methods if each.method is method)


def test_every_method_gives_away_exactly_what_was_touched(lake: canyu.Lake) -> None:
    found = compute_attribution(lake, QUERY, model=QUICK)
    for credits in found.methods:
        total = sum(one.conversions.value or 0.0 for one in credits.channels)
        assert total == pytest.approx(found.conversions - found.untouched), credits.method
        for one in credits.channels:
            assert one.conversions.low is not None
            assert one.conversions.low < (one.conversions.value or 0) < (one.conversions.high or 0), credits.method
    assert found.caveat is NOT_LIFT
    assert "not lift" in found.caveat.en
    assert get_method(found, Method.MARKOV).channels[0].removal > 0
    again = compute_attribution(lake, QUERY, (Method.LAST,), QUICK)
    assert get_method(again, Method.LAST) == get_method(found, Method.LAST)  # equal seeds, equal digits


def test_an_order_told_twice_is_one_and_ties_go_by_id(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "twice.lake", create=True)
    order = {"type": "order", "time": START + DAY, "props": '{"order_id":"o1"}'}
    rows = [make_event(3, channel="weibo"), make_event(2, channel="douyin"), make_event(1, channel=None)]
    write_events(lake, [*rows, make_event(8, **order), make_event(9, **order, source="erp")])
    found = collect_journeys(lake, replace(QUERY, touch=parse_step("view")))
    assert spell(found.journeys, found.journeys.conversions) == {("", "douyin", "weibo"): 1}
    assert (found.conversions, found.repeated) == (1, 1)
    (last,) = compute_attribution(lake, QUERY, (Method.LAST,), QUICK).methods
    top = last.channels[0]
    assert (top.name, top.conversions.value, top.conversions.low) == ("weibo", 1.0, None)
    assert top.conversions.notes[0].en == "One journey alone gives no interval."


def test_orders_that_were_given_back_are_told_and_count_all_the_same(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "back.lake", create=True)
    orders = [make_event(n, type="order", actor=f"p{n}", props=f'{{"order_id": "o{n}"}}') for n in range(1, 5)]
    early, late = START - DAY, START + 90 * DAY  # a clock runs slow; long after the period
    refunds = [
        make_event(11, type="refund", parent="e00001", time=early),
        make_event(12, type="refund", props='{"order_id": "o2"}', time=late),
        make_event(13, type="refund", parent="e00002", time=late),  # once more, of the same
        make_event(14, type="refund", parent="e99999"),
    ]
    write_events(lake, [make_event(20, channel="weibo"), *orders, *refunds])
    found = collect_journeys(lake, QUERY)
    assert found.conversions == 4
    assert RETURNED.fill(n=2) in found.notes


def test_no_orders_or_no_touches_give_no_number(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "none.lake", create=True)
    assert all(credits.channels == () for credits in compute_attribution(lake, QUERY, model=QUICK).methods)
    write_events(lake, [make_event(1, channel="weibo"), make_event(2, channel="weibo", actor="p2")])
    found = compute_attribution(lake, QUERY, model=QUICK)
    assert found.conversions == 0
    for credits in found.methods:
        (only,) = credits.channels
        assert (only.conversions.value, only.share) == (None, None), credits.method
        assert only.conversions.missing is not None
    assert any(note.en == "There is no conversion in the period." for note in found.notes)


def remove_by_cutting(paths: Journeys, name: str, order: int) -> float:
    """The chance to convert where a channel's states lead to nothing, by solving the cut chain itself."""
    chain = build_chain(paths, order)
    weight = (paths.conversions + paths.lost)[chain.paths]
    size = chain.states
    moves = np.bincount(chain.moves, weight, (size + 1) * size).reshape(size + 1, size)
    won = np.bincount(chain.last, paths.conversions[chain.ends], size)
    out = moves[1:].sum(axis=1) + won + np.bincount(chain.last, paths.lost[chain.ends], size)
    kept = chain.channel != paths.names.index(name)
    inner = (moves[1:] / out[:, None])[np.ix_(kept, kept)]
    chances = np.linalg.solve(np.eye(kept.sum()) - inner, (won / out)[kept])
    return float(moves[0][kept] / moves[0].sum() @ chances)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_removal_effects_are_those_of_the_chain_that_is_cut(order: int) -> None:
    chance = np.random.default_rng(order)
    drawn = [list(chance.choice(list("abcd"), chance.integers(1, 7))) for _ in range(40)]
    paths = make_journeys(drawn, chance.integers(0, 4, 40).tolist(), lost=chance.integers(0, 6, 40).tolist())
    found = compute_markov(paths, order)
    for name, effect in zip(paths.names, found.effects, strict=True):
        assert 1 - remove_by_cutting(paths, name, order) / found.chance == pytest.approx(effect, abs=1e-12)


def test_a_longer_memory_tells_apart_what_one_touch_cannot() -> None:
    paths = make_journeys([["a", "b"], ["c", "b"]], [10, 0], lost=[0, 10])
    assert compute_markov(paths, 1).effects.tolist() == pytest.approx([0.5, 1.0, 0.5])
    assert compute_markov(paths, 2).effects.tolist() == pytest.approx([1.0, 1.0, 0.0])


def test_intervals_cover_the_credit_of_the_world_the_journeys_come_from() -> None:
    names, odds = [["a"], ["a", "b"], ["b", "c"], ["c", "a", "b"]], np.array([0.3, 0.2, 0.3, 0.2])
    truth = compute_markov(
        make_journeys(names, (odds * [0.5, 0.3, 0.2, 0.6]).tolist(), lost=(odds * [0.5, 0.7, 0.8, 0.4]).tolist())
    )
    chance, inside = np.random.default_rng(3), 0
    for world in range(40):
        begun = chance.multinomial(400, odds)
        won = chance.binomial(begun, [0.5, 0.3, 0.2, 0.6])
        paths = make_journeys(names, won.tolist(), lost=(begun - won).tolist())
        found = credit_journeys(paths, Method.MARKOV, Model(draws=100, seed=world))
        for one in found.channels:
            expected = truth.shares[paths.names.index(one.name)] * 400 * (odds @ [0.5, 0.3, 0.2, 0.6])
            inside += one.conversions.low <= expected <= one.conversions.high  # type: ignore[operator]  # known here
    assert 0.88 <= inside / 120 <= 0.99


def test_what_cannot_be_computed_is_refused(lake: canyu.Lake) -> None:
    paths = make_journeys([["a", "b"]], [1])
    with pytest.raises(BadInput, match="order is 1 to 5"):
        compute_markov(paths, 6)
    with pytest.raises(BadInput, match="times of touches"):
        credit_journeys(paths, Method.DECAY)
    with pytest.raises(BadInput, match="At least 100 draws"):
        compute_attribution(lake, QUERY, model=Model(draws=10))
    with pytest.raises(BadInput, match="look-back"):
        compute_attribution(lake, replace(QUERY, lookback=timedelta(0)))
    with pytest.raises(BadInput, match="not below 0"):
        make_journeys([["a"]], [-1])
    with pytest.raises(BadInput, match="not below 0"):
        make_journeys([["a"]], [1], [float("nan")])
    with pytest.raises(BadInput, match=r"What a\+b is worth"):
        compute_shapley({("a",): 1, ("b",): 1})
    many = make_journeys([[f"c{n}" for n in range(25)]], [1])
    with pytest.raises(BadInput, match="All sets of 25"):
        compute_shapley({tuple(many.names): 1})
    wide = make_journeys([[f"c{n}" for n in range(3100)]], [1])
    with pytest.raises(BadInput, match="3100 states"):
        compute_markov(wide)


def test_a_draw_without_any_conversion_gives_nothing() -> None:
    paths = make_journeys([["a"], ["b"]], [1, 0], lost=[0, 1])
    chain = build_chain(paths)
    assert solve_removals(chain, np.zeros(2), np.ones(2)).effects.tolist() == [0.0, 0.0]
    assert solve_removals(chain, np.zeros(2), np.zeros(2)).chance == 0.0
