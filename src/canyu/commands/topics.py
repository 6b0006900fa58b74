"""``canyu topics``: what people talk of by day or by week, and how each topic goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from canyu.commands.options import (
    HELP_NAMES,
    catalogue_option,
    channel_option,
    first_day_option,
    json_option,
    lake_option,
    last_day_option,
    market_option,
    zone_option,
)
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.listen.topic_report import TopicReport

Row = dict[str, Any]
DAYS_BY_DAY = 14
ENDED = "ended"
EXCERPT_LETTERS = 140


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "逐日或逐周的话题：名称、含雷同帖与去重的帖数、合并与分化的来处、代表帖。",
        "Topics by day or by week: label, posts with copies and without, what each merged or split from, and the posts "
        "that stand for it.",
    ),
)
@lake_option
@first_day_option
@last_day_option
@click.option(
    "--unit",
    type=click.Choice(["day", "week"]),
    help=say(
        f"按日还是按周；默认 {DAYS_BY_DAY} 天以内按日。",
        f"By day or by week; up to {DAYS_BY_DAY} days by day if not given.",
    ),
)
@click.option("--brand", default="", help=say("只看提到这个品牌的帖子。", "Only posts that name this brand (its id)."))
@channel_option
@market_option
@zone_option
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help=say("每个时段最多几个话题，大的在前。", "Topics of one day or week at most, the largest first."),
)
@catalogue_option
@json_option
def command(
    address: str,
    first: datetime,
    last: datetime,
    unit: str | None,
    brand: str,
    channel: str,
    market: str,
    zone: str,
    limit: int,
    catalogue_path: str,
    as_json: bool,
) -> None:
    """Tell the topics."""
    from canyu.events import open_lake
    from canyu.events.catalogue import load_catalogue
    from canyu.events.own_accounts import find_own_actors
    from canyu.listen.slices import Slice
    from canyu.listen.topic_report import report_topics
    from canyu.measure.period import make_period

    period = make_period(first.date(), last.date(), zone)
    chosen = unit or ("day" if (last - first).days < DAYS_BY_DAY else "week")
    part = Slice(period.start, period.end, channel, market)
    lake = open_lake(address)
    report = report_topics(lake, part, chosen, brand, find_own_actors(lake, load_catalogue(catalogue_path).accounts))
    described = {
        "unit": chosen,
        "brand": brand or None,
        "channel": channel or None,
        "market": market or None,
        **describe_report(report, limit),
    }
    if as_json:
        click.echo(dump_json(described))
        return
    for told in described["periods"]:
        for line in tell_period(told):
            click.echo(line)
    posts, unique = f"{report.posts:,}", f"{report.unique:,}"
    click.echo(say(f"读了 {posts} 条帖子，去重 {unique} 条。", f"{posts} posts read, {unique} without copies."))


def describe_report(report: TopicReport, limit: int) -> Row:
    """Return topics as a program reads them: per day or week the largest ``limit``, with what they come from."""
    from canyu.listen.topics import DEFINITIONS

    return {
        "definition": " ".join(one.en for one in DEFINITIONS.values()),
        "zone": report.zone,
        "model_version": report.model_version,
        "versions": report.versions,
        "posts": report.posts,
        "posts_without_copies": report.unique,
        "posts_in_topics": report.told,
        "posts_in_topics_without_copies": report.told_unique,
        "is_drawn": report.is_drawn,
        "periods": list(list_periods(report, limit)),
    }


def list_periods(report: TopicReport, limit: int) -> Iterator[Row]:
    """Yield each day or week that has topics, or had them the time before."""
    from canyu.listen.topic_report import count_own

    labels: dict[str, str] = {}
    own = count_own(report)
    rows, zone = report.topics.to_pylist(), report.zone
    for begin, group in groupby(rows, key=lambda row: row["period_start"]):
        mine = list(group)
        alive = [row for row in mine if row["status"] != ENDED]
        alive.sort(key=lambda row: (-row["unique_posts"], -row["posts"], row["topic_id"]))
        ended = [{"id": row["topic_id"], "label": row["label"]} for row in mine if row["status"] == ENDED]
        yield {
            "first": find_day(begin, zone).isoformat(),
            "last": (find_day(mine[0]["period_end"], zone) - timedelta(days=1)).isoformat(),
            "topics_in_all": len(alive),
            "topics": [
                describe_topic(row, labels, report.texts)
                | {"own_posts": None if report.own is None else own[begin, row["topic_id"]]}
                for row in alive[:limit]
            ],
            "ended": ended[:limit],
            "ended_in_all": len(ended),
        }
        labels |= {row["topic_id"]: row["label"] for row in alive}


def describe_topic(row: Row, labels: dict[str, str], texts: dict[str, str]) -> Row:
    """Return one topic as a program reads it; shares are of its posts with a sentiment, null where there are none."""
    return {
        "id": row["topic_id"],
        "label": row["label"],
        "phrases": row["phrases"],
        "status": row["status"],
        "from": [{"id": one, "label": labels.get(one)} for one in row["parents"]],
        "posts": row["posts"],
        "posts_without_copies": row["unique_posts"],
        "authors": row["authors"],
        "positive": row["positive"],
        "neutral": row["neutral"],
        "negative": row["negative"],
        "standing": [{"id": one, "text": texts.get(one, "")} for one in row["standing"]],
    }


def find_day(moment: datetime, zone: str) -> date:
    """Return the day of a moment in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def tell_period(told: Row) -> Iterator[str]:
    """Yield the lines of one day or week, without what a terminal would obey."""
    from canyu.listen.topics import STATUSES

    days = told["first"] if told["first"] == told["last"] else f"{told['first']} – {told['last']}"
    whole = told["topics_in_all"]
    yield say(f"{days}：{whole} 个话题", f"{days}: {whole} topics")
    for row in told["topics"]:
        status = STATUSES[row["status"]]
        origin = ", ".join(str(one["label"]) for one in row["from"] if one["label"] and one["id"] != row["id"])
        origin = f" ← {origin}" if origin else ""
        posts, unique = f"{row['posts']:,}", f"{row['posts_without_copies']:,}"
        count = row["own_posts"]
        own = say(f"，官方账号 {count:,} 条", f", {count:,} by own accounts") if count else ""
        line = say(
            f"  {row['label']}：{posts} 条，去重 {unique} 条{own}（{status}{origin}）",
            f"  {row['label']}: {posts} posts, {unique} without copies{own} ({status}{origin})",
        )
        yield strip_controls(line)
        if row["standing"]:
            yield "    " + strip_controls(" ".join(row["standing"][0]["text"].split())[:EXCERPT_LETTERS])


def strip_controls(line: str) -> str:
    r"""Return a line of others' words without what would steer the terminal.

    >>> strip_controls("a\x1b[2Jb")
    'a [2Jb'
    """
    return "".join(sign if sign.isprintable() else " " for sign in line)
