"""The door that the vendor knocks at: whom it believes, what it answers, and that nothing keeps it from answering."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from canyu.care.wechat import (
    Account,
    Delivery,
    DoorLimits,
    LocalMemory,
    MessageCipher,
    NewsReply,
    Reply,
    TextMessage,
    TextReply,
    Vendor,
    WeChatDoor,
    parse_message,
    sign,
)
from canyu.care.wechat.xml import parse_xml
from canyu.kit.errors import BadInput, Conflict

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
TOKEN = "the-token"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PLAIN = Account("shop", Vendor.OFFICIAL_ACCOUNT, TOKEN, "wx-app")
SEALED = Account("safe", Vendor.OFFICIAL_ACCOUNT, TOKEN, "wx-app", (KEY,))
WECOM = Account("office", Vendor.WECOM, TOKEN, "corp", (KEY,))
ACCOUNTS = {each.name: each for each in (PLAIN, SEALED, WECOM)}


class Accounts:
    def find(self, name: str) -> Account | None:
        return ACCOUNTS.get(name)


@dataclass
class Inbox:
    reply: Reply | None = None
    kept: dict[str, Delivery] = field(default_factory=dict)
    before: Callable[[], Any] = lambda: None
    calls: int = 0

    def keep(self, delivery: Delivery) -> Reply | None:
        self.calls += 1
        self.before()
        self.kept.setdefault(delivery.key, delivery)
        return self.reply


def make_text(content: str = "屏幕碎了😀", msg_id: str = "7") -> str:
    return (
        f"<xml><ToUserName>us</ToUserName><FromUserName>user</FromUserName><CreateTime>{STAMP}</CreateTime>"
        f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content><MsgId>{msg_id}</MsgId></xml>"
    )


def make_call(account: Account, xml: str, **changed: str) -> tuple[dict[str, str], bytes]:
    """Return query and body of a push as the vendor makes them."""
    query = {"timestamp": STAMP, "nonce": "n1"} | changed
    parts = (TOKEN, query["timestamp"], query["nonce"])
    query.setdefault("signature", sign(*parts))
    if not account.keys:
        return query, xml.encode()
    sealed = MessageCipher(KEY, account.receive_id).seal(xml)
    query.setdefault("msg_signature", sign(*parts, sealed))
    return query, f"<xml><ToUserName>us</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


def open_door(inbox: Inbox | None = None, **limits: Any) -> WeChatDoor:
    return WeChatDoor(Accounts(), inbox or Inbox(), LocalMemory(), DoorLimits(**limits), clock=lambda: NOW)


async def knock(
    door: WeChatDoor, name: str, query: dict[str, str], body: bytes | None = None, method: str = ""
) -> tuple[int, bytes]:
    scope = {
        "type": "http",
        "method": method or ("GET" if body is None else "POST"),
        "path": f"/wechat/{name}",
        "query_string": urlencode(query).encode(),
        "headers": [],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await door(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


def ask(door: WeChatDoor, name: str, query: dict[str, str], body: bytes | None = None) -> tuple[int, bytes]:
    return asyncio.run(knock(door, name, query, body))


@pytest.mark.parametrize(("account", "told"), [(PLAIN, b"success"), (SEALED, b"success"), (WECOM, b"")])
def test_a_push_is_stored_and_acknowledged(account: Account, told: bytes) -> None:
    inbox = Inbox()
    assert ask(open_door(inbox), account.name, *make_call(account, make_text())) == (200, told)
    [kept] = inbox.kept.values()
    assert isinstance(kept.message, TextMessage)
    assert (kept.account, kept.message.content, kept.xml) == (account.name, "屏幕碎了😀", make_text())
    assert kept.received_at == NOW


def test_the_same_message_three_times_is_kept_once() -> None:
    inbox = Inbox()
    door = open_door(inbox)
    calls = [make_call(SEALED, make_text(), nonce=f"n{each}", timestamp=str(int(STAMP) + each)) for each in range(3)]
    assert [ask(door, "safe", *each) for each in calls] == [(200, b"success")] * 3
    assert ask(door, "safe", *calls[0]) == (200, b"success")
    assert (inbox.calls, len(inbox.kept)) == (4, 1)


@pytest.mark.parametrize("account", [PLAIN, SEALED, WECOM])
@pytest.mark.parametrize(
    "wrong", [{"signature": "0" * 40, "msg_signature": "0" * 40}, {"signature": "", "msg_signature": "é"}]
)
def test_a_wrong_signature_is_refused(account: Account, wrong: dict[str, str]) -> None:
    inbox = Inbox()
    status, body = ask(open_door(inbox), account.name, *make_call(account, make_text(), **wrong))
    assert status == 403
    assert b"call_refused" in body
    assert inbox.calls == 0


@pytest.mark.parametrize("account", [PLAIN, SEALED, WECOM])
@pytest.mark.parametrize(("apart", "status"), [(-301, 403), (301, 403), (-300, 200), (300, 200)])
def test_a_call_from_another_time_is_refused(account: Account, apart: int, status: int) -> None:
    inbox = Inbox()
    call = make_call(account, make_text(), timestamp=str(int(STAMP) + apart))
    assert ask(open_door(inbox), account.name, *call)[0] == status
    assert inbox.calls == int(status == 200)


@pytest.mark.parametrize("stamp", ["", "soon", "１７００００００００", "9" * 30])
def test_a_timestamp_that_is_none_is_refused(stamp: str) -> None:
    assert ask(open_door(), "shop", *make_call(PLAIN, make_text(), timestamp=stamp))[0] == 403


def test_a_signature_taken_from_another_message_is_refused() -> None:
    inbox = Inbox()
    door = open_door(inbox)
    query, body = make_call(PLAIN, make_text())
    assert ask(door, "shop", query, body)[0] == 200
    assert ask(door, "shop", query, make_text("退款到我的账户", "8").encode())[0] == 403
    assert [each.message.msg_id for each in inbox.kept.values()] == ["7"]


def test_a_sealed_account_takes_no_plain_message() -> None:
    inbox = Inbox()
    query, _ = make_call(SEALED, make_text())
    assert ask(open_door(inbox), "safe", query, make_text().encode())[0] == 403
    assert inbox.calls == 0


def test_a_message_for_another_account_is_refused() -> None:
    sealed = MessageCipher(KEY, "wx-other").seal(make_text())
    query = {"timestamp": STAMP, "nonce": "n", "msg_signature": sign(TOKEN, STAMP, "n", sealed)}
    status, body = ask(open_door(), "safe", query, f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode())
    assert status == 403
    assert "not for this account" in body.decode()


def test_an_address_is_set_up() -> None:
    query = {"timestamp": STAMP, "nonce": "n", "echostr": "5837", "signature": sign(TOKEN, STAMP, "n")}
    door = open_door()
    assert [ask(door, "shop", query) for _ in range(2)] == [(200, b"5837")] * 2
    assert ask(door, "shop", query, make_text().encode())[0] == 403  # its signature fits no push
    assert ask(open_door(), "shop", query | {"nonce": "m"})[0] == 403
    old = str(int(STAMP) - 301)
    stale = {"timestamp": old, "nonce": "n", "echostr": "5837", "signature": sign(TOKEN, old, "n")}
    assert ask(open_door(), "shop", stale)[0] == 403
    sealed = MessageCipher(KEY, "corp").seal("5838")
    stale = {"timestamp": old, "nonce": "n", "echostr": sealed, "msg_signature": sign(TOKEN, old, "n", sealed)}
    assert ask(open_door(), "office", stale)[0] == 403
    query = {"timestamp": STAMP, "nonce": "n", "echostr": sealed, "msg_signature": sign(TOKEN, STAMP, "n", sealed)}
    assert ask(open_door(), "office", query) == (200, b"5838")
    assert ask(open_door(), "office", query | {"msg_signature": "x"})[0] == 403


def test_what_is_no_push_is_refused() -> None:
    inbox = Inbox()
    door = open_door(inbox, most_bytes=2000)
    query, body = make_call(PLAIN, make_text())
    assert ask(door, "nobody", query, body)[0] == 404
    assert ask(door, "shop", query, b"x" * 2001)[0] == 413
    assert asyncio.run(knock(door, "shop", query, body, "PUT"))[0] == 405
    assert ask(open_door(inbox), "shop", *make_call(PLAIN, "<xml>"))[0] == 400
    assert ask(open_door(inbox), "shop", query, b"\xff\xfe")[0] == 400
    assert inbox.calls == 0


def test_a_parameter_that_stands_twice_is_refused() -> None:
    door = open_door()
    told = urlencode(make_call(PLAIN, make_text())[0]).encode()
    assert door._take("shop", "POST", told, make_text().encode()).status == 200
    assert door._take("shop", "POST", told + b"&nonce=n2", make_text().encode()).status == 403


def test_a_handler_that_takes_long_does_not_delay_the_answer() -> None:
    """The inbox only keeps; who works on what it keeps may take seven seconds, or for ever."""
    answered, worked = threading.Event(), list[str]()
    inbox = Inbox()

    def work() -> None:
        answered.wait(10)
        worked.extend(each.message.user for each in inbox.kept.values())

    worker = threading.Thread(target=work)
    worker.start()
    assert ask(open_door(inbox), "shop", *make_call(PLAIN, make_text())) == (200, b"success")
    assert worked == []
    answered.set()
    worker.join()
    assert worked == ["user"]


def test_an_inbox_that_hangs_does_not_delay_the_answer_and_loses_nothing() -> None:
    go_on = threading.Event()
    inbox = Inbox(before=lambda: go_on.wait(10))
    door = open_door(inbox, store_within_s=0.1)
    call = make_call(PLAIN, make_text())

    async def wait_and_try_again() -> list[int]:
        begun = time.monotonic()
        first = await knock(door, "shop", *call)
        assert time.monotonic() - begun < 2
        go_on.set()
        return [first[0], (await knock(door, "shop", *call))[0]]

    assert asyncio.run(wait_and_try_again()) == [503, 200]
    door.close()
    assert (inbox.calls, len(inbox.kept)) == (2, 1)


def test_what_is_still_being_stored_counts_after_its_answer(caplog: pytest.LogCaptureFixture) -> None:
    go_on = threading.Event()
    inbox = Inbox(before=lambda: go_on.wait(10))
    door = open_door(inbox, most_at_once=1, store_within_s=0.05)
    call = make_call(PLAIN, make_text())

    async def knock_twice() -> list[int]:
        return [(await knock(door, "shop", *call))[0], (await knock(door, "shop", *call))[0]]

    try:
        assert asyncio.run(knock_twice()) == [503, 503]
    finally:
        go_on.set()
        door.close()
    assert inbox.calls == 1
    assert "1 calls are being stored at once, no more is taken" in caplog.text


def test_no_more_is_taken_than_can_be_stored_at_once() -> None:
    go_on = threading.Event()
    door = open_door(Inbox(before=lambda: go_on.wait(10)), most_at_once=2, store_within_s=2)
    calls = [make_call(PLAIN, make_text(msg_id=str(each)), nonce=str(each)) for each in range(3)]

    async def crowd() -> list[int]:
        waiting = [asyncio.create_task(knock(door, "shop", *each)) for each in calls]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert [each.result()[0] for each in done] == [503]
        go_on.set()
        return sorted([(await each)[0] for each in waiting])

    assert asyncio.run(crowd()) == [200, 200, 503]


@pytest.mark.parametrize("fault", [OSError("the disk is full"), Conflict("no"), BadInput("no")])
def test_a_push_that_could_not_be_stored_is_sent_again(fault: Exception) -> None:
    def fail() -> None:
        raise fault

    inbox = Inbox(before=fail)
    door = open_door(inbox)
    call = make_call(PLAIN, make_text())
    assert ask(door, "shop", *call)[0] == 503
    inbox.before = lambda: None
    assert ask(door, "shop", *call) == (200, b"success")


def test_a_reply_at_once_is_rendered_and_sealed() -> None:
    status, body = ask(open_door(Inbox(TextReply("收到😀"))), "shop", *make_call(PLAIN, make_text()))
    told = parse_xml(body)
    assert (status, told.get_text("ToUserName"), told.get_text("FromUserName")) == (200, "user", "us")
    assert told.get_text("Content") == "收到😀"
    _, body = ask(open_door(Inbox(TextReply("收到😀"))), "safe", *make_call(SEALED, make_text()))
    envelope = parse_xml(body)
    sealed = envelope.get_text("Encrypt")
    assert envelope.get_text("MsgSignature") == sign(TOKEN, envelope.get_text("TimeStamp"), "n1", sealed)
    assert parse_message(MessageCipher(KEY, "wx-app").open(sealed)).user == "us"


def test_a_reply_that_cannot_be_sent_does_not_undo_the_storing() -> None:
    inbox = Inbox(NewsReply([]))
    assert ask(open_door(inbox), "shop", *make_call(PLAIN, make_text())) == (200, b"success")
    assert len(inbox.kept) == 1


def test_an_old_key_opens_messages_until_it_is_taken_away() -> None:
    new = "0" * 43
    ACCOUNTS["moving"] = Account("moving", Vendor.OFFICIAL_ACCOUNT, TOKEN, "wx-app", (new, KEY))
    assert ask(open_door(), "moving", *make_call(SEALED, make_text()))[0] == 200
    ACCOUNTS["moving"] = Account("moving", Vendor.OFFICIAL_ACCOUNT, TOKEN, "wx-app", (new,))
    assert ask(open_door(), "moving", *make_call(SEALED, make_text()))[0] == 403


def test_an_account_tells_what_it_lacks_and_shows_no_secret() -> None:
    assert TOKEN not in repr(SEALED)
    assert KEY not in repr(SEALED)
    with pytest.raises(BadInput, match="43 characters"):
        Account("safe", Vendor.OFFICIAL_ACCOUNT, TOKEN, "wx-app", ("short",))
    with pytest.raises(BadInput, match="WeCom always encrypts"):
        Account("office", Vendor.WECOM, TOKEN, "corp")
    with pytest.raises(BadInput, match="has no Token"):
        Account("shop", Vendor.OFFICIAL_ACCOUNT, "", "wx-app")


def test_the_door_answers_within_the_vendors_five_seconds_by_its_limits() -> None:
    with pytest.raises(ValueError, match="five seconds"):
        DoorLimits(body_within_s=2, store_within_s=3)


def test_the_memory_of_calls_forgets() -> None:
    memory = LocalMemory(keep_s=600, most=2)
    assert memory.remember("a", b"1", NOW)
    assert not memory.remember("a", b"2", NOW + timedelta(seconds=600))
    assert memory.remember("a", b"2", NOW + timedelta(seconds=601))
    assert memory.remember("b", b"1", NOW + timedelta(seconds=601))
    assert memory.remember("c", b"1", NOW + timedelta(seconds=601))
    assert len(memory._seen) == 2
