"""What would have fired in the last days, and how much of it would have been noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.bursts.alerts import Alert
from canyu.listen.bursts.counts import HOUR_S, CountMatrix, build_matrix
from canyu.listen.bursts.detection import Detection, detect_bursts
from canyu.listen.bursts.detector import run_detector
from canyu.listen.bursts.rules import Rule, evaluate_rules
from canyu.listen.bursts.settings import BurstSettings
from canyu.listen.kernels.bursts import UNKNOWN

NULL_RUNS, SEED = 3, 20260101
HOW = Words(
    "按拟合的模型（负二项分布，无突增）随机生成同样多的序列，用同样的设置重跑 {runs} 次，数其中的警报；"
    "真实数据若有模型之外的波动，误报会更多。",
    "the fitted model (negative binomial, no bursts) made as many random series, read {runs} times with the same "
    "settings; its alerts are counted. Real series that move in ways the model does not know give more.",
)


@dataclass(frozen=True)
class FalseAlarms:
    """False statistical alerts per week over all series, the simulation's 95% interval, and how it was found."""

    per_week: float
    low: float
    high: float
    how: Words


@dataclass(frozen=True)
class Replay:
    """What would have fired: the alerts found in the days asked for, how many per week, how many likely false."""

    alerts: tuple[Alert, ...]
    begin: datetime
    end: datetime
    per_week: float
    false_alarms: FalseAlarms
    notes: tuple[Words, ...]


def replay(
    counts: pa.Table, *, days: int, now: datetime, settings: BurstSettings | None = None, rules: Sequence[Rule] = ()
) -> Replay:
    """Return what would have fired from ``days`` before ``now`` (aware) to ``now``: exactly what fired live.

    Hours before are read too, to learn from; hours after ``now`` are not, and the hour that it falls in is not over.
    Raises ``BadInput`` for a naive ``now``, days below one, or a table that cannot be used.
    """
    if now.tzinfo is None:
        raise BadInput(Words("now 没有时区。", "now has no time zone."), mend=Words("请给带时区的时间。", "Give one."))
    if days < 1:
        raise BadInput(Words("天数至少为 1。", "days must be at least 1."))
    settings = settings or BurstSettings()
    matrix = stop_at(build_matrix(counts), now)
    found = detect_bursts(matrix, settings)
    begin = now - timedelta(days=days)
    fired = [alert for alert in (*found.alerts, *evaluate_rules(matrix, found.expected, rules)) if alert.found >= begin]
    weeks = days / 7.0
    false_alarms = estimate_false_alarms(found, settings, begin)
    alerts = tuple(sorted(fired, key=lambda alert: (alert.found, alert.source, str(alert.series))))
    return Replay(alerts, begin, now, len(alerts) / weeks, false_alarms, found.notes)


def stop_at(matrix: CountMatrix, now: datetime) -> CountMatrix:
    """Return the matrix as it was at ``now``: no later hour, and the one that is running marked as not over."""
    running, inside = divmod(now.timestamp(), HOUR_S)
    matrix = matrix.until(int(running) - (inside == 0))
    if inside and matrix.first_hour + len(matrix.counts) - 1 == running:
        closed = matrix.closed.copy()
        closed[-1] = False
        return replace(matrix, closed=closed)
    return matrix


def estimate_false_alarms(
    found: Detection, settings: BurstSettings, begin: datetime, *, runs: int = NULL_RUNS, seed: int = SEED
) -> FalseAlarms:
    """Count the alerts on series without bursts, drawn from the fitted model with a seed, from ``begin`` on."""
    matrix, first = found.matrix, int(begin.timestamp()) // HOUR_S
    stop = matrix.first_hour + len(matrix.counts)
    weeks = max(0, stop - max(first, matrix.first_hour)) * runs / 168.0
    how = Words(*(text.format(runs=runs) for text in HOW))
    if weeks == 0 or not matrix.series:
        return FalseAlarms(0.0, 0.0, 0.0, how)
    random = np.random.default_rng(seed)
    alarms = 0
    for _ in range(runs):
        detector, _ = run_detector(draw_null(found, random), settings)
        alarms += sum(burst.found >= first for burst in detector.list_bursts())
    low, high = bound_poisson(alarms)
    return FalseAlarms(alarms / weeks, low / weeks, high / weeks, how)


def draw_null(found: Detection, random: np.random.Generator) -> CountMatrix:
    """Return a matrix drawn from what was expected, with each series' dispersion; unknown hours stay unknown."""
    matrix = found.matrix
    size = 1.0 / found.spread
    rates = random.gamma(np.broadcast_to(size, found.expected.shape), found.expected / size)
    counts = np.where(matrix.counts == UNKNOWN, UNKNOWN, random.poisson(rates))
    return CountMatrix(matrix.series, matrix.first_hour, counts, counts, matrix.closed)


def bound_poisson(count: int, chance: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a Poisson mean after ``count`` events (Garwood 1936).

    >>> [round(value, 2) for value in bound_poisson(3)]
    [0.62, 8.77]
    """
    tail = (1.0 - chance) / 2.0
    low = 0.0 if count == 0 else solve_mean(count - 1, 1.0 - tail)
    return low, solve_mean(count, tail)


def solve_mean(count: int, below: float) -> float:
    """Return the Poisson mean at which ``count`` or fewer have the probability ``below``, by bisection."""
    low, high = 0.0, count + 10.0 * math.sqrt(count + 1.0) + 10.0
    for _ in range(80):
        middle = (low + high) / 2.0
        if sum_poisson(count, middle) > below:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def sum_poisson(count: int, mean: float) -> float:
    """Return P(X <= count) of a Poisson count."""
    if mean <= 0.0:
        return 1.0
    places = np.arange(count + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count + 1)))]) if count else np.zeros(1)
    return float(np.exp(places * math.log(mean) - mean - logs).sum())
