"""What crosses the border between alarms as the rules have them and as the database keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from canyu.listen.bursts import Severity
from canyu.ops.alerts.alarms.rules import USUAL_CHANCE, USUAL_PASSES, Alarm
from canyu.ops.alerts.schemas import Selector
from canyu.spread.prediction import Size

TIMES = ("posted", "found", "passed_at", "ended")
LISTS = ("rules", "told", "waiting")
SIZES = ("day", "final")


@dataclass(frozen=True, slots=True)
class AlarmDraft:
    """A rule on forecasts as somebody wants it."""

    name: str
    selector: Selector
    passes: int = USUAL_PASSES
    chance_percent: int = USUAL_CHANCE
    severity: Severity = Severity.WARNING


def dump_alarm(alarm: Alarm) -> dict[str, Any]:
    """Return an alarm as plain values that ``load_alarm`` turns into the same alarm; ``evidence`` is its post."""
    facts = asdict(alarm) | {"severity": alarm.severity.value, "evidence": [alarm.post]}
    facts |= {name: facts[name].isoformat() if facts[name] else None for name in TIMES}
    return facts | {name: list(facts[name]) for name in LISTS}


def load_alarm(facts: dict[str, Any]) -> Alarm:
    """Return the alarm that was kept."""
    kept = {name: value for name, value in facts.items() if name != "evidence"}
    kept |= {name: datetime.fromisoformat(kept[name]) if kept[name] else None for name in TIMES}
    kept |= {name: tuple(kept[name]) for name in LISTS}
    kept |= {name: Size(**kept[name]) for name in SIZES}
    return Alarm(**kept | {"severity": Severity(kept["severity"])})
