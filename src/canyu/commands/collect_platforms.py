"""The words of ``canyu collect`` for the platforms' official interfaces; keys come from the environment only."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from canyu.commands.collecting import Command, Place, end, open_place, tell, tell_taken, with_place
from canyu.events.sources import (
    Errand,
    Ledger,
    Notebook,
    PagedSource,
    Reddit,
    RedditKeys,
    RedditWish,
    Web,
    Weibo,
    WeiboList,
    WeiboWish,
    X,
    XWish,
    YouTube,
    YouTubeWish,
    collect_pages,
)
from canyu.events.sources import reddit as reddit_names
from canyu.events.sources import weibo as weibo_names
from canyu.events.sources import x as x_names
from canyu.events.sources import youtube as youtube_names
from canyu.events.sources.web import check_base
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.words import Words, say


@dataclass(frozen=True, slots=True)
class Run:
    """What every collection from a platform is told: where rows go, of which market they are, how far to read."""

    market: str
    most_pages: int
    is_rehearsal: bool
    lake_path: str
    state_folder: Path | None
    is_json: bool

    def open(self) -> Place:
        """Open the lake and find the folder of the notes."""
        return open_place(self.lake_path, self.state_folder, self.is_rehearsal, self.is_json)


def with_run(command: Callable[..., None]) -> Command:
    """Add the options that every platform has, and hand them to the command as one."""

    @wraps(command)
    def collect(
        market: str,
        most_pages: int,
        is_rehearsal: bool,
        lake_path: str,
        state_folder: Path | None,
        is_json: bool,
        **own: Any,
    ) -> None:
        command(Run(market, most_pages, is_rehearsal, lake_path, state_folder, is_json), **own)

    pages_option = click.option(
        "--pages",
        "most_pages",
        default=10,
        show_default=True,
        help=say("一次最多读几页；没读完的下次接着读。", "Pages to read at most; the next run goes on."),
    )
    return with_place(pages_option(collect))


@click.command(
    help=say("收 YouTube 上搜到的视频和评论。", "Collect the videos a QUERY finds on YouTube, with comments.")
)
@click.argument("query", metavar=say("搜索词", "QUERY"))
@with_run
@click.option("--region", default="", help=say("国家或地区，如 US。", "Country, as US."))
@click.option(
    "--comment-pages",
    default=1,
    show_default=True,
    help=say("每个视频读几页评论，每页 100 条。", "Pages of 100 comments to read under each video."),
)
@click.option(
    "--searches-per-day",
    default=youtube_names.SEARCHES_PER_DAY,
    show_default=True,
    help=say("项目每天可搜索几次。", "Searches that your project has per day."),
)
@click.option(
    "--units-per-day",
    default=youtube_names.UNITS_PER_DAY,
    show_default=True,
    help=say("项目每天有几个配额单位。", "Quota units that your project has per day."),
)
def youtube(
    run: Run,
    query: str,
    region: str,
    comment_pages: int,
    searches_per_day: int,
    units_per_day: int,
) -> None:
    """Collect from YouTube."""
    place = run.open()
    headers = {"X-Goog-Api-Key": _read_key(youtube_names.KEY_VARIABLE)}  # not in the address, which proxies log
    wish = YouTubeWish(query, run.market, region, comment_pages, searches_per_day, units_per_day)
    with Web(_read_base(youtube_names.BASE_VARIABLE, youtube_names.BASE), headers) as web:
        _collect(YouTube(web, _open_ledger(place), wish), place, run.most_pages)


@click.command(
    help=say("收 X 上近 7 天搜到的帖子，或提到自己账号的帖子。", "Collect posts of the last 7 days on X, or mentions.")
)
@click.option("--query", default="", help=say("搜索式，如 小米SU7 -is:retweet。", "The query, as su7 -is:retweet."))
@click.option("--mentions-of", default="", help=say("自己账号的数字编号。", "The number of your own account."))
@with_run
@click.option(
    "--posts-per-month",
    default=x_names.POSTS_PER_MONTH,
    show_default=True,
    help=say("每月最多读几条（按条计费）。", "Posts to read per month at most (each one is paid for)."),
)
def x(
    run: Run,
    query: str,
    mentions_of: str,
    posts_per_month: int,
) -> None:
    """Collect from X."""
    if bool(query) == bool(mentions_of) or (mentions_of and not mentions_of.isdigit()):
        raise click.UsageError(
            say("请写 --query 搜索式，或 --mentions-of 账号的数字编号。", "Give --query TEXT or --mentions-of NUMBER.")
        )
    place = run.open()
    headers = {"Authorization": f"Bearer {_read_key(x_names.TOKEN_VARIABLE)}"}
    with Web(_read_base(x_names.BASE_VARIABLE, x_names.BASE), headers) as web:
        _collect(
            X(web, _open_ledger(place), XWish(query, mentions_of, run.market, posts_per_month)), place, run.most_pages
        )


@click.command(
    help=say("收 Reddit 社区的新帖，或搜到的帖子。", "Collect new posts of a community on Reddit, or a search.")
)
@click.option("--community", default="", help=say("社区名，不带 r/。", "The community, without r/."))
@click.option("--query", default="", help=say("搜索词。", "What to search for."))
@with_run
def reddit(
    run: Run,
    community: str,
    query: str,
) -> None:
    """Collect from Reddit."""
    if not community and not query:
        raise click.UsageError(say("请写 --community 或 --query。", "Give --community or --query."))
    place = run.open()
    names = (reddit_names.ID_VARIABLE, reddit_names.SECRET_VARIABLE, reddit_names.USER_VARIABLE)
    keys = RedditKeys(*(_read_key(name) for name in names))
    base = _read_base(reddit_names.BASE_VARIABLE, "")
    headers = {} if run.is_rehearsal else reddit_names.log_in(keys, base or reddit_names.LOGIN_BASE)
    with Web(base or reddit_names.BASE, headers) as web:
        _collect(Reddit(web, _open_ledger(place), RedditWish(community, query, run.market)), place, run.most_pages)


@click.command(
    help=say(
        "收提到自己微博账号的帖子，或收到的评论。", "Collect posts that mention your own Weibo account, or comments."
    )
)
@click.argument("kind", type=click.Choice([str(kind) for kind in WeiboList]))
@with_run
@click.option(
    "--account", default="", help=say("收多个账号时给每个起的名字。", "A name of its own for each of several accounts.")
)
@click.option(
    "--requests-per-day",
    default=weibo_names.REQUESTS_PER_DAY,
    show_default=True,
    help=say("应用每天可为这个账号请求几次。", "Requests that your application has per day for the account."),
)
def weibo(
    run: Run,
    kind: str,
    account: str,
    requests_per_day: int,
) -> None:
    """Collect from the brand's own Weibo account."""
    place = run.open()
    headers = {"Authorization": f"OAuth2 {_read_key(weibo_names.TOKEN_VARIABLE)}"}
    wish = WeiboWish(WeiboList(kind), run.market, account, requests_per_day)
    with Web(_read_base(weibo_names.BASE_VARIABLE, weibo_names.BASE), headers) as web:
        _collect(Weibo(web, _open_ledger(place), wish), place, run.most_pages)


def _collect(source: PagedSource, place: Place, most_pages: int) -> None:
    """Read the source and tell; a dry run asks nobody and tells what is left of the allowance."""
    now = get_now()
    if place.lake is None:
        for allowance in source.allowances:
            used = _open_ledger(place).read_used(allowance, now=now)
            resets = f"{allowance.find_reset(now):%Y-%m-%d %H:%M}"
            told = say(f"已用 {used:,}/{allowance.limit:,}", f"{used:,} of {allowance.limit:,} used")
            anew = say(f"{resets} UTC 重新计算", f"anew at {resets} UTC")
            tell(say(f"{allowance.name}：{told}，{anew}", f"{allowance.name}: {told}, {anew}"))
        return
    found = collect_pages(source, Errand(place.lake, Notebook(place.state, "marks"), now, most_pages))
    tell_taken(source.name, found.taken)
    for note in found.notes:
        tell(say(f"  说明：{note}", f"  note: {note}"))
    if found.stopped is not None:
        tell(say(f"canyu：{found.stopped}", f"canyu: {found.stopped}"))
    elif not found.is_complete:
        tell(say("  还有更早的没读完，再运行会接着读。", "  There is more: run again to go on."))
    end(place, found.taken, found.stopped is not None)


def _open_ledger(place: Place) -> Ledger:
    return Ledger(Notebook(place.state, "quota"))


def _read_key(variable: str) -> str:
    """Return a key from the environment. Raises BadInput that names the variable where it is not set."""
    found = os.environ.get(variable, "").strip()
    if not found:
        raise BadInput(
            Words(f"没有设置环境变量 {variable}。", f"The environment variable {variable} is not set."),
            mend=Words(
                "把平台发给你的密钥放进去；怎样申请见 docs/sources.md。",
                "Put the key from the platform into it; docs/sources.md says how to get one.",
            ),
        )
    return found


def _read_base(variable: str, base: str) -> str:
    """Return the address of an interface: another one where a gateway or a test states it."""
    stated = os.environ.get(variable, "")
    return check_base(stated) if stated else base
