"""What a source lets us ask for in a period: noted before each request, refused before it is overrun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from canyu.events.sources.errors import QuotaSpent
from canyu.events.sources.notebook import Notebook, Notes
from canyu.kit.words import Words

KEPT_PERIODS = 62  # about two months of days, for whoever wants to see what was used


class Period(StrEnum):
    """How long an allowance lasts before it is whole again."""

    TEN_MINUTES = "ten_minutes"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many units per period; days and months are those of ``zone``."""

    name: str
    limit: int
    period: Period
    zone: str = "UTC"

    def find_start(self, now: datetime) -> datetime:
        """Return when the period at hand began, in UTC."""
        local = now.astimezone(ZoneInfo(self.zone))
        if self.period is Period.TEN_MINUTES:
            return now.astimezone(UTC).replace(minute=now.minute // 10 * 10, second=0, microsecond=0)
        day = 1 if self.period is Period.MONTH else local.day
        return local.replace(day=day, hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)

    def find_reset(self, now: datetime) -> datetime:
        """Return when the next period begins, in UTC.

        >>> day = Allowance("youtube", 100, Period.DAY, "America/Los_Angeles")
        >>> day.find_reset(datetime(2026, 8, 12, 6, 59, tzinfo=UTC)).isoformat()
        '2026-08-12T07:00:00+00:00'
        """
        if self.period is Period.TEN_MINUTES:
            return self.find_start(now) + timedelta(minutes=10)
        local = self.find_start(now).astimezone(ZoneInfo(self.zone))
        later = local + timedelta(days=32 if self.period is Period.MONTH else 1)
        day = 1 if self.period is Period.MONTH else later.day
        return later.replace(day=day, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


class Ledger:
    """Counts what was used, in a file, so that a restart or a second program does not ask for more than allowed."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    def charge(self, allowance: Allowance, units: int, *, now: datetime) -> None:
        """Note units before they are used. Raises QuotaSpent, and notes nothing, where they would be too many."""

        def note(notes: Notes) -> None:
            used = int(notes.get(key, 0))
            if used + units > allowance.limit:
                raise tell_spent(allowance, used, now)
            notes[key] = used + units
            for old in sorted(name for name in notes if name.startswith(f"{allowance.name}@"))[:-KEPT_PERIODS]:
                del notes[old]

        key = _write_key(allowance, now)
        self._notebook.change(note)

    def refund(self, allowance: Allowance, units: int, *, now: datetime) -> None:
        """Give back units that were noted and not used."""

        def note(notes: Notes) -> None:
            notes[key] = max(0, int(notes.get(key, 0)) - units)

        key = _write_key(allowance, now)
        self._notebook.change(note)

    def read_used(self, allowance: Allowance, *, now: datetime) -> int:
        """Return the units used in the period at hand."""
        return int(self._notebook.read().get(_write_key(allowance, now), 0))


def tell_spent(allowance: Allowance, used: int, now: datetime) -> QuotaSpent:
    """Return the error that says how much was used and when it begins anew."""
    resets = allowance.find_reset(now)
    return QuotaSpent(
        Words(
            f"{allowance.name} 的配额已用 {used:,}/{allowance.limit:,}，{resets:%Y-%m-%d %H:%M} UTC 重新计算。",
            f"{allowance.name}: {used:,} of {allowance.limit:,} are used; it begins anew at"
            f" {resets:%Y-%m-%d %H:%M} UTC.",
        ),
        mend=Words("到时再运行，会从停下的地方接着收。", "Run again then: it goes on where it stopped."),
        resets=resets,
    )


def _write_key(allowance: Allowance, now: datetime) -> str:
    return f"{allowance.name}@{allowance.find_start(now):%Y-%m-%dT%H:%MZ}"
