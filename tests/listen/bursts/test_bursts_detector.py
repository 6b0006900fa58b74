"""What the detector finds, and that it finds the same hour by hour as in hindsight."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from canyu.listen.bursts import BurstSettings, CountMatrix, Detector, detect_bursts
from canyu.listen.bursts.counts import tell_time
from canyu.listen.kernels import bursts as kernels
from canyu.listen.kernels.bursts import (
    UNKNOWN,
    add_hour,
    compute_tail,
    control_hour,
    end_day,
    read_chance,
    weigh_chance,
)

STRICT = BurstSettings(false_share=0.1, most_chance=0.001)
FIRST = int(datetime(2026, 7, 6, tzinfo=UTC).timestamp()) // 3600


def make_matrix(counts: NDArray[np.int64], raw: NDArray[np.int64] | None = None) -> CountMatrix:
    names = tuple(f"X{s}|battery|negative|posts" for s in range(counts.shape[1]))
    return CountMatrix(names, FIRST, counts, counts if raw is None else raw, np.ones(counts.shape, np.bool_))


def draw_counts(days: int, series: int, mean: float, seed: int = 1) -> NDArray[np.int64]:
    return np.random.default_rng(seed).negative_binomial(5, 5 / (5 + mean), (24 * days, series)).astype(np.int64)


@pytest.mark.parametrize(
    ("count", "mean", "spread"), [(1, 0.01, 0.2), (3, 0.5, 2.0), (9, 2.0, 0.2), (400, 300.0, 0.05)]
)
def test_tail_is_exact_at_low_and_high_volume(count: int, mean: float, spread: float) -> None:
    size = 1 / spread
    below = sum(
        math.exp(
            math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
            + k * math.log(mean / (mean + size)) + size * math.log(size / (mean + size))
        )
        for k in range(count)
    )  # fmt: skip
    assert compute_tail(count, mean, spread) == pytest.approx(1 - below, rel=1e-9)


def test_tail_at_its_borders() -> None:
    assert compute_tail(0, 5.0, 0.2) == 1.0
    assert compute_tail(3, 0.0, 0.2) == 0.0
    assert 0.0 <= compute_tail(1e7, 10.0, 0.2) < 1e-200


def test_p_values_of_windows_are_combined_as_cauchy_variates() -> None:
    assert read_chance(weigh_chance(0.01)) == pytest.approx(0.01)
    assert read_chance(weigh_chance(1e-30)) == pytest.approx(1e-30)
    weights = [weigh_chance(p) for p in (0.001, 1.0, 0.002)]
    assert weights == pytest.approx([318.31, -318.31, 159.15], abs=0.01)
    assert read_chance(sum(weights) / 3) == pytest.approx(0.006, rel=1e-3)  # one shows nothing


def test_a_p_value_is_no_smaller_than_the_chance_without_a_burst() -> None:
    series, mean = 3000, 5.0
    counts = np.random.default_rng(2).negative_binomial(5, 5 / (5 + mean), (30, series)).astype(np.int64)
    ring, means, out = np.zeros((24, series), np.int64), np.full((24, series), mean), np.zeros((3, series))
    predicted, chances = np.full((7, series), 0.2), []
    predicted[[kernels.USUAL, kernels.TODAY]], predicted[kernels.SHARED] = mean, 0.0
    for hour, row in enumerate(counts):
        ring[hour % 24] = row
        kernels.test_hour(ring, means, predicted, np.full(series, 24), np.array([2, 4, 6]), hour, 5.0, 1.8, out)
        chances.append(out[0].copy())
    late = np.concatenate(chances[6:])
    assert [round(float((late <= p).mean() / p), 2) for p in (0.03, 0.01, 0.001)] == [0.11, 0.29, 0.81]


def test_days_differ_by_what_their_parts_have_in_common() -> None:
    usual, doubt, told = np.full((24, 2), 10.0), np.full((32, 2), 0.1), np.full((24, 2), 2)
    counts = np.full((24, 2), 10)
    counts[:, 0] = 20  # a whole day of twice as many
    counts[8:14, 1] = 20  # and a burst in one part of another
    spreads, days, before, today, sums = *(np.zeros((2, 2)) for _ in range(3)), np.full((3, 2), 0.0001), np.zeros(4)
    end_day(counts, told, usual, doubt, 0.0001, 1.0, spreads, days, before, today, sums)
    # Parts of 40 posts' worth (8 x 10 / (1 + 0.1 x 10)): two pairs of neighbours of 40 x 40, over 0.67 x 2 x 40 x 40.
    assert days[0] / days[1] == pytest.approx([1 / 0.67, 0.0])
    assert today[0] == pytest.approx([1.0, 0.0001])  # the most, the least


def test_what_a_day_has_shown_fades() -> None:
    today, predicted = np.zeros((3, 1)), np.full((7, 1), 0.1)
    for count in (10, 30):
        add_hour(np.array([count]), np.array([10.0]), predicted, np.array([0.5]), 1, today)
    assert today[1:, 0].tolist() == [0.5 * 0.5 * 10 / 2 + 0.5 * 30 / 2, 0.5 * 0.5 * 10 / 2 + 0.5 * 10 / 2]


def test_one_odd_day_fires_once_where_days_differ() -> None:
    random = np.random.default_rng(11)
    days = np.exp(random.normal(-0.08, 0.4, (40, 30)))
    days[35] = 1.0
    days[35, 4] = 5.0
    counts = random.poisson(random.gamma(5, 0.2, (24 * 40, 30)) * 6.0 * np.repeat(days, 24, axis=0))
    counts = np.roll(counts, 16, axis=0)  # days begin at midnight in Shanghai
    detection = detect_bursts(make_matrix(counts))
    assert detection.days.mean() == pytest.approx(np.exp(0.16) - 1, rel=0.4)
    assert detection.spread.mean() == pytest.approx(0.2, rel=0.25)
    odd = [b for b in detection.bursts if b.series == 4 and 0 <= b.found - FIRST - 16 - 24 * 35 < 24]
    assert len(odd) == 1


def test_discoveries_follow_benjamini_and_hochberg() -> None:
    chances = np.array([0.001, 0.04, 0.012, 0.9])
    shares = np.ones(4)
    passing = control_hour(chances, np.array([0, 2, 1, 3]), 4, 0.05, shares)
    assert passing == 2
    assert shares == pytest.approx([0.004, 0.16 / 3, 0.024, 0.9])


def test_one_burst_is_one_alert_with_begin_peak_and_end() -> None:
    counts = draw_counts(30, 5, 3.0)
    counts[600:606, 2] = [20, 40, 60, 40, 30, 25]
    alerts = [alert for alert in detect_bursts(make_matrix(counts)).alerts if alert.series.product == "X2"]
    near = [alert for alert in alerts if alert.found >= tell_time(FIRST + 590)]
    assert len(near) == 1
    found = near[0]
    assert (found.begin, found.found) == (tell_time(FIRST + 600), tell_time(FIRST + 600))
    assert (found.peak_at, found.peak, found.ended) == (tell_time(FIRST + 602), 60, tell_time(FIRST + 606))
    assert (found.observed, found.closed_at) == (215, tell_time(FIRST + 609))
    assert found.expected == pytest.approx(18, rel=0.4)


def test_what_is_found_does_not_depend_on_later_hours() -> None:
    counts = draw_counts(20, 30, 2.0)
    counts[300:310, ::3] *= 8
    matrix = make_matrix(counts)
    whole = [(burst.series, burst.begin, burst.found, burst.p, burst.q) for burst in detect_bursts(matrix).bursts]
    assert len(whole) >= 10
    for hour in (299, 300, 303, 320, 400):
        live = detect_bursts(matrix.until(FIRST + hour)).bursts
        told = [(burst.series, burst.begin, burst.found, burst.p, burst.q) for burst in live]
        assert told == [burst for burst in whole if burst[2] <= FIRST + hour]


def test_a_detector_fed_hour_by_hour_equals_the_whole_table() -> None:
    counts = draw_counts(12, 6, 4.0)
    counts[200:204, 1] += 50
    matrix = make_matrix(counts)
    detector = Detector(6)
    for at, row in enumerate(counts):
        detector.observe(FIRST + at, row, row, np.ones(6, np.bool_))
    assert tuple(detector.list_bursts()) == detect_bursts(matrix).bursts


def test_an_unknown_hour_is_not_a_zero() -> None:
    counts = draw_counts(20, 3, 10.0)
    gap = counts.copy()
    gap[200:320, 0] = UNKNOWN
    zero = counts.copy()
    zero[200:320, 0] = 0
    known, nothing = detect_bursts(make_matrix(gap)), detect_bursts(make_matrix(zero))
    assert known.expected[321, 0] == pytest.approx(10, rel=0.4)
    assert nothing.expected[321, 0] < 0.75 * known.expected[321, 0]


def test_an_hour_that_is_not_over_can_open_but_neither_end_nor_teach() -> None:
    counts = draw_counts(20, 4, 3.0)
    counts[470:480, 1] = 40
    counts[479, 0] = 60
    counts[479, 1] = 0
    closed = np.ones(counts.shape, np.bool_)
    closed[479] = False
    found = detect_bursts(CountMatrix(make_matrix(counts).series, FIRST, counts, counts, closed)).alerts
    running = {alert.series.product: alert for alert in found if alert.ended is None}
    assert set(running) >= {"X0", "X1"}
    assert (running["X0"].found, running["X0"].peak) == (tell_time(FIRST + 479), 60)
    assert (running["X1"].observed, running["X1"].peak) == (360, 40)


def test_an_earlier_burst_does_not_raise_the_level() -> None:
    counts = draw_counts(30, 4, 5.0)
    counts[400:460, 3] *= 12
    expected = detect_bursts(make_matrix(counts)).expected
    assert expected[470:500, 3].mean() == pytest.approx(5.0, rel=0.35)


def test_a_lasting_change_becomes_the_new_level() -> None:
    counts = draw_counts(30, 4, 5.0)
    counts[300:, 3] = draw_counts(30, 1, 50.0, seed=7)[300:, 0]
    settings = BurstSettings(longest_hours=96)
    alerts = [alert for alert in detect_bursts(make_matrix(counts), settings).alerts if alert.series.product == "X3"]
    lasting = [alert for alert in alerts if alert.is_new_level]
    assert len(lasting) == 1
    assert detect_bursts(make_matrix(counts), settings).expected[500:, 3].mean() == pytest.approx(50, rel=0.35)
    assert [alert for alert in alerts if alert.found > tell_time(FIRST + 520)] == []


def test_copies_are_told_but_not_tested() -> None:
    unique = draw_counts(20, 3, 4.0)
    raw = unique.copy()
    raw[400, 0] += 500  # one text, copied
    raw[450, 1] += 500
    unique[450, 1] += 60
    alerts = [a for a in detect_bursts(make_matrix(unique, raw)).alerts if a.found >= tell_time(FIRST + 400)]
    assert [alert.series.product for alert in alerts] == ["X1"]
    assert alerts[0].raw - alerts[0].observed == 440


def test_copies_of_every_hour_of_the_window_are_told() -> None:
    unique = np.zeros((24 * 20, 3), np.int64)
    unique[400:403, 0] = [3, 3, 3]  # found by three hours together
    raw = unique.copy()
    raw[400, 0] += 100
    found = detect_bursts(make_matrix(unique, raw)).alerts
    assert [(alert.begin, alert.observed, alert.raw) for alert in found] == [(tell_time(FIRST + 400), 9, 109)]


def test_tiny_things_wake_nobody() -> None:
    counts = np.zeros((24 * 20, 50), np.int64)
    counts[400, 0] = 4  # surely more than nothing, and still only four posts
    counts[420, 1] = 5
    assert [alert.series.product for alert in detect_bursts(make_matrix(counts)).alerts] == ["X1"]


def test_weekend_and_holiday_quiet_is_learnt_from_other_series() -> None:
    hours = np.arange(24 * 42)
    weekday = ((FIRST + hours + 8) // 24 + 3) % 7
    mean = np.where(weekday >= 5, 2.0, 12.0)
    random = np.random.default_rng(3)
    counts = random.poisson(np.tile(mean[:, None], (1, 20))).astype(np.int64)
    expected = detect_bursts(make_matrix(counts)).expected[24 * 35 :]
    weekend = weekday[24 * 35 :] >= 5
    assert expected[weekend].mean() == pytest.approx(2.0, rel=0.25)
    assert expected[~weekend].mean() == pytest.approx(12.0, rel=0.15)
    assert [burst for burst in detect_bursts(make_matrix(counts), STRICT).bursts if burst.found > FIRST + 24 * 21] == []


def test_no_series_and_no_hours_give_no_alerts() -> None:
    assert (
        detect_bursts(CountMatrix((), FIRST, *[np.zeros((0, 0), np.int64)] * 2, np.zeros((0, 0), np.bool_))).alerts
        == ()
    )


def test_a_year_without_holidays_is_said() -> None:
    matrix = make_matrix(draw_counts(3, 1, 1.0))
    later = CountMatrix(matrix.series, FIRST + 24 * 365 * 2, matrix.counts, matrix.raw, matrix.closed)
    assert "2028" in detect_bursts(later).notes[0].en
    assert detect_bursts(matrix).notes == ()


def test_the_echo_of_a_burst_is_no_new_burst_and_its_return_is() -> None:
    counts = np.zeros((24 * 20, 20), np.int64)
    counts[200:204, 0] = [300, 600, 200, 60]
    counts[230, 0] = 30  # far above nothing, far below what was told
    counts[260, 0] = 400
    found = [burst.found - FIRST for burst in detect_bursts(make_matrix(counts)).bursts]
    assert found == [200, 260]
    free = detect_bursts(make_matrix(counts), BurstSettings(echo_share=0.0)).bursts
    assert [burst.found - FIRST for burst in free] == [200, 230, 260]


def test_a_guess_of_the_season_wakes_nobody_in_the_first_days() -> None:
    counts = draw_counts(4, 8, 3.0)
    counts[40:44, 1] = 90
    counts[80:84, 2] = 90
    assert [burst.series for burst in detect_bursts(make_matrix(counts), STRICT).bursts] == [2]
