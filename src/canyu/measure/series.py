"""Series of what a platform measured: a search index, reads, mentions; what is missing stays missing, never 0."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.expressions import Scope
from canyu.measure.facts import Reader
from canyu.measure.figure import OverviewQuery
from canyu.measure.hotlist_expressions import list_measured, sum_measures
from canyu.measure.kept import Kept
from canyu.measure.period import Period, find_previous, make_period

MOST_OBJECTS_AT_ONCE = 24
MOST_HOURLY_DAYS = 92
HOUR_S = 3600
HOUR_MICROS = HOUR_S * 1_000_000
_BUCKET = re.compile(r"([1-9]\d{0,3})(min|h|d|w)")
_UNIT_S = {"min": 60, "h": HOUR_S, "d": 86_400, "w": 604_800}

DEFINITION = Words(
    "平台给出的指标，按小时或天汇总：各时段计数相加；指数取该时段最后一次读数。没有数据的时段留空，不记为 0。"
    "时段未结束或只有部分数据的，标为不完整。",
    "What the platform measured, by hour or day: counts of its buckets added up, of an index the last reading. A "
    "bucket without data is left out, not drawn as 0; one that had not ended, or is seen only in part, "
    "is marked as partial.",
)

METRICS: dict[str, Words] = {
    "search_index": Words("搜索指数", "Search index"),
    "read": Words("阅读", "Reads"),
    "mention": Words("讨论", "Mentions"),
    "interaction": Words("互动", "Interactions"),
    "original": Words("原创", "Original posts"),
    "mention_total": Words("累计讨论", "Mentions so far"),
    "followers": Words("粉丝", "Followers"),
    "units": Words("销量", "Units sold"),
}


class Step(StrEnum):
    """How long a bucket of a series is."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket: its begin, its value (None where nothing is known), and whether it is seen only in part."""

    begin: datetime
    value: int | None
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One subject and metric over a whole period, a point per bucket."""

    object: str
    metric: str
    step: Step
    points: tuple[Point, ...]
    sources: tuple[str, ...]

    @property
    def known(self) -> int:
        """How many buckets have a value."""
        return sum(point.value is not None for point in self.points)

    @property
    def last_partial(self) -> Point | None:
        """The last bucket with a value, where that is partial."""
        told = [point for point in self.points if point.value is not None]
        return told[-1] if told and told[-1].is_partial else None


@dataclass(frozen=True, slots=True)
class Measured:
    """A subject and metric that has values in a period."""

    object: str
    metric: str
    values: int
    total: int


_KEPT = Kept(64)


def list_series(lake: Lake, query: OverviewQuery) -> tuple[Measured, ...]:
    """Return what has a series in the period, most values first, 20,000 at most; places on lists are none."""
    reader = Reader(lake)
    key = ("listed", reader.identity, reader.versions.get("events"), query.start, query.end, query.zone)
    found: tuple[Measured, ...] | None = _KEPT.find(key)
    if found is None:
        period = make_period(query.start, query.end, query.zone)
        rows = reader.ask(list_measured, "events", period).table.to_pylist()
        found = tuple(Measured(row["object"], row["metric"], row["values"], row["total"]) for row in rows)
        _KEPT.keep(key, found)
    return found


def compute_series(
    lake: Lake, query: OverviewQuery, objects: Iterable[str], metrics: Iterable[str], step: Step
) -> tuple[Series, ...]:
    """Return a series per subject and metric that has any value, in the order asked for; buckets are local ones.

    Where several sources measured the same, each bucket is that of the source that saw most of it: they are not added.
    Raises BadInput for more than 24 subjects, or hours over more than 92 days.
    """
    chosen, wanted = tuple(dict.fromkeys(objects)), tuple(dict.fromkeys(metrics))
    period = make_period(query.start, query.end, query.zone)
    _check(chosen, period, step)
    if not chosen or not wanted:
        return ()
    reader = Reader(lake)
    engine = lake.engine
    filters = ("", query.channel, "")
    scope = Scope(period, find_previous(period), *filters, "", engine.count_micros, engine.count_days)
    key = ("series", reader.identity, reader.versions.get("events"), query, chosen, wanted, step)
    found: tuple[Series, ...] | None = _KEPT.find(key)
    if found is None:
        rows = reader.ask(sum_measures, "events", scope, chosen, wanted).table.to_pylist()
        made = (_make_series(rows, (name, metric), period, step) for name in chosen for metric in wanted)
        found = tuple(series for series in made if series is not None)
        _KEPT.keep(key, found)
    return found


def find_bucket_s(text: str) -> int | None:
    """Return the length of a bucket in seconds, or None where the text states none.

    >>> find_bucket_s("1h"), find_bucket_s("10min"), find_bucket_s("1d"), find_bucket_s("often")
    (3600, 600, 86400, None)
    """
    found = _BUCKET.fullmatch(text)
    return int(found[1]) * _UNIT_S[found[2]] if found else None


@dataclass(slots=True)
class _Sum:
    """What one source saw of one bucket."""

    total: int = 0
    seen_s: int = 0
    open: int = 0
    last_hour: int = -1
    last: int | None = None

    def add(self, row: dict[str, Any], bucket_s: int | None) -> None:
        self.total += row["total"]
        self.seen_s += row["seen"] * (bucket_s or 0)
        self.open += row["open"]
        if row["hour"] > self.last_hour:
            self.last_hour, self.last = row["hour"], row["last"]


def _make_series(rows: list[dict[str, Any]], name: tuple[str, str], period: Period, step: Step) -> Series | None:
    sums: dict[int, dict[tuple[str, str], _Sum]] = {}
    for row in rows:
        if (row["object"], row["metric"]) == name:
            place = row["hour"] if step is Step.HOUR else row["hour"] // 24
            given = sums.setdefault(place, {}).setdefault((row["source"], row["bucket"]), _Sum())
            given.add(row, find_bucket_s(row["bucket"]))
    if not sums:
        return None
    points, used = [], set()
    for place, begin, length_s in _list_buckets(period, step):
        value, source, is_partial = _choose(sums.get(place, {}), length_s)
        points.append(Point(begin, value, is_partial))
        used.add(source)
    return Series(*name, step, tuple(points), tuple(sorted(used - {""})))


def _choose(found: dict[tuple[str, str], _Sum], length_s: int) -> tuple[int | None, str, bool]:
    """Return the value of the source that saw most of a bucket; where several saw it all, that of the longest parts."""
    best: tuple[int | None, str, bool] = (None, "", False)
    most = (-1, -1)
    for (source, bucket), tally in sorted(found.items()):
        bucket_s = find_bucket_s(bucket)
        rank = (min(tally.seen_s, length_s), bucket_s or 0)
        if rank > most:
            most = rank
            # an index or a running total is a level: the last reading holds, and it cannot be partial
            is_partial = bucket_s is not None and (tally.open > 0 or tally.seen_s < length_s)
            best = (tally.last if bucket_s is None else tally.total, source, is_partial)
    return best


def _list_buckets(period: Period, step: Step) -> Iterable[tuple[int, datetime, int]]:
    """Return number, begin and length in seconds of each local bucket of the period."""
    place = ZoneInfo(period.zone)
    for day in period.days:
        start = datetime(day.year, day.month, day.day, tzinfo=place)
        following = day + timedelta(days=1)
        end = datetime(following.year, following.month, following.day, tzinfo=place)
        number = day.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
        if step is Step.DAY:
            yield number, start, int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds())
        else:
            for hour in range(24):
                yield number * 24 + hour, start.replace(hour=hour), HOUR_S


def _check(chosen: tuple[str, ...], period: Period, step: Step) -> None:
    if len(chosen) > MOST_OBJECTS_AT_ONCE:
        raise BadInput(
            Words(f"一次最多看 {MOST_OBJECTS_AT_ONCE} 个对象。", f"At most {MOST_OBJECTS_AT_ONCE} subjects at once."),
            mend=Words("请少选几个。", "Choose fewer."),
        )
    if step is Step.HOUR and len(period.days) > MOST_HOURLY_DAYS:
        raise BadInput(
            Words(f"按小时最多看 {MOST_HOURLY_DAYS} 天。", f"By the hour, at most {MOST_HOURLY_DAYS} days."),
            mend=Words("请缩短期间，或按天看。", "Ask for a shorter period, or by day."),
        )
