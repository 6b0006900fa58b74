"""What to do next: the few ways on from an overview, chosen from what it shows; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure import Overview, OverviewQuery, Picture
from canyu.ops.insight.rules import ALL

MOST_DAYS = 3
# A product's complaints are worth a look from here on: fewer are chance.
FEW_NEGATIVE = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One way on: what it says and the posts that it opens."""

    words: Words
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Day:
    """One day that a picture points at: how many posts it has, and what narrows the list of posts to them."""

    day: date
    posts: int
    narrower: dict[str, str]


def list_days(picture: Picture) -> list[Day]:
    """Return the days of a picture by day that explain it: the fullest ones, or those with most negative posts.

    In the order of time; of equals the earlier ones.
    """
    is_mood = picture.name == "sentiment_by_day"
    count = "negative" if is_mood else "posts"
    rows: list[dict[str, Any]] = [row for row in picture.table.to_pylist() if row[count]]
    found = sorted(rows, key=lambda row: (-row[count], row["day"]))[:MOST_DAYS]
    narrower = {"sentiment": "negative"} if is_mood else {}
    return [Day(row["day"], int(row[count]), narrower) for row in sorted(found, key=lambda row: row["day"])]


def list_steps(overview: Overview) -> list[Step]:
    """Return up to three ways on: the negative posts, the product with most of them, and what spread furthest."""
    found = [_read_negative(overview), _read_worst_product(overview), _read_spread(overview)]
    return [step for step in found if step is not None]


def _read_negative(overview: Overview) -> Step | None:
    negative = sum(row["negative"] or 0 for row in _rows(overview, "sentiment_by_day"))
    if not negative:
        return None
    words = Words(
        f"读一读 {format_number(negative, 'zh')} 条负面帖子", f"Read the {format_number(negative)} negative posts"
    )
    link = overview.query.brand or ALL
    return Step(words, {**_keep(overview.query), "link": link, "sentiment": "negative", "sort": "spread"})


def _read_worst_product(overview: Overview) -> Step | None:
    rows = [row for row in _rows(overview, "products") if (row["negative"] or 0) >= FEW_NEGATIVE]
    if not rows:
        return None
    worst = max(rows, key=lambda row: (row["negative"] / row["mentions"], row["id"]))
    share = round(100 * worst["negative"] / worst["mentions"])
    words = Words(
        f"看看 {worst['label_zh']}：提及它的帖子里 {share}% 是负面的",
        f"Look at {worst['label_en']}: {share}% of the posts about it are negative",
    )
    return Step(words, {**_keep(overview.query), "link": worst["id"], "sentiment": "negative"})


def _read_spread(overview: Overview) -> Step | None:
    if not _rows(overview, "posts"):
        return None
    link = overview.query.brand or ALL
    return Step(
        Words("看看传得最广的帖子", "See what spread furthest"),
        {**_keep(overview.query), "link": link, "sort": "spread"},
    )


def _rows(overview: Overview, name: str) -> list[dict[str, Any]]:
    for picture in overview.pictures:
        if picture.name == name:
            found: list[dict[str, Any]] = picture.table.to_pylist()
            return found
    return []


def _keep(query: OverviewQuery) -> dict[str, str]:
    params = {"from": query.start.isoformat(), "to": query.end.isoformat()}
    return params | {"channel": query.channel, "market": query.market}
