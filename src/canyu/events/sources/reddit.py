"""Reddit's Data API: new posts of communities, or of a search, with an application's own token.

As documented (Reddit Data API Wiki, read 2026-11-22): 100 requests a minute per client, averaged over ten minutes; a
``User-Agent`` that names the application and its owner; commercial use needs an agreement with Reddit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from canyu.events.importers.mapping import Mapping
from canyu.events.sources.intake import build_mapping
from canyu.events.sources.paging import Mark, Page
from canyu.events.sources.quota import Allowance, Ledger, Period
from canyu.events.sources.web import Web, tell_refusal
from canyu.kit.errors import BadInput
from canyu.kit.version import __version__
from canyu.kit.words import Words

BASE = "https://oauth.reddit.com"
LOGIN_BASE = "https://www.reddit.com"
ID_VARIABLE, SECRET_VARIABLE, USER_VARIABLE = "CANYU_REDDIT_ID", "CANYU_REDDIT_SECRET", "CANYU_REDDIT_USER"
BASE_VARIABLE = "CANYU_REDDIT_BASE"
REQUESTS = Allowance("reddit", 1_000, Period.TEN_MINUTES)
PAGE_POSTS = 100
COMMUNITY = re.compile(r"[A-Za-z0-9_]{2,24}")
GONE = frozenset({"[deleted]", "[removed]"})


@dataclass(frozen=True, slots=True)
class RedditWish:
    """A community, a search, or a search within a community."""

    community: str = ""
    query: str = ""
    market: str = ""


@dataclass(frozen=True, slots=True)
class RedditKeys:
    """Who asks: the application and its owner."""

    client: str
    secret: str
    user: str

    @property
    def agent(self) -> str:
        """The ``User-Agent`` in the form that Reddit asks for."""
        return f"python:canyu:{__version__} (by /u/{self.user})"


class Reddit:
    """Reads posts, newest first; ``since`` is a time, ``until`` the name of the last post seen."""

    def __init__(self, web: Web, ledger: Ledger, wish: RedditWish) -> None:
        if wish.community and not COMMUNITY.fullmatch(wish.community):
            raise BadInput(
                Words(f"没有叫“{wish.community}”的社区。", f"No community is called “{wish.community}”."),
                mend=Words("只写名字，如 electricvehicles。", "Give its bare name, as electricvehicles."),
            )
        self.name = f"reddit:{wish.community}:{wish.query}"
        self.allowances: tuple[Allowance, ...] = (REQUESTS,)
        self.mapping: Mapping = build_mapping("reddit", channel="reddit", market=wish.market)
        self._web = web
        self._ledger = ledger
        self._wish = wish

    def read_page(self, mark: Mark, *, now: datetime) -> Page:
        """Return up to 100 posts."""
        wish = self._wish
        place = f"/r/{wish.community}" if wish.community else ""
        path = f"{place}/search" if wish.query else f"{place}/new"
        asked: dict[str, str | int] = {"limit": PAGE_POSTS, "raw_json": 1}
        if wish.query:
            asked |= {"q": wish.query, "sort": "new", "restrict_sr": 1 if place else 0}
        if mark.until:
            asked["after"] = mark.until
        answer = self._web.ask(path, asked, charge=lambda: self._ledger.charge(REQUESTS, 1, now=now))
        if answer.status != 200:
            raise tell_refusal(answer, self._web.base + path, "", ID_VARIABLE)
        found = answer.parse(self._web.base + path).get("data", {})
        posts = [child["data"] for child in found.get("children", []) if child.get("kind") == "t3"]
        if not posts:
            return Page([])
        since = float(mark.since or 0)
        fresh = [post for post in posts if float(post["created_utc"]) >= since]
        is_last = not found.get("after") or len(fresh) < len(posts)
        newest = str(max(float(post["created_utc"]) for post in posts))
        rows = [_build_row(post) for post in fresh]
        return Page(rows, newest, str(posts[-1]["name"]), is_last)


def log_in(keys: RedditKeys, base: str = LOGIN_BASE) -> dict[str, str]:
    """Return the headers of a fresh application-only token. Raises SourceFailure where Reddit refuses."""
    with Web(base, {"User-Agent": keys.agent}) as web:
        answer = web.ask(
            "/api/v1/access_token",
            method="POST",
            data={"grant_type": "client_credentials"},
            auth=httpx.BasicAuth(keys.client, keys.secret),
        )
        place = f"{web.base}/api/v1/access_token"
        token = answer.parse(place).get("access_token") if answer.status == 200 else None
        if not token:
            raise tell_refusal(answer, place, "", f"{ID_VARIABLE}, {SECRET_VARIABLE}")
    return {"Authorization": f"Bearer {token}", "User-Agent": keys.agent}


def _is_gone(post: dict[str, Any]) -> bool:
    return bool(post.get("removed_by_category")) or str(post.get("selftext")) in GONE


def _build_row(post: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a post; one that its author deleted or a moderator removed is to be erased (Reddit's terms)."""
    if _is_gone(post):
        return {"id": str(post["name"]), "type": "delete"}
    title, body = str(post.get("title") or ""), str(post.get("selftext") or "")
    author = str(post.get("author") or "")
    row = {
        "id": str(post["name"]),
        "type": "post",
        "time": datetime.fromtimestamp(float(post["created_utc"]), UTC).isoformat(),
        "text": f"{title}\n{body}".strip(),
        "actor": None if author in GONE else author,
        "object": f"https://www.reddit.com{post.get('permalink', '')}",
        "likes": max(0, int(post.get("score") or 0)),
        "comments": post.get("num_comments"),
        "community": post.get("subreddit"),
    }
    return {name: value for name, value in row.items() if value is not None}
