"""False alarms on the series' own calm days: which days are drawn, and what the ends of the estimate mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from canyu.listen.bursts import Burst, CountMatrix, detect_bursts, parse_rules
from canyu.listen.bursts.calm import draw_calm, find_busy_days, list_days
from canyu.listen.bursts.false_alarms import Watch, estimate_calm_alarms, estimate_false_alarms
from canyu.listen.bursts.settings import BurstSettings
from canyu.listen.kernels.bursts import UNKNOWN

FIRST = 495_696  # 2026-07-20 00:00 UTC, a Monday: 08:00 in Shanghai
DAY = 24


def make_matrix(counts: np.ndarray) -> CountMatrix:
    names = tuple(f"s{place:03d}" for place in range(counts.shape[1]))
    return CountMatrix(names, FIRST, counts, counts, np.ones(counts.shape, np.bool_))


def number_days(days: int, series: int) -> CountMatrix:
    """Every hour of a local day holds the day's number; the hours before the first midnight hold 99."""
    hours = np.repeat(np.arange(days), DAY)
    return make_matrix(np.tile(np.concatenate([np.full(16, 99), hours])[:, None], (1, series)))


def test_days_are_local_and_know_whether_people_rest() -> None:
    days = list_days(number_days(7, 1), "Asia/Shanghai")
    assert (days.offset, days.rest.tolist()) == (16, [False, False, False, False, True, True, False])


def test_busy_days_reach_from_begin_to_closing() -> None:
    matrix = number_days(6, 2)
    days = list_days(matrix, "Asia/Shanghai")
    start = FIRST + days.offset
    burst = Burst(1, start + 30, start + 31, 1e-9, 1e-9, 1, start + 31, 9, start + 40, 9, 9, 1.0, closed_at=start + 50)
    assert find_busy_days(matrix, days, [burst])[:, 1].tolist() == [False, True, True, False, False, False]
    still_open = replace(burst, closed_at=None)
    assert find_busy_days(matrix, days, [still_open])[:, 1].tolist() == [False, True, True, True, True, True]
    assert not find_busy_days(matrix, days, [burst])[:, 0].any()


def test_days_are_drawn_whole_from_calm_ones_of_their_kind() -> None:
    matrix = number_days(14, 50)
    matrix.counts[16 + 3 * DAY + 5, 7] = UNKNOWN
    days = list_days(matrix, "Asia/Shanghai")
    busy = np.zeros((14, 50), np.bool_)
    busy[2] = True
    drawn = draw_calm(matrix, days, busy, np.random.default_rng(1))
    assert (drawn.counts[:16] == UNKNOWN).all()
    whole = drawn.counts[16:].reshape(14, DAY, 50)
    assert (whole == whole[:, :1]).all()
    chosen = whole[:, 0]
    assert (chosen != 2).all()
    assert chosen[3, 7] == UNKNOWN
    assert ((chosen == UNKNOWN).sum(), set(chosen[:, 7].tolist()) & {3}) == (1, set())
    is_rest = days.rest
    assert all(is_rest[day] == is_rest[place] for (place, _), day in np.ndenumerate(chosen) if day != UNKNOWN)
    assert len(set(chosen[:, 0].tolist())) > 4


def test_series_without_bursts_give_few_alarms_and_bursts_left_in_give_many() -> None:
    counts = np.random.default_rng(3).poisson(4.0, (56 * DAY, 40))
    counts[40 * DAY : 40 * DAY + 6, :20] = 60
    found = detect_bursts(make_matrix(counts))
    rules = parse_rules([{"name": "sixty", "team": "care", "at_least": 55, "hours": 1}])
    watch = Watch(BurstSettings(), rules, FIRST + 28 * DAY, 28 * DAY)
    calm, fitted = estimate_calm_alarms(found, watch), estimate_false_alarms(found, watch)
    assert calm["bursts"].high < 4.0
    assert calm["rule:sixty"].high == pytest.approx(3.69 / 4.0, rel=0.1)  # none was told: the interval of nothing
    assert fitted["rule:sixty"].per_week == 0.0
    kept = estimate_calm_alarms(replace(found, bursts=()), watch)
    assert kept["rule:sixty"].low > 1.5


def test_where_days_are_unlike_the_model_knows() -> None:
    random = np.random.default_rng(7)
    days = np.exp(random.normal(-0.08, 0.4, (56, 40)))
    counts = random.negative_binomial(5, 5 / (5 + 8.0 * np.repeat(days, DAY, axis=0))).astype(np.int64)
    found = detect_bursts(make_matrix(counts))
    watch = Watch(BurstSettings(), (), FIRST + 28 * DAY, 28 * DAY)
    false = sum(burst.found >= watch.first_hour for burst in found.bursts) / watch.weeks
    calm, fitted = estimate_calm_alarms(found, watch)["bursts"], estimate_false_alarms(found, watch)["bursts"]
    assert false == 22.25
    assert fitted.low < false < 1.3 * fitted.high
    assert false < calm.high
