"""Sending over real HTTP: tokens, the vendor's codes and limits, and what is never sent twice."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from canyu.care.wechat import (
    Article,
    CustomerMessages,
    GroupRobot,
    ImageReply,
    KfLink,
    KfMessages,
    LocalRate,
    NewsReply,
    Remedy,
    Result,
    TextReply,
    TokenKeeper,
    VendorApi,
    VendorClient,
    VendorFailure,
    fetch_official,
    fetch_wecom,
    judge_code,
)
from canyu.care.wechat.client import find_proxy
from canyu.care.wechat.codes import CODES
from canyu.kit.errors import BadInput
from wechat_vendor import ROBOT_KEY, SECRET, Vendor, run_vendor

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Vendor, VendorClient]]:
    with run_vendor() as vendor, VendorClient(vendor.base, timeout_s=5) as client:
        yield vendor, client


@pytest.fixture
def vendor(running: tuple[Vendor, VendorClient]) -> Vendor:
    running[0].reset()
    return running[0]


@pytest.fixture
def client(running: tuple[Vendor, VendorClient]) -> VendorClient:
    return running[1]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def make_api(client: VendorClient, slept: list[float] | None = None, clock: Any = lambda: NOW) -> VendorApi:
    tokens = TokenKeeper(fetch_official(client, "wx-app", SECRET), clock=clock)
    return VendorApi(client, tokens, sleep=(slept if slept is not None else []).append)


def test_a_message_is_sent_as_it_was_written(vendor: Vendor, client: VendorClient) -> None:
    outcome = CustomerMessages(make_api(client)).send("user", TextReply("您好😀 <a>&\"'"), kf_account="kf@us")
    assert outcome.result is Result.SENT
    assert vendor.sent == [
        {
            "touser": "user",
            "msgtype": "text",
            "text": {"content": "您好😀 <a>&\"'"},
            "customservice": {"kf_account": "kf@us"},
        }
    ]
    assert "您好😀".encode() in vendor.bodies[-1]  # WeChat shows \\uXXXX as it stands


def test_pictures_and_one_card_are_sent(vendor: Vendor, client: VendorClient) -> None:
    messages = CustomerMessages(make_api(client))
    card = Article("标题", "说明", "https://example.com", "https://example.com/p.jpg")
    assert messages.send("user", ImageReply("media")).result is Result.SENT
    assert messages.send("user", NewsReply([card])).result is Result.SENT
    assert vendor.sent[0]["image"] == {"media_id": "media"}
    assert vendor.sent[1]["news"]["articles"][0]["picurl"] == "https://example.com/p.jpg"
    with pytest.raises(BadInput, match="2 cards"):
        messages.send("user", NewsReply([card, card]))
    with pytest.raises(BadInput, match="2049 bytes"):
        messages.send("user", TextReply("a" * 2049))
    assert len(vendor.sent) == 2


def test_the_token_is_fetched_once_and_again_shortly_before_its_end(vendor: Vendor, client: VendorClient) -> None:
    clock = Clock()
    messages = CustomerMessages(make_api(client, clock=clock))
    for _ in range(3):
        messages.send("user", TextReply("在"))
    assert vendor.token_calls == [False]
    clock.now += timedelta(seconds=7200 - 300)
    messages.send("user", TextReply("在"))
    assert vendor.token_calls == [False, False]


def test_a_refused_token_is_replaced_and_the_message_sent_once(vendor: Vendor, client: VendorClient) -> None:
    messages = CustomerMessages(make_api(client))
    messages.send("user", TextReply("一"))
    vendor.end_token()  # as another program of the company does by asking for one
    assert messages.send("user", TextReply("二")).result is Result.SENT
    assert [each["text"]["content"] for each in vendor.sent] == ["一", "二"]
    assert vendor.token_calls == [False, False]


def test_another_token_is_forced_only_where_the_vendor_gives_the_refused_one(
    vendor: Vendor, client: VendorClient
) -> None:
    messages = CustomerMessages(make_api(client))
    messages.send("user", TextReply("一"))
    vendor.faults.append(42001)
    assert messages.send("user", TextReply("二")).result is Result.SENT
    assert vendor.token_calls == [False, False, True]


def test_a_token_that_somebody_else_replaced_is_taken(vendor: Vendor, client: VendorClient) -> None:
    tokens = TokenKeeper(fetch_official(client, "wx-app", SECRET), clock=lambda: NOW)
    first = tokens.get()
    vendor.end_token()
    second = tokens.replace(first)
    assert tokens.replace(first) == second != first
    assert vendor.token_calls == [False, False]


def test_a_wrong_secret_is_told_and_not_tried_again(vendor: Vendor, client: VendorClient) -> None:
    tokens = TokenKeeper(fetch_wecom(client, "corp", "wrong"))
    with pytest.raises(VendorFailure, match="secret of the account is wrong"):
        tokens.get()
    outcome = VendorApi(client, tokens).send("/cgi-bin/kf/send_msg", {"touser": "user"})
    assert (outcome.result, outcome.errcode) == (Result.REFUSED, 40001)
    assert vendor.sent == []


def test_a_busy_vendor_is_asked_three_times(vendor: Vendor, client: VendorClient) -> None:
    slept: list[float] = []
    messages = CustomerMessages(make_api(client, slept))
    messages.send("user", TextReply("一"))
    vendor.faults.extend([-1, -1])
    assert messages.send("user", TextReply("二")).result is Result.SENT
    assert slept == [0.5, 1.0]
    vendor.faults.extend([-1, -1, -1])
    outcome = messages.send("user", TextReply("三"))
    assert (outcome.result, outcome.again_after_s) == (Result.LATER, 30)
    assert len(vendor.sent) == 2


@pytest.mark.parametrize(
    ("code", "result", "again_after_s", "is_window_used"),
    [
        (45047, Result.REFUSED, 0, True),
        (45015, Result.REFUSED, 0, True),
        (43004, Result.REFUSED, 0, False),
        (48001, Result.REFUSED, 0, False),
        (99999, Result.REFUSED, 0, False),
        (45011, Result.LATER, 60, False),
        (45009, Result.LATER, 3600, False),
    ],
)
def test_what_a_code_makes_of_a_message(
    vendor: Vendor, client: VendorClient, code: int, result: Result, again_after_s: float, is_window_used: bool
) -> None:
    messages = CustomerMessages(make_api(client))
    messages.send("user", TextReply("一"))
    vendor.faults.append(code)
    outcome = messages.send("user", TextReply("二"))
    assert (outcome.result, outcome.errcode) == (result, code)
    assert (outcome.again_after_s, outcome.is_window_used) == (again_after_s, is_window_used)
    assert outcome.reason is not None
    assert outcome.reason.zh
    assert outcome.reason.en
    assert len(vendor.sent) == 1


def test_every_code_has_its_reason_and_every_wait_its_length() -> None:
    for verdict in CODES.values():
        assert verdict.reason.zh
        assert verdict.reason.en
        assert (verdict.pause_s > 0) is (verdict.remedy is Remedy.WAIT)
        assert not verdict.is_window_used or verdict.remedy is Remedy.GIVE_UP
    assert judge_code(45009, "", is_wecom=True).pause_s == 60
    assert "invalid thing" in judge_code(99999, "invalid thing").reason.en


def test_the_vendors_own_count_of_five_is_told(vendor: Vendor, client: VendorClient) -> None:
    messages = CustomerMessages(make_api(client))
    outcomes = [messages.send("user", TextReply(str(each))) for each in range(6)]
    assert [each.result for each in outcomes] == [Result.SENT] * 5 + [Result.REFUSED]
    assert outcomes[-1].is_window_used
    assert messages.send("stranger", TextReply("在")).errcode == 40003


@pytest.mark.parametrize("fault", ["cut", 502])
def test_a_message_without_an_answer_is_unknown_and_not_sent_again(
    vendor: Vendor, client: VendorClient, fault: str | int
) -> None:
    messages = CustomerMessages(make_api(client))
    messages.send("user", TextReply("一"))
    asked = len(vendor.bodies)
    vendor.faults.append(fault)
    assert messages.send("user", TextReply("二")).result is Result.UNKNOWN
    assert len(vendor.bodies) == asked + 1


def test_a_token_without_an_answer_only_delays(vendor: Vendor, client: VendorClient) -> None:
    vendor.faults.append("cut")
    assert CustomerMessages(make_api(client)).send("user", TextReply("一")).result is Result.LATER


def test_a_vendor_that_is_not_there_only_delays() -> None:
    with VendorClient("http://127.0.0.1:9", timeout_s=2) as client:
        outcome = CustomerMessages(make_api(client)).send("user", TextReply("一"))
    assert outcome.result is Result.LATER
    assert SECRET not in repr(outcome)


def test_a_rate_of_our_own_delays_before_anything_is_sent(vendor: Vendor, client: VendorClient) -> None:
    messages = CustomerMessages(make_api(client), LocalRate(1, 10, clock=lambda: NOW))
    assert messages.send("user", TextReply("一")).result is Result.SENT
    outcome = messages.send("user", TextReply("二"))
    assert (outcome.result, outcome.again_after_s) == (Result.LATER, 10)
    assert len(vendor.sent) == 1


def test_no_key_is_logged(vendor: Vendor, client: VendorClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        CustomerMessages(make_api(client)).send("user", TextReply("一"))
        GroupRobot(client, ROBOT_KEY).send_text("一")
    assert "custom/send" in caplog.text
    assert len(vendor.robot) == 1
    for secret in (vendor.token, SECRET, ROBOT_KEY):
        assert secret not in caplog.text


def test_keys_travel_over_https_only() -> None:
    with pytest.raises(BadInput, match="no https"):
        VendorClient("http://api.weixin.qq.com")


def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "qyapi.weixin.qq.com")
    assert find_proxy("https://api.weixin.qq.com") == "http://proxy.example:3128"
    assert find_proxy("https://qyapi.weixin.qq.com") is None
    assert find_proxy("https://127.0.0.1:8443") is None


def test_a_robot_sends_twenty_messages_a_minute(vendor: Vendor, client: VendorClient) -> None:
    clock = Clock()
    robot = GroupRobot(client, ROBOT_KEY, LocalRate(20, 60, clock))
    results = [robot.send_text(f"第{each}条", ["@all"]).result for each in range(20)]
    clock.now += timedelta(seconds=12)
    waiting = robot.send_text("第二十一条")
    assert results == [Result.SENT] * 20
    assert (waiting.result, waiting.again_after_s) == (Result.LATER, 48)
    assert len(vendor.robot) == 20
    assert vendor.robot[0]["text"]["mentioned_list"] == ["@all"]


def test_a_robot_believes_the_vendors_count(vendor: Vendor, client: VendorClient) -> None:
    robot = GroupRobot(client, ROBOT_KEY, LocalRate(100, 60))
    for _ in range(20):
        robot.send_markdown("**快报**")
    assert (robot.send_text("又一条").result, robot.send_text("又一条").again_after_s) == (Result.LATER, 60)
    assert GroupRobot(client, "wrong").send_text("一条").errcode == 93000


def test_customer_service_of_wecom_sends_words_and_links(vendor: Vendor, client: VendorClient) -> None:
    tokens = TokenKeeper(fetch_wecom(client, "corp", SECRET))
    messages = KfMessages(VendorApi(client, tokens, is_wecom=True))
    assert messages.send("kf", "customer", TextReply("您好"), msg_id="ours-1").msg_id == "ours-1"
    assert messages.send("kf", "customer", KfLink("标题", "说明", "https://example.com", "thumb")).result is Result.SENT
    assert vendor.sent[0]["open_kfid"] == "kf"
    assert vendor.sent[1]["link"]["thumb_media_id"] == "thumb"
