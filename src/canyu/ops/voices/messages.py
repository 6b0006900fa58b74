"""The report of storylines as the page shows it: one row per message, and one message in detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
from django.utils.crypto import salted_hmac

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.listen.storyline_report import StorylineReport
from canyu.listen.storylines import CAVEAT_MATCH, DEFINITIONS, Storyline, Storylines
from canyu.measure import OverviewQuery, Picture, Proof
from canyu.measure.channels import get_channel_label
from canyu.measure.definitions import CAVEAT_COLLECTED
from canyu.measure.markets import get_market_label

SUBTITLE = Words(
    "每周带有该主张的帖子占比 %（实线：去重，带 95% 区间；虚线：未去重；浅绿：数据太少，区间宽于 50 个百分点）",
    "Share of the brand's posts that carry it, % by week (line: without copies, with its 95% interval; dashes: all; "
    "pale: too few posts, an interval over 50 points)",
)
NO_OFFICIAL = Words(
    "没有登记官方账号，因此没有剔除任何账号。", "No official accounts are registered, so none is left out."
)
SINCE_PERIOD = Words("“最早”只看所选期间。", "“First” looks at the chosen period only.")
ACTOR_LETTERS = 8
SCHEMA = pa.schema(
    [("day", pa.date32()), ("last", pa.date32()), *[(name, pa.float64()) for name in ("share", "low", "high", "raw")]]
    + [(name, pa.int64()) for name in ("posts", "carrying", "unique_posts", "unique_carrying")]
)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of posts in per cent, with its interval and the counts behind it; None where nothing was counted."""

    percent: float | None
    low: float
    high: float
    part: int
    whole: int

    def say(self, language: str) -> str:
        """Return the share with no more digits than its interval allows."""
        return "—" if self.percent is None else _percent(self.percent, language, (self.low, self.high))

    def say_interval(self, language: str) -> str:
        """Return its 95 % interval."""
        if self.percent is None:
            return ""
        bounds = (self.low, self.high)
        return f"{_percent(self.low, language, bounds)} – {_percent(self.high, language, bounds)}"


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message, or one value of a cut of it: without copies, with copies, the period before, and against it."""

    id: str
    name: Words
    once: Share
    every: Share
    before: Share
    is_clear: bool
    countering: int

    @property
    def sign(self) -> str:
        """Which way it goes against the period before, where the two intervals do not overlap."""
        if not self.is_clear:
            return ""
        return "↑" if (self.once.percent or 0) > (self.before.percent or 0) else "↓"


@dataclass(frozen=True, slots=True)
class CounterRow:
    """One message against a storyline: how many say it, and how its share went in the last whole week there is."""

    id: str
    name: Words
    posts: int
    week: date | None
    share: Share
    growth: float | None
    is_clear: bool

    @property
    def until(self) -> date | None:
        """The last day of the week."""
        return self.week + timedelta(days=6) if self.week else None


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """One of the first who carried a message, under a name that tells them apart and not who they are."""

    place: int
    person: str
    event_id: str
    time: datetime
    channel: Words


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message in detail."""

    row: MessageRow
    picture: Picture
    weeks: tuple[dict[str, Any], ...]
    markets: tuple[MessageRow, ...]
    channels: tuple[MessageRow, ...]
    counters: tuple[CounterRow, ...]
    carriers: tuple[CarrierRow, ...]
    link: str


def list_messages(report: StorylineReport, definitions: Storylines) -> list[MessageRow]:
    """Return one row per storyline, those carried most first; ties in the order of the file."""
    now, before = _index(report.pull, "all"), _index(report.before, "all")
    rows = [
        _make_row(entry.id, entry.name, now.get((entry.id, None)), before.get((entry.id, None)))
        for entry in definitions.entries
    ]
    return sorted(rows, key=lambda row: -row.once.part)


def build_message(
    report: StorylineReport, definitions: Storylines, entry: Storyline, query: OverviewQuery
) -> MessageView:
    """Return one storyline in detail."""
    row = next(row for row in list_messages(report, definitions) if row.id == entry.id)
    weeks = _list_weeks(report, entry.id, query)
    table = pa.Table.from_pylist(weeks, SCHEMA)
    picture = Picture("pull_through", _tell(row), SUBTITLE, table, _make_proof(report, entry.id))
    return MessageView(
        row,
        picture,
        tuple(weeks),
        _list_cut(report, entry.id, "market"),
        _list_cut(report, entry.id, "channel"),
        _list_counters(report, definitions, entry, query),
        _list_carriers(report, entry.id),
        entry.brands[0] if len(entry.brands) == 1 else "",
    )


def hide_actor(actor: str) -> str:
    """Return a short name for an author: the same for the same one, and nobody can tell who it is without our key."""
    return salted_hmac("canyu.voices.actor", actor).hexdigest()[:ACTOR_LETTERS]


def _make_row(row_id: str, name: Words, now: Mapping[str, Any] | None, before: Mapping[str, Any] | None) -> MessageRow:
    once, earlier = _make_share(now, "unique_"), _make_share(before, "unique_")
    both = once.percent is not None and earlier.percent is not None
    is_clear = both and (once.low > earlier.high or once.high < earlier.low)
    return MessageRow(
        row_id, name, once, _make_share(now, ""), earlier, is_clear, now["unique_countering"] if now else 0
    )


def _make_share(row: Mapping[str, Any] | None, prefix: str) -> Share:
    if row is None or not row[f"{prefix}posts"]:
        return Share(None, 0.0, 100.0, 0, 0)
    share, low, high = (100 * max(0.0, row[f"{prefix}{name}"]) for name in ("share", "low", "high"))
    return Share(share, low, high, row[f"{prefix}carrying"], row[f"{prefix}posts"])


def _index(pull: pa.Table, cut: str) -> dict[tuple[str, str | None], dict[str, Any]]:
    return {(row["storyline"], row["value"]): row for row in pull.to_pylist() if row["cut"] == cut}


def _list_cut(report: StorylineReport, entry_id: str, cut: str) -> tuple[MessageRow, ...]:
    now, before = _index(report.pull, cut), _index(report.before, cut)
    found = []
    for (storyline, value), row in now.items():
        if storyline == entry_id:
            name = get_channel_label(value) if cut == "channel" else get_market_label(value)
            found.append(_make_row(value or "", name, row, before.get((storyline, value))))
    return tuple(sorted(found, key=lambda row: (-row.once.whole, row.id)))


def _list_weeks(report: StorylineReport, entry_id: str, query: OverviewQuery) -> list[dict[str, Any]]:
    known = {value: row for (storyline, value), row in _index(report.pull, "week").items() if storyline == entry_id}
    day = query.start - timedelta(days=query.start.weekday())
    weeks = []
    while day <= query.end:
        row = known.get(day.isoformat())
        once, every = _make_share(row, "unique_"), _make_share(row, "")
        is_known = once.percent is not None
        shares = {"share": once.percent, "low": once.low if is_known else None, "high": once.high if is_known else None}
        counts = {
            "posts": every.whole,
            "carrying": every.part,
            "unique_posts": once.whole,
            "unique_carrying": once.part,
        }
        weeks.append({"day": day, "last": day + timedelta(days=6), **shares, "raw": every.percent, **counts})
        day += timedelta(days=7)
    return weeks


def _list_counters(
    report: StorylineReport, definitions: Storylines, entry: Storyline, query: OverviewQuery
) -> tuple[CounterRow, ...]:
    rows = [row for row in report.growth.to_pylist() if row["storyline"] == entry.id and row["stance"] == "counters"]
    found = []
    for counter in dict.fromkeys([*(one.id for one in entry.counters), *(row["id"] for row in rows)]):
        mine = [row for row in rows if row["id"] == counter]
        whole = [row for row in mine if query.start <= row["week"] and row["week"] + timedelta(days=6) <= query.end]
        last = whole[-1] if whole else None
        name = definitions.names.get(counter, Words(counter, counter))
        posts = sum(row["unique_posts"] for row in mine)
        if last is None:
            found.append(CounterRow(counter, name, posts, None, _make_share(None, ""), None, False))
            continue
        percent, low, high = (100 * max(0.0, last[key]) for key in ("unique_share", "low", "high"))
        share = Share(percent, low, high, last["unique_posts"], 0)
        found.append(CounterRow(counter, name, posts, last["week"], share, last["growth"], last["is_clear"]))
    return tuple(sorted(found, key=lambda row: (-row.posts, row.id)))


def _list_carriers(report: StorylineReport, entry_id: str) -> tuple[CarrierRow, ...]:
    rows = [row for row in report.carriers.to_pylist() if row["storyline"] == entry_id]
    return tuple(
        CarrierRow(
            row["place"], hide_actor(row["actor"]), row["event_id"], row["time"], get_channel_label(row["channel"])
        )
        for row in rows
    )


def _tell(row: MessageRow) -> Words:
    if row.once.percent is None:
        return Words(f"“{row.name.zh}”：期间内没有提及该品牌的帖子", f"“{row.name.en}”: no post mentions the brand")
    zh, en = row.once.say("zh"), row.once.say("en")
    if row.is_clear:
        was_zh, was_en = row.before.say("zh"), row.before.say("en")
        way_zh, way_en = ("高于", "up from") if row.sign == "↑" else ("低于", "down from")
        return Words(
            f"{zh} 的帖子带有“{row.name.zh}”，{way_zh}上期的 {was_zh}",
            f"{en} of the posts carry “{row.name.en}”, {way_en} {was_en} before",
        )
    return Words(f"{zh} 的帖子带有“{row.name.zh}”", f"{en} of the posts carry “{row.name.en}”")


def tell_official(report: StorylineReport, storyline_id: str) -> Words:
    """Return whose posts were left out as the brand's own, and what these say of a storyline."""
    own = next((row for row in report.own.to_pylist() if row["storyline"] == storyline_id), None)
    if not report.official or own is None:
        return NO_OFFICIAL
    carrying, posts, first = own["carrying"], own["posts"], own["first_time"]
    since = (f"，最早 {first:%Y-%m-%d}", f", the first on {first:%Y-%m-%d} (UTC)") if first else ("", "")
    return Words(
        f"已剔除登记的 {report.official} 个官方账号：它们有 {posts} 条提到该品牌，"
        f"其中 {carrying} 条带有该主张{since[0]}。",
        f"Registered official accounts ({report.official}) are left out: {posts} posts of theirs mention the brand, "
        f"{carrying} of them carry the message{since[1]}.",
    )


def _make_proof(report: StorylineReport, storyline_id: str) -> Proof:
    names = ("pull_through", "unique_pull_through", "countering", "growth", "first_carriers")
    definition = Words(
        "".join(DEFINITIONS[name].zh for name in names), " ".join(DEFINITIONS[name].en for name in names)
    )
    caveats = (CAVEAT_COLLECTED, CAVEAT_MATCH, tell_official(report, storyline_id), SINCE_PERIOD)
    return Proof(definition, report.sql, report.versions, report.posts, report.engine, caveats)


def _percent(value: float, language: str, bounds: tuple[float, float]) -> str:
    return f"{format_number(value, language, bounds)}%"
