"""The collector: what tracking clients send is kept durably, then acknowledged (a raw ASGI application)."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from canyu.events.collector import answers
from canyu.events.collector.bodies import NoJson, parse_body, unwrap_body
from canyu.events.collector.calls import Ask, Call, find_call, find_key, list_payloads
from canyu.events.collector.frames import Frame
from canyu.events.collector.inbox import Inbox
from canyu.events.collector.limits import Limits
from canyu.events.collector.segments import InboxFull
from canyu.events.collector.sources import Keyring, Source
from canyu.kit.clock import get_now
from canyu.kit.raw_http import (
    Answer,
    BodyTooLarge,
    BodyTooSlow,
    Receive,
    Scope,
    Send,
    SenderGone,
    find_header,
    make_json_answer,
    read_body,
    send_answer,
)

LARGE_BYTES = 256 << 10  # from here on reading would hold up other requests: a thread does it
logger = logging.getLogger("canyu.collector")


@dataclass(frozen=True, slots=True)
class Door:
    """How much the collector takes: bytes of one body, as sent and unfolded, and the seconds it waits for it."""

    most_bytes: int = 8 << 20
    most_unfolded_bytes: int = 16 << 20
    within_s: float = 30.0


class Collector:
    """An ASGI application for the paths of Segment's, RudderStack's and PostHog's clients.

    A well-formed batch is answered with 200 once the inbox has it on the disk, whatever its single events are like:
    those that cannot be used go to quarantine later, with their reason.
    """

    def __init__(self, keys: Keyring, inbox: Inbox, limits: Limits, door: Door | None = None) -> None:
        self.keys = keys
        self.inbox = inbox
        self.limits = limits
        self.door = door or Door()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        origin = find_header(scope, b"origin").decode("latin-1")
        try:
            answer, allowed = await self._answer(scope, receive, origin)
        except SenderGone:
            return
        if origin and allowed:
            answer = answer.with_headers(
                (b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")
            )
        await send_answer(send, answer, is_head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive, origin: str) -> tuple[Answer, bool]:
        """Return the answer, and whether pages of the origin may read it."""
        call = find_call(scope["path"])
        if call is None:
            return answers.NO_CALL, False
        if scope["method"] == "OPTIONS":
            return _answer_preflight(await self.keys.is_origin_known(origin))
        if call.ask in {Ask.SEGMENT_SETTINGS, Ask.RUDDERSTACK_SETTINGS, Ask.POSTHOG_SETTINGS}:
            return await self._tell_settings(call, scope, origin)
        if scope["method"] != "POST":
            return answers.NO_METHOD, False
        try:
            text, body = await self._read(scope, receive)
        except BodyTooLarge:
            return answers.TOO_LARGE, await self.keys.is_origin_known(origin)
        except BodyTooSlow:
            return answers.TOO_SLOW, False
        except NoJson:
            return answers.NO_JSON, await self.keys.is_origin_known(origin)
        source = await self.keys.find(find_key(scope, body))
        if source is None:
            return answers.NO_KEY, await self.keys.is_origin_known(origin)
        if origin and not source.allows(origin):
            return answers.NO_ORIGIN, False
        if call.ask is Ask.FLAGS:
            return make_json_answer(200, answers.describe_flags()), True
        return await self._keep(call, source, text, list_payloads(body)), True

    async def _read(self, scope: Scope, receive: Receive) -> tuple[bytes, Any]:
        raw = await read_body(scope, receive, most_bytes=self.door.most_bytes, within_s=self.door.within_s)
        if len(raw) < LARGE_BYTES:
            return self._parse(raw)
        return await asyncio.to_thread(self._parse, raw)

    def _parse(self, raw: bytes) -> tuple[bytes, Any]:
        text = unwrap_body(raw, most_bytes=self.door.most_unfolded_bytes)
        return text, parse_body(text)

    async def _keep(self, call: Call, source: Source, text: bytes, payloads: list[Any] | None) -> Answer:
        if payloads is None:
            return answers.NO_JSON
        if not payloads:
            return answers.KEPT
        if self.inbox.is_full:
            await self.inbox.refresh()
            if self.inbox.is_full:
                return answers.refuse_for_now()
        wait_s = self.limits.take(source, len(payloads))
        if wait_s:
            return answers.refuse_for_now(wait_s)
        received_us = int(get_now().timestamp() * 1_000_000)
        frame = Frame(source.name, received_us, call.dialect.value, text, call.call).pack()
        try:
            await self.inbox.keep(frame)
        except InboxFull as fault:
            logger.error("the inbox cannot be written: %s", fault)
            return answers.FULL
        await self.inbox.refresh()
        return answers.KEPT

    async def _tell_settings(self, call: Call, scope: Scope, origin: str) -> tuple[Answer, bool]:
        key = call.key or _read_asked_key(scope)
        source = await self.keys.find(key)
        if source is None:
            return answers.NO_KEY, await self.keys.is_origin_known(origin)
        if origin and not source.allows(origin):
            return answers.NO_ORIGIN, False
        host = find_header(scope, b"host").decode("latin-1")
        if call.ask is Ask.SEGMENT_SETTINGS:
            content = answers.describe_segment(key, _find_scheme(scope), host)
        elif call.ask is Ask.RUDDERSTACK_SETTINGS:
            content = answers.describe_rudderstack(key, source.name)
        else:
            content = answers.describe_posthog(key)
        return make_json_answer(200, content), True


def _answer_preflight(is_known: bool) -> tuple[Answer, bool]:
    if not is_known:
        return answers.NO_ORIGIN, False
    return (
        Answer(204, b"", ()).with_headers(
            (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
            (b"access-control-allow-headers", answers.PREFLIGHT_HEADERS),
            (b"access-control-max-age", b"600"),
        ),
        True,
    )


def _read_asked_key(scope: Scope) -> str:
    query = parse_qs(scope.get("query_string", b"").decode("ascii", "replace"), max_num_fields=50)
    return query.get("writeKey", [""])[0] or find_key(scope, None)


def _find_scheme(scope: Scope) -> str:
    """Return how the client came here; a proxy in front says so itself."""
    forwarded = find_header(scope, b"x-forwarded-proto").decode("latin-1")
    return forwarded if forwarded in {"http", "https"} else str(scope.get("scheme", "http"))
