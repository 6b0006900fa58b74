"""What a live session states beforehand, what a minute may say, and which orders its window holds; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from canyu.kit.words import Words

MINUTE = timedelta(minutes=1)
MOST_VIEWERS = 2**53
MOST_PAGES = 1_000
LONGEST = timedelta(days=1)
"""Of a session."""


class Host(StrEnum):
    """Who is on screen."""

    FOUNDER = "founder"
    KOL = "kol"


class Metric(StrEnum):
    """What a platform counts; the three are never added up or compared."""

    VIEWERS = "viewers"
    PEAK = "peak_viewers"
    TOTAL = "total_views"


class Source(StrEnum):
    """Who said how many watched; where several did, the later of these counts."""

    LAKE = "lake"
    CSV = "csv"
    HAND = "hand"


class Scope(StrEnum):
    """Which orders are the session's."""

    CAMPAIGN = "campaign"
    PRODUCTS = "products"


class MarkKind(StrEnum):
    """What happened at an instant."""

    PRICE = "price"
    OPEN = "open"
    OTHER = "other"


class LiveState(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    LIVE = "live"
    ENDED = "ended"


HOST_WORDS: dict[str, Words] = {Host.FOUNDER: Words("创始人", "Founder"), Host.KOL: Words("达人", "KOL")}
METRIC_WORDS: dict[str, Words] = {
    Metric.VIEWERS: Words("在线人数", "Viewers at that minute"),
    Metric.PEAK: Words("平台给出的峰值", "The platform's own peak"),
    Metric.TOTAL: Words("累计观看次数", "Views in all so far"),
}
SOURCE_WORDS: dict[str, Words] = {
    Source.LAKE: Words("接口事件", "event"),
    Source.CSV: Words("CSV 文件", "CSV"),
    Source.HAND: Words("手工填写", "by hand"),
}
SCOPE_WORDS: dict[str, Words] = {
    Scope.CAMPAIGN: Words("注明本活动的订单", "orders that name the campaign"),
    Scope.PRODUCTS: Words("这些产品的全部订单", "every order of the products"),
}
MARK_WORDS: dict[str, Words] = {
    MarkKind.PRICE: Words("公布价格", "price told"),
    MarkKind.OPEN: Words("开放下单", "orders open"),
    MarkKind.OTHER: Words("其他", "other"),
}
STATE_WORDS: dict[str, Words] = {
    LiveState.PLANNED: Words("未开始", "Planned"),
    LiveState.LIVE: Words("直播中", "Live now"),
    LiveState.ENDED: Words("已结束", "Ended"),
}


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """A session as somebody plans it: the window is stated before anything is counted."""

    title_zh: str
    title_en: str
    host: Host
    host_name: str
    kol: int | None
    platforms: tuple[str, ...]
    zone: str
    planned_start: datetime
    planned_end: datetime
    window_minutes: int
    tail_minutes: int
    scope: Scope
    baseline_days: int
    products: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    lake_object: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source said of one minute of one platform; ``value`` is None where it said that it does not know."""

    platform: str
    minute: datetime
    value: int | None
    source: Source


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of a session: what each platform said (nothing: not in it), and the sum where all are known."""

    minute: datetime
    told: Mapping[str, Reading] = field(default_factory=dict)
    viewers: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` (inside) to ``end`` (outside)."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment is inside: the first instant is, the last is not."""
        return self.start <= moment < self.end


def floor_minute(moment: datetime) -> datetime:
    """Return the beginning of the minute that a moment is in, in UTC."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def list_minutes(span: Span) -> list[datetime]:
    """Return the minutes of a span, the last one also where only its beginning is inside."""
    first = floor_minute(span.start)
    count = -((first - span.end) // MINUTE)
    return [first + MINUTE * number for number in range(min(count, LONGEST // MINUTE))]


def merge_minutes(readings: Iterable[Reading], platforms: Sequence[str], span: Span) -> list[Minute]:
    """Return every minute of a span; one that a platform does not know has no sum: a gap is never 0.

    Where several sources speak of a minute, what was entered by hand counts before a file, and that before events.

    >>> at = datetime(2026, 12, 1, 12, tzinfo=UTC)
    >>> said = [(0, 100), (1, 120), (2, None), (3, 90)]
    >>> told = [Reading("douyin", at + MINUTE * after, value, Source.CSV) for after, value in said]
    >>> [one.viewers for one in merge_minutes(told, ["douyin"], Span(at, at + 5 * MINUTE))]
    [100, 120, None, 90, None]
    """
    ranks = {source: rank for rank, source in enumerate(Source)}
    told: dict[datetime, dict[str, Reading]] = {}
    for one in sorted(readings, key=lambda one: ranks[one.source]):
        told.setdefault(one.minute, {})[one.platform] = one
    found = []
    for minute in list_minutes(span):
        here = {name: one for name, one in told.get(minute, {}).items() if name in platforms}
        values = [here[name].value if name in here else None for name in platforms]
        known = [value for value in values if value is not None]
        is_whole = bool(platforms) and len(known) == len(platforms)
        found.append(Minute(minute, here, sum(known) if is_whole else None))
    return found
