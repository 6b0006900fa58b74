"""What crosses the border between alerts as the engine has them and as the database keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from canyu.listen.bursts import Alert, Forecast, Memory, SeriesKey, Severity
from canyu.listen.bursts.routing import Told

TIMES = ("begin", "found", "peak_at", "ended", "closed_at")
FORECASTS = ("forecast", "forecast_found")


@dataclass(frozen=True, slots=True)
class Selector:
    """Which series are meant, for whom and when nobody is disturbed; as a form gives it."""

    team: str
    products: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    quiet: tuple[str, str] | None = None
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as somebody wants it."""

    name: str
    selector: Selector
    at_least: int
    hours: int = 1
    ratio: float | None = None
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class RouteDraft:
    """A route as somebody wants it; ``addresses`` are names."""

    selector: Selector
    least_severity: Severity = Severity.NOTICE
    addresses: tuple[str, ...] = ()


def dump_alert(alert: Alert) -> dict[str, Any]:
    """Return an alert as plain values that ``load_alert`` turns into the same alert."""
    facts = asdict(alert)
    facts["severity"] = alert.severity.value
    facts["evidence"] = list(alert.evidence)
    for name in TIMES:
        facts[name] = facts[name].isoformat() if facts[name] else None
    return facts


def load_alert(facts: dict[str, Any]) -> Alert:
    """Return the alert that was kept."""
    times = {name: datetime.fromisoformat(facts[name]) if facts[name] else None for name in TIMES}
    forecasts = {name: Forecast(**facts[name]) if facts.get(name) else None for name in FORECASTS}
    return Alert(
        **{
            **facts,
            **times,
            "series": SeriesKey(**facts["series"]),
            "severity": Severity(facts["severity"]),
            **forecasts,
            "evidence": tuple(facts["evidence"]),
        }
    )


def dump_memory(memory: Memory) -> dict[str, Any]:
    """Return what was told and what is held as plain values."""
    told = [
        {"team": team, "alert_id": alert_id, **asdict(what), "at": what.at.isoformat()}
        for (team, alert_id), what in memory.told.items()
    ]
    held = [{"team": team, "alert": dump_alert(alert)} for (team, _), alert in memory.held.items()]
    return {"told": told, "held": held}


def load_memory(given: dict[str, Any]) -> Memory:
    """Return the memory that was kept; nothing kept is an empty one."""
    told = {
        (row["team"], row["alert_id"]): Told(
            datetime.fromisoformat(row["at"]), row["size"], row["observed"], row["is_ended"]
        )
        for row in given.get("told", ())
    }
    alerts = [(row["team"], load_alert(row["alert"])) for row in given.get("held", ())]
    return Memory(told, {(team, alert.alert_id): alert for team, alert in alerts})
