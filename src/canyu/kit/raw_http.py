"""HTTP without a framework, for paths that are asked thousands of times a second: bodies in, answers out (ASGI 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from canyu.kit.jsonio import dump_json_bytes

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Headers = tuple[tuple[bytes, bytes], ...]
JSON: Headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


class BodyTooLarge(Exception):
    """The body is longer than the door takes."""


class BodyTooSlow(Exception):
    """The body did not arrive in the time that the door waits."""


class SenderGone(Exception):
    """The sender hung up before the body was there: nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes = b""
    headers: Headers = JSON

    def with_headers(self, *headers: tuple[bytes, bytes]) -> Answer:
        """Return the same answer with more headers."""
        return Answer(self.status, self.body, (*self.headers, *headers))


def make_json_answer(status: int, content: Any) -> Answer:
    """Return an answer of JSON."""
    return Answer(status, dump_json_bytes(content))


def find_header(scope: Scope, name: bytes) -> bytes:
    """Return the value of a header (``name`` in lower case), empty where it was not sent."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


async def read_body(scope: Scope, receive: Receive, *, most_bytes: int, within_s: float) -> bytes:
    """Return the whole body. Raises BodyTooLarge, BodyTooSlow or SenderGone; never holds more than ``most_bytes``."""
    stated = find_header(scope, b"content-length")
    if stated.isdigit() and int(stated[:20]) > most_bytes:
        raise BodyTooLarge
    try:
        async with asyncio.timeout(within_s):
            return await _gather_body(receive, most_bytes)
    except TimeoutError as error:
        raise BodyTooSlow from error


async def _gather_body(receive: Receive, most_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGone
        part = message.get("body", b"")
        size += len(part)
        if size > most_bytes:
            raise BodyTooLarge
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def send_answer(send: Send, answer: Answer, *, is_head: bool = False) -> None:
    """Send an answer; of one to HEAD only the headers."""
    length = (b"content-length", str(len(answer.body)).encode())
    await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, length]})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})
