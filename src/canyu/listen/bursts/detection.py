"""From a table of hourly counts to alerts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.listen.bursts.alerts import STATISTICAL, Alert, SeriesKey, judge_severity
from canyu.listen.bursts.counts import CountMatrix, build_matrix, tell_time
from canyu.listen.bursts.detector import Burst, Detector, run_detector
from canyu.listen.bursts.forecast import (
    AHEAD_HOURS,
    DEFAULT_DECAY,
    LAST_MISSES,
    Course,
    DecayModel,
    Forecast,
    choose_width,
    forecast_burst,
    measure_miss,
    widen,
)
from canyu.listen.bursts.settings import BurstSettings
from canyu.listen.bursts.workdays import load_calendar
from canyu.listen.kernels.bursts import UNKNOWN


@dataclass(frozen=True)
class Detection:
    """Every alert of the table in the order of finding, what was expected (H, S), and notes for the reader.

    ``spread`` and ``days`` (S,) are the relative variance of hours on a day, and of days, at the end of the table.
    """

    alerts: tuple[Alert, ...]
    bursts: tuple[Burst, ...]
    matrix: CountMatrix
    expected: NDArray[np.float64]
    spread: NDArray[np.float64]
    days: NDArray[np.float64]
    notes: tuple[Words, ...]


def detect_bursts(
    counts: pa.Table | CountMatrix, settings: BurstSettings | None = None, decay: DecayModel = DEFAULT_DECAY
) -> Detection:
    """Read the counts hour by hour and return every burst; an hour is judged by itself and the ones before alone.

    Raises ``BadInput`` for a table that cannot be used (see ``build_matrix``).
    """
    matrix = counts if isinstance(counts, CountMatrix) else build_matrix(counts)
    settings = settings or BurstSettings()
    detector, expected = run_detector(matrix, settings)
    bursts = tuple(detector.list_bursts())
    told = tell_sizes(bursts, (matrix, expected), decay)
    alerts = tuple(make_alert(*pair, matrix, settings) for pair in zip(bursts, told, strict=True))
    spread, days = detector.state.doubt[0].copy(), detector.state.today[0].copy()
    return Detection(alerts, bursts, matrix, expected, spread, days, tell_notes(matrix, detector))


def tell_notes(matrix: CountMatrix, detector: Detector) -> tuple[Words, ...]:
    """Return what a reader must know about the run: years whose holidays are not known."""
    if not len(matrix.counts):
        return ()
    zone = ZoneInfo(detector.settings.time_zone)
    first, last = (tell_time(matrix.first_hour + at).astimezone(zone).date() for at in (0, len(matrix.counts) - 1))
    note = load_calendar().describe_gap(first, last)
    return (note,) if note else ()


@dataclass(frozen=True)
class Sizes:
    """What was likely in the 24 hours after a burst was found, what came of it, and what is likely now."""

    found: Forecast
    came: int | None
    now: Forecast | None


def tell_sizes(
    bursts: Sequence[Burst], known: tuple[CountMatrix, NDArray[np.float64]], decay: DecayModel
) -> list[Sizes]:
    """Return each burst's forecasts; their width is that of the forecasts whose 24 hours were over by then.

    ``bursts`` come in the order of finding.
    """
    matrix, expected = known
    told = [forecast_found(burst, matrix, expected, decay) for burst in bursts]
    over = [
        (burst.found + AHEAD_HOURS, measure_miss(ahead, int(counts.sum())))
        for burst, ahead, counts in zip(bursts, told, (read_ahead(burst, matrix) for burst in bursts), strict=True)
        if len(counts) == AHEAD_HOURS and not (counts == UNKNOWN).any()
    ]
    ends, misses = [end for end, _ in over], [miss for _, miss in over]

    def width_at(hour: int) -> float:
        stop = bisect_left(ends, hour)
        return choose_width(misses[max(0, stop - LAST_MISSES) : stop])

    last = matrix.first_hour + len(matrix.counts)
    return [
        Sizes(
            widen(ahead, width_at(burst.found)),
            count_ahead(burst, matrix),
            None
            if burst.closed_at is not None
            else widen(forecast_now(burst, matrix, expected, decay), width_at(last)),
        )
        for burst, ahead in zip(bursts, told, strict=True)
    ]


def make_alert(burst: Burst, sizes: Sizes, matrix: CountMatrix, settings: BurstSettings) -> Alert:
    """Return the alert of a burst as it stands at the last hour of the matrix."""
    is_open = burst.closed_at is None
    return Alert(
        source=STATISTICAL,
        series=SeriesKey.from_text(matrix.series[burst.series]),
        begin=tell_time(burst.begin),
        found=tell_time(burst.found),
        peak_at=tell_time(burst.peak_at),
        peak=burst.peak,
        observed=burst.observed,
        expected=round(burst.expected, 2),
        raw=burst.raw,
        severity=judge_severity(burst.observed - burst.expected, settings.critical_excess),
        ended=None if is_open else tell_time(burst.last_hot) + timedelta(hours=1),
        closed_at=None if burst.closed_at is None else tell_time(burst.closed_at),
        is_new_level=burst.is_new_level,
        p=burst.p,
        q=burst.q,
        forecast=sizes.now,
        forecast_found=sizes.found,
        came=sizes.came,
    )


def forecast_found(burst: Burst, matrix: CountMatrix, expected: NDArray[np.float64], decay: DecayModel) -> Forecast:
    """Return the forecast as it was made at the hour that showed the burst."""
    s, at = burst.series, burst.found - matrix.first_hour
    usual = float(expected[max(0, at - 23) : at + 1, s].mean()) * AHEAD_HOURS
    return forecast_burst(Course(matrix.counts[at : at + 1, s], expected[at : at + 1, s]), usual, decay)


def read_ahead(burst: Burst, matrix: CountMatrix) -> NDArray[np.int64]:
    """Return the counts of the 24 hours after the one that showed the burst, as far as the matrix goes."""
    at = burst.found - matrix.first_hour + 1
    return matrix.counts[at : at + AHEAD_HOURS, burst.series]


def count_ahead(burst: Burst, matrix: CountMatrix) -> int | None:
    """Return the posts of the 24 hours after the one that showed the burst; none while one of them is unknown."""
    at = burst.found - matrix.first_hour + 1
    ahead = read_ahead(burst, matrix)
    is_over = len(ahead) == AHEAD_HOURS and bool(matrix.closed[at : at + AHEAD_HOURS, burst.series].all())
    return int(ahead.sum()) if is_over and not (ahead == UNKNOWN).any() else None


def forecast_now(burst: Burst, matrix: CountMatrix, expected: NDArray[np.float64], decay: DecayModel) -> Forecast:
    """Return the forecast at the last closed hour; as many posts as in the last 24 hours are usual for the next."""
    s, first = burst.series, burst.found - matrix.first_hour
    stop = len(matrix.counts)
    if stop - first > 1 and not matrix.closed[stop - 1, s]:
        stop -= 1
    usual = float(expected[max(0, stop - 24) : stop, s].mean()) * 24
    counts = matrix.counts[first:stop, s]
    if (counts == UNKNOWN).all():
        counts = np.array([burst.peak])
    return forecast_burst(Course(counts, expected[stop - len(counts) : stop, s]), usual, decay)
