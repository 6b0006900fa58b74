"""RSS and Atom feeds: asked for only when they changed, each entry one post."""

from __future__ import annotations

import calendar
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from canyu.events.lake import Lake
from canyu.events.sources.errors import SourceFailure
from canyu.events.sources.intake import Delivery, Taken, build_mapping, take_rows
from canyu.events.sources.notebook import Notebook, Notes
from canyu.events.sources.web import Answer, Web
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"
WORLDWIDE = re.compile(r"^(https?://|urn:|tag:)", re.IGNORECASE)
WITHOUT_ZONE = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?$")
BLOCKS = re.compile(r"<(br|/p|/div|/li|/h\d)\b[^>]*>", re.IGNORECASE)
TAGS = re.compile(r"<[^<>]*>")
SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class FeedWish:
    """One feed, and what is stated for all its entries."""

    url: str
    channel: str = "web"
    market: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class FeedReading:
    """What one visit to a feed brought: nothing where it had not changed; ``note`` says what else is to be known."""

    url: str
    taken: Taken
    is_unchanged: bool = False
    note: Words | None = None


def collect_feed(wish: FeedWish, lake: Lake | None, notebook: Notebook, *, now: datetime) -> FeedReading:
    """Bring a feed's entries into the lake; without a lake, only say what they would become.

    Raises SourceFailure where nobody answers, BadInput where what answers is no feed. The marks for "only if it
    changed" are noted after the commit, so that a kill in between loses nothing.
    """
    _check_address(wish.url)
    name = hide_query(wish.url)
    marks = notebook.read().get(_mark_key(wish.url), {})
    answer = _fetch(wish.url, marks if lake is not None else {})
    if answer.status == 304:
        return FeedReading(name, Taken(), is_unchanged=True)
    rows, note = parse_feed(answer, wish.url)
    source = f"feed.{urlsplit(wish.url).hostname or 'local'}"
    mapping = build_mapping(source, channel=wish.channel, market=wish.market, zone=wish.zone)
    taken = take_rows(rows, Delivery(lake, name, mapping, now))
    if lake is not None and note is None:  # a broken feed is asked for again as a whole
        _remember(notebook, wish.url, answer)
    return FeedReading(name, taken, note=note)


def parse_feed(answer: Answer, url: str) -> tuple[list[dict[str, Any]], Words | None]:
    """Return a feed's entries as rows, and a note where its XML is broken further on."""
    import feedparser

    headers = {"content-location": url, "content-type": answer.headers.get("content-type", "")}
    found = feedparser.parse(answer.body, response_headers=headers)
    rows = [_build_row(entry, url) for entry in found.entries]
    fault = found.get("bozo_exception") if found.get("bozo") else None
    if not found.get("version") and not rows:
        raise BadInput(
            Words(f"{hide_query(url)} 不是 RSS 或 Atom。", f"{hide_query(url)} is neither RSS nor Atom."),
            mend=Words(
                "给出订阅地址：网页源码里 application/rss+xml 一行写着它。",
                "Give the feed's own address: a page names it in its line with application/rss+xml.",
            ),
        )
    if fault is None or isinstance(fault, feedparser.CharacterEncodingOverride | feedparser.NonXMLContentType):
        return rows, None
    said = f"{type(fault).__name__}: {fault}"[:200]
    return rows, Words(
        f"订阅的 XML 已损坏（{said}）；读得出的 {len(rows)} 条已处理。",
        f"The feed's XML is broken ({said}); the {len(rows)} entries that can be read were taken.",
    )


def hide_query(url: str) -> str:
    """Return an address without what may be secret in it: user, password, query and fragment.

    >>> hide_query("https://u:p@example.org/feed?token=1")
    'https://example.org/feed'
    """
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    host += f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def strip_markup(text: str) -> str:
    r"""Return HTML as plain text.

    >>> strip_markup("<p>小米&nbsp;SU7<br/>很<b>稳</b></p>")
    '小米 SU7\n很稳'
    """
    plain = unescape(TAGS.sub("", BLOCKS.sub("\n", text)))
    lines = (SPACES.sub(" ", line).strip() for line in plain.split("\n"))
    return "\n".join(line for line in lines if line)


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        is_sound = False
    if not is_sound:
        shown = url.split("?", 1)[0].rsplit("@", 1)[-1][:200]
        raise BadInput(
            Words(f"{shown} 不是网址。", f"{shown} is no web address."),
            mend=Words("给出以 http:// 或 https:// 开头的完整地址。", "Give a whole address with http:// or https://."),
        )


def _fetch(url: str, marks: Notes) -> Answer:
    conditions = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
    headers = {"Accept": ACCEPT} | {asked: marks[name] for name, asked in conditions.items() if marks.get(name)}
    parts = urlsplit(url)
    auth = httpx.BasicAuth(parts.username, parts.password or "") if parts.username else None
    query = httpx.QueryParams(parts.query)
    address = hide_query(url)
    with Web(address.removesuffix("/")) as web:
        answer = web.ask("/" if address.endswith("/") else "", query, headers=headers, auth=auth)
    if answer.status not in (200, 304):
        raise SourceFailure(
            Words(f"{address} 回答 {answer.status}。", f"{address} answered {answer.status}."),
            mend=Words("在浏览器里打开这个地址看看。", "Open the address in a browser and see."),
        )
    return answer


def _remember(notebook: Notebook, url: str, answer: Answer) -> None:
    marks = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}

    def note(notes: Notes) -> None:
        notes[_mark_key(url)] = marks

    notebook.change(note)


def _mark_key(url: str) -> str:
    """Return the name of a feed in the notebook: a query may hold a key, so it is hashed."""
    return f"{hide_query(url)}#{hashlib.blake2b(url.encode(), digest_size=8).hexdigest()}"


def _build_row(entry: Any, url: str) -> dict[str, Any]:
    link = str(entry.get("link") or "")
    title, body = strip_markup(str(entry.get("title") or "")), strip_markup(_find_body(entry))
    text = body if body.startswith(title) else "\n".join(part for part in (title, body) if part)
    row = {
        "id": _find_id(entry, url, text),
        "type": "post",
        "time": _find_time(entry),
        "text": text,
        "actor": str(entry.get("author") or ""),
        "object": link,
        "tags": [tag.get("term") for tag in entry.get("tags", []) if tag.get("term")],
    }
    return {name: value for name, value in row.items() if value}


def _find_body(entry: Any) -> str:
    contents = [str(part.get("value") or "") for part in entry.get("content", [])]
    return max([*contents, str(entry.get("summary") or "")], key=len)


def _find_id(entry: Any, url: str, text: str) -> str:
    """Return the entry's id: as it is where it holds worldwide, else beside its feed's address."""
    stated = str(entry.get("id") or entry.get("link") or "")
    if WORLDWIDE.match(stated):
        return stated
    if not stated:
        stated = hashlib.blake2b(
            f"{_find_time(entry)}\x1f{text}".encode("utf-8", "replace"), digest_size=16
        ).hexdigest()
    return f"{hide_query(url)}#{stated}"


def _find_time(entry: Any) -> str:
    """Return when it was published, else updated; a clock without a zone stays as written, for the stated zone."""
    for name in ("published", "updated", "created"):
        if not dict.__contains__(entry, name):  # asked for another name, feedparser would give one for the other
            continue
        written, parsed = str(entry.get(name) or "").strip(), entry.get(f"{name}_parsed")
        if WITHOUT_ZONE.match(written):
            return written.replace("T", " ").replace("/", "-")
        if parsed:
            return datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat()
        if written:
            return written
    return ""
