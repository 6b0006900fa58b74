"""``canyu rumours``: claims that spread and should be checked, from a lake."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.listen.rumour_queue import Entry, RumourQueue


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "待核实的说法：提到目录中品牌、正在传播、像谣言的帖子。这是队列，不是结论。",
        "Claims to check: spreading posts about the catalogue that look like rumours. A queue, not a verdict.",
    ),
)
@lake_option
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3660), help=say("最近多少天。", "Days."))
@click.option("--brand", default="", help=say("只看这个品牌（目录编号）。", "Only this brand (id of the catalogue)."))
@click.option(
    "--precision",
    default=0.9,
    show_default=True,
    type=click.FloatRange(0.5, 1, max_open=True),
    help=say("列出的说法中，希望谣言至少占多少。", "The share of rumours wanted among the listed."),
)
@click.option(
    "--share",
    default=0.05,
    show_default=True,
    type=click.FloatRange(0, 0.5, min_open=True),
    help=say("预计所有帖子中谣言占多少。", "The share of rumours expected among all posts."),
)
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help=say("最多几条。", "At most.")
)
@json_option
def command(address: str, days: int, brand: str, precision: float, share: float, limit: int, as_json: bool) -> None:
    """List the claims worth a look."""
    from canyu.events import open_lake
    from canyu.kit.errors import NotFound
    from canyu.kit.words import Words
    from canyu.listen.rumour_queue import QueueAsk, read_queue
    from canyu.listen.watch import find_last_hour

    lake = open_lake(address)
    end = find_last_hour(lake)
    if end is None:
        raise NotFound(
            Words("还没有可看的数据。", "There is nothing to watch yet."),
            mend=Words("请先运行 canyu listen。", "Run canyu listen first."),
        )
    queue = read_queue(lake, QueueAsk(end - timedelta(days=days), end, brand, precision, share, limit))
    if as_json:
        click.echo(dump_json(describe_queue(queue)))
        return
    for entry in queue.entries:
        click.echo(tell_entry(entry))
    posts, reactions = f"{queue.posts:,}", f"{queue.reactions:,}"
    click.echo(
        say(
            f"从 {posts} 条帖子和 {reactions} 条回应中列出 {queue.listed} 条说法。这是队列，不是结论：请逐条核实。",
            f"{queue.listed} claims listed from {posts} posts, {reactions} answers. A queue, no verdict: check each.",
        )
    )


def describe_queue(queue: RumourQueue) -> dict[str, Any]:
    """Return a queue as a program reads it."""
    thresholds = {
        view.name.lower(): found
        and {
            "precision": round(found.precision, 4),
            "low": round(found.low, 4),
            "high": round(found.high, 4),
            "recall": round(found.recall, 4),
            "held_out_posts": found.posts,
        }
        for view, found in queue.thresholds.items()
    }
    return {
        "now": queue.now.isoformat() if queue.now else None,
        "model_version": queue.model_version,
        "posts": queue.posts,
        "reactions": queue.reactions,
        "listed": queue.listed,
        "thresholds": thresholds,
        "candidates": [describe_entry(entry) for entry in queue.entries],
    }


def describe_entry(entry: Entry) -> dict[str, Any]:
    """Return a candidate as a program reads it."""
    found = entry.candidate
    spread = found.spread
    return {
        "rank": found.rank,
        "lead": found.lead,
        "posts": list(found.posts),
        "copies": found.copies,
        "time": entry.time.isoformat(),
        "channel": entry.channel,
        "text": entry.text,
        "claim": {"start": found.claim.start, "end": found.claim.end, "sentence": found.claim.sentence},
        "probability": round(found.probability, 4),
        "interval": [round(end, 4) for end in entry.interval],
        "reasons": found.reasons,
        "quotes": [
            {"stance": str(quote.stance), "id": quote.event_id, "text": quote.text, "time": quote.time.isoformat()}
            for quote in found.quotes
        ],
        "spread": {"reactions": spread.reactions, "first_hour": spread.first_hour, "per_hour": spread.per_hour},
    }


def tell_entry(entry: Entry) -> str:
    """Return a candidate on two lines, without what a terminal would obey."""
    found = entry.candidate
    claim = "".join(sign if sign.isprintable() else " " for sign in found.claim.sentence)
    chance, low, high = (f"{100 * share:.0f}" for share in (found.probability, *entry.interval))
    when, copies, spread = f"{entry.time:%Y-%m-%d %H:%M}", found.copies, found.spread.reactions
    return say(
        f"{found.rank}. {claim}\n   {chance}%（{low}% 至 {high}%），{when} UTC，{copies} 条雷同，{spread} 条回应",
        f"{found.rank}. {claim}\n   {chance}% ({low}% to {high}%), {when} UTC, {copies} copies, {spread} answers",
    )
