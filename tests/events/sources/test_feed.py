"""Feeds: RSS and Atom become posts, unchanged ones are not fetched, broken ones give what can be read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.events.sources import FeedWish, Notebook, SourceFailure, collect_feed
from canyu.events.sources.web import Web
from canyu.kit.errors import BadInput
from collecting_site import Asked, Reply, Site

NOW = datetime(2026, 8, 12, 4, tzinfo=UTC)
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>车闻</title><link>http://news.example</link>
<item><title>小米 SU7 试驾</title><link>http://news.example/1</link><guid>http://news.example/1</guid>
<pubDate>Wed, 12 Aug 2026 10:00:00 +0800</pubDate><author>wang@example.org (老王)</author><category>汽车</category>
<description>&lt;p&gt;刹车&amp;nbsp;很稳&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</description></item>
<item><title>第二条</title><link>http://news.example/2</link><guid isPermaLink="false">2</guid>
<pubDate>2026-08-12 11:00:00</pubDate></item>
<item><title>没有时间</title><link>http://news.example/3</link></item>
</channel></rss>""".encode()
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>urn:feed</id>
<entry><id>tag:example.org,2026:7</id><title>New car</title><updated>2026-08-12T02:00:00Z</updated>
<link href="http://example.org/7"/><content type="html">New car, &lt;b&gt;fast&lt;/b&gt;</content></entry></feed>"""


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path / "state", "feeds")


def list_events(lake: canyu.Lake) -> list[dict[str, Any]]:
    return sorted(lake.scan().to_pyarrow().to_pylist(), key=lambda event: event["time"])


def test_rss_entries_become_posts(site: Site, lake: canyu.Lake, notebook: Notebook) -> None:
    site.respond = lambda _: Reply(200, RSS, {"Content-Type": "application/rss+xml"})
    wish = FeedWish(f"{site.url}/feed", market="cn", zone="Asia/Shanghai")
    reading = collect_feed(wish, lake, notebook, now=NOW)
    first, second = list_events(lake)
    assert (reading.taken.rows, reading.taken.kept) == (3, 2)
    assert [(each.row, each.reason) for each in reading.taken.refusals] == [(3, "no_time")]
    assert first["text"] == "小米 SU7 试驾\n刹车 很稳"
    assert first["time"] == datetime(2026, 8, 12, 2, tzinfo=UTC)
    assert second["time"] == datetime(2026, 8, 12, 3, tzinfo=UTC)
    assert (first["object"], first["source"], first["channel"]) == ("http://news.example/1", "feed.127.0.0.1", "web")
    assert len(first["actor"]) == 32
    assert first["props"] == '{"tags":["汽车"]}'


def test_atom_ids_hold_in_every_feed(site: Site, lake: canyu.Lake, notebook: Notebook) -> None:
    site.respond = lambda _: Reply(200, ATOM)
    added = [
        collect_feed(FeedWish(f"{site.url}/{name}"), lake, notebook, now=NOW).taken.added for name in ("all", "cars")
    ]
    assert added == [1, 0]
    assert list_events(lake)[0]["text"] == "New car, fast"


def test_the_same_short_guid_in_two_feeds_is_two_entries(site: Site, lake: canyu.Lake, notebook: Notebook) -> None:
    site.respond = lambda _: Reply(200, RSS)
    for name in ("a", "b"):
        collect_feed(FeedWish(f"{site.url}/{name}", zone="Asia/Shanghai"), lake, notebook, now=NOW)
    assert [event["text"] for event in list_events(lake)].count("第二条") == 2


def test_an_unchanged_feed_is_asked_for_with_its_marks(site: Site, lake: canyu.Lake, notebook: Notebook) -> None:
    def respond(asked: Asked) -> Reply:
        is_known = asked.headers.get("if-none-match") == '"v1"' and asked.headers.get("if-modified-since") == "then"
        return Reply(304) if is_known else Reply(200, RSS, {"ETag": '"v1"', "Last-Modified": "then"})

    site.respond = respond
    wish = FeedWish(f"{site.url}/feed?token=secret", zone="Asia/Shanghai")
    readings = [collect_feed(wish, lake, notebook, now=NOW) for _ in range(2)]
    assert [reading.is_unchanged for reading in readings] == [False, True]
    assert [asked.query for asked in site.asked] == [{"token": "secret"}] * 2
    assert "secret" not in readings[0].url + notebook.path.read_text()
    assert all("secret" not in str(event) for event in list_events(lake))


def test_a_look_writes_no_marks(site: Site, notebook: Notebook) -> None:
    site.respond = lambda _: Reply(200, RSS, {"ETag": '"v1"'})
    assert collect_feed(FeedWish(f"{site.url}/feed", zone="Asia/Shanghai"), None, notebook, now=NOW).taken.kept == 2
    assert not notebook.path.exists()


def test_a_broken_feed_keeps_what_can_be_read_and_is_asked_for_again(
    site: Site, lake: canyu.Lake, notebook: Notebook
) -> None:
    site.respond = lambda _: Reply(200, RSS[: RSS.index("没有时间".encode())], {"ETag": '"v1"'})
    reading = collect_feed(FeedWish(f"{site.url}/feed", zone="Asia/Shanghai"), lake, notebook, now=NOW)
    assert reading.taken.kept >= 2
    assert reading.note is not None
    assert "is broken" in reading.note.en
    assert notebook.read() == {}


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Hello</body></html>", b"{}", b"\x00\xff\xfe", b"<rss", b"a" * 100_000]
)
def test_what_is_no_feed_is_told(site: Site, lake: canyu.Lake, notebook: Notebook, body: bytes) -> None:
    site.respond = lambda _: Reply(200, body, {"Content-Type": "text/html"})
    with pytest.raises(BadInput, match="neither RSS nor Atom"):
        collect_feed(FeedWish(f"{site.url}/feed"), lake, notebook, now=NOW)
    assert lake.version() is None


def test_entities_that_would_grow_without_end_do_no_harm(site: Site, lake: canyu.Lake, notebook: Notebook) -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    body = f"<!DOCTYPE rss [{bomb}]><rss version='2.0'><channel><item><title>&e9;</title></item></channel></rss>"
    site.respond = lambda _: Reply(200, body.encode())
    reading = collect_feed(FeedWish(f"{site.url}/feed"), lake, notebook, now=NOW)
    assert reading.taken.kept == 0


def test_an_address_that_is_none_and_a_refusal_are_told(site: Site, lake: canyu.Lake, notebook: Notebook) -> None:
    with pytest.raises(SourceFailure, match="answered 404"):
        collect_feed(FeedWish(f"{site.url}/none"), lake, notebook, now=NOW)
    for url in (
        "file:///etc/passwd",
        "nonsense",
        "ftp://example.org/feed",
        "http://[::1",
        "http://a:99999/",
        "http://",
    ):
        with pytest.raises(BadInput, match="no web address"):
            collect_feed(FeedWish(url), lake, notebook, now=NOW)


def test_a_busy_server_is_asked_again_after_the_time_it_states(site: Site) -> None:
    replies = [Reply(503), Reply(429, headers={"Retry-After": "7"}), Reply(200, b"done")]
    site.respond = lambda _: replies[len(site.asked) - 1]
    slept: list[float] = []
    with Web(site.url, sleep=slept.append) as web:
        assert web.ask("/x").body == b"done"
    assert slept == [1.0, 7.0]


def test_a_server_that_never_answers_well_is_given_up(site: Site) -> None:
    site.respond = lambda _: Reply(500)
    slept: list[float] = []
    with Web(site.url, sleep=slept.append) as web, pytest.raises(SourceFailure, match="in five tries"):
        web.ask("/x", {"key": "secret"})
    assert (slept, len(site.asked)) == ([1.0, 2.0, 4.0, 8.0], 5)


def test_nobody_there_is_told_without_the_query(site: Site) -> None:
    with Web("http://127.0.0.1:9", sleep=lambda _: None) as web, pytest.raises(SourceFailure) as told:
        web.ask("/x", {"key": "secret"})
    assert "secret" not in str(told.value)
