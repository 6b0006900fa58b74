"""The stream of news (ASGI 3): one look a second per topic and process, however many pages listen.

A browser that lost its stream says which event it had last, and is told at once what it missed (HTML Living Standard,
9.2, Server-sent events). Pages are told that something changed, never what: they fetch it by their own address, where
the gate asks again who they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from canyu.kit.jsonio import dump_json
from canyu.kit.raw_http import Receive, Scope, Send, find_header, make_json_answer, send_answer
from canyu.ops.stream.queries import News, Topic

PREFIX = "/stream/"
LOOK_S, BEAT_S, CHECK_S = 1.0, 15.0, 60.0
"""Between two looks, between two signs of life, and between two questions who listens, in seconds."""
MOST_STREAMS = 400
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
HELLO = b"retry: 3000\n\n"
STILL_HERE = b": still here\n\n"
LARGEST_ID = 2**63 - 1


@dataclass(slots=True)
class _Watch:
    """One topic's look: its newest number, and who waits for a larger one."""

    last: int = -1
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    listeners: int = 0
    task: asyncio.Task[None] | None = None


class StreamDoor:
    """Streams of one process. ``may_listen`` takes cookies and a permission; None: nobody is signed in.

    ``is_ending`` says that the server was told to end: it waits for open answers before it tells its applications.
    """

    def __init__(
        self,
        topics: Mapping[str, Topic],
        may_listen: Callable[[str, str], bool | None],
        is_ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self._topics = topics
        self._may_listen = may_listen
        self._is_ending = is_ending
        self._watches = {name: _Watch() for name in topics}
        self._streams = 0
        self._is_over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: refuse it, or keep it open until the page or the server ends."""
        topic = self._topics.get(scope["path"].removeprefix(PREFIX).strip("/"))
        status = 405 if scope["method"] != "GET" else 404 if topic is None else await self._check(scope, topic)
        if topic is None or status != 200:
            code = {401: "sign_in", 403: "forbidden", 404: "not_found", 405: "method", 503: "too_many_streams"}[status]
            await send_answer(send, make_json_answer(status, {"code": code}), is_head=scope["method"] == "HEAD")
            return
        name = scope["path"].removeprefix(PREFIX).strip("/")
        self._streams += 1
        try:
            await self._serve(scope, receive, send, name)
        finally:
            self._streams -= 1

    async def close(self) -> None:
        """End every stream: a server that stops waits for none of them."""
        self._is_over = True
        for watch in self._watches.values():
            async with watch.news:
                watch.news.notify_all()

    async def _check(self, scope: Scope, topic: Topic) -> int:
        if self._streams >= MOST_STREAMS or self._is_over:
            return 503
        cookies = find_header(scope, b"cookie").decode("latin-1")
        found = await asyncio.to_thread(self._may_listen, cookies, topic.permission)
        return 401 if found is None else 200 if found else 403

    async def _serve(self, scope: Scope, receive: Receive, send: Send, name: str) -> None:
        gone = asyncio.create_task(_wait_until_gone(receive))
        told = asyncio.create_task(self._tell(scope, send, name))
        try:
            await asyncio.wait((gone, told), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, told):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError, RuntimeError):
                    await task  # the server speaks of a closed socket in its own words
        if told.done() and not told.cancelled():
            told.exception()

    async def _tell(self, scope: Scope, send: Send, name: str) -> None:
        topic, watch = self._topics[name], self._watches[name]
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": HELLO, "more_body": True})
        seen = _find_last_seen(scope)
        if seen < 0:
            seen = (await asyncio.to_thread(topic.read, -1)).last
        watch.listeners += 1
        if watch.task is None or watch.task.done():
            watch.last = -1
            watch.task = asyncio.create_task(self._look(topic, watch))
        checked = time.monotonic()
        try:
            while not self._is_over:
                if watch.last > seen:
                    news = await asyncio.to_thread(topic.read, seen)
                    await send({"type": "http.response.body", "body": _write(news), "more_body": True})
                    seen = news.last
                    continue
                if not await _wait_for_news(watch, seen, lambda: self._is_over):
                    await send({"type": "http.response.body", "body": STILL_HERE, "more_body": True})
                if time.monotonic() - checked > CHECK_S:
                    checked = time.monotonic()
                    if await self._check(scope, topic) not in {200, 503}:
                        break
        finally:
            watch.listeners -= 1
        await send({"type": "http.response.body", "body": b""})

    async def _look(self, topic: Topic, watch: _Watch) -> None:
        while watch.listeners and not self._is_over:
            if self._is_ending():
                await self.close()
                break
            found = await asyncio.to_thread(topic.read, -1)
            if found.last > watch.last:
                async with watch.news:
                    watch.last = found.last
                    watch.news.notify_all()
            await asyncio.sleep(LOOK_S)


async def _wait_for_news(watch: _Watch, seen: int, is_over: Callable[[], bool]) -> bool:
    """Wait until there is more than was seen, or the server ends; return False when nothing came for a while."""
    try:
        async with asyncio.timeout(BEAT_S), watch.news:
            await watch.news.wait_for(lambda: watch.last > seen or is_over())
    except TimeoutError:
        return False
    return True


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _find_last_seen(scope: Scope) -> int:
    """Return the number of the last event that the page had: by its own word, else by the address; -1 for none."""
    asked: dict[str, Any] = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    for text in (find_header(scope, b"last-event-id").decode("latin-1"), *asked.get("after", ())):
        if text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID:
            return int(text[:20])
    return -1


def _write(news: News) -> bytes:
    return f"id: {news.last}\nevent: news\ndata: {dump_json({'things': list(news.things)})}\n\n".encode()
