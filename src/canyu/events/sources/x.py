"""X API v2: recent posts that match a query, and posts that mention the brand's own account.

As documented (docs.x.com, read 2026-11-22): posts read count against a monthly cap that depends on the contract, and
cost money; requests are limited per 15 minutes, told by ``x-rate-limit-reset``. Recent search reaches back 7 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canyu.events.importers.mapping import Mapping
from canyu.events.sources.intake import build_mapping
from canyu.events.sources.paging import Mark, Page
from canyu.events.sources.quota import Allowance, Ledger, Period
from canyu.events.sources.web import Web, tell_refusal
from canyu.kit.words import Words

BASE = "https://api.x.com/2"
TOKEN_VARIABLE = "CANYU_X_TOKEN"  # noqa: S105 - the variable's name
BASE_VARIABLE = "CANYU_X_BASE"
POSTS_PER_MONTH = 10_000
PAGE_POSTS = 100
FIELDS = "created_at,author_id,public_metrics,referenced_tweets,lang"
KINDS = {"retweeted": "repost", "replied_to": "comment"}


@dataclass(frozen=True, slots=True)
class XWish:
    """A search, or the id of the brand's own account whose mentions are read; and how many posts a month may cost."""

    query: str = ""
    mentions_of: str = ""
    market: str = ""
    posts_per_month: int = POSTS_PER_MONTH


class X:
    """Reads posts, newest first; positions are post ids."""

    def __init__(self, web: Web, ledger: Ledger, wish: XWish) -> None:
        self.name = f"x:{wish.query}" if wish.query else f"x@{wish.mentions_of}"
        self.mapping: Mapping = build_mapping("x", channel="x", market=wish.market)
        self._web = web
        self._ledger = ledger
        self._path = "/tweets/search/recent" if wish.query else f"/users/{wish.mentions_of}/mentions"
        self._query = wish.query
        self._allowance = Allowance("x.posts", wish.posts_per_month, Period.MONTH)
        self.allowances: tuple[Allowance, ...] = (self._allowance,)

    def read_page(self, mark: Mark, *, now: datetime) -> Page:
        """Return up to 100 posts; they are charged for before they are asked for, those not sent are given back."""
        asked: dict[str, str | int] = {"max_results": PAGE_POSTS, "tweet.fields": FIELDS}
        limits = {"query": self._query, "since_id": mark.since, "until_id": mark.until}
        asked |= {name: value for name, value in limits.items() if value}
        self._ledger.charge(self._allowance, PAGE_POSTS, now=now)
        used = 0
        try:
            found, notes = self._ask(asked)
            posts = found.get("data") or []
            used = len(posts)
        finally:
            self._ledger.refund(self._allowance, PAGE_POSTS - used, now=now)
        ids = sorted((str(post["id"]) for post in posts), key=int)
        if not ids:
            return Page([], notes=notes)
        return Page([_build_row(post) for post in posts], ids[-1], ids[0], not _has_more(found), notes)

    def _ask(self, asked: dict[str, str | int]) -> tuple[dict[str, Any], tuple[Words, ...]]:
        place = self._web.base + self._path
        answer = self._web.ask(self._path, asked)
        if answer.status == 400 and "since_id" in asked:  # older than the seven days that recent search reaches back
            answer = self._web.ask(self._path, {name: value for name, value in asked.items() if name != "since_id"})
            if answer.status == 200:
                gap = Words(
                    "上次收集已超过 7 天，X 不再给出中间的帖子。",
                    "The last collection was over 7 days ago: X no longer gives the posts in between.",
                )
                return answer.parse(place), (gap,)
        if answer.status != 200:
            raise tell_refusal(answer, place, "", TOKEN_VARIABLE)
        return answer.parse(place), ()


def _has_more(found: dict[str, Any]) -> bool:
    return bool(found.get("meta", {}).get("next_token"))


def _build_row(post: dict[str, Any]) -> dict[str, Any]:
    counts = post.get("public_metrics", {})
    refers = {str(each.get("type")): str(each.get("id")) for each in post.get("referenced_tweets") or []}
    kind = next((name for name in KINDS if name in refers), "")
    row = {
        "id": str(post["id"]),
        "type": KINDS.get(kind, "post"),
        "parent": refers.get(kind),
        "time": post.get("created_at"),
        "text": post.get("text"),
        "actor": post.get("author_id"),
        "object": f"https://x.com/i/web/status/{post['id']}",
        "reposts": counts.get("retweet_count"),
        "comments": counts.get("reply_count"),
        "likes": counts.get("like_count"),
        "views": counts.get("impression_count"),
        "quotes": refers.get("quoted"),
    }
    return {name: value for name, value in row.items() if value is not None}
