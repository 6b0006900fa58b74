"""The topics as the page shows them: those of one day or week, and how they went on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from canyu.kit.words import Words
from canyu.listen.topic_report import TopicReport, count_own
from canyu.listen.topics import DEFINITIONS, STATUSES
from canyu.measure import OverviewQuery, Picture, Proof
from canyu.measure.definitions import CAVEAT_COLLECTED
from canyu.ops.insight.rules import ONLY

MOST_LINES, MOST_PERIODS = 15, 8
MOST_ROWS, MOST_ENDED = 50, 30
"""Topics of one period that the page shows, the largest first; the file holds all."""
EXCERPT_LETTERS = 140
ENDED = "ended"
SUBTITLE = Words(
    "每格：去重帖数，其下为与上一时段相比的状态",
    "Each cell: posts without copies, below it how it goes on from the period before",
)
CAVEAT_WORDS = Words(
    "话题按用词分组，名称取自帖子原文；同一件事用不同的词说，可能分成几个话题。",
    "Topics group posts by their words and are named in them: one matter told in other words may be several topics.",
)
SCHEMA = pa.schema(
    [
        ("period", pa.date32()),
        *[(name, pa.string()) for name in ("topic_id", "label", "status", "parents")],
        *[(name, pa.int64()) for name in ("posts", "unique_posts", "authors", "own_posts")],
        *[(name, pa.float64()) for name in ("positive", "neutral", "negative")],
    ]
)


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic of a day or week: shares in per cent (None where no post has a sentiment), and what stands for it."""

    id: str
    label: str
    phrases: tuple[str, ...]
    status: str
    posts: int
    unique: int
    authors: int
    positive: float | None
    negative: float | None
    parents: tuple[str, ...]
    standing: tuple[tuple[str, str], ...]
    own: int | None
    """Posts of the brands' own accounts; None where none is registered."""

    @property
    def word(self) -> Words:
        """Its status in words."""
        return STATUSES[self.status]


@dataclass(frozen=True, slots=True)
class TopicLine:
    """One topic over time; a cell is (period, posts without copies, status, size from 1 to 3), None where it is not."""

    id: str
    label: str
    cells: tuple[tuple[date, int, Words, int] | None, ...]


@dataclass(frozen=True, slots=True)
class TopicView:
    """The topics of the chosen period, and the largest ones over the newest periods."""

    periods: tuple[date, ...]
    chosen: date | None
    rows: tuple[TopicRow, ...]
    total: int
    ended: tuple[str, ...]
    ended_left: int
    shown: tuple[date, ...]
    lines: tuple[TopicLine, ...]
    picture: Picture


def build_topics(report: TopicReport, chosen: date | None) -> TopicView:
    """Return the topics of a day or week (by default the newest one), and how topics went on."""
    own = count_own(report)
    rows = [
        {
            **row,
            "period": _find_day(row, report.zone),
            "own_posts": None if report.own is None else own[row["period_start"], row["topic_id"]],
        }
        for row in report.topics.to_pylist()
    ]
    periods = tuple(sorted({row["period"] for row in rows}))
    chosen = chosen if chosen in periods else periods[-1] if periods else None
    mine = [row for row in rows if row["period"] == chosen]
    labels = _name_before(rows, chosen)
    alive = [row for row in mine if row["status"] != ENDED]
    alive.sort(key=lambda row: (-row["unique_posts"], -row["posts"], row["topic_id"]))
    found = [_make_row(row, labels, report.texts) for row in alive[:MOST_ROWS]]
    ended = tuple(row["label"] for row in mine if row["status"] == ENDED)
    shown = periods[-MOST_PERIODS:]
    picture = Picture("topics", _tell(found), SUBTITLE, _tabulate(rows), make_proof(report))
    return TopicView(
        periods=periods,
        chosen=chosen,
        rows=tuple(found),
        total=len(alive),
        ended=ended[:MOST_ENDED],
        ended_left=max(0, len(ended) - MOST_ENDED),
        shown=shown,
        lines=_list_lines(rows, shown),
        picture=picture,
    )


def make_proof(report: TopicReport) -> Proof:
    """Return how the topics came to be."""
    texts = list(DEFINITIONS.values())
    definition = Words("".join(one.zh for one in texts), " ".join(one.en for one in texts))
    caveats = (CAVEAT_COLLECTED, CAVEAT_WORDS)
    return Proof(definition, report.sql, report.versions, report.posts, report.engine, caveats)


def list_members(report: TopicReport, topic_id: str, day: date, accounts: str = "") -> list[str]:
    """Return the ids of a topic's posts on a day or in a week, those that are most like it first.

    ``accounts``: ``only`` those of the brands' own accounts, or ``without`` these.
    """
    rows = [
        row for row in report.members.to_pylist() if row["topic_id"] == topic_id and _find_day(row, report.zone) == day
    ]
    if accounts:
        rows = [row for row in rows if (row["event_id"] in (report.own or ())) == (accounts == ONLY)]
    return [row["event_id"] for row in sorted(rows, key=lambda row: (-row["weight"], row["event_id"]))]


def find_last_day(day: date, unit: str) -> date:
    """Return the last day of the day or week that begins on a day."""
    return day + timedelta(days=6 if unit == "week" else 0)


def find_days(query: OverviewQuery, unit: str) -> tuple[date, date]:
    """Return the first and the last day of the days or whole weeks that a period touches."""
    if unit == "day":
        return query.start, query.end
    monday = query.end - timedelta(days=query.end.weekday())
    return query.start - timedelta(days=query.start.weekday()), find_last_day(monday, unit)


def _find_day(row: dict[str, Any], zone: str) -> date:
    found: date = row["period_start"].astimezone(ZoneInfo(zone)).date()
    return found


def _make_row(row: dict[str, Any], labels: dict[str, str], texts: dict[str, str]) -> TopicRow:
    positive, negative = (None if row[name] is None else 100 * row[name] for name in ("positive", "negative"))
    standing = tuple((one, " ".join(texts.get(one, "").split())[:EXCERPT_LETTERS]) for one in row["standing"])
    others = [one for one in row["parents"] if one != row["topic_id"] or len(row["parents"]) > 1]
    return TopicRow(
        row["topic_id"],
        row["label"],
        tuple(one for one in row["phrases"] if one != row["label"]),
        row["status"],
        row["posts"],
        row["unique_posts"],
        row["authors"],
        positive,
        negative,
        tuple(labels[one] for one in others if one in labels),
        standing,
        row["own_posts"],
    )


def _name_before(rows: list[dict[str, Any]], chosen: date | None) -> dict[str, str]:
    """Return what each topic was called last before the chosen period."""
    earlier = [row for row in rows if chosen is not None and row["period"] < chosen and row["status"] != ENDED]
    return {row["topic_id"]: row["label"] for row in sorted(earlier, key=lambda row: row["period"])}


def _list_lines(rows: list[dict[str, Any]], shown: tuple[date, ...]) -> tuple[TopicLine, ...]:
    inside = [row for row in rows if row["period"] in shown]
    sizes: dict[str, int] = {}
    for row in inside:
        sizes[row["topic_id"]] = sizes.get(row["topic_id"], 0) + row["unique_posts"]
    most = max((row["unique_posts"] for row in inside), default=1) or 1
    lines = []
    for topic in sorted(sizes, key=lambda topic: (-sizes[topic], topic))[:MOST_LINES]:
        mine = {row["period"]: row for row in inside if row["topic_id"] == topic}
        label = mine[max(mine)]["label"]
        lines.append(TopicLine(topic, label, tuple(_make_cell(mine.get(day), most) for day in shown)))
    return tuple(lines)


def _make_cell(row: dict[str, Any] | None, most: int) -> tuple[date, int, Words, int] | None:
    if row is None:
        return None
    posts = row["unique_posts"]
    size = 0 if not posts else 3 if 3 * posts > 2 * most else 2 if 3 * posts > most else 1
    return row["period"], posts, STATUSES[row["status"]], size


def _tell(rows: list[TopicRow]) -> Words:
    if not rows:
        return Words("这段时间没有成型的话题", "No topic stands out in this period")
    first = rows[0]
    return Words(f"谈得最多的是“{first.label}”", f"Most talk is of “{first.label}”")


def _tabulate(rows: list[dict[str, Any]]) -> pa.Table:
    kept = [{**row, "parents": " ".join(row["parents"])} for row in rows]
    return pa.Table.from_pylist([{name: row[name] for name in SCHEMA.names} for row in kept], SCHEMA)
