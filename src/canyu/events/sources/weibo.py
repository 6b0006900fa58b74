"""Weibo's open platform: posts that mention the brand's own account, and comments that it received.

As documented (open.weibo.com, read 2026-11-22): both need the account's own OAuth 2.0 token; an application may ask
100 times a day for one account. Public search is not open to applications.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from canyu.events.importers.mapping import Mapping
from canyu.events.sources.errors import SourceFailure
from canyu.events.sources.intake import build_mapping
from canyu.events.sources.paging import Mark, Page
from canyu.events.sources.quota import Allowance, Ledger, Period, tell_spent
from canyu.events.sources.web import Answer, Web, tell_refusal

BASE = "https://api.weibo.com/2"
TOKEN_VARIABLE = "CANYU_WEIBO_TOKEN"  # noqa: S105 - the variable's name
BASE_VARIABLE = "CANYU_WEIBO_BASE"
REQUESTS_PER_DAY = 100
PAGE_POSTS = 50
SPENT_CODES = frozenset({10022, 10023, 10024})  # too many requests: of the address, of the user, of the interface


class WeiboList(StrEnum):
    """Which list of the account is read."""

    MENTIONS = "mentions"
    COMMENTS = "comments"


PATHS = {WeiboList.MENTIONS: "/statuses/mentions.json", WeiboList.COMMENTS: "/comments/to_me.json"}
ITEMS = {WeiboList.MENTIONS: "statuses", WeiboList.COMMENTS: "comments"}


@dataclass(frozen=True, slots=True)
class WeiboWish:
    """Which list of the account whose token is used, and how often a day it may be asked for.

    ``account`` tells several accounts of one lake apart, each with a token and marks of its own.
    """

    kind: WeiboList
    market: str = ""
    account: str = ""
    requests_per_day: int = REQUESTS_PER_DAY


class Weibo:
    """Reads one list, newest first; positions are post or comment ids."""

    def __init__(self, web: Web, ledger: Ledger, wish: WeiboWish) -> None:
        self.name = f"weibo:{wish.account}:{wish.kind}" if wish.account else f"weibo:{wish.kind}"
        self.mapping: Mapping = build_mapping("weibo", channel="weibo", market=wish.market)
        self._web = web
        self._ledger = ledger
        self._kind = wish.kind
        self._allowance = Allowance(f"weibo {wish.account}".strip(), wish.requests_per_day, Period.DAY, "Asia/Shanghai")
        self.allowances: tuple[Allowance, ...] = (self._allowance,)

    def read_page(self, mark: Mark, *, now: datetime) -> Page:
        """Return up to 50 posts or comments."""
        asked: dict[str, str | int] = {"count": PAGE_POSTS}
        if mark.since:
            asked["since_id"] = mark.since
        if mark.until:
            asked["max_id"] = str(int(mark.until) - 1)  # Weibo's max_id is included
        path = PATHS[self._kind]
        answer = self._web.ask(path, asked, charge=lambda: self._ledger.charge(self._allowance, 1, now=now))
        place = self._web.base + path
        if answer.status != 200:
            if _find_code(answer) in SPENT_CODES:
                raise tell_spent(self._allowance, self._allowance.limit, now)
            raise tell_refusal(answer, place, str(_find_code(answer) or ""), TOKEN_VARIABLE)
        items = answer.parse(place).get(ITEMS[self._kind]) or []
        ids = sorted((_find_id(item) for item in items), key=int)
        if not ids:
            return Page([])
        build = _build_post if self._kind is WeiboList.MENTIONS else _build_comment
        rows = [build(item) for item in items if not item.get("deleted") and item.get("user")]
        rows += [{"id": str(item["idstr"]), "type": "delete"} for item in items if item.get("deleted")]
        return Page(rows, ids[-1], ids[0], is_last=False)  # pages hold fewer than asked for where posts were filtered


def _find_code(answer: Answer) -> int:
    try:
        return int(answer.parse("").get("error_code") or 0)
    except (SourceFailure, ValueError, TypeError):
        return 0


def _find_id(item: dict[str, Any]) -> str:
    return str(item.get("idstr") or item.get("id"))


def _build_post(item: dict[str, Any]) -> dict[str, Any]:
    origin = item.get("retweeted_status")
    row = {
        "id": _find_id(item),
        "type": "repost" if origin else "post",
        "parent": _find_id(origin) if origin else None,
        "time": item.get("created_at"),
        "text": item.get("text"),
        "actor": _find_id(item["user"]),
        "object": f"https://m.weibo.cn/detail/{_find_id(item)}",  # the form without the author's number
        "reposts": item.get("reposts_count"),
        "comments": item.get("comments_count"),
        "likes": item.get("attitudes_count"),
    }
    return {name: value for name, value in row.items() if value is not None}


def _build_comment(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _find_id(item),
        "type": "comment",
        "parent": _find_id(item.get("status") or {}),
        "time": item.get("created_at"),
        "text": item.get("text"),
        "actor": _find_id(item["user"]),
    }
