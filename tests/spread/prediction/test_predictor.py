"""The shipped predictor: the same answer in any order of arrival, sane intervals, refusals with their mend."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.spread.prediction import Predictor, Root, SeenCascade, load_predictor

POST = Root(datetime(2026, 3, 2, 4, 0, tzinfo=UTC), 50_000, True, 120, id="post")
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load_predictor("cascade-size-2")


def list_reactions(count: int, every_s: int = 40) -> list[tuple[datetime, str, str]]:
    times = [POST.time + timedelta(seconds=every_s * (row + 1)) for row in range(count)]
    return [(time, f"r{row}", "post" if row % 3 else f"r{row // 2 - 1}") for row, time in enumerate(times)]


def collect(reactions: list[tuple[datetime, str, str]], root: Root = POST) -> SeenCascade:
    seen = SeenCascade(root)
    seen.add(*(list(column) for column in zip(*reactions, strict=True)))
    return seen


def test_one_by_one_in_any_order_is_as_from_scratch(predictor: Predictor) -> None:
    reactions = list_reactions(80)
    whole = predictor.predict(collect(reactions), HOUR, passes=300)
    shuffled = random.Random(3).sample(reactions, len(reactions))
    live = SeenCascade(POST)
    for time, name, parent in shuffled:
        live.add([time], [name], [parent])
        live.add([time], [name], [parent])  # delivered twice
    assert len(live) == 80
    assert predictor.predict(live, HOUR, passes=300) == whole


def test_what_comes_after_the_age_is_not_read(predictor: Predictor) -> None:
    until = predictor.predict(collect(list_reactions(90)), HOUR)
    beyond = predictor.predict(collect(list_reactions(900)), HOUR)
    assert until == beyond
    assert until.seen == 90


@pytest.mark.parametrize("hours", [0.25, 0.6, 1.0, 3.3, 12.0])
def test_sizes_lie_in_their_intervals_and_grow_to_the_end(predictor: Predictor, hours: float) -> None:
    found = predictor.predict(collect(list_reactions(60, 10)), hours * HOUR)
    for size in (found.day, found.final):
        assert found.seen <= size.low <= size.size <= size.high
    assert (found.day.size, found.day.low, found.day.high) <= (found.final.size, found.final.low, found.final.high)
    assert found.version.startswith("cascade-size-2+")


def test_the_chance_to_pass_falls_with_the_size_and_fits_the_interval(predictor: Predictor) -> None:
    seen = collect(list_reactions(80))
    found = predictor.predict(seen, HOUR)
    chances = [predictor.predict(seen, HOUR, passes=size).day.pass_probability for size in (10, 79, 200, 500, 5_000)]
    assert chances[0] == chances[1] == 1.0
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 0.1
    assert found.day.pass_probability is None
    at_low, at_high = (
        predictor.predict(seen, HOUR, passes=size).day.pass_probability for size in (found.day.low, found.day.high)
    )
    assert at_low == pytest.approx(0.9, abs=0.03)
    assert at_high == pytest.approx(0.1, abs=0.03)


def test_neither_tree_nor_author_is_needed(predictor: Predictor) -> None:
    bare = SeenCascade(Root(POST.time))
    bare.add([time for time, _, _ in list_reactions(80)])
    found = predictor.predict(bare, HOUR)
    assert found.seen == 80
    assert found.day.low <= found.day.size <= found.day.high


def test_a_cascade_that_slept_for_hours_has_passed_its_peak(predictor: Predictor) -> None:
    found = predictor.predict(collect(list_reactions(60, 10)), 6 * HOUR)
    assert found.peak.passed_probability > 0.5
    assert found.peak.time == POST.time + timedelta(seconds=10 + 1800)


def test_a_peak_to_come_lies_ahead(predictor: Predictor) -> None:
    found = predictor.predict(collect(list_reactions(40, 20)), 0.5 * HOUR)
    assert found.peak.passed_probability < 0.5
    assert found.peak.time >= POST.time + 0.5 * HOUR


def test_what_is_larger_than_the_public_set_is_marked(predictor: Predictor) -> None:
    assert predictor.largest == 957
    assert not predictor.predict(collect(list_reactions(60, 10)), 6 * HOUR).is_beyond_data
    assert predictor.predict(collect(list_reactions(1_200, 2)), HOUR).is_beyond_data


def test_too_few_and_too_late_are_refused_with_a_mend(predictor: Predictor) -> None:
    with pytest.raises(BadInput, match=r"reactions seen by then: 9, too few\. Wait until there are 10\."):
        predictor.predict(collect(list_reactions(9)), HOUR)
    with pytest.raises(BadInput, match=r"13 hours after the post\. Take 0\.25 to 12 hours\."):
        predictor.predict(collect(list_reactions(50)), 13 * HOUR)


def test_naive_times_and_unequal_columns_are_refused() -> None:
    with pytest.raises(BadInput, match="has no zone"):
        SeenCascade(Root(datetime(2026, 3, 2)))  # noqa: DTZ001 - meant
    with pytest.raises(BadInput, match="differ in number"):
        SeenCascade(POST).add([POST.time], ["a", "b"], ["post"])


def test_another_version_is_told() -> None:
    with pytest.raises(NotFound, match="cascade-size-2"):
        load_predictor("cascade-size-2+00000000")


HOURS = [0.25, 0.5, 1.0, 1.2, 2.0, 4.0, 7.5, 12.0, 23.0, 24.0, 30.0, 72.0, 168.0]


@pytest.mark.parametrize("age_h", [0.5, 1.0, 3.3, 12.0])
def test_the_curve_starts_at_what_was_seen_and_passes_the_day(predictor: Predictor, age_h: float) -> None:
    seen = collect(list_reactions(80, 20))
    found = predictor.predict(seen, age_h * HOUR)
    hours = sorted({*HOURS, age_h})
    curve = dict(zip(hours, predictor.predict_curve(seen, age_h * HOUR, hours), strict=True))
    now, day, week = curve[age_h], curve[24.0], curve[168.0]
    assert (now.low, now.size, now.high) == (found.seen, found.seen, found.seen)
    assert (day.low, day.size, day.high) == (found.day.low, found.day.size, found.day.high)
    assert (week.low, week.size, week.high) <= (found.final.low, found.final.size, found.final.high)
    assert curve[0.25].size == 45  # exact where it is behind: one every 20 s


@pytest.mark.parametrize("age_h", [0.25, 0.9, 6.0])
def test_the_curve_never_falls_and_its_band_holds_it(predictor: Predictor, age_h: float) -> None:
    hours = [age_h + step * (168.0 - age_h) / 400 for step in range(401)]
    curve = predictor.predict_curve(collect(list_reactions(70, 10)), age_h * HOUR, hours)
    for name in ("low", "size", "high"):
        line = [getattr(point, name) for point in curve]
        assert line == sorted(line)
    assert all(point.low <= point.size <= point.high for point in curve)
    assert [point.hour for point in curve] == hours


def test_the_curve_answers_in_the_order_asked_and_refuses_hours_without_measure(predictor: Predictor) -> None:
    seen = collect(list_reactions(70, 10))
    forth = predictor.predict_curve(seen, HOUR, [2.0, 12.0, 24.0])
    assert predictor.predict_curve(seen, HOUR, [24.0, 2.0, 12.0]) == (forth[2], forth[0], forth[1])
    assert predictor.predict_curve(seen, HOUR, [12.0]) == forth[1:2]
    for hour in (0.0, 169.0, float("nan")):
        with pytest.raises(BadInput, match=r"Take hours above 0, at most 168\."):
            predictor.predict_curve(seen, HOUR, [2.0, hour])
    with pytest.raises(BadInput, match="too few"):
        predictor.predict_curve(collect(list_reactions(9)), HOUR, [2.0])
