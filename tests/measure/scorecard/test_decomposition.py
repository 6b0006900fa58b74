"""A change taken apart adds up exactly, for any counts; on a lake that is counted by hand it is the figures' own."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import canyu
from canyu.engine import Engine
from canyu.events import Lake
from canyu.measure import OverviewQuery
from canyu.measure.catalogue import MetricQuery
from canyu.measure.scorecard import CardQuery, Goal, Standing, compute_scorecard, decompose_change
from canyu.measure.scorecard.decomposition import NO_SUM, NOT_COMPARED, OVERLAP, Shape, take_apart
from metric_lake import fill_metric_lake

SHARE = Shape("part", whole="whole", scale=100)
APRIL = (date(2025, 4, 2), date(2025, 4, 15))
CELL = st.integers(0, 10**9).flatmap(
    lambda whole: st.integers(0, whole).map(lambda part: {"part": part, "whole": whole})
)
SIDE = st.dictionaries(st.sampled_from(["a", "b", "c", "d", None]), CELL, min_size=1).filter(
    lambda side: sum(cell["whole"] for cell in side.values()) > 0
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return fill_metric_lake(tmp_path_factory.mktemp("card") / "metric.lake")


@settings(max_examples=50)
@given(SIDE, SIDE)
def test_the_parts_of_a_share_add_up_to_its_change_exactly(before: dict, now: dict) -> None:
    def share(side: dict) -> Fraction:
        return 100 * Fraction(sum(c["part"] for c in side.values()), sum(c["whole"] for c in side.values()))

    parts = take_apart(SHARE, before, now)
    assert sum(part.amount for part in parts) == share(now) - share(before)
    assert {part.key for part in parts} == {*before, *now}


@settings(max_examples=50)
@given(SIDE, SIDE)
def test_the_parts_of_a_count_are_its_own_differences(before: dict, now: dict) -> None:
    parts = {part.key: part.amount for part in take_apart(Shape("part"), before, now)}
    assert all(
        parts[key] == now.get(key, {}).get("part", 0) - before.get(key, {}).get("part", 0) for key in {*before, *now}
    )


def test_a_share_whose_parts_stay_the_same_moves_by_weight_alone() -> None:
    """A negative control of the split: Simpson's case, both shops unchanged."""
    before = {"web": {"part": 10, "whole": 100}, "shop": {"part": 80, "whole": 100}}
    now = {"web": {"part": 30, "whole": 300}, "shop": {"part": 80, "whole": 100}}
    parts = take_apart(SHARE, before, now)
    assert [part.own for part in parts] == [0, 0]
    assert sum(part.mix for part in parts) == Fraction(-35, 2)


def test_orders_are_taken_apart_by_market(lake: Lake) -> None:
    found = decompose_change(lake, MetricQuery("orders", date(2025, 4, 8), date(2025, 4, 20)), "market")
    assert found.change == sum(part.amount for part in found.parts)
    assert {part.key: int(part.amount) for part in found.parts} == {"cn": 0, "de": 1, None: 1}
    assert found.proof is not None
    assert found.proof.sql.count("SELECT") >= 2


@pytest.mark.parametrize(
    ("metric", "dimension", "reason"),
    [
        ("board_minutes", "channel", NO_SUM),
        ("units", "market", NOT_COMPARED),
    ],
)
def test_what_cannot_be_taken_apart_says_why(lake: Lake, metric: str, dimension: str, reason: object) -> None:
    brand = "xiaomi" if metric == "board_minutes" else ""
    found = decompose_change(lake, MetricQuery(metric, *APRIL, brand=brand), dimension)
    assert (found.missing, found.parts, found.change) == (reason, (), None)


def test_one_person_in_two_channels_is_an_overlap(tmp_path: Path) -> None:
    from canyu.events import build_event_table
    from metric_lake import at, tell

    lake = canyu.open(tmp_path / "reach.lake", create=True)
    both = [("04-01", "site"), ("04-03", "site"), ("04-03", "app")]
    events = [
        tell("view", f"v{n}", at(day), actor="A", object="x", channel=channel) for n, (day, channel) in enumerate(both)
    ]
    lake.append(build_event_table(events))
    found = decompose_change(lake, MetricQuery("reach", date(2025, 4, 3), date(2025, 4, 4)), "channel")
    assert found.missing == OVERLAP


def test_a_card_tells_targets_from_the_interval(lake: Lake) -> None:
    since = date(2025, 1, 1)
    goals = (
        Goal("orders", 4, since, "A"),
        Goal("resolution_rate", 90, since, "B"),
        Goal("first_response_rate", 1, since, "C"),
        Goal("share_of_voice", 10, since, "D"),
    )
    card = compute_scorecard(lake, CardQuery(date(2025, 4, 1), date(2025, 4, 30), brand="xiaomi"), goals)
    found = {line.metric.name: line.standing for line in card.lines if line.goal}
    assert found["orders"] is Standing.REACHED
    assert found["resolution_rate"] in (Standing.MISSED, Standing.OPEN)
    assert found["share_of_voice"] is Standing.UNKNOWN  # nothing was scored: not 0, not missed
    assert card.goals == 4
    assert [index.index.name for index in card.indices] == ["technology_for_everyone", "ecosystem", "resonance"]
    assert len({line.metric.name for line in card.lines}) == len(card.lines)


def test_a_count_with_missing_days_is_not_called_missed(lake: Lake) -> None:
    goal = Goal("orders", 1000, date(2025, 1, 1), "A")
    line = compute_scorecard(lake, CardQuery(date(2025, 4, 1), date(2025, 4, 30)), [goal]).lines[0]
    assert line.result.cells[0].observed_days < 30
    assert line.standing is Standing.OPEN


def test_weights_change_an_index_and_a_past_version_gives_the_past_card(lake: Lake) -> None:
    def score(weights: dict[str, float]) -> float | None:
        query = CardQuery(date(2025, 4, 1), date(2025, 4, 30), weights=weights)
        return compute_scorecard(lake, query, versions=lake.versions()).indices[0].estimate.value

    assert score({"nps": 1}) != score({"nps": 5})
    empty = compute_scorecard(lake, CardQuery(date(2025, 4, 1), date(2025, 4, 30)), versions={})
    assert all(line.estimate.value is None for line in empty.lines)


def test_a_change_is_taken_apart_alike_on_every_engine(told_lake: Lake, query: OverviewQuery, engine: Engine) -> None:
    lake = Lake(told_lake.path, engine=engine)
    asked = MetricQuery("net_sentiment", query.start, query.end, brand=query.brand)
    found = decompose_change(lake, asked, "channel")
    assert (found.change, found.missing) == (0, None)
    assert {part.key: part.amount for part in found.parts} == {"weibo": Fraction(25, 3), "douyin": Fraction(-25, 3)}
