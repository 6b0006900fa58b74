"""A period of a brand's own days, as exact moments in UTC, on any engine and through any clock change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """Days ``first`` to ``last`` (both included) in ``zone``: they begin at ``start`` and end before ``end``."""

    first: date
    last: date
    zone: str
    start: datetime
    end: datetime

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the period, in order."""
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    @property
    def start_micros(self) -> int:
        """The beginning, in microseconds since 1970."""
        return to_micros(self.start)

    @property
    def end_micros(self) -> int:
        """The end (not included), in microseconds since 1970."""
        return to_micros(self.end)


def make_period(first: date, last: date, zone: str) -> Period:
    """Return the period of these days in a zone. Raises BadInput where the days are reversed or the zone unknown.

    >>> make_period(date(2025, 4, 3), date(2025, 4, 3), "Asia/Shanghai").start.isoformat()
    '2025-04-02T16:00:00+00:00'
    """
    if last < first:
        raise BadInput(
            Words(
                f"期间的结束日（{last}）早于开始日（{first}）。",
                f"The period ends ({last}) before it begins ({first}).",
            ),
            mend=Words("请对调这两天。", "Exchange the two days."),
        )
    if (last - first).days > 3660:
        raise BadInput(
            Words("期间超过十年。", "The period is longer than ten years."),
            mend=Words("请缩短期间。", "Ask for a shorter one."),
        )
    if first.year < 1971 or last.year > 9000:
        raise BadInput(
            Words(f"{first.year} 至 {last.year} 年没有数据。", f"There is nothing in {first.year} to {last.year}."),
            mend=Words("请检查年份。", "Check the years."),
        )
    place = get_zone(zone)
    return Period(first, last, zone, _begin(first, place), _begin(last + timedelta(days=1), place))


def get_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name; raises BadInput where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            Words(f"没有时区 {name!r}。", f"There is no time zone {name!r}."),
            mend=Words("请用 Asia/Shanghai 这样的名称。", "Use a name such as Asia/Shanghai."),
        ) from error


def find_previous(period: Period) -> Period:
    """Return the period of equally many days just before."""
    length = (period.last - period.first).days + 1
    return make_period(period.first - timedelta(days=length), period.first - timedelta(days=1), period.zone)


@lru_cache(maxsize=256)
def list_offsets(first: date, last: date, zone: str) -> tuple[tuple[int, int], ...]:
    """Return (from this microsecond on, offset in microseconds) for the days in a zone: one pair per clock change.

    >>> list_offsets(date(2025, 1, 1), date(2025, 12, 31), "Asia/Shanghai")
    ((1735660800000000, 28800000000),)
    >>> len(list_offsets(date(2025, 1, 1), date(2025, 12, 31), "Europe/Berlin"))
    3
    """
    place = ZoneInfo(zone)
    moment, end = _begin(first, place), _begin(last + timedelta(days=1), place)
    pairs = [(to_micros(moment), _offset(moment, place))]
    while moment < end:
        following = min(moment + timedelta(days=1), end)
        if _offset(following, place) != _offset(moment, place):
            pairs.append((to_micros(_find_change(moment, following, place)), _offset(following, place)))
        moment = following
    return tuple(pairs)


def to_micros(moment: datetime) -> int:
    """Return whole microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_day_number(day: date) -> int:
    """Return days since 1970-01-01, the form in which engines hand days over."""
    return day.toordinal() - EPOCH.toordinal()


def to_day(number: int) -> date:
    """Return the day of a number of days since 1970-01-01."""
    return date.fromordinal(number + EPOCH.toordinal())


def _begin(day: date, place: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=place).astimezone(UTC)


def _offset(moment: datetime, place: ZoneInfo) -> int:
    return (moment.astimezone(place).utcoffset() or timedelta(0)) // timedelta(microseconds=1)


def _find_change(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """Bisect to the second at which the clock was changed."""
    old = _offset(before, place)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        before, after = (middle, after) if _offset(middle, place) == old else (before, middle)
    return after
