"""What would have fired in the last days, and how much of it would have been noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.bursts.alerts import Alert
from canyu.listen.bursts.counts import HOUR_S, CountMatrix, build_matrix
from canyu.listen.bursts.detection import detect_bursts
from canyu.listen.bursts.false_alarms import (
    CalmAlarms,
    FalseAlarms,
    Watch,
    estimate_calm_alarms,
    estimate_false_alarms,
)
from canyu.listen.bursts.rules import Rule, evaluate_rules
from canyu.listen.bursts.settings import BurstSettings
from canyu.listen.kernels.bursts import UNKNOWN


@dataclass(frozen=True)
class Tally:
    """The alerts of one source (``bursts``, or ``rule:`` and its name), per week watched, and the false ones."""

    source: str
    alerts: int
    per_week: float
    false_alarms: FalseAlarms
    calm: CalmAlarms


@dataclass(frozen=True)
class Replay:
    """What would have fired, how many per week, how many likely false.

    Attributes
    ----------
    alerts
        Those found in the days asked for, of all sources.
    things
        Alerts of one brand that overlap in time are about one thing: so many things.
    watched_hours
        Hours of the days asked for in which bursts could be found: collected, and after the first days of learning.
    per_week
        Alerts of all sources per week watched.
    tallies
        Per source: the test first, then each rule.
    held, judged
        Of ``judged`` forecasts made when an alert was found and since fulfilled or not, so many held.

    """

    alerts: tuple[Alert, ...]
    things: int
    begin: datetime
    end: datetime
    watched_hours: int
    per_week: float
    tallies: tuple[Tally, ...]
    held: int
    judged: int
    notes: tuple[Words, ...]

    @property
    def false_alarms(self) -> FalseAlarms:
        """Those of the statistical test."""
        return self.tallies[0].false_alarms

    @property
    def calm(self) -> CalmAlarms:
        """Those of the statistical test."""
        return self.tallies[0].calm


def replay(
    counts: pa.Table | CountMatrix,
    *,
    days: int,
    now: datetime,
    settings: BurstSettings | None = None,
    rules: Sequence[Rule] = (),
) -> Replay:
    """Return what would have fired from ``days`` before ``now`` (aware) to ``now``: exactly what fired live.

    Hours before are read too, to learn from; hours after ``now`` are not, and the hour that it falls in is not over.
    Raises ``BadInput`` for a naive ``now``, days below one, or a table that cannot be used.
    """
    if now.tzinfo is None:
        raise BadInput(Words("now 没有时区。", "now has no time zone."), mend=Words("请给带时区的时间。", "Give one."))
    if days < 1:
        raise BadInput(Words("天数至少为 1。", "days must be at least 1."))
    settings, begin = settings or BurstSettings(), now - timedelta(days=days)
    matrix = stop_at(counts if isinstance(counts, CountMatrix) else build_matrix(counts), now)
    found = detect_bursts(matrix, settings)
    fired = [alert for alert in (*found.alerts, *evaluate_rules(matrix, found.expected, rules)) if alert.found >= begin]
    first = int(begin.timestamp()) // HOUR_S
    watch = Watch(settings, rules, first, count_watched(matrix, settings, first))
    alerts = tuple(sorted(fired, key=lambda alert: (alert.found, alert.source, str(alert.series))))
    judged = [alert for alert in alerts if alert.forecast_found is not None and alert.came is not None]
    return Replay(
        alerts=alerts,
        things=count_things(alerts, now),
        begin=begin,
        end=now,
        watched_hours=watch.hours,
        per_week=len(alerts) / max(watch.weeks, 1.0 / 168.0),
        tallies=tally_sources(alerts, watch, (estimate_false_alarms(found, watch), estimate_calm_alarms(found, watch))),
        held=sum(alert.has_held for alert in judged),
        judged=len(judged),
        notes=(*found.notes, *tell_watched(watch, days)),
    )


def stop_at(matrix: CountMatrix, now: datetime) -> CountMatrix:
    """Return the matrix as it was at ``now``: no later hour, and the one that is running marked as not over."""
    running, inside = divmod(now.timestamp(), HOUR_S)
    matrix = matrix.until(int(running) - (inside == 0))
    if inside and matrix.first_hour + len(matrix.counts) - 1 == running:
        closed = matrix.closed.copy()
        closed[-1] = False
        return replace(matrix, closed=closed)
    return matrix


def count_watched(matrix: CountMatrix, settings: BurstSettings, first_hour: int) -> int:
    """Return the hours from ``first_hour`` on in which bursts could be found."""
    known = (matrix.counts != UNKNOWN).any(axis=1)
    tested = known & (np.cumsum(known) > settings.first_hours)
    return int(tested[max(0, first_hour - matrix.first_hour) :].sum())


def tell_watched(watch: Watch, days: int) -> tuple[Words, ...]:
    """Return a note where not all of the days asked for were watched."""
    if watch.hours >= 24 * days - 1:
        return ()
    share = f"{watch.hours / 24:.1f}"
    return (
        Words(
            f"{days} 天中有 {share} 天可以检验：其余时间没有采集，或还在学习平时的水平；每周的数字按这些天计。",
            f"{share} of {days} days could be watched: in the others nothing was collected, or what is usual was still "
            f"being learnt. Figures per week are of these {share} days.",
        ),
    )


def count_things(alerts: Sequence[Alert], now: datetime) -> int:
    """Return how many things the alerts are about: those of one brand that overlap in time are about one."""
    ends: dict[str, datetime] = {}
    things = 0
    for alert in sorted(alerts, key=lambda alert: alert.begin):
        brand = alert.series.product.split("/")[0]
        things += brand not in ends or alert.begin > ends[brand]
        end = alert.ended or now
        ends[brand] = max(ends.get(brand, end), end)
    return things


def tally_sources(
    alerts: Sequence[Alert], watch: Watch, noise: tuple[dict[str, FalseAlarms], dict[str, CalmAlarms]]
) -> tuple[Tally, ...]:
    """Return the tally of the test and of each rule."""
    fired = {source: sum(alert.source == source for alert in alerts) for source in watch.sources}
    weeks, (false_alarms, calm) = max(watch.weeks, 1.0 / 168.0), noise
    return tuple(
        Tally(source, count, count / weeks, false_alarms[source], calm[source]) for source, count in fired.items()
    )
