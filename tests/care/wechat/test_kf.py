"""The pull of WeCom customer service: every message once, whatever breaks between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from canyu.care.wechat import (
    KfMessage,
    KfPull,
    KfSignal,
    TokenKeeper,
    VendorApi,
    VendorClient,
    VendorFailure,
    fetch_wecom,
    parse_message,
)
from wechat_vendor import SECRET, Vendor, run_vendor

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
SIGNAL = f"""<xml><ToUserName><![CDATA[corp]]></ToUserName><CreateTime>{int(AT.timestamp())}</CreateTime>
<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>
<Token><![CDATA[signal-token]]></Token><OpenKfId><![CDATA[kf-1]]></OpenKfId></xml>"""


class Cursors:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def load(self, open_kfid: str) -> str:
        return self.kept.get(open_kfid, "")

    def save(self, open_kfid: str, cursor: str) -> None:
        self.kept[open_kfid] = cursor


def make_message(number: int, **more: Any) -> dict[str, Any]:
    return {
        "msgid": f"m{number}",
        "open_kfid": "kf-1",
        "external_userid": "customer",
        "send_time": int(AT.timestamp()) + number,
        "origin": 3,
        "msgtype": "text",
        "text": {"content": f"第{number}句😀"},
        **more,
    }


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Vendor, VendorClient]]:
    with run_vendor() as vendor, VendorClient(vendor.base, timeout_s=5) as client:
        yield vendor, client


@pytest.fixture
def vendor(running: tuple[Vendor, VendorClient]) -> Vendor:
    running[0].reset()
    return running[0]


def make_pull(running: tuple[Vendor, VendorClient], cursors: Cursors, now: datetime = AT) -> KfPull:
    client = running[1]
    api = VendorApi(client, TokenKeeper(fetch_wecom(client, "corp", SECRET)), is_wecom=True)
    return KfPull(api, cursors, clock=lambda: now)


def read_signal() -> KfSignal:
    signal = parse_message(SIGNAL)
    assert isinstance(signal, KfSignal)
    return signal


def test_all_pages_are_pulled_an_empty_one_between_too(vendor: Vendor, running: Any) -> None:
    vendor.news = [[make_message(1), make_message(2)], [], [make_message(3, origin=5)]]
    cursors, kept = Cursors(), list[KfMessage]()
    pulled = make_pull(running, cursors).pull(read_signal(), kept.extend)
    assert (pulled.messages, pulled.pages, pulled.has_more) == (3, 3, False)
    assert [each.content for each in kept] == ["第1句😀", "第2句😀", "第3句😀"]
    assert [each.is_from_customer for each in kept] == [True, True, False]
    assert vendor.pulls[0] == {"open_kfid": "kf-1", "limit": 1000, "token": "signal-token"}
    assert cursors.kept == {"kf-1": "page-3"}


def test_the_next_pull_goes_on_from_the_cursor(vendor: Vendor, running: Any) -> None:
    vendor.news = [[make_message(1)]]
    cursors, kept = Cursors(), list[KfMessage]()
    make_pull(running, cursors).pull(read_signal(), kept.extend)
    vendor.news.append([make_message(2)])
    make_pull(running, cursors).pull(read_signal(), kept.extend)
    assert [each.msg_id for each in kept] == ["m1", "m2"]


def test_a_page_that_could_not_be_kept_comes_again(vendor: Vendor, running: Any) -> None:
    vendor.news = [[make_message(1)], [make_message(2)], [make_message(3)]]
    cursors, kept = Cursors(), dict[str, KfMessage]()

    def keep(messages: Sequence[KfMessage]) -> None:
        if "m2" not in kept and messages[0].msg_id == "m2":
            kept["m2"] = messages[0]
            raise OSError("the disk is full")
        kept.update({each.msg_id: each for each in messages})

    with pytest.raises(OSError, match="full"):
        make_pull(running, cursors).pull(read_signal(), keep)
    assert cursors.kept == {"kf-1": "page-1"}
    make_pull(running, cursors).pull(read_signal(), keep)
    assert sorted(kept) == ["m1", "m2", "m3"]


def test_after_ten_minutes_the_token_is_not_sent(vendor: Vendor, running: Any) -> None:
    vendor.news = [[make_message(1)]]
    with pytest.raises(VendorFailure, match="Too many calls") as failure:
        make_pull(running, Cursors(), AT + timedelta(minutes=10)).pull(read_signal(), lambda _: None)
    assert failure.value.errcode == 45009
    assert "token" not in vendor.pulls[-1]


def test_an_event_names_its_customer(vendor: Vendor, running: Any) -> None:
    event = {"event_type": "enter_session", "open_kfid": "kf-1", "external_userid": "newcomer"}
    vendor.news = [[{"msgid": "e1", "send_time": 1, "origin": 4, "msgtype": "event", "event": event}]]
    kept: list[KfMessage] = []
    make_pull(running, Cursors()).pull(read_signal(), kept.extend)
    assert (kept[0].customer, kept[0].kind, kept[0].is_from_customer) == ("newcomer", "event", False)


@pytest.mark.parametrize("wrong", [{"msgid": ""}, {"send_time": "soon"}, {"send_time": 10**18}])
def test_a_message_that_cannot_be_kept_once_stops_the_pull(vendor: Vendor, running: Any, wrong: dict[str, Any]) -> None:
    vendor.news = [[make_message(1, **wrong)]]
    cursors = Cursors()
    with pytest.raises(VendorFailure, match="no id or no time"):
        make_pull(running, cursors).pull(read_signal(), lambda _: None)
    assert cursors.kept == {}


def test_a_cursor_that_does_not_move_stops_the_pull(vendor: Vendor, running: Any) -> None:
    vendor.news, vendor.is_stuck = [[make_message(1)]], True
    cursors, kept = Cursors(), list[KfMessage]()
    with pytest.raises(VendorFailure, match="does not move"):
        make_pull(running, cursors).pull(read_signal(), kept.extend)
    assert ([each.msg_id for each in kept], cursors.kept) == (["m1"], {"kf-1": "page-1"})
