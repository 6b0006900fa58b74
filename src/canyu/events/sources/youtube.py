"""YouTube Data API v3: videos that match a search, and the public comments under them.

Quota as documented (developers.google.com/youtube/v3/determine_quota_cost, read 2026-11-22): 100 calls of search.list
a day in a bucket of their own, 10,000 units a day for everything else at 1 unit a call here; both begin anew at
midnight Pacific time. Failed calls count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canyu.events.importers.mapping import Mapping
from canyu.events.sources.errors import SourceFailure
from canyu.events.sources.intake import build_mapping
from canyu.events.sources.paging import Mark, Page
from canyu.events.sources.quota import Allowance, Ledger, Period, tell_spent
from canyu.events.sources.web import Answer, Web, tell_refusal
from canyu.kit.words import Words

BASE = "https://www.googleapis.com/youtube/v3"
KEY_VARIABLE = "CANYU_YOUTUBE_KEY"
BASE_VARIABLE = "CANYU_YOUTUBE_BASE"
ZONE = "America/Los_Angeles"
SEARCHES_PER_DAY = 100
UNITS_PER_DAY = 10_000
PAGE_VIDEOS = 50
PAGE_COMMENTS = 100
SPENT_REASONS = frozenset({"quotaExceeded", "dailyLimitExceeded"})
CLOSED_REASONS = frozenset({"commentsDisabled", "videoNotFound"})


@dataclass(frozen=True, slots=True)
class YouTubeWish:
    """What is looked for, and how deep: pages of comments (100 each) under every video found."""

    query: str
    market: str = ""
    region: str = ""
    comment_pages: int = 1
    searches_per_day: int = SEARCHES_PER_DAY
    units_per_day: int = UNITS_PER_DAY


class YouTube:
    """Reads what a search finds, newest first; positions are times of publication."""

    def __init__(self, web: Web, ledger: Ledger, wish: YouTubeWish) -> None:
        self.name = f"youtube:{wish.region}:{wish.query}" if wish.region else f"youtube:{wish.query}"
        self.mapping: Mapping = build_mapping("youtube", channel="youtube", market=wish.market)
        self._web = web
        self._ledger = ledger
        self._wish = wish
        self._searches = Allowance("youtube.search", wish.searches_per_day, Period.DAY, ZONE)
        self._units = Allowance("youtube", wish.units_per_day, Period.DAY, ZONE)
        self.allowances: tuple[Allowance, ...] = (self._searches, self._units)

    def read_page(self, mark: Mark, *, now: datetime) -> Page:
        """Return up to 50 videos with their counts and comments."""
        asked: dict[str, str | int] = {"part": "snippet", "type": "video", "order": "date", "maxResults": PAGE_VIDEOS}
        asked["q"] = self._wish.query
        limits = {"publishedAfter": mark.since, "publishedBefore": mark.until, "regionCode": self._wish.region}
        asked |= {name: value for name, value in limits.items() if value}
        found = self._ask("/search", asked, self._searches, now)
        ids = [str(item["id"]["videoId"]) for item in found.get("items", []) if item.get("id", {}).get("videoId")]
        if not ids:
            return Page([])
        details = self._ask("/videos", {"part": "snippet,statistics", "id": ",".join(ids)}, self._units, now)
        videos = [_build_video(item) for item in details.get("items", [])]
        rows, notes = list(videos), []
        for video in videos:
            comments, note = self._read_comments(video["id"], now)
            rows += comments
            notes += [note] if note is not None else []
        times = sorted(str(item["snippet"]["publishedAt"]) for item in found["items"] if item.get("snippet"))
        return Page(rows, times[-1], times[0], "nextPageToken" not in found, tuple(notes))

    def _read_comments(self, video: str, now: datetime) -> tuple[list[dict[str, Any]], Words | None]:
        rows: list[dict[str, Any]] = []
        token = ""
        for _ in range(self._wish.comment_pages):
            asked: dict[str, str | int] = {"part": "snippet", "videoId": video, "order": "time"}
            asked |= {"maxResults": PAGE_COMMENTS, "textFormat": "plainText"}
            try:
                found = self._ask("/commentThreads", asked | ({"pageToken": token} if token else {}), self._units, now)
            except _CommentsClosed:
                closed = Words("有视频关闭了评论。", "Some videos have their comments turned off.")
                return rows, closed
            rows += list(_build_comments(found.get("items", []), video))
            token = str(found.get("nextPageToken") or "")
            if not token:
                return rows, None
        return rows, Words(
            f"有视频的评论多于 {self._wish.comment_pages * PAGE_COMMENTS} 条，只收了最新的。",
            f"Some videos have more than {self._wish.comment_pages * PAGE_COMMENTS} comments; the newest were taken.",
        )

    def _ask(self, path: str, asked: dict[str, str | int], allowance: Allowance, now: datetime) -> dict[str, Any]:
        answer = self._web.ask(path, asked, charge=lambda: self._ledger.charge(allowance, 1, now=now))
        if answer.status == 200:
            return answer.parse(self._web.base + path)
        reason = _find_reason(answer)
        if reason in SPENT_REASONS:
            raise tell_spent(allowance, allowance.limit, now)
        if reason in CLOSED_REASONS:
            raise _CommentsClosed(Words("评论已关闭。", "Comments are turned off."))
        raise tell_refusal(answer, self._web.base + path, reason, KEY_VARIABLE)


class _CommentsClosed(SourceFailure):
    """The comments of one video are closed; the others go on."""


def _find_reason(answer: Answer) -> str:
    try:
        error = answer.parse("").get("error", {})
        return str(error["errors"][0]["reason"])
    except (SourceFailure, KeyError, IndexError, TypeError, AttributeError):
        return ""


def _build_video(item: dict[str, Any]) -> dict[str, Any]:
    snippet, counts = item.get("snippet", {}), item.get("statistics", {})
    title, body = str(snippet.get("title") or ""), str(snippet.get("description") or "")
    return {
        "id": str(item["id"]),
        "type": "post",
        "time": snippet.get("publishedAt"),
        "text": f"{title}\n{body}".strip(),
        "actor": snippet.get("channelId"),
        "object": f"https://www.youtube.com/watch?v={item['id']}",
        "likes": counts.get("likeCount"),
        "comments": counts.get("commentCount"),
        "views": counts.get("viewCount"),
    }


def _build_comments(items: list[dict[str, Any]], video: str) -> Iterable[dict[str, Any]]:
    for item in items:
        top = item.get("snippet", {}).get("topLevelComment", {})
        snippet = top.get("snippet", {})
        yield {
            "id": top.get("id"),
            "type": "comment",
            "parent": video,
            "time": snippet.get("publishedAt"),
            "text": snippet.get("textOriginal") or snippet.get("textDisplay"),
            "actor": snippet.get("authorChannelId", {}).get("value"),
            "likes": snippet.get("likeCount"),
            "comments": item.get("snippet", {}).get("totalReplyCount"),
        }
