"""Accounts, pushes and a stand-in of the vendor for the tests of WeChat's room."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from canyu.care.wechat import Delivery, MessageCipher, find_key, parse_message, sign
from canyu.ops.config import load_config
from canyu.ops.people.models import Person
from canyu.ops.wechat.accounts.actions import AccountDraft, Secrets, create_account
from canyu.ops.wechat.inbox.actions import PushBox
from canyu.ops.wechat.models import Vendor as Kind
from canyu.ops.wechat.models import WeChatAccount
from canyu.ops.wechat.sending.actions import send_due
from canyu.ops.wechat.working.actions import work
from wechat_vendor import SECRET, Vendor, run_vendor

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TOKEN, APP, CORP = "the-token", "wx-app", "corp"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRETS = Secrets(TOKEN, KEY, SECRET)
FIELDS = "<ToUserName>us</ToUserName><FromUserName>{user}</FromUserName><CreateTime>{stamp}</CreateTime>"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def vendor_server() -> Iterator[Vendor]:
    with run_vendor() as vendor:
        yield vendor


@pytest.fixture
def vendor(vendor_server: Vendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """The vendor's stand-in, with nothing in it; the room sends there."""
    vendor_server.reset()
    monkeypatch.setenv("CANYU_WECHAT_API", vendor_server.base)
    monkeypatch.setenv("CANYU_WECOM_API", vendor_server.base)
    load_config.cache_clear()
    yield vendor_server
    monkeypatch.undo()
    load_config.cache_clear()


def get_keeper() -> Person:
    return Person.objects.get_or_create(username="keeper")[0]


def make_account(name: str = "shop", **changes: Any) -> WeChatAccount:
    """Keep an account that seals, with the secret that the stand-in takes."""
    vendor = changes.pop("vendor", Kind.OFFICIAL_ACCOUNT)
    given = changes.pop("secrets", SECRETS)
    fields: dict[str, Any] = {"label": "Shop", "frames": (), "is_answering": False, **changes}
    draft = AccountDraft(vendor=vendor, receive_id=CORP if vendor == Kind.WECOM else APP, **fields)
    return create_account(get_keeper(), name, draft, given, NOW)


def write_text(
    content: str = "屏幕碎了怎么办", *, user: str = "open-id-1", msg_id: str = "", at: datetime = NOW
) -> str:
    """Return a text message as the vendor writes it."""
    head = FIELDS.format(user=user, stamp=int(at.timestamp()))
    number = msg_id or f"m{next(_numbers)}"
    return f"<xml>{head}<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content><MsgId>{number}</MsgId></xml>"


def write_event(name: str, *, user: str = "open-id-1", at: datetime = NOW, more: str = "") -> str:
    """Return an event as the vendor writes it."""
    head = FIELDS.format(user=user, stamp=int(at.timestamp()))
    return f"<xml>{head}<MsgType>event</MsgType><Event>{name}</Event>{more}</xml>"


def make_call(
    xml: str, at: datetime, *, key: str = KEY, receive_id: str = APP, token: str = TOKEN
) -> tuple[dict[str, str], bytes]:
    """Return the query and the body of a sealed call."""
    stamp, nonce = str(int(at.timestamp())), f"n{next(_numbers)}"
    sealed = MessageCipher(key, receive_id).seal(xml)
    query = {"timestamp": stamp, "nonce": nonce, "signature": sign(token, stamp, nonce)}
    query["msg_signature"] = sign(token, stamp, nonce, sealed)
    return query, f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


def keep(account: WeChatAccount, xml: str, at: datetime = NOW) -> None:
    """Keep a push, as the door does once it has checked it."""
    message = parse_message(xml)
    PushBox().keep(Delivery(account.name, find_key(message), message, xml, at))


def hear(account: WeChatAccount, xml: str, at: datetime = NOW) -> int:
    """Keep a push and work on it."""
    keep(account, xml, at)
    return work(stand_at(at))


def send(at: datetime = NOW) -> int:
    """Send what is due."""
    return send_due(stand_at(at), sleep=lambda _: None)


def stand_at(at: datetime) -> Callable[[], datetime]:
    return lambda: at
