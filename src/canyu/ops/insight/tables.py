"""Turns a picture's rows into a table for people: which columns, in which order, with bars and links."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from canyu.kit.numbers import format_full, format_number
from canyu.kit.words import Words
from canyu.measure import OverviewQuery, Picture
from canyu.measure.channels import get_channel_label
from canyu.measure.definitions import COLUMNS
from canyu.ops.insight.posts import Post
from canyu.ops.insight.rules import ALL, guard_cell

SHOWN: dict[str, tuple[str, ...]] = {
    "share_of_voice": ("name", "mentions", "share"),
    "products": ("name", "mentions", "net"),
    "channels": ("name", "posts", "net"),
    "board_minutes": ("name", "minutes", "titles"),
    "posts": ("text", "sentiment", "channel", "time", "total"),
    "volume_by_day": ("day", "posts"),
    "sentiment_by_day": ("day", "net", "low", "high", "positive", "neutral", "negative"),
}
# The counts that lead to the posts they count, with what narrows the list to these.
COUNTS: dict[str, dict[str, str]] = {
    "mentions": {},
    "share": {},
    "posts": {},
    "positive": {"sentiment": "positive"},
    "neutral": {"sentiment": "neutral"},
    "negative": {"sentiment": "negative"},
}
BARS = {"share_of_voice": "share", "products": "mentions", "channels": "posts", "board_minutes": "minutes"}
# The page shows the first rows; files and the API hold all.
MOST_ROWS = {"products": 8, "channels": 8, "board_minutes": 4, "share_of_voice": 6}
NAME = Words("名称", "Name")
POST_COLUMNS = (
    *("id", "time", "type", "source", "channel", "market", "lang", "sentiment", "p_negative", "p_neutral"),
    *("p_positive", "emotion", "links", "storylines", "cluster_id", "is_copy", "reposts", "comments", "likes"),
    *("model_version", "text"),
)
"""Of the file of posts."""
EXCERPT_LETTERS = 140


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it says, all digits for the hover, where it leads, and how long its bar is (0 to 100)."""

    text: str
    title: str = ""
    url: str = ""
    bar: float | None = None
    net: float | None = None
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as the page shows it."""

    headers: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def is_words(self) -> bool:
        """Whether it lists posts, which a phone shows one below the other."""
        return any(cell.kind == "words" for row in self.rows[:1] for cell in row)


def build_table_view(picture: Picture, query: OverviewQuery, language: str) -> TableView:
    """Return the picture's rows as cells in the page's language."""
    columns = SHOWN[picture.name]
    rows = picture.table.to_pylist()[: MOST_ROWS.get(picture.name)]
    bar = BARS.get(picture.name, "")
    longest = max((row[bar] or 0 for row in rows), default=0) if bar else 0
    maker = _CellMaker(picture.name, query, language, bar, longest)
    headers = tuple((_get_header(column, language), _get_kind(column)) for column in columns)
    return TableView(headers, tuple(tuple(maker.make(column, row) for column in columns) for row in rows))


def write_csv(picture: Picture) -> str:
    """Return all rows and columns of a picture as CSV; texts that a spreadsheet would run as formulas are disarmed."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(picture.table.column_names)
    for row in picture.table.to_pylist():
        writer.writerow([guard_cell(_spell(value)) for value in row.values()])
    return stream.getvalue()


def write_posts_csv(posts: Iterable[Post]) -> str:
    """Return posts as CSV, without their authors; texts that a spreadsheet would run as formulas are disarmed."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(POST_COLUMNS)
    for post in posts:
        writer.writerow([guard_cell(_spell_out(getattr(post, name))) for name in POST_COLUMNS])
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class _CellMaker:
    picture: str
    query: OverviewQuery
    language: str
    bar: str
    longest: float

    def make(self, column: str, row: dict[str, Any]) -> Cell:
        if column == "name":
            return Cell(Words(row["label_zh"] or "", row["label_en"] or "").say(self.language), url=self._link(row))
        value = row[column]
        if column == "text":
            url = f"{reverse('post')}?{urlencode({'id': row['id']})}"
            return Cell((value or "—")[:EXCERPT_LETTERS], url=url, kind="words")
        if column == "channel":
            return Cell(get_channel_label(value).say(self.language))
        if column == "sentiment":
            return Cell(value or "", kind="mood")
        if isinstance(value, datetime):
            local = value.astimezone(ZoneInfo(self.query.zone))
            return Cell(f"{local:%m-%d %H:%M}", title=f"{local:%Y-%m-%d %H:%M} {self.query.zone}")
        if isinstance(value, date):
            return Cell(value.isoformat(), url=link_posts(self.query, day=value))
        if column == "net":
            return self._make_net(row)
        length = 100 * (value or 0) / self.longest if column == self.bar and self.longest else None
        interval = (row["low"], row["high"]) if column == "share" else None
        text = format_number(value, self.language, interval) + ("%" if column == "share" else "")
        return Cell(text, title=format_full(value), url=self._link_count(column, row), bar=length, kind="num")

    def _link_count(self, column: str, row: dict[str, Any]) -> str:
        if column == "minutes" or (column == "titles" and row[column]):
            return self._link_board(row)
        if column not in COUNTS or not row[column]:
            return ""
        day = row.get("day")
        found = dict(COUNTS[column])
        if day is None:
            found["channel" if self.picture == "channels" else "link"] = row["id"] or ""
        return link_posts(self.query, day=day, **found)

    def _make_net(self, row: dict[str, Any]) -> Cell:
        value, low, high = row["net"], row["low"], row["high"]
        if value is None:
            return Cell("—", kind="num")
        text = format_number(value, self.language, (low, high)).replace("-", "−")
        if self.picture == "products":
            url = self._link_aspects(row)
        elif self.picture == "channels":
            url = link_posts(self.query, channel=row["id"] or "", sort="spread")
        else:
            url = ""
        return Cell(text, title=f"{value:.1f} [{low:.1f}, {high:.1f}]", url=url, net=value, kind="num")

    def _link_aspects(self, row: dict[str, Any]) -> str:
        query = self.query
        params = {"from": query.start.isoformat(), "to": query.end.isoformat(), "brand": query.brand or ALL}
        params |= {"product": row["id"], "channel": query.channel, "market": query.market}
        return f"{reverse('aspects')}?{urlencode({name: value for name, value in params.items() if value})}"

    def _link_board(self, row: dict[str, Any]) -> str:
        query = self.query
        params = {"from": query.start.isoformat(), "to": query.end.isoformat(), "brand": row["id"]}
        params |= {"channel": query.channel}
        return f"{reverse('hot_lists')}?{urlencode({name: value for name, value in params.items() if value})}"

    def _link(self, row: dict[str, Any]) -> str:
        query = self.query
        if self.picture in {"share_of_voice", "board_minutes"}:
            params = {"from": query.start.isoformat(), "to": query.end.isoformat(), "market": query.market}
            return "?" + urlencode({**params, "brand": row["id"], "channel": query.channel})
        if self.picture == "channels":
            return link_posts(query, channel=row["id"] or "")
        return link_posts(query, link=row["id"])


def link_posts(query: OverviewQuery, *, day: date | None = None, **narrower: str) -> str:
    """Return the address of the posts of a view, or of one of its days, narrowed as stated."""
    params = {"from": (day or query.start).isoformat(), "to": (day or query.end).isoformat()}
    params |= {"market": query.market, "link": query.brand or ALL, "channel": query.channel, **narrower}
    return f"{reverse('posts')}?{urlencode({name: value for name, value in params.items() if value})}"


def link_figure(name: str, query: OverviewQuery) -> str:
    """Return where a figure of the overview leads: the posts it counts, or the entries on hot lists."""
    if name == "board_minutes":
        params = {"from": query.start.isoformat(), "to": query.end.isoformat(), "brand": query.brand or ALL}
        return f"{reverse('hot_lists')}?{urlencode(params)}#titles"
    return link_posts(query, sort="spread" if name == "engagement" else "")


def _get_header(column: str, language: str) -> str:
    return (NAME if column == "name" else COLUMNS[column]).say(language)


def _get_kind(column: str) -> str:
    return "text" if column in {"name", "text", "channel", "sentiment", "time", "day"} else "num"


def _spell(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _spell_out(value: object) -> object:
    return " ".join(value) if isinstance(value, tuple) else _spell(value)
