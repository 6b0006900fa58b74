"""The claim path past Django: POST /drop/CODE/claim, answered after the group that it was judged in is committed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json_bytes, parse_json
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
from canyu.kit.words import say
from canyu.ledger import GroupWriter, Ledger, LedgerBusy
from canyu.ops.config import load_config
from canyu.ops.ledger.door import DjangoDoor
from canyu.ops.offers.drops import queries
from canyu.ops.offers.drops.claiming import actions
from canyu.ops.offers.drops.claiming.rules import Answer as Told
from canyu.ops.offers.drops.claiming.rules import Answered, Ask
from canyu.ops.offers.drops.passes import Pass, read_pass
from canyu.ops.webhook.rules import is_fresh, is_signed, read_secrets

PATH = re.compile(r"/drop/([a-z0-9_-]{1,60})/claim/?")
NAME = re.compile(r"[!-~]{1,120}")
MARKET = re.compile(r"[A-Za-z0-9_-]{0,40}")
SOURCE, STAMP, SIGNATURE = b"x-canyu-source", b"x-canyu-time", b"x-canyu-signature"
MOST_BYTES = 4096
WITHIN_S = 10.0
MOST_IN_GROUP = 400
MOST_WAITING = 20_000
SWEEP_S = 1.0
RETRY_AFTER = (b"retry-after", b"1")
STATUSES = {Answered.UNKNOWN: 404, Answered.NOT_OPEN: 425, Answered.CLOSED: 410, Answered.FORGOTTEN: 401}


class Refused(Exception):
    """A request that is no claim; what to answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = make_json_answer(status, {"code": code, "message": message})


@dataclass(slots=True)
class _Line:
    """Who waits at one drop in this process, and whether a group of them is being judged."""

    waiting: list[tuple[Ask, asyncio.Future[Told]]] = field(default_factory=list)
    is_judging: bool = False


class DropDoor:
    """One ASGI application: many claims at once are judged as one group, in the order in which they arrived."""

    def __init__(self) -> None:
        self._writer: GroupWriter | None = None
        self._lines: dict[str, _Line] = {}
        self._swept = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one claim: 200 with its state; 400, 401, 404, 405, 410, 413, 425 or 503 with a code."""
        try:
            answer = await self._answer(scope, receive)
        except Refused as refused:
            answer = refused.answer
        except SenderGone:
            return
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        found = PATH.fullmatch(scope["path"])
        if found is None:
            raise Refused(404, "not_found", say("没有这个地址。", "There is no such address."))
        if scope["method"] != "POST":
            raise Refused(405, "method", say("只接受 POST。", "Only POST is taken."))
        ask = read_ask(found[1], await _read(scope, receive), scope)
        try:
            told = await self._ask(found[1], ask)
        except LedgerBusy:
            return make_json_answer(503, {"code": "busy"}).with_headers(RETRY_AFTER)
        return Answer(STATUSES.get(told.state, 200), dump_json_bytes(told.describe()))

    async def _ask(self, code: str, ask: Ask) -> Told:
        line = self._lines.setdefault(code, _Line())
        if len(line.waiting) >= MOST_WAITING:
            raise LedgerBusy("")
        future: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        line.waiting.append((ask, future))
        if not line.is_judging:
            self._judge(code, line)
        return await future

    def _judge(self, code: str, line: _Line) -> None:
        group, line.waiting = line.waiting[:MOST_IN_GROUP], line.waiting[MOST_IN_GROUP:]
        line.is_judging = True
        loop = asyncio.get_running_loop()
        sweeps = time.monotonic() - self._swept >= SWEEP_S
        if sweeps:
            self._swept = time.monotonic()
        if self._writer is None:
            self._writer = GroupWriter(DjangoDoor)  # here, after the worker process was forked
        asks = [ask for ask, _future in group]
        done: Future[list[Told]]
        try:
            done = self._writer.submit(lambda ledger: judge_group(code, asks, ledger, sweeps=sweeps))
        except LedgerBusy as busy:  # told like any other fault: who waits is answered, and the next group is judged
            done = Future()
            done.set_exception(busy)
        done.add_done_callback(lambda done: loop.call_soon_threadsafe(self._tell, code, group, done))

    def _tell(self, code: str, group: list[tuple[Ask, asyncio.Future[Told]]], done: Future[list[Told]]) -> None:
        line = self._lines[code]
        line.is_judging = False
        if line.waiting:
            self._judge(code, line)
        elif done.exception() is None and done.result()[0].state is Answered.UNKNOWN:
            del self._lines[code]  # a guessed name takes no memory
        fault = done.exception()
        answers = [None] * len(group) if fault else done.result()
        for (_ask, future), told in zip(group, answers, strict=True):
            if future.done():
                continue
            if told is None:
                future.set_exception(fault or RuntimeError(code))
            else:
                future.set_result(told)


def judge_group(code: str, asks: Sequence[Ask], ledger: Ledger, *, sweeps: bool = False) -> list[Told]:
    """Judge one group in the writer's transaction; once a second, units that nobody paid are free again before it."""
    now = get_now()
    drop = queries.find_public(code)
    if drop is None:
        return [Told(Answered.UNKNOWN)] * len(asks)
    if sweeps:
        actions.expire_due(now, ledger)
    return actions.claim_units(drop, asks, now, ledger)


def read_ask(code: str, body: bytes, scope: Scope) -> Ask:
    """Return who asks: ``{"pass": …, "market": …, "key": …, "consent": true}``; a signed shop names the person.

    Who a person is comes from the pass that the drop's page signed, or from a body that a shop signed. Raises Refused.
    """
    try:
        given: Any = parse_json(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refused(400, "bad_input", say("内容不是 JSON 对象。", "The body is no JSON object."))
    market, key = given.get("market") or "", given.get("key") or ""
    if not isinstance(market, str) or not MARKET.fullmatch(market):
        raise Refused(400, "bad_input", say("market：请写市场代码，如 cn。", "market: a market's code, such as cn."))
    if not isinstance(key, str) or (key and not NAME.fullmatch(key)):
        raise Refused(400, "bad_input", say("key：请写 1 到 120 个字符。", "key: 1 to 120 letters."))
    if given.get("consent") is not True:
        raise Refused(400, "no_consent", say("请先同意隐私说明。", "The privacy notice has to be agreed to first."))
    held = _read_held(code, given, body, scope)
    return Ask(held.person, market, key, held.text, held.language)


def _read_held(code: str, given: dict[str, Any], body: bytes, scope: Scope) -> Pass:
    """Return whom the page's pass or a signed shop names. Raises Refused."""
    held = None
    if isinstance(given.get("pass"), str):
        held = read_pass(code, given["pass"], get_now())
    elif find_header(scope, SIGNATURE) and _is_shop(body, scope):
        text, language = given.get("text") or "", given.get("language") or ""
        if isinstance(text, str) and isinstance(language, str) and len(text) <= 64 and len(language) <= 10:
            held = Pass(str(given.get("person", "")), text, language)
    if held is None:
        raise Refused(
            401,
            "no_pass",
            say(
                "请重新打开页面再来：凭证无效或已过期。",
                "Load the page again: its pass is missing, of another or too old.",
            ),
        )
    if not NAME.fullmatch(held.person):
        raise Refused(
            400,
            "bad_input",
            say("person：请写 1 到 120 个字符的匿名编号。", "person: an opaque id, 1 to 120 signs."),
        )
    return held


def _is_shop(body: bytes, scope: Scope) -> bool:
    source, stamp, signature = (find_header(scope, name).decode("latin-1") for name in (SOURCE, STAMP, SIGNATURE))
    secrets = read_secrets(load_config().hook_secrets.get_secret_value()).get(source, ())
    return bool(secrets) and is_signed(secrets, stamp, body, signature) and is_fresh(stamp, get_now())


async def _read(scope: Scope, receive: Receive) -> bytes:
    try:
        return await read_body(scope, receive, most_bytes=MOST_BYTES, within_s=WITHIN_S)
    except BodyTooLarge:
        raise Refused(413, "too_large", say("内容太大。", "The body is too large.")) from None
    except BodyTooSlow:
        raise Refused(408, "too_slow", say("内容来得太慢。", "The body came too slowly.")) from None


def is_claim(path: str) -> bool:
    """Say whether a path is answered here; all else under /drop/ are pages."""
    return PATH.fullmatch(path) is not None
