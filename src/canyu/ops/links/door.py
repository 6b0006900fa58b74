"""Follows short links: a raw ASGI application that answers from memory and counts through the inbox."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from canyu.events import Verb, make_event_id
from canyu.events.collector import Dialect, Frame, Inbox, InboxFull
from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json, dump_json_bytes
from canyu.kit.raw_http import Answer, Receive, Scope, Send, find_header, send_answer
from canyu.ops.links.models import ShortLink
from canyu.ops.links.rules import SOURCE, Outcome, Visit, add_utm, is_allowed, judge_visit, read_utm, write_note

PREFIX = "/l/"
MOST_KNOWN = 200_000
FRESH_S, ABSENT_S = 1.0, 1.0
OVERLAP = timedelta(seconds=30)  # clocks of several machines, and transactions that were slow to commit
LONGEST_CODE = 64
HTML = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store"))
ABSENT = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{0}</title><p>{0}"
NOT_FOUND = Answer(404, ABSENT.format("没有这个链接。 There is no such link.").encode(), HTML)
GONE = Answer(410, ABSENT.format("这个链接已失效。 This link is no longer valid.").encode(), HTML)
NO_METHOD = Answer(405, b"", ((b"allow", b"GET, HEAD"),))


@dataclass(frozen=True, slots=True)
class Known:
    """A link as the door knows it, or that there is none; and when it was looked up."""

    row: ShortLink | None
    at_s: float


class LinkBook:
    """Links by code, in memory: looked up when first asked for, and kept up with what changes in the database.

    ``find`` and ``list_changed`` run in a thread.
    """

    def __init__(
        self, find: Callable[[str], ShortLink | None], list_changed: Callable[[datetime], Sequence[ShortLink]]
    ) -> None:
        self._find = find
        self._list_changed = list_changed
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._seen_at = get_now()
        self._seen_s = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    async def find(self, code: str) -> ShortLink | None:
        """Return the link of a code; what was changed elsewhere is known here after about a second."""
        if time.monotonic() - self._seen_s > FRESH_S and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._catch_up())  # nobody waits for it
        known = self._known.get(code)
        if known is not None and (known.row is not None or time.monotonic() - known.at_s < ABSENT_S):
            self._known.move_to_end(code)
            return known.row
        row = await asyncio.to_thread(self._find, code)
        self._keep(code, row)
        return row

    async def _catch_up(self) -> None:
        self._seen_s = time.monotonic()
        begun = get_now()
        for row in await asyncio.to_thread(self._list_changed, self._seen_at - OVERLAP):
            if row.code in self._known:
                self._keep(row.code, row)
        self._seen_at = begun

    def _keep(self, code: str, row: ShortLink | None) -> None:
        self._known[code] = Known(row, time.monotonic())
        self._known.move_to_end(code)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


class LinkDoor:
    """``/l/<code>``: 302 to the link's target, counted as a click or scan, or as no person with the reason."""

    def __init__(self, book: LinkBook, inbox: Inbox, hosts: Sequence[str]) -> None:
        self._book = book
        self._inbox = inbox
        self._hosts = tuple(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Answer one request."""
        await send_answer(send, await self._answer(scope), is_head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] not in {"GET", "HEAD"}:
            return NO_METHOD
        code = scope["path"].removeprefix(PREFIX).rstrip("/")
        if not code or len(code) > LONGEST_CODE or not code.isascii():
            return NOT_FOUND
        link = await self._book.find(code)
        if link is None:
            return NOT_FOUND
        now = get_now()
        # the setting may have changed since the link was made
        if not link.is_on or (link.expires_at and link.expires_at <= now) or not is_allowed(link.target, self._hosts):
            return GONE
        query = scope.get("query_string", b"").decode("utf-8", "replace")
        target = add_utm(link.target, read_utm(query))
        await self._count(link, _read_visit(scope, query), target, now)
        return Answer(302, b"", ((b"location", _write_location(target)), (b"cache-control", b"no-store")))

    async def _count(self, link: ShortLink, visit: Visit, target: str, now: datetime) -> None:
        """Count a visit durably; where the disk is full, the visitor goes on all the same."""
        if self._inbox.is_full:
            await self._inbox.refresh()
            if self._inbox.is_full:
                return
        payload = build_click(link, visit, target, now)
        body = dump_json_bytes([payload])
        frame = Frame(SOURCE, int(now.timestamp() * 1_000_000), Dialect.EVENTS.value, body)
        try:
            await self._inbox.keep(frame.pack())
        except InboxFull:
            return


def build_click(link: ShortLink, visit: Visit, target: str, now: datetime) -> dict[str, Any]:
    """Return the event of a visit; that of no person carries only what it is counted under."""
    outcome = judge_visit(visit)
    note = {"note": write_note(link.code, now.date().isoformat(), outcome)}
    if outcome not in {Outcome.CLICK, Outcome.SCAN}:
        return {**note, "is_left_out": True}
    utm = read_utm(target.partition("?")[2].partition("#")[0])
    # a scan answers a share; the code of a poster that nobody shared is a link that was followed
    verb = Verb.SCAN if outcome is Outcome.SCAN and link.parent else Verb.CLICK
    return {
        **note,
        "id": make_event_id(SOURCE, uuid4().hex),
        "type": verb.value,
        "time": now.isoformat(),
        "market": link.market or None,
        "channel": utm.get("utm_source") or link.channel or None,
        "object": f"link/{link.code}",
        "parent": link.parent or None,
        "campaign": link.campaign or utm.get("utm_campaign") or None,
        "props": dump_json({**utm, "via": "qr" if visit.is_scan else "link"}),
    }


def _read_visit(scope: Scope, query: str) -> Visit:
    purpose = b"".join(find_header(scope, name) for name in (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"))
    is_scan = bool(query) and ("via", "qr") in _read_pairs(query)
    agent = find_header(scope, b"user-agent").decode("latin-1")
    return Visit(scope["method"], agent, purpose.decode("latin-1").lower(), is_scan)


def _read_pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, max_num_fields=50)
    except ValueError:
        return []


def _write_location(target: str) -> bytes:
    from django.utils.encoding import iri_to_uri

    return iri_to_uri(target).encode("ascii")
