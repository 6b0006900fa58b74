"""Bursts: recall, false alarms and delay on series with a known burst, against two rules; then real hot topics."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.listen.bursts import (
    SENSITIVE,
    BurstSettings,
    CountMatrix,
    Detection,
    build_matrix,
    detect_bursts,
    load_calendar,
)
from canyu.listen.bursts.false_alarms import Watch, estimate_calm_alarms, estimate_false_alarms
from canyu.listen.bursts.forecast import Course, forecast_burst
from canyu.listen.kernels.bursts import UNKNOWN

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
START = datetime(2026, 7, 1, tzinfo=UTC)
FIRST = int(START.timestamp()) // 3600
HOURS, SERIES, LENGTH, JUDGED = 60 * 24, 40, 6, 14 * 24  # judged from day 14: every detector has its history then
SEEDS = int(os.environ.get("CANYU_SEEDS", "101"))
BASES, SIZES, SPREAD = (2, 20), (3, 6), 5
WEEK = np.array([1.05, 1.0, 1.0, 1.05, 1.15, 0.95, 0.8])
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Synthetic:
    """Counts (H, S), each series' base and size of burst, and the hour that its burst begins."""

    matrix: CountMatrix
    cells: list[tuple[int, int]]
    begins: NDArray[np.int64]


def draw_series(seed: int, *, is_weekly: bool) -> Synthetic:
    """Return 40 series of 60 days: a day's cycle (0.4 to 1.6), noise (r = 5), one burst of 6 hours in each."""
    random = np.random.default_rng(seed)
    local = FIRST + np.arange(HOURS) + 8
    season = 1 + 0.6 * np.sin(2 * np.pi * (local % 24 - 9) / 24)
    if is_weekly:
        season = season * (WEEK / WEEK.mean())[(local // 24 + 3) % 7]
    cells = [(BASES[s % 2], SIZES[s // 2 % 2]) for s in range(SERIES)]
    begins = random.integers(21 * 24, HOURS - 24, SERIES)
    mean = season[:, None] * np.array([base for base, _ in cells], float)
    for s, (_, size) in enumerate(cells):
        mean[begins[s] : begins[s] + LENGTH, s] *= size
    counts = random.negative_binomial(SPREAD, SPREAD / (SPREAD + mean)).astype(np.int64)
    names = tuple(map(str, range(SERIES)))
    return Synthetic(CountMatrix(names, FIRST, counts, counts, np.ones(counts.shape, np.bool_)), cells, begins)


def flag_alerts(found: Detection) -> Flags:
    """Return the hours from each alert's finding to its last raised hour."""
    flags = np.zeros(found.matrix.counts.shape, np.bool_)
    first = found.matrix.first_hour
    for burst in found.bursts:
        flags[burst.found - first : burst.last_hot - first + 1, burst.series] = True
    return flags


def flag_open(found: Detection) -> Flags:
    """Return the hours from each alert's finding to the hour that showed its end."""
    flags = np.zeros(found.matrix.counts.shape, np.bool_)
    first = found.matrix.first_hour
    for burst in found.bursts:
        stop = len(flags) if burst.closed_at is None else burst.closed_at - first + 1
        flags[burst.found - first : stop, burst.series] = True
    return flags


def flag_thrice(matrix: CountMatrix, times: float = 3.0) -> Flags:
    """Return the hours above so many times the mean of the 168 hours before: with three, the industry's rule."""
    known = np.maximum(matrix.counts, 0)
    sums = np.vstack([np.zeros((1, known.shape[1])), np.cumsum(known, axis=0)])
    days = np.vstack([np.zeros((1, known.shape[1])), np.cumsum(matrix.counts != UNKNOWN, axis=0)])
    at = np.arange(len(known))
    begin = np.maximum(0, at - 168)
    mean = (sums[at] - sums[begin]) / np.maximum(1, days[at] - days[begin])
    return (known > times * mean) & (days[at] - days[begin] >= 12)


def flag_oracle(matrix: CountMatrix) -> Flags:
    """Return the hours with z > 3.5 over the mean of the same hour of all days before, given the true dispersion."""
    flags = np.zeros(matrix.counts.shape, np.bool_)
    for at in range(168, HOURS):
        mean = matrix.counts[at % 24 : at : 24].mean(axis=0)
        flags[at] = matrix.counts[at] - mean > 3.5 * np.sqrt(mean + mean**2 / SPREAD)
    return flags


@dataclass
class Score:
    """What was found of the bursts, how late, and the false hours and runs of hours, over all seeds."""

    hits: list[bool]
    delays: list[float]
    cells: list[tuple[int, int]]
    false_hours: float = 0.0
    false_runs: float = 0.0
    weeks: float = 0.0

    def add(self, flags: Flags, case: Synthetic) -> None:
        """Add the flags of 40 series."""
        outside = flags.copy()
        for s, begin in enumerate(case.begins.tolist()):
            places = np.flatnonzero(flags[begin : begin + LENGTH, s])
            self.hits.append(len(places) > 0)
            self.delays.append(float(places[0]) if len(places) else np.nan)
            outside[begin : begin + LENGTH, s] = False
        self.cells += case.cells
        judged = outside[JUDGED:]
        self.false_hours += judged.sum()
        self.false_runs += (judged[1:] & ~judged[:-1]).sum()
        self.weeks += (HOURS - JUDGED - LENGTH) / 168 * SERIES

    def tell(self) -> dict[str, Any]:
        """Return the figures."""
        hits, delays = np.array(self.hits), np.array(self.delays)
        cells = {}
        for base, size in [(base, size) for base in BASES for size in SIZES]:
            here = np.array([cell == (base, size) for cell in self.cells])
            cells[f"{size}x at {base}/h"] = {
                "recall": round(float(hits[here].mean()), 3),
                "median_delay_h": float(np.nanmedian(delays[here])),
            }
        return {
            "recall": round(float(hits.mean()), 3),
            "recall_95": round(1.96 * float(np.sqrt(hits.mean() * (1 - hits.mean()) / len(hits))), 3),
            "false_hours_per_series_week": round(self.false_hours / self.weeks, 2),
            "false_runs_per_series_week": round(self.false_runs / self.weeks, 2),
            "median_delay_h": float(np.nanmedian(delays)),
            "delay_at_most_1h": round(float((delays <= 1).sum() / np.isfinite(delays).sum()), 3),
            "cells": cells,
        }


DETECTORS: dict[str, Callable[[CountMatrix], Flags]] = {
    "canyu": lambda matrix: flag_alerts(detect_bursts(matrix)),
    "canyu_until_closed": lambda matrix: flag_open(detect_bursts(matrix)),
    "canyu_sensitive": lambda matrix: flag_alerts(detect_bursts(matrix, SENSITIVE)),
    "3 x 7-day mean": flag_thrice,
    "same-hour mean, true dispersion, z > 3.5": flag_oracle,
}


def compare_detectors(*, is_weekly: bool) -> dict[str, Any]:
    """Return every detector's figures on the first 40 series and on all seeds together."""
    first = {name: Score([], [], []) for name in DETECTORS}
    scores = {name: Score([], [], []) for name in DETECTORS}
    for seed in range(SEEDS):
        case = draw_series(seed, is_weekly=is_weekly)
        for name, detect in DETECTORS.items():
            flags = detect(case.matrix)
            scores[name].add(flags, case)
            if seed == 0:
                first[name].add(flags, case)
    return {
        "first_40_series": {name: score.tell() for name, score in first.items()},
        f"{SEEDS} seeds": {name: score.tell() for name, score in scores.items()},
    }


def time_replay() -> dict[str, float]:
    """Return CPU seconds, and the alerts per week after day 14, of 5,000 quiet series of 90 days."""
    random = np.random.default_rng(0)
    mean = np.tile(random.lognormal(-1, 1.5, 5000), (90 * 24, 1))
    counts = random.negative_binomial(SPREAD, SPREAD / (SPREAD + mean)).astype(np.int64)
    matrix = CountMatrix(tuple(map(str, range(5000))), FIRST, counts, counts, np.ones(counts.shape, np.bool_))
    began = time.process_time()
    found = detect_bursts(matrix)
    seconds = time.process_time() - began
    late = sum(burst.found >= FIRST + JUDGED for burst in found.bursts)
    return {"series": 5000, "days": 90, "cpu_s": round(seconds, 2), "false_alerts_per_week_over_all": late / (76 / 7)}


def draw_uneven(seed: int, unevenness: float) -> tuple[CountMatrix, Flags]:
    """Return 100 series of 90 days whose days differ by a log-normal factor, and the hours of three bursts in each."""
    random, hours = np.random.default_rng(seed), np.arange(90 * 24)
    base = random.choice([1, 3, 10, 30], 100).astype(float)
    season = 1 + 0.6 * np.sin(2 * np.pi * ((hours + 8) % 24 - 9) / 24)
    days = np.exp(random.normal(-(unevenness**2) / 2, unevenness, (90, 100)))
    mean = season[:, None] * base * np.repeat(days, 24, axis=0)
    planted = np.zeros(mean.shape, np.bool_)
    for s in range(100):
        for begin in random.integers(21 * 24, 90 * 24 - 24, 3):
            mean[begin : begin + LENGTH, s] *= random.choice([3, 6, 12])
            planted[begin : begin + LENGTH, s] = True
    counts = random.negative_binomial(SPREAD, SPREAD / (SPREAD + mean)).astype(np.int64)
    return CountMatrix(tuple(map(str, range(100))), FIRST, counts, counts, np.ones(counts.shape, np.bool_)), planted


def judge_false_alarms() -> list[dict[str, float]]:
    """Return false alarms per week as they were, and as a replay estimates them, on days more and less alike."""
    rows = []
    for unevenness in (0.0, 0.3, 0.6):
        for seed in range(2):
            matrix, planted = draw_uneven(seed, unevenness)
            found, begin = detect_bursts(matrix), FIRST + 30 * 24
            watch = Watch(BurstSettings(), (), begin, 60 * 24)
            late = [burst for burst in found.bursts if burst.found >= begin]
            false = sum(not planted[b.begin - FIRST : b.found - FIRST + 1, b.series].any() for b in late)
            fitted = estimate_false_alarms(found, watch)["bursts"]
            calm = estimate_calm_alarms(found, watch)["bursts"]
            row = {"unevenness": unevenness, "true": false / watch.weeks, "by_the_model": fitted.per_week}
            row |= {"calm_low": calm.low, "calm_high": calm.high}
            rows.append({name: round(value, 2) for name, value in row.items()})
    return rows


def judge_thousands() -> list[dict[str, float]]:
    """Return the share of alerts that are false over 3,000 series of 40 days, a third of them with one burst."""
    random, hours, series = np.random.default_rng(7), np.arange(40 * 24), 3000
    season = 1 + 0.6 * np.sin(2 * np.pi * ((hours + 8) % 24 - 9) / 24)
    mean = season[:, None] * random.lognormal(0, 1.3, series)
    planted = np.zeros(mean.shape, np.bool_)
    for s in range(0, series, 3):
        begin = int(random.integers(21 * 24, 40 * 24 - 24))
        mean[begin : begin + LENGTH, s] *= random.choice([3, 6])
        planted[begin : begin + LENGTH, s] = True
    counts = random.negative_binomial(SPREAD, SPREAD / (SPREAD + mean)).astype(np.int64)
    matrix = CountMatrix(tuple(map(str, range(series))), FIRST, counts, counts, np.ones(counts.shape, np.bool_))
    rows = []
    for share in (0.1, 0.3, 0.5):
        late = [b for b in detect_bursts(matrix, BurstSettings(false_share=share)).bursts if b.found >= FIRST + JUDGED]
        false = sum(not planted[b.begin - FIRST : b.found - FIRST + 1, b.series].any() for b in late)
        rows.append({"stated": share, "alerts": len(late), "false": round(false / len(late), 3)})
    return rows


def judge_widths() -> dict[str, float]:
    """Return the coverage of the 80% interval on bursts of six hours, which fade faster than those of the hot list."""
    alerts = [alert for seed in range(4) for alert in detect_bursts(draw_uneven(seed, 0.3)[0]).alerts]
    judged = [alert for alert in alerts if alert.came is not None and alert.forecast_found is not None]
    return {"stated": 0.8, "covered": round(sum(a.has_held for a in judged) / len(judged), 3), "alerts": len(judged)}


def read_query(text: str) -> pa.Table:
    """Return a query's rows over the hot topics."""
    found = duckdb.connect().sql(text.replace("$", str(SHARED / "weibo_topics_2026"))).arrow()
    return found.read_all() if hasattr(found, "read_all") else found


def read_boards() -> dict[str, tuple[float, float]]:
    """Return each topic's first entry to a board and its last leaving, in hours since 1970."""
    rows = read_query(
        "select topic_no::varchar as n, epoch(min(on_board_at)) / 3600 as b, epoch(max(off_board_at)) / 3600 as e "
        "from '$/board_spells.parquet' group by 1"
    ).to_pylist()
    return {row["n"]: (row["b"], row["e"]) for row in rows}


def judge_topics(metric: str, boards: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """Say of one metric's series how the alerts stand to the board entry.

    Judged: topics with 12 known hours before they entered a board, from the table's 72nd hour on. An alert can be
    told at the end of its hour. "late": alerts found more than 24 hours after the topic left every board (some
    are true returns, so this is an upper bound of false alarms).
    """
    table = read_query(
        'select topic_no::varchar as series, "at" as hour, value as count, closed '
        "from '$/trend_1h.parquet' where metric = '#'".replace("#", metric)
    )
    matrix = build_matrix(table, zero_outside=False)
    began = time.process_time()
    found = detect_bursts(matrix)
    seconds = time.process_time() - began
    begins = (matrix.counts != UNKNOWN).argmax(axis=0) + matrix.first_hour
    judged = {
        s: boards[name]
        for s, name in enumerate(matrix.series)
        if name in boards and begins[s] >= matrix.first_hour + 72 and boards[name][0] - begins[s] >= 12
    }
    own = [(burst.series, burst.found) for burst in found.bursts]
    rule = list_thrice(matrix, 3.0)
    return {
        "topics": len(judged),
        "cpu_s": round(seconds, 2),
        "canyu": tell_lead(own, judged, matrix),
        "3 x 7-day mean, at least 5": tell_lead(rule, judged, matrix),
        "curves": draw_curves(matrix, judged) if metric == "mention" else None,
        "forecast": judge_forecast(found, metric) if metric == "mention" else None,
    }


def list_thrice(matrix: CountMatrix, times: float) -> list[tuple[int, int]]:
    """Return the series and hour of each begin of hours above so many times the 7-day mean, with 5 posts at least."""
    flags = flag_thrice(matrix, times) & (matrix.counts >= BurstSettings().least_count)
    runs = flags & ~np.vstack([np.zeros((1, flags.shape[1]), np.bool_), flags[:-1]])
    return [(s, matrix.first_hour + at) for at, s in zip(*(axis.tolist() for axis in np.nonzero(runs)), strict=True)]


def draw_curves(matrix: CountMatrix, judged: dict[int, tuple[float, float]]) -> dict[str, Any]:
    """Return both operating curves: alerts long after the board against how early the topics are told."""
    curves = {}
    for share, chance in ((0.001, 0.001), (0.01, 0.001), (0.1, 0.01), (0.3, 0.01), (0.5, 0.03)):
        bursts = detect_bursts(matrix, BurstSettings(false_share=share, most_chance=chance)).bursts
        curves[f"canyu, q {share}"] = tell_lead([(b.series, b.found) for b in bursts], judged, matrix)
    for times in (3.0, 5.0, 8.0, 12.0, 20.0, 40.0):
        curves[f"{times:g} x 7-day mean, at least 5"] = tell_lead(list_thrice(matrix, times), judged, matrix)
    return curves


def tell_lead(
    alerts: list[tuple[int, int]], judged: dict[int, tuple[float, float]], matrix: CountMatrix
) -> dict[str, float]:
    """Return shares of topics by when their first alert could be told, against the board entry, and late alerts."""
    first: dict[int, int] = {}
    for s, hour in sorted(alerts, key=lambda alert: alert[1]):
        first.setdefault(s, hour)
    lead = np.array([first.get(s, 10**9) + 1 - entry for s, (entry, _) in judged.items()])
    late = sum(s in judged and hour > judged[s][1] + 24 for s, hour in alerts)
    rows = matrix.first_hour + np.arange(len(matrix.counts))
    quiet_hours = sum(
        int(((rows > end + 24) & (matrix.counts[:, s] != UNKNOWN)).sum()) for s, (_, end) in judged.items()
    )
    return {
        "told_by_the_entry": round(float((lead <= 0).mean()), 3),
        "found_in_the_hour_of_entry_or_before": round(float((lead <= 1).mean()), 3),
        "told_within_2h": round(float((lead <= 2).mean()), 3),
        "never": round(float((lead > 10**6).mean()), 3),
        "alerts_per_topic": round(sum(s in judged for s, _ in alerts) / len(judged), 2),
        "late_alerts_per_topic_week": round(late / max(1.0, quiet_hours / 168), 2),
    }


def judge_forecast(found: Detection, metric: str) -> dict[str, Any]:
    """Return the coverage of the 80% interval on topics that the default decay was not measured on."""
    titles = {
        row["n"]: row["title"]
        for row in read_query("select topic_no::varchar as n, title from '$/topics.parquet'").to_pylist()
    }
    matrix, inside, at_finding, errors = found.matrix, [], [], []
    for burst, alert in zip(found.bursts, found.alerts, strict=True):
        if int(hashlib.sha256(titles[matrix.series[burst.series]].strip().encode()).hexdigest()[:8], 16) % 100 >= 40:
            continue
        s, first = burst.series, burst.found - matrix.first_hour
        for at in range(first, burst.last_hot - matrix.first_hour + 1):
            ahead = matrix.counts[at + 1 : at + 25, s]
            if len(ahead) < 24 or (ahead == UNKNOWN).any():
                continue
            usual = 24 * float(found.expected[max(0, at - 23) : at + 1, s].mean())
            course = Course(matrix.counts[first : at + 1, s], found.expected[first : at + 1, s])
            told = forecast_burst(course, usual)
            inside.append(told.low <= ahead.sum() <= told.high)
            if at == first:
                assert alert.forecast_found is not None
                at_finding.append(alert.forecast_found.low <= ahead.sum() <= alert.forecast_found.high)
                errors.append(abs(float(np.log((ahead.sum() + 1) / (told.size + 1)))))
    return {
        "metric": metric,
        "stated": 0.8,
        "covered_at_finding": round(float(np.mean(at_finding)), 3),
        "bursts": len(at_finding),
        "covered_at_every_hour": round(float(np.mean(inside)), 3),
        "hours": len(inside),
        "median_factor_of_error_at_finding": round(float(np.exp(np.median(errors))), 2),
    }


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    began = time.perf_counter()
    assert not any(day in load_calendar().rest for day in (START.date() + timedelta(days=n) for n in range(60)))
    plain, weekly = compare_detectors(is_weekly=False), compare_detectors(is_weekly=True)
    own, peer = (plain[f"{SEEDS} seeds"][name] for name in ("canyu", "3 x 7-day mean"))
    boards = read_boards()
    line = {
        "name": "bursts",
        "value": own["false_hours_per_series_week"],
        "unit": "false-alarm hours per series-week (less is better), at the recall stated",
        "peer": peer["false_hours_per_series_week"],
        "peer_name": "3 x 7-day mean",
        "ratio": round(peer["false_hours_per_series_week"] / own["false_hours_per_series_week"], 1),
        "rows": HOURS * SERIES * SEEDS,
        "synthetic": plain,
        "synthetic_with_weekdays": weekly,
        "replay": time_replay(),
        "thousands": judge_thousands(),
        "false_alarms_per_week": judge_false_alarms(),
        "forecast_of_short_bursts": judge_widths(),
        "hot_topics": {
            metric: judge_topics(metric, boards) for metric in ("mention", "interaction", "original", "read")
        },
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
