"""Replay, false alarms, forecast and evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from canyu.kit.errors import BadInput
from canyu.kit.poisson import bound_poisson
from canyu.listen.bursts import (
    CountMatrix,
    DecayModel,
    attach_evidence,
    choose_evidence,
    detect_bursts,
    fit_decay,
    parse_rules,
    replay,
)
from canyu.listen.bursts.counts import tell_time
from canyu.listen.bursts.forecast import Course, Forecast, choose_width, forecast_burst, measure_miss, widen
from canyu.listen.bursts.replaying import count_things

START = datetime(2026, 7, 6, tzinfo=UTC)
FIRST = int(START.timestamp()) // 3600
DAYS, SERIES = 28, 12


def make_table(scale: int = 1) -> pa.Table:
    counts = np.random.default_rng(5).negative_binomial(5, 5 / 8, (24 * DAYS, SERIES))
    counts[500:505, 3] = 40
    counts[640:, 4] = 25 * scale  # runs on to the end
    hour, series = np.indices(counts.shape)
    return pa.table(
        {
            "series": pa.array([f"X{s}|battery|negative|posts" for s in series.reshape(-1)]),
            "hour": pa.array((FIRST + hour.reshape(-1)) * 3600, pa.timestamp("s", "UTC")),
            "count": pa.array(counts.reshape(-1)),
        }
    )


def test_replay_tells_what_fired_live_and_nothing_after_now() -> None:
    table, now = make_table(), START + timedelta(hours=520)
    shown = replay(table, days=7, now=now)
    fired = {(alert.alert_id, alert.found) for alert in shown.alerts}
    live = detect_bursts(table.filter(pc.less(table["hour"], pa.scalar(now, table["hour"].type)))).alerts
    assert fired == {(alert.alert_id, alert.found) for alert in live if alert.found >= now - timedelta(days=7)}
    assert [alert.series.product for alert in shown.alerts if alert.found == tell_time(FIRST + 500)] == ["X3"]
    assert shown.per_week == len(shown.alerts)


def test_the_running_hour_is_not_over() -> None:
    now = START + timedelta(hours=500, minutes=20)
    shown = [alert for alert in replay(make_table(), days=1, now=now).alerts if alert.series.product == "X3"]
    assert [(alert.found, alert.observed, alert.peak) for alert in shown] == [(tell_time(FIRST + 500), 40, 40)]


def test_false_alarms_are_estimated_with_an_interval_and_repeat() -> None:
    now = START + timedelta(days=DAYS)
    first, second = (replay(make_table(), days=14, now=now).false_alarms for _ in range(2))
    assert first == second
    assert first.low <= first.per_week <= first.high
    assert 0 < first.high < 8
    assert "负二项" in first.how.zh


def test_rules_are_replayed_beside() -> None:
    rules = parse_rules([{"name": "many", "team": "care", "at_least": 100, "hours": 3}])
    shown = replay(make_table(), days=10, now=START + timedelta(hours=520), rules=rules)
    assert [alert.found for alert in shown.alerts if alert.source == "rule:many"] == [tell_time(FIRST + 502)]


def test_each_rule_has_its_own_false_alarms() -> None:
    rules = parse_rules([
        {"name": "many", "team": "care", "at_least": 100, "hours": 3},
        {"name": "any", "team": "care", "at_least": 8, "hours": 1},
    ])  # fmt: skip
    shown = replay(make_table(), days=10, now=START + timedelta(hours=520), rules=rules)
    test, many, every = shown.tallies
    assert (test.source, many.source, every.source) == ("bursts", "rule:many", "rule:any")
    assert sum(tally.alerts for tally in shown.tallies) == len(shown.alerts)
    assert (many.alerts, many.false_alarms.per_week) == (1, 0.0)
    assert every.false_alarms.per_week > 10 * max(0.1, test.false_alarms.per_week)
    assert every.calm.low < every.per_week
    assert test.calm.low <= test.calm.high


def test_what_could_not_be_watched_does_not_count_as_calm() -> None:
    table, now = make_table(), START + timedelta(days=DAYS)
    shown = replay(table, days=60, now=now)
    assert shown.watched_hours == 24 * DAYS - 72
    assert shown.per_week == pytest.approx(len(shown.alerts) * 168 / (24 * DAYS - 72))
    assert "25.0 of 60 days" in shown.notes[-1].en
    assert replay(table, days=7, now=now).notes == ()


def test_alerts_of_one_brand_that_overlap_are_about_one_thing() -> None:
    alerts = detect_bursts(make_table()).alerts
    first = next(alert for alert in alerts if alert.found == tell_time(FIRST + 500))
    products = ("x", "x/phone", "y")
    same = [replace(first, series=replace(first.series, product=product)) for product in products]
    later = replace(same[0], begin=first.begin + timedelta(days=2), ended=None)
    assert count_things([*same, later], START + timedelta(days=DAYS)) == 3


def test_a_forecast_made_at_finding_is_judged_by_what_came() -> None:
    alerts = {alert.found: alert for alert in detect_bursts(make_table()).alerts}
    ended, running = alerts[tell_time(FIRST + 500)], alerts[tell_time(FIRST + 640)]
    counts = np.array(make_table()["count"].to_numpy()).reshape(24 * DAYS, SERIES)
    assert ended.came == counts[501:525, 3].sum()
    assert ended.forecast_found is not None
    assert ended.forecast_found.usual == pytest.approx(24 * 3, rel=0.5)
    assert running.came == counts[641:665, 4].sum()
    late = detect_bursts(make_table().filter(pc.less(make_table()["hour"], pa.scalar(tell_time(FIRST + 520)))))
    assert next(alert for alert in late.alerts if alert.found == tell_time(FIRST + 500)).came is None


def test_replay_refuses_a_naive_now_and_no_days() -> None:
    with pytest.raises(BadInput):
        replay(make_table(), days=7, now=START.replace(tzinfo=None))
    with pytest.raises(BadInput):
        replay(make_table(), days=0, now=START)


def test_an_open_alert_has_a_forecast_and_an_ended_one_has_none() -> None:
    alerts = {
        alert.series.product: alert
        for alert in detect_bursts(make_table()).alerts
        if alert.found >= tell_time(FIRST + 490)
    }
    assert alerts["X3"].forecast is None
    ahead = alerts["X4"].forecast
    assert ahead is not None
    assert ahead.low <= ahead.size <= ahead.high
    assert ahead.usual == pytest.approx(24 * 3, rel=0.5)


def test_forecast_scales_the_recent_excess() -> None:
    decay = DecayModel(((1.0, 2.0, 4.0),) * 12, 0)
    told = forecast_burst(Course(np.array([10, 12, 14]), np.full(3, 2.0)), 48.0, decay)
    assert (told.low, told.size, told.high, told.usual) == (58.0, 68.0, 88.0, 48.0)


def test_the_interval_takes_the_width_that_held_80_percent_of_the_last_forecasts() -> None:
    told = Forecast(size=9.0, low=0.0, high=99.0, usual=9.0)
    assert [measure_miss(told, came) for came in (9, 99, 0)] == pytest.approx([0.0, 1.0, 1.0])
    assert choose_width([]) == 1.0
    assert choose_width([0.5] * 60) == 0.5  # of 80 known, the 65th
    assert choose_width([3.0] * 60) == 3.0
    assert choose_width([50.0] * 60) == 4.0
    half = widen(told, 0.5)
    assert (half.size, half.usual) == (9.0, 9.0)
    assert (half.low, half.high) == pytest.approx((10**0.5 - 1, 1000**0.5 - 1))


def test_intervals_learn_from_forecasts_that_are_over_and_from_no_later_one() -> None:
    counts = np.random.default_rng(8).poisson(4.0, (24 * 40, 30)).astype(np.int64)
    for place in range(120):  # bursts of two hours: the next day is as usual, far below the shipped factors
        counts[200 + 6 * place : 202 + 6 * place, place % 30] = 30
    matrix = CountMatrix(tuple(map(str, range(30))), FIRST, counts, counts, np.ones(counts.shape, np.bool_))
    alerts = detect_bursts(matrix).alerts
    assert len(alerts) >= 120
    widths = [np.log1p(a.forecast_found.high) - np.log1p(a.forecast_found.low) for a in alerts if a.forecast_found]
    assert widths[-1] != pytest.approx(widths[0], rel=0.2)
    held = [alert.has_held for alert in alerts if alert.came is not None]
    assert 0.7 < np.mean(held[60:]) < 0.95
    live = detect_bursts(matrix.until(FIRST + 600)).alerts
    assert [a.forecast_found for a in live] == [a.forecast_found for a in alerts][: len(live)]


def test_decay_is_measured_on_bursts_that_are_over() -> None:
    counts = np.zeros((24 * 20, 60), np.int64)
    counts[200:230] = np.round(100 * 0.5 ** np.arange(30))[:, None]
    matrix = CountMatrix(tuple(map(str, range(60))), FIRST, counts, counts, np.ones(counts.shape, np.bool_))
    found = detect_bursts(matrix)
    decay = fit_decay(counts, found.expected, found.bursts, first_hour=FIRST)
    assert decay.factors[1] == pytest.approx((1.0, 1.0, 1.0), abs=0.05)  # half of it an hour later, and so on
    assert decay.cases >= 60


def test_poisson_interval_is_exact() -> None:
    assert bound_poisson(0) == pytest.approx((0.0, 3.6889), abs=1e-3)
    assert bound_poisson(10) == pytest.approx((4.7954, 18.3904), abs=1e-3)


def make_posts() -> pa.Table:
    return pa.table(
        {
            "post_id": ["a", "b", "c", "d", "e"],
            "at": pa.array([START + timedelta(minutes=m) for m in (5, 6, 7, 8, 9)], pa.timestamp("us", "UTC")),
            "cluster_id": ["k", "k", None, None, "m"],
            "engagement": pa.array([3, 50, 20, None, 7], pa.int64()),
        }
    )


def test_evidence_is_one_post_per_copy_cluster_loudest_first() -> None:
    assert choose_evidence(make_posts()) == ("b", "c", "e", "d")
    assert choose_evidence(make_posts(), most=2) == ("b", "c")
    assert choose_evidence(make_posts().slice(0, 0)) == ()


def test_evidence_comes_from_the_burst_alone() -> None:
    alert = next(alert for alert in detect_bursts(make_table()).alerts if alert.found == tell_time(FIRST + 500))
    early = make_posts()
    moved = early.set_column(
        1, "at", pa.array([alert.begin + timedelta(hours=h) for h in (-1, 0, 1, 400, 2)], early["at"].type)
    )
    assert attach_evidence(alert, moved).evidence == ("b", "c", "e")


def test_evidence_needs_its_columns() -> None:
    with pytest.raises(BadInput, match="cluster_id"):
        choose_evidence(make_posts().drop_columns(["cluster_id"]))
