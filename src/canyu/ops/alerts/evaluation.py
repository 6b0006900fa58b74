"""Evaluates the newest hours of a lake: every alert that is open or ended lately, with the posts behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from canyu.events import Lake
from canyu.events.listenings import find_model_version
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.listen.bursts import (
    Alert,
    BurstSettings,
    Rule,
    detect_bursts,
    evaluate_rules,
)
from canyu.listen.bursts.replaying import stop_at
from canyu.listen.watch import LEARNING_DAYS, attach_posts, find_last_hour, read_matrix

LOOKBACK_DAYS = 14
# The begin of what is read moves in steps of four weeks, so that an hour is judged from the same past by every check.
STEP_DAYS = 28
EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday
MOST_EVIDENCE_READ = 300  # alerts whose posts one check looks up; the loudest first


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one look at the lake found, up to which hour, and from which data."""

    alerts: tuple[Alert, ...]
    until: datetime
    versions: dict[str, int]
    model: str
    series: int
    notes: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to look: the settings, the rules, and the alerts known before (their posts are not looked up again)."""

    settings: BurstSettings
    rules: Sequence[Rule]
    known: Mapping[str, Alert]


def evaluate_lake(lake: Lake, now: datetime, wanted: Wanted) -> Evaluation:
    """Return the alerts as they stand at ``now`` (aware), or at the newest hour of the data where that is earlier.

    Raises NotFound where nobody has listened to the lake yet.
    """
    last = find_last_hour(lake)
    if last is None:
        raise NotFound(
            Words("还没有可看的数据。", "There is nothing to watch yet."),
            mend=Words("请先运行 canyu listen。", "Run canyu listen first."),
        )
    until, versions = min(last, now), lake.versions()
    since = until - timedelta(days=max(LOOKBACK_DAYS, wanted.settings.longest_hours / 24 + 2))
    matrix = stop_at(read_matrix(lake, align_begin(since), until), until)
    found = detect_bursts(matrix, wanted.settings)
    fired = (*found.alerts, *evaluate_rules(matrix, found.expected, wanted.rules))
    current = [alert for alert in fired if alert.closed_at is None or alert.closed_at >= since]
    shown = _attach_posts(lake, current, wanted.known)
    ordered = tuple(sorted(shown, key=lambda alert: (alert.found, alert.source, str(alert.series))))
    return Evaluation(ordered, until, versions, find_model_version(lake), len(matrix.series), found.notes)


def align_begin(since: datetime) -> datetime:
    """Return a moment at least eight weeks before ``since``, the same for all of four weeks."""
    step = timedelta(days=STEP_DAYS)
    before: datetime = EPOCH + ((since - timedelta(days=LEARNING_DAYS) - EPOCH) // step) * step
    return before


def _attach_posts(lake: Lake, alerts: Sequence[Alert], known: Mapping[str, Alert]) -> list[Alert]:
    shown: list[Alert] = []
    fresh: list[Alert] = []
    for alert in sorted(alerts, key=lambda alert: alert.expected - alert.observed):
        before = known.get(alert.alert_id)
        if before is not None and (before.raw, before.ended) == (alert.raw, alert.ended):
            shown.append(replace(alert, evidence=before.evidence))
        elif len(fresh) < MOST_EVIDENCE_READ:
            fresh.append(alert)
        else:
            shown.append(alert)
    return [*shown, *attach_posts(lake, fresh)]
