"""What would have fired on this lake: counted once per data version, replayed once per settings."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from canyu.events import Lake
from canyu.events.listenings import find_model_version
from canyu.listen.bursts import Alert, BurstSettings, Replay, Rule, replay
from canyu.listen.watch import LEARNING_DAYS, find_last_hour, read_matrix
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.alerts.alarms.evaluation import AlarmTally, Found, find_alarms, tally_rules
from canyu.ops.alerts.alarms.rules import Alarm, AlarmRule
from canyu.ops.evidence.once import Once

MOST_ROWS = 200
MOST_POSTS = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A replay and what it was made of."""

    replay: Replay
    settings: BurstSettings
    now: datetime
    series: int
    versions: dict[str, int]
    model: str

    @property
    def newest(self) -> tuple[Alert, ...]:
        """The alerts that the page lists, newest first."""
        return tuple(reversed(self.replay.alerts))[:MOST_ROWS]

    @property
    def false_share(self) -> float | None:
        """False alarms per statistical alert, as estimated; none without alerts."""
        return self.replay.false_alarms.per_week / self.replay.per_week if self.replay.per_week else None


@dataclass(frozen=True, slots=True)
class ShownAlarms:
    """Which posts rules on forecasts would have told of, and how much of it came true."""

    found: Found
    tallies: tuple[AlarmTally, ...]

    @property
    def newest(self) -> tuple[Alarm, ...]:
        """The alarms that the page lists, newest first."""
        return tuple(reversed(self.found.alarms))[:MOST_POSTS]


def replay_alarms(lake: Lake, days: int, now: datetime, rules: tuple[AlarmRule, ...]) -> ShownAlarms | None:
    """Return which posts the rules would have told of in the ``days`` before ``now``; computed once per data version.

    None without rules.
    """

    def compute() -> tuple[ShownAlarms | None]:
        found = find_alarms(lake, now - timedelta(days=days), now, rules)
        return (ShownAlarms(found, tally_rules(found, rules)) if found else None,)

    return _ALARMS.get((identify_lake(lake), tuple(sorted(lake.versions().items())), days, now, rules), compute)[0]


def replay_lake(lake: Lake, days: int, settings: BurstSettings, rules: tuple[Rule, ...]) -> Shown | None:
    """Return what would have fired in the last days of the data, or none where nobody listened yet."""
    versions = lake.versions()
    key = (identify_lake(lake), tuple(sorted(versions.items())), days)
    with _lock:  # two who ask at once wait for one computation
        found: Shown | None = _REPLAYS.find((key, settings, rules))
        if found is None:
            found = _compute(lake, key, settings, rules)
            if found is not None:
                _REPLAYS.keep((key, settings, rules), found)
        return found


def _compute(
    lake: Lake,
    key: tuple[tuple[str, int], tuple[tuple[str, int], ...], int],
    settings: BurstSettings,
    rules: tuple[Rule, ...],
) -> Shown | None:
    days, kept = key[2], _COUNTS.find(key)
    if kept is None:
        now = find_last_hour(lake)
        if now is None:
            return None
        kept = (now, read_matrix(lake, now - timedelta(days=days + LEARNING_DAYS), now))
        _COUNTS.keep(key, kept)
    now, counts = kept
    found = replay(counts, days=days, now=now, settings=settings, rules=rules)
    return Shown(found, settings, now, len(counts.series), dict(key[1]), find_model_version(lake))


_COUNTS = Kept(3)
_REPLAYS = Kept(24)
_ALARMS = Once(6)
_lock = threading.Lock()
