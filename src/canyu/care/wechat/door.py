"""Where the vendor knocks: a push is checked, stored and acknowledged; whatever takes time happens afterwards.

The vendor waits five seconds, asks up to three times, and then tells the user that the account is out of order. So
nothing that answers a user runs here: the inbox keeps the push on the disk, and a queue works on it later. Even an
inbox that hangs does not keep the vendor waiting: it is told to come again, and what is stored late is stored once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from canyu.care.wechat.calls import Account, Query, Vendor, make_cipher, open_echo, open_push, read_query
from canyu.care.wechat.errors import CallRefused
from canyu.care.wechat.messages import Incoming, find_key, parse_message
from canyu.care.wechat.replies import Reply, render_reply, seal_reply
from canyu.care.wechat.signatures import CallMemory
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError
from canyu.kit.raw_http import (
    Answer,
    BodyTooLarge,
    BodyTooSlow,
    Headers,
    Receive,
    Scope,
    Send,
    SenderGone,
    make_json_answer,
    read_body,
    send_answer,
)

logger = logging.getLogger("canyu.wechat")

VENDOR_WAITS_S = 5.0
PLAIN: Headers = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
XML: Headers = ((b"content-type", b"text/xml; charset=utf-8"), *PLAIN[1:])
NOT_FOUND = make_json_answer(404, {"code": "not_found"})
NO_METHOD = make_json_answer(405, {"code": "method"}).with_headers((b"allow", b"GET, POST"))
TOO_LARGE = make_json_answer(413, {"code": "too_large"})
TOO_SLOW = make_json_answer(408, {"code": "too_slow"})
COME_AGAIN = make_json_answer(503, {"code": "not_stored"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """A push to keep: the account's name, the key that names it for ever, what it says, read and as it came."""

    account: str
    key: str
    message: Incoming
    xml: str
    received_at: datetime


class Accounts(Protocol):
    """The accounts that are set up. Called in a thread, once per call of the vendor."""

    def find(self, name: str) -> Account | None:
        """Return the account of a name, None where there is none."""
        ...


class Inbox(Protocol):
    """Where pushes are kept until somebody works on them."""

    def keep(self, delivery: Delivery) -> Reply | None:
        """Keep a push on the disk, once per ``delivery.key``, and return; work on it later, somewhere else.

        Called in a thread, by several at once. Returns what is answered at once, None for nothing (the vendor is told
        that the push arrived); the same key gets the same reply again. Raise, and the vendor sends it again.
        """
        ...


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """How much the door takes: bytes of one push, seconds for its bytes, seconds for storing it, pushes at once."""

    most_bytes: int = 384 << 10
    body_within_s: float = 1.5
    store_within_s: float = 2.5
    most_at_once: int = 64

    def __post_init__(self) -> None:
        if self.body_within_s + self.store_within_s >= VENDOR_WAITS_S:
            raise ValueError("the vendor waits five seconds for everything together")


class WeChatDoor:
    """An ASGI application for ``PREFIX/ACCOUNT``; the last part of a path names the account.

    Answers: 200 once a push is stored; 403 where a call is not the vendor's; 400 where it is no XML of the vendor; 503
    where it is not stored in time, so that the vendor sends it again.
    """

    def __init__(
        self,
        accounts: Accounts,
        inbox: Inbox,
        memory: CallMemory,
        limits: DoorLimits | None = None,
        clock: Callable[[], datetime] = get_now,
    ) -> None:
        self.accounts = accounts
        self.inbox = inbox
        self.memory = memory
        self.limits = limits or DoorLimits()
        self._clock = clock
        self._threads = ThreadPoolExecutor(self.limits.most_at_once, "canyu-wechat")
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        try:
            answer = await self._answer(scope, receive)
        except SenderGone:
            return
        await send_answer(send, answer)

    def close(self) -> None:
        """Wait until what is being stored is stored."""
        self._threads.shutdown()

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] not in ("GET", "POST"):
            return NO_METHOD
        name = scope["path"].rstrip("/").rpartition("/")[2]
        limits = self.limits
        body = b""
        if scope["method"] == "POST":
            try:
                body = await read_body(scope, receive, most_bytes=limits.most_bytes, within_s=limits.body_within_s)
            except BodyTooLarge:
                return TOO_LARGE
            except BodyTooSlow:
                return TOO_SLOW
        if self._running >= limits.most_at_once:
            logger.error("wechat: %s calls are being stored at once, no more is taken", self._running)
            return COME_AGAIN
        self._running += 1
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, self._take, name, scope["method"], scope["query_string"], body
        )
        work.add_done_callback(self._finish)
        try:
            # shielded: a push that is being stored is not given up, only not waited for
            return await asyncio.wait_for(asyncio.shield(work), limits.store_within_s)
        except TimeoutError:
            logger.error("wechat: a push for %s was not stored in %s s", name[:80], limits.store_within_s)
            return COME_AGAIN

    def _finish(self, _: asyncio.Future[Answer]) -> None:
        self._running -= 1

    def _take(self, name: str, method: str, told: bytes, body: bytes) -> Answer:
        """Answer one call, in a thread; whatever fails on our side, the vendor shall send it again."""
        try:
            account = self.accounts.find(name)
            return NOT_FOUND if account is None else self._open(account, method, told, body)
        except (CallRefused, BadInput) as refusal:
            logger.warning("wechat: a call on %s is refused: %s", name[:80], refusal)
            return make_json_answer(refusal.status, {"code": refusal.code, "message": refusal.message})
        except Exception:
            logger.exception("wechat: a call on %s could not be stored", name[:80])
            return COME_AGAIN

    def _open(self, account: Account, method: str, told: bytes, body: bytes) -> Answer:
        query, now = read_query(told), self._clock()
        if method == "GET":
            return Answer(200, open_echo(account, query, self.memory, now).encode(), PLAIN)
        xml = open_push(account, query, body, self.memory, now)
        message = parse_message(xml)
        try:
            reply = self.inbox.keep(Delivery(account.name, find_key(message), message, xml, now))
        except CanyuError as fault:  # what the inbox refuses is no fault of the call
            raise RuntimeError(str(fault)) from fault
        return self._acknowledge(account, query, message, reply)

    def _acknowledge(self, account: Account, query: Query, message: Incoming, reply: Reply | None) -> Answer:
        """Return the answer to a push that is stored; a reply that cannot be sent does not undo that."""
        nothing = Answer(200, b"success" if account.vendor is Vendor.OFFICIAL_ACCOUNT else b"", PLAIN)
        if reply is None:
            return nothing
        now = self._clock()
        try:
            xml = render_reply(reply, message, now)
        except CanyuError as refusal:
            logger.error("wechat: the reply at once of %s cannot be sent: %s", account.name, refusal)
            return nothing
        if account.is_sealed:
            xml = seal_reply(xml, make_cipher(account), account.token, query.nonce, now)
        return Answer(200, xml.encode(), XML)
