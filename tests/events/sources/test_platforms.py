"""The platforms' interfaces, in the shapes their documentation gives, spoken by a real server on this machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.events import make_event_id
from canyu.events.sources import (
    Collected,
    Errand,
    Ledger,
    Notebook,
    PagedSource,
    QuotaSpent,
    Reddit,
    RedditKeys,
    RedditWish,
    SourceFailure,
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
from canyu.events.sources.reddit import log_in
from canyu.kit.errors import BadInput
from collecting_site import Asked, Reply, Site

NOW = datetime(2026, 8, 12, 6, tzinfo=UTC)
Collect = Callable[..., Collected]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def ledger(state: Path) -> Ledger:
    return Ledger(Notebook(state, "quota"))


@pytest.fixture
def collect(lake: canyu.Lake, state: Path) -> Collect:
    def run(source: PagedSource, pages: int = 10) -> Collected:
        return collect_pages(source, Errand(lake, Notebook(state, "marks"), NOW, pages))

    return run


def read_events(lake: canyu.Lake) -> dict[str, dict[str, Any]]:
    return {event["id"]: event for event in lake.scan().to_pyarrow().to_pylist()}


def spell(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


class YouTubeSite:
    """120 videos, one a minute; video 7 has its comments closed, video 3 has two comments."""

    def __init__(self, count: int = 120) -> None:
        self.times = {f"v{number}": NOW - timedelta(minutes=number + 1) for number in range(count)}

    def __call__(self, asked: Asked) -> Reply:
        return {"/search": self.search, "/videos": self.list_videos, "/commentThreads": self.list_comments}[asked.path](
            asked
        )

    def search(self, asked: Asked) -> Reply:
        after, before = asked.query.get("publishedAfter", ""), asked.query.get("publishedBefore", "9")
        found = [name for name, time in self.times.items() if after <= spell(time) <= before]
        items = [{"id": {"videoId": name}, "snippet": {"publishedAt": spell(self.times[name])}} for name in found]
        return Reply(200, {"items": items[:50], **({"nextPageToken": "n"} if len(items) > 50 else {})})

    def list_videos(self, asked: Asked) -> Reply:
        names = asked.query["id"].split(",")
        counts = {"viewCount": "1200", "likeCount": "30", "commentCount": "2"}
        return Reply(
            200,
            {
                "items": [
                    {
                        "id": name,
                        "snippet": {
                            "publishedAt": spell(self.times[name]),
                            "channelId": f"channel-{name}",
                            "title": f"SU7 {name}",
                            "description": "A test drive",
                        },
                        "statistics": counts,
                    }
                    for name in names
                ]
            },
        )

    def list_comments(self, asked: Asked) -> Reply:
        if asked.query["videoId"] == "v7":
            return Reply(403, {"error": {"code": 403, "errors": [{"reason": "commentsDisabled"}]}})
        if asked.query["videoId"] != "v3":
            return Reply(200, {"items": []})
        snippet = {
            "publishedAt": spell(NOW),
            "textOriginal": "好看",
            "authorChannelId": {"value": "u1"},
            "likeCount": 5,
        }
        names = ["c2"] if asked.query.get("pageToken") else ["c1"]
        items = [{"snippet": {"topLevelComment": {"id": n, "snippet": snippet}, "totalReplyCount": 1}} for n in names]
        return Reply(200, {"items": items, **({} if asked.query.get("pageToken") else {"nextPageToken": "p2"})})


def test_youtube_videos_and_comments_become_events(
    site: Site, lake: canyu.Lake, ledger: Ledger, collect: Collect
) -> None:
    site.respond = YouTubeSite(9)
    with Web(site.url, {"X-Goog-Api-Key": "secret"}) as web:
        found = collect(YouTube(web, ledger, YouTubeWish("SU7", comment_pages=2)))
    events = read_events(lake)
    video, comment = events[make_event_id("youtube", "v3")], events[make_event_id("youtube", "c1")]
    assert (found.taken.rows, found.taken.added, found.is_complete) == (11, 11, True)
    assert (video["type"], video["text"], video["object"]) == (
        "post",
        "SU7 v3\nA test drive",
        "https://www.youtube.com/watch?v=v3",
    )
    assert video["props"] == '{"comments":2,"likes":30,"views":1200}'
    assert (comment["type"], comment["parent"], comment["text"]) == ("comment", video["id"], "好看")
    assert len(comment["actor"]) == 32
    assert [note.en for note in found.notes] == ["Some videos have their comments turned off."]
    assert all("secret" not in asked.path + str(asked.query) for asked in site.asked)
    assert site.asked[0].headers["x-goog-api-key"] == "secret"


def test_youtube_goes_on_where_it_stopped_and_closes_the_gap(
    site: Site, lake: canyu.Lake, ledger: Ledger, collect: Collect
) -> None:
    site.respond = answers = YouTubeSite(120)
    with Web(site.url) as web:
        source = YouTube(web, ledger, YouTubeWish("SU7", comment_pages=0))
        first = collect(source, 1)
        assert (first.taken.added, first.is_complete) == (50, False)
        answers.times = {"new": NOW, **answers.times}
        second = collect(source)
        third = collect(source)
    assert (second.taken.added, second.is_complete) == (71, True)
    assert (third.taken.added, third.taken.rows) == (0, 1)
    assert lake.scan().count().to_pyarrow().as_py() == 121


def test_youtube_is_not_asked_when_the_searches_of_the_day_are_spent(
    site: Site, ledger: Ledger, collect: Collect
) -> None:
    site.respond = YouTubeSite(120)
    with Web(site.url) as web:
        found = collect(YouTube(web, ledger, YouTubeWish("SU7", comment_pages=0, searches_per_day=2)))
    assert isinstance(found.stopped, QuotaSpent)
    assert found.stopped.resets == datetime(2026, 8, 12, 7, tzinfo=UTC)
    assert found.taken.added == 99  # the oldest of the first page is asked for again
    assert [asked.path for asked in site.asked].count("/search") == 2


def test_youtube_says_when_google_itself_counts_more(site: Site, ledger: Ledger, collect: Collect) -> None:
    site.respond = lambda _: Reply(403, {"error": {"errors": [{"reason": "quotaExceeded"}]}})
    with Web(site.url) as web:
        found = collect(YouTube(web, ledger, YouTubeWish("SU7")))
    assert isinstance(found.stopped, QuotaSpent)


class XSite:
    """Posts 1000 and up; the newest 250 are there."""

    def __init__(self) -> None:
        self.ids = list(range(1250, 1000, -1))

    def __call__(self, asked: Asked) -> Reply:
        since, until = int(asked.query.get("since_id", 0)), int(asked.query.get("until_id", 10**18))
        if 0 < since < 500:
            return Reply(400, {"errors": [{"message": "'since_id' must be a tweet id created after 2026-08-05"}]})
        found = [number for number in self.ids if since < number < until]
        page = found[: int(asked.query["max_results"])]
        meta = {"result_count": len(page), **({"next_token": "t"} if len(found) > len(page) else {})}
        return Reply(200, {"data": [self.build(number) for number in page], "meta": meta})

    def build(self, number: int) -> dict[str, Any]:
        kinds = {1249: "retweeted", 1248: "replied_to", 1247: "quoted"}
        refers = [{"type": kinds[number], "id": "1001"}] if number in kinds else None
        return {
            "id": str(number),
            "text": f"post {number}",
            "author_id": "77",
            "created_at": "2026-08-12T05:00:00.000Z",
            "public_metrics": {"retweet_count": 3, "reply_count": 2, "like_count": 1, "impression_count": 900},
            **({"referenced_tweets": refers} if refers else {}),
        }


def test_x_posts_keep_what_they_answer_and_are_paid_for_once(
    site: Site, lake: canyu.Lake, ledger: Ledger, collect: Collect
) -> None:
    site.respond = XSite()
    with Web(site.url, {"Authorization": "Bearer secret"}) as web:
        source = X(web, ledger, XWish(query="su7"))
        found = collect(source)
        again = collect(source)
    events = read_events(lake)
    kinds = [events[make_event_id("x", str(number))]["type"] for number in (1250, 1249, 1248, 1247)]
    assert (found.taken.added, found.is_complete, again.taken.rows) == (250, True, 0)
    assert kinds == ["post", "repost", "comment", "post"]
    assert events[make_event_id("x", "1249")]["parent"] == make_event_id("x", "1001")
    assert events[make_event_id("x", "1250")]["props"] == '{"comments":2,"likes":1,"reposts":3,"views":900}'
    assert ledger.read_used(source.allowances[0], now=NOW) == 250
    assert site.asked[0].path == "/tweets/search/recent"
    assert site.asked[-1].query["since_id"] == "1250"


def test_x_mentions_stop_before_the_month_is_overspent(site: Site, ledger: Ledger, collect: Collect) -> None:
    site.respond = XSite()
    with Web(site.url) as web:
        found = collect(X(web, ledger, XWish(mentions_of="77", posts_per_month=220)))
    assert isinstance(found.stopped, QuotaSpent)
    assert (found.taken.added, len(site.asked), site.asked[0].path) == (200, 2, "/users/77/mentions")
    assert found.stopped.resets == datetime(2026, 9, 1, tzinfo=UTC)


def test_x_tells_of_the_gap_when_the_last_time_is_too_long_ago(
    site: Site, state: Path, ledger: Ledger, collect: Collect
) -> None:
    site.respond = XSite()
    Notebook(state, "marks").change(lambda notes: notes.update({"x:su7": {"since": "400", "until": "", "newest": ""}}))
    with Web(site.url) as web:
        found = collect(X(web, ledger, XWish(query="su7")), 1)
    assert found.taken.added == 100
    assert "over 7 days ago" in found.notes[0].en


def test_x_waits_as_its_header_says_and_tells_a_long_wait(site: Site, ledger: Ledger, collect: Collect) -> None:
    resets = [NOW + timedelta(seconds=30), NOW + timedelta(minutes=14)]
    site.respond = lambda _: Reply(429, headers={"x-rate-limit-reset": str(int(resets.pop(0).timestamp()))})
    slept: list[float] = []
    with Web(site.url, sleep=slept.append, clock=lambda: NOW) as web:
        source = X(web, ledger, XWish(query="su7"))
        found = collect(source)
    assert slept == [30.0]
    assert isinstance(found.stopped, QuotaSpent)
    assert found.stopped.resets == NOW + timedelta(minutes=14)
    assert ledger.read_used(source.allowances[0], now=NOW) == 0


class RedditSite:
    """150 posts of a community, one a minute, one of them deleted by its author, one removed."""

    def __init__(self) -> None:
        self.posts = [self.build(number) for number in range(150)]

    def build(self, number: int) -> dict[str, Any]:
        return {
            "name": f"t3_{number}",
            "created_utc": NOW.timestamp() - 60.0 * number,
            "title": f"Post {number}",
            "selftext": "[deleted]" if number == 5 else "body",
            "author": "[deleted]" if number in (5, 6) else "wang",
            "removed_by_category": "moderator" if number == 7 else None,
            "permalink": f"/r/ev/comments/{number}/",
            "score": 4,
            "num_comments": 2,
            "subreddit": "ev",
        }

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/api/v1/access_token":
            is_known = asked.headers.get("authorization", "").startswith("Basic ")
            return Reply(200, {"access_token": "t", "expires_in": 86400}) if is_known else Reply(401, {})
        if asked.headers.get("authorization") != "Bearer t":
            return Reply(401, {"message": "Unauthorized"})
        names = [post["name"] for post in self.posts]
        start = names.index(asked.query["after"]) + 1 if "after" in asked.query else 0
        page = self.posts[start : start + int(asked.query["limit"])]
        after = page[-1]["name"] if start + len(page) < len(self.posts) else None
        return Reply(
            200, {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": p} for p in page], "after": after}}
        )


def test_reddit_posts_come_without_the_deleted_ones(
    site: Site, lake: canyu.Lake, ledger: Ledger, collect: Collect
) -> None:
    site.respond = answers = RedditSite()
    headers = log_in(RedditKeys("id", "secret", "brand"), site.url)
    with Web(site.url, headers) as web:
        source = Reddit(web, ledger, RedditWish(community="ev"))
        found = collect(source)
        answers.posts.insert(0, {**answers.build(1), "name": "t3_new", "created_utc": NOW.timestamp() + 1})
        again = collect(source)
    events = read_events(lake)
    assert (found.taken.added, again.taken.added) == (148, 1)
    assert events[make_event_id("reddit", "t3_0")]["text"] == "Post 0\nbody"
    assert events[make_event_id("reddit", "t3_6")]["actor"] is None
    assert make_event_id("reddit", "t3_5") not in events
    assert (found.taken.kept, found.taken.deletions) == (150, 2)
    assert site.asked[-1].headers["user-agent"].endswith("(by /u/brand)")
    assert ledger.read_used(source.allowances[0], now=NOW) == 3


def test_a_reddit_post_that_is_deleted_later_is_erased(
    site: Site, lake: canyu.Lake, ledger: Ledger, collect: Collect
) -> None:
    site.respond = answers = RedditSite()
    with Web(site.url, {"Authorization": "Bearer t"}) as web:
        source = Reddit(web, ledger, RedditWish(community="ev"))
        collect(source)
        answers.posts[0]["removed_by_category"] = "deleted"
        again = collect(source)
    assert again.taken.deletions == 1
    assert make_event_id("reddit", "t3_0") not in read_events(lake)


def test_reddit_refuses_a_wrong_key_and_a_name_that_is_none(site: Site, ledger: Ledger, collect: Collect) -> None:
    site.respond = RedditSite()
    with Web(site.url, {"Authorization": "Bearer wrong"}) as web:
        found = collect(Reddit(web, ledger, RedditWish(query="su7")))
        with pytest.raises(BadInput, match="No community"):
            Reddit(web, ledger, RedditWish(community="../api/me"))
    assert isinstance(found.stopped, SourceFailure)
    assert "CANYU_REDDIT_ID" in str(found.stopped)


class WeiboSite:
    """120 mentions, one of them deleted, one a repost; two comments."""

    def __init__(self) -> None:
        self.ids = list(range(5120, 5000, -1))

    def __call__(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != "OAuth2 t":
            return Reply(403, {"error": "expired_token", "error_code": 21327})
        since, until = int(asked.query.get("since_id", 0)), int(asked.query.get("max_id", 10**18))
        page = [number for number in self.ids if since < number <= until][: int(asked.query["count"])]
        if asked.path == "/comments/to_me.json":
            return Reply(200, {"comments": [self.build(n) | {"status": {"idstr": "1"}} for n in page[:2]]})
        return Reply(200, {"statuses": [self.build(number) for number in page], "total_number": 120})

    def build(self, number: int) -> dict[str, Any]:
        if number == 5100:
            return {"id": number, "idstr": str(number), "deleted": "1", "text": "抱歉，此微博已被作者删除。"}
        return {
            "id": number,
            "idstr": str(number),
            "created_at": "Wed Aug 12 13:00:00 +0800 2026",
            "text": f"@品牌 第 {number} 条",
            "user": {"id": 99, "idstr": "99", "screen_name": "张三"},
            "reposts_count": 1,
            "comments_count": 2,
            "attitudes_count": 3,
            **({"retweeted_status": {"idstr": "4000"}} if number == 5119 else {}),
        }


def test_weibo_mentions_are_read_to_the_end_and_then_from_the_newest(
    site: Site, lake: canyu.Lake, ledger: Ledger, collect: Collect
) -> None:
    site.respond = answers = WeiboSite()
    with Web(site.url, {"Authorization": "OAuth2 t"}) as web:
        source = Weibo(web, ledger, WeiboWish(WeiboList.MENTIONS, market="cn"))
        found = collect(source)
        answers.ids.insert(0, 5121)
        again = collect(source)
    events = read_events(lake)
    post, repost = events[make_event_id("weibo", "5120")], events[make_event_id("weibo", "5119")]
    assert (found.taken.added, found.is_complete, again.taken.added) == (119, True, 1)
    assert post["time"] == datetime(2026, 8, 12, 5, tzinfo=UTC)
    assert (repost["type"], repost["parent"]) == ("repost", make_event_id("weibo", "4000"))
    assert all(event["actor"] != "99" and "张三" not in str(event) for event in events.values())
    assert post["object"] == "https://m.weibo.cn/detail/5120"


def test_weibo_comments_point_at_their_post(site: Site, lake: canyu.Lake, ledger: Ledger, collect: Collect) -> None:
    site.respond = WeiboSite()
    with Web(site.url, {"Authorization": "OAuth2 t"}) as web:
        collect(Weibo(web, ledger, WeiboWish(WeiboList.COMMENTS)), 1)
    assert {event["parent"] for event in read_events(lake).values()} == {make_event_id("weibo", "1")}


def test_weibo_tells_an_expired_token_and_a_spent_day(site: Site, ledger: Ledger, collect: Collect) -> None:
    site.respond = WeiboSite()
    with Web(site.url, {"Authorization": "OAuth2 old"}) as web:
        found = collect(Weibo(web, ledger, WeiboWish(WeiboList.MENTIONS)))
        spent = collect(Weibo(web, ledger, WeiboWish(WeiboList.MENTIONS, requests_per_day=1)))
    assert "403 21327" in str(found.stopped)
    assert "CANYU_WEIBO_TOKEN" in str(found.stopped)
    assert isinstance(spent.stopped, QuotaSpent)
    assert len(site.asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", {"items": 5}, {"items": [5]}, {"items": [{"id": 5}]}])
def test_an_answer_in_another_shape_is_told_and_nothing_is_kept(
    site: Site, lake: canyu.Lake, ledger: Ledger, collect: Collect, body: Any
) -> None:
    site.respond = lambda _: Reply(200, body)
    with Web(site.url) as web:
        found = collect(YouTube(web, ledger, YouTubeWish("SU7")))
    assert isinstance(found.stopped, SourceFailure)
    assert lake.version() is None
