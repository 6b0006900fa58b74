"""Time on hot lists: minutes per brand and title from snapshots and spells, and how much of the period was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from canyu.events import Lake
from canyu.events.tables import LONGEST_GAP_MINUTES
from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.expressions import Scope, sum_board_time
from canyu.measure.facts import Answer, Reader
from canyu.measure.figure import Figure, OverviewQuery, Proof
from canyu.measure.hotlist_expressions import MOST_TITLES, list_captures, sum_title_time
from canyu.measure.kept import Kept
from canyu.measure.period import EPOCH, Period, find_previous, make_period

MINUTE_MICROS = 60_000_000
LONGEST_GAP_MICROS = LONGEST_GAP_MINUTES * MINUTE_MICROS

DEFINITION = say.DEFINITIONS["board_minutes"]
DEFINITION_COVERAGE = Words(
    "期间内至少有一个榜单处于已观测状态的时间占比：快照到下一次快照之间不超过 2 小时的时间为已观测。"
    "来源直接给出的在榜时段不计入覆盖率。",
    "The share of the period in which at least one list was observed: the time from a snapshot to the next of its "
    "list, where that is at most 2 hours. Whole spells that a source states do not count towards coverage.",
)
DEFINITION_TITLES = Words(
    "期间内出现过的、提及该品牌的词条数，包括只在未知时段前出现的（0 分钟）。",
    "Entries about the brand seen in the period, those seen only before an unknown gap (0 minutes) among them.",
)
LABEL_COVERAGE = Words("观测覆盖率", "Coverage")
LABEL_TITLES = Words("词条", "Entries")
LABEL_RANK = Words("最高名次", "Best rank")
NO_CAPTURES = Words("期间内没有榜单快照。", "No list was captured in the period.")
CAVEAT_COVERAGE = Words(
    "期间内 {share}% 的时间有快照覆盖；其余 {unknown} 分钟未知，未计入。",
    "Snapshots cover {share}% of the period; the other {unknown} minutes are unknown and not counted.",
)
CAVEAT_OLD = Words(
    "这些数据由旧版本整理，快照一律计到 2 小时为止。请重新运行 canyu listen。",
    "An older version built these rows, with every snapshot counted up to 2 hours. Run canyu listen again.",
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a period one list, or any list, was observed; minutes are whole and rounded down."""

    channel: str
    source: str
    board: str
    captures: int
    known_minutes: int
    unknown_minutes: int
    share: float
    longest_gap_minutes: int | None = None
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class BrandTime:
    """A brand's minutes on hot lists, and its entries that were there for a known time."""

    brand: str
    minutes: int
    titles: int


@dataclass(frozen=True, slots=True)
class TitleTime:
    """One entry: its minutes, best rank, greatest heat, and when it was first and last seen within the period."""

    title: str
    minutes: int
    top_rank: int | None
    heat: int | None
    first: datetime
    last: datetime
    channels: int


@dataclass(frozen=True, slots=True)
class HotLists:
    """Everything about a brand on hot lists in one period."""

    query: OverviewQuery
    period: Period
    figures: tuple[Figure, ...]
    brands: tuple[BrandTime, ...]
    titles: tuple[TitleTime, ...]
    has_more_titles: bool
    whole: Coverage
    lists: tuple[Coverage, ...]
    model: str
    is_simulated: bool
    is_old: bool

    @property
    def proof(self) -> Proof:
        """How the minutes came to be."""
        return self.figures[0].proof


_KEPT = Kept(64)


def compute_hot_lists(lake: Lake, query: OverviewQuery) -> HotLists:
    """Return time on hot lists as the lake stands now; computed once per data version and process.

    Minutes are those of all lists that pass the filter; a market is not known to a list and not asked for.
    """
    reader = Reader(lake)
    key = (reader.identity, tuple(sorted(reader.versions.items())), query, lake.engine.name)
    found: HotLists | None = _KEPT.find(key)
    if found is None:
        found = _compute(reader, query)
        _KEPT.keep(key, found)
    return found


def forget_hot_lists() -> None:
    """Forget every result kept, so that the next one is computed anew."""
    _KEPT.clear()


def make_scope(reader: Reader, query: OverviewQuery, name: str) -> Scope:
    """Return what an expression over the table ``name`` is limited to; models are compared only where they differ."""
    period = make_period(query.start, query.end, query.zone)
    model = reader.find_model()
    compared = "" if set(reader.list_models(name)) <= {model} else model
    engine = reader.lake.engine
    filters = (query.brand, query.channel, query.market)
    return Scope(period, find_previous(period), *filters, compared, engine.count_micros, engine.count_days)


def measure_coverage(moments: Mapping[tuple[str, str, str], list[int]], period: Period) -> tuple[Coverage, ...]:
    """Return the coverage of each list (channel, source, board) from its captures, in microseconds and in order.

    >>> from datetime import date
    >>> day = make_period(date(2025, 4, 1), date(2025, 4, 1), "Asia/Shanghai")
    >>> hours = [day.start_micros + hour * 3_600_000_000 for hour in (0, 1, 2, 6, 7)]
    >>> (only,) = measure_coverage({("weibo", "crawler", ""): hours}, day)
    >>> only.captures, only.known_minutes, only.unknown_minutes
    (5, 180, 1260)
    """
    return tuple(_cover(name, times, _find_known(times, period), period) for name, times in sorted(moments.items()))


def _compute(reader: Reader, query: OverviewQuery) -> HotLists:
    scope = make_scope(reader, query, "board")
    period = scope.period
    brands = reader.ask(sum_board_time, "board", scope, period)
    titles = reader.ask(sum_title_time, "board", scope, period)
    captures = reader.ask(list_captures, "events", scope, period)
    moments: dict[tuple[str, str, str], list[int]] = {}
    for row in captures.table.to_pylist():
        moments.setdefault((row["place"], row["source"], row["board"]), []).append(row["moment"])
    whole = _cover_all(moments, period)
    rows = titles.table.to_pylist()
    is_old = any(row["untold"] for row in rows)
    found = tuple(_make_title(row) for row in rows[:MOST_TITLES])
    times = sorted(brands.table.to_pylist(), key=lambda row: (-row["micros"], row["brand"]))
    return HotLists(
        query=query,
        period=period,
        figures=_build_figures(_Parts(reader, query, brands, titles, captures), found, whole),
        brands=tuple(BrandTime(row["brand"], row["micros"] // MINUTE_MICROS, row["titles"]) for row in times),
        titles=found,
        has_more_titles=len(rows) > MOST_TITLES,
        whole=whole,
        lists=measure_coverage(moments, period),
        model=reader.find_model(),
        is_simulated=reader.is_simulated(),
        is_old=is_old,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    reader: Reader
    query: OverviewQuery
    brands: Answer
    titles: Answer
    captures: Answer

    def prove(self, definition: Words, answer: Answer, rows: int, *caveats: Words) -> Proof:
        told = (say.CAVEAT_COLLECTED, *caveats)
        return Proof(definition, answer.sql, answer.versions, rows, self.reader.lake.engine.name, told)


def _build_figures(parts: _Parts, titles: tuple[TitleTime, ...], whole: Coverage) -> tuple[Figure, ...]:
    mine = [row for row in parts.brands.table.to_pylist() if row["brand"] == parts.query.brand]
    covered = CAVEAT_COVERAGE.fill(share=f"{100 * whole.share:.1f}", unknown=f"{whole.unknown_minutes:,}")
    missing = None if parts.brands.table.num_rows or whole.captures else say.NO_BOARD
    unchosen = missing or (None if parts.query.brand else say.NO_BRAND)
    minutes = sum(row["micros"] for row in mine) // MINUTE_MICROS
    spells = sum(row["spells"] for row in mine)
    ranks = [title.top_rank for title in titles if title.top_rank is not None]
    proved = parts.prove(DEFINITION, parts.brands, spells, covered)
    of_titles = parts.prove(DEFINITION_TITLES, parts.titles, sum(parts.titles.table["sightings"].to_pylist()), covered)
    of_time = parts.prove(DEFINITION_COVERAGE, parts.captures, whole.captures)
    share = 100 * whole.share if whole.captures else None
    gone = None if share is not None else NO_CAPTURES
    return (
        _figure("board_minutes", None if unchosen else minutes, unchosen, proved),
        _figure("coverage", share, gone, of_time),
        _figure("titles", None if unchosen else len(titles), unchosen, of_titles),
        _figure("top_rank", min(ranks, default=None), unchosen, of_titles),
    )


_NAMES: dict[str, tuple[Words, Words]] = {
    "board_minutes": (say.LABELS["board_minutes"], say.UNITS["board_minutes"]),
    "coverage": (LABEL_COVERAGE, Words("%", "%")),
    "titles": (LABEL_TITLES, Words("条", "entries")),
    "top_rank": (LABEL_RANK, Words("", "")),
}


def _figure(name: str, value: float | None, missing: Words | None, proof: Proof) -> Figure:
    label, unit = _NAMES[name]
    if value is None and missing is None:
        missing = Words("期间内没有词条。", "No entry in the period.")
    return Figure(name, label, value, unit, proof, missing=missing)


def _make_title(row: dict[str, Any]) -> TitleTime:
    first, last = (_to_time(row[name]) for name in ("first", "last"))
    minutes = row["micros"] // MINUTE_MICROS
    return TitleTime(row["title"], minutes, row["top_rank"], row["heat"], first, last, row["channels"])


def _find_known(times: list[int], period: Period) -> list[tuple[int, int]]:
    """Return the stretches of the period that the captures of one list stand for."""
    known = [
        (max(this, period.start_micros), min(after, period.end_micros))
        for this, after in pairwise(times)
        if after - this <= LONGEST_GAP_MICROS
    ]
    return [(since, until) for since, until in known if since < until]


def _cover(name: tuple[str, str, str], times: list[int], known: list[tuple[int, int]], period: Period) -> Coverage:
    length = period.end_micros - period.start_micros
    micros = sum(until - since for since, until in known)
    inside = [time for time in times if period.start_micros <= time < period.end_micros]
    gaps = [after - this for this, after in pairwise(inside)]
    return Coverage(
        *name,
        captures=len(inside),
        known_minutes=micros // MINUTE_MICROS,
        unknown_minutes=(length - micros) // MINUTE_MICROS,
        share=micros / length,
        longest_gap_minutes=max(gaps) // MINUTE_MICROS if gaps else None,
        first=_to_time(inside[0]) if inside else None,
        last=_to_time(inside[-1]) if inside else None,
    )


def _cover_all(moments: Mapping[tuple[str, str, str], list[int]], period: Period) -> Coverage:
    """Return how much of the period any of the lists was observed."""
    united: list[tuple[int, int]] = []
    for since, until in sorted(stretch for times in moments.values() for stretch in _find_known(times, period)):
        if united and since <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], until))
        else:
            united.append((since, until))
    every = sorted(time for times in moments.values() for time in times)
    return _cover(("", "", ""), every, united, period)


def _to_time(micros: int) -> datetime:
    return (EPOCH + timedelta(microseconds=micros)).astimezone(UTC)
