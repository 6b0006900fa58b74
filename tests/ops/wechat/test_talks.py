"""From a push to a case and back to the user: once each, within the vendor's limits, and never pretended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from canyu.care import Audience, CaseKind
from canyu.care.wechat import QuotaUsedUp
from canyu.kit.errors import BadInput
from canyu.ops.care import actions as care
from canyu.ops.care.actions import Message
from canyu.ops.care.models import Case, CaseMessage, Channel
from canyu.ops.care.queries import derive
from canyu.ops.wechat.accounts.actions import Secrets
from canyu.ops.wechat.errors import NobodyThere, NotStuck
from canyu.ops.wechat.models import Conversation, Outgoing, Push, PushState
from canyu.ops.wechat.models import Vendor as Kind
from canyu.ops.wechat.queries import find_talk_of_case, list_failed
from canyu.ops.wechat.sending.actions import send_again
from canyu.ops.wechat.working.actions import work, work_again
from wechat_fixtures import (
    KEY,
    NOW,
    TOKEN,
    get_keeper,
    hear,
    keep,
    make_account,
    send,
    stand_at,
    write_event,
    write_text,
)
from wechat_vendor import Vendor

pytestmark = pytest.mark.django_db
UNSURE = "维修"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def answer(case: Case, text: str = "请把它寄来。", at: Any = NOW) -> None:
    care.say(case.pk, Message("xiaomei", text), at)


def list_states() -> list[str]:
    return list(Outgoing.objects.order_by("pk").values_list("state", flat=True))


def list_inside(case: Case) -> list[str]:
    rows = case.messages.filter(audience=Audience.INSIDE.value).order_by("pk")
    return list(rows.values_list("text", flat=True))


@pytest.mark.usefixtures("assistant")
def test_the_same_msg_id_thrice_is_one_case_and_one_answer(vendor: Vendor) -> None:
    account, xml = make_account(is_answering=True), write_text("发票怎么开？", msg_id="7")
    for _ in range(3):
        keep(account, xml)
        work(stand_at(NOW))
        send()
    case = Case.objects.get()
    assert (case.channel, case.kind, case.messages.filter(is_customer=True).count()) == (Channel.WECHAT, "question", 1)
    [told] = vendor.sent
    assert told["touser"] == "open-id-1"
    assert "来源：" in told["text"]["content"]
    assert derive(case.pk, NOW).clocks[0].stopped_at is None  # an automatic answer stops no clock


def test_an_event_thrice_is_one_and_opens_no_case() -> None:
    account = make_account()
    for _ in range(3):
        hear(account, write_event("subscribe"))
    assert (Push.objects.count(), Conversation.objects.count(), Case.objects.count()) == (1, 1, 0)


def test_what_follows_joins_the_open_case_and_a_solved_one_is_followed_by_another(vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text("屏幕碎了"))
    case = Case.objects.get()
    hear(account, write_text("什么时候修好？"), NOW + MINUTE)
    assert case.messages.count() == 2
    care.solve(get_keeper(), case.pk, NOW + HOUR)
    hear(account, write_text("好的，谢谢！", at=NOW + HOUR), NOW + HOUR)
    assert (Case.objects.count(), case.messages.count()) == (1, 3)
    hear(account, write_text("又坏了", at=NOW + 2 * HOUR), NOW + 2 * HOUR)
    assert Case.objects.count() == 2
    assert len(set(Case.objects.values_list("person", flat=True))) == 1
    answer(case, "旧工单也能答", NOW + 2 * HOUR)
    assert send(NOW + 2 * HOUR) == 1


def test_without_an_assistant_a_person_takes_over_and_is_told_why(vendor: Vendor) -> None:
    account = make_account(is_answering=True)
    hear(account, write_text("我要投诉，屏幕三天就碎了"))
    case = Case.objects.get()
    assert case.kind == CaseKind.COMPLAINT
    assert list_inside(case) == ["The assistant hands over: complaint."]
    assert Conversation.objects.get().handed_over == "complaint"
    hear(account, write_text("在吗"), NOW + MINUTE)
    assert send() == 1  # the words of the hand-over, once: from there on people answer


@pytest.mark.usefixtures("assistant")
def test_the_assistant_asks_back_once_and_then_hands_over(vendor: Vendor) -> None:
    account = make_account(is_answering=True)
    hear(account, write_text(UNSURE))
    talk = Conversation.objects.get()
    assert (talk.times_unsure, talk.handed_over) == (1, "")
    hear(account, write_text(UNSURE), NOW + MINUTE)
    assert Conversation.objects.get().handed_over == "unsure twice"
    assert send(NOW + MINUTE) == 2
    asked, handed = [each["text"]["content"] for each in vendor.sent]
    assert "\n1. " in asked
    assert "转接人工" in handed


def test_an_agents_answer_leaves_once_and_stops_the_clock(vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    answer(case)
    care.say(case.pk, Message("xiaomei", "他很着急", Audience.INSIDE), NOW)
    assert [send(), send()] == [1, 0]
    assert [each["text"]["content"] for each in vendor.sent] == ["请把它寄来。"]
    assert list_states() == ["sent"]
    assert derive(case.pk, NOW).clocks[0].stopped_at == NOW


def test_the_sixth_message_in_the_window_is_refused_here(vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    for number in range(5):
        answer(case, f"第{number + 1}条")
        send()
    before = (CaseMessage.objects.count(), case.records.count())
    with pytest.raises(QuotaUsedUp, match="used up"):
        answer(case, "第6条")
    assert (CaseMessage.objects.count(), case.records.count()) == before
    assert (len(vendor.sent), send()) == (5, 0)
    found = find_talk_of_case(case, NOW)
    assert found is not None
    assert (found.allowance.left, "has to write first" in str(found.allowance.reason)) == (0, True)
    hear(account, write_text("还在吗", at=NOW + HOUR), NOW + HOUR)
    answer(case, "第6条", NOW + HOUR)
    assert send(NOW + HOUR) == 0  # the vendor's own count says no, whatever ours says
    assert list_states()[-1] == "refused"
    assert "Not sent to WeChat: The messages are used up" in list_inside(case)[-1]
    with pytest.raises(QuotaUsedUp):  # and ours agrees from now on
        answer(case, "第7条", NOW + HOUR)


def test_after_48_hours_nothing_is_sent_and_nothing_stops_a_clock() -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    with pytest.raises(QuotaUsedUp, match="time to answer is over"):
        answer(case, at=NOW + 48 * HOUR)
    assert derive(case.pk, NOW + 48 * HOUR).clocks[0].stopped_at is None


def test_what_the_vendor_would_not_take_is_not_kept(vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    with pytest.raises(BadInput, match="2048"):
        answer(case, "长" * 700)
    hear(account, write_event("unsubscribe"), NOW + MINUTE)
    with pytest.raises(NobodyThere, match="not follow"):
        answer(case)
    hear(account, write_event("subscribe", at=NOW + 2 * MINUTE), NOW + 2 * MINUTE)
    answer(case)
    assert list_states() == ["waiting"]


def test_a_case_without_a_conversation_answers_nobody() -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    Case.objects.filter(pk=case.pk).update(person="")  # as an erasure leaves it
    with pytest.raises(NobodyThere, match="No conversation"):
        answer(case)


@pytest.mark.parametrize(
    ("fault", "state", "told"),
    [
        (45015, "refused", "The time to answer is over"),
        (45047, "refused", "The messages are used up"),
        (48002, "refused", "does not want messages"),
        ("cut", "unclear", "It is not sent again by itself"),
        (503, "unclear", "It is not sent again by itself"),
    ],
)
def test_each_fault_of_the_vendor_ends_as_what_it_is(fault: int | str, state: str, told: str, vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    send()
    answer(case, "warm")
    send()  # the token is there: the fault meets the message
    vendor.faults.append(fault)
    answer(case)
    assert send() == 0
    assert list_states() == ["sent", state]
    assert told in list_inside(case)[-1]
    assert send(NOW + HOUR) == 0
    assert len(vendor.sent) == 1


@pytest.mark.parametrize("faults", [[40001], [42001], [-1, -1]])
def test_a_token_that_ended_and_a_busy_vendor_delay_and_lose_nothing(faults: list[int], vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text())
    answer(Case.objects.get(), "warm")
    send()
    if faults[0] != -1:
        vendor.end_token()
    vendor.faults.extend(faults)
    answer(Case.objects.get())
    assert send() == 1
    assert list_states() == ["sent", "sent"]


def test_busy_for_long_waits_and_keeps_the_order(vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    answer(case, "warm")
    send()
    vendor.faults.extend([-1, -1, -1])
    answer(case, "一")
    answer(case, "二")
    assert send() == 0
    assert list_states() == ["sent", "waiting", "waiting"]
    assert send(NOW + MINUTE) == 2
    assert [each["text"]["content"] for each in vendor.sent] == ["warm", "一", "二"]


def test_a_refusal_gives_the_message_back_and_a_person_may_send_it_again(vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    answer(case, "warm")
    send()
    vendor.faults.append(48002)
    answer(case)
    send()
    assert find_talk_of_case(case, NOW).allowance.left == 4  # type: ignore[union-attr]
    row = Outgoing.objects.last()
    assert row is not None
    send_again(get_keeper(), row, NOW)
    with pytest.raises(NotStuck):
        send_again(get_keeper(), row, NOW)
    assert send() == 1
    assert find_talk_of_case(case, NOW).allowance.left == 3  # type: ignore[union-attr]


def test_what_a_dead_sender_left_is_unclear_and_never_sent_by_itself(vendor: Vendor) -> None:
    account = make_account()
    hear(account, write_text())
    case = Case.objects.get()
    answer(case)
    Outgoing.objects.update(state="sending", next_try=NOW + 5 * MINUTE)
    assert [send(), list_states()] == [0, ["sending"]]
    assert [send(NOW + 5 * MINUTE), list_states()] == [0, ["unclear"]]
    assert "may have reached" in list_inside(case)[-1]
    assert vendor.sent == []


def test_with_a_wrong_secret_nothing_is_sent_and_the_case_says_why(vendor: Vendor) -> None:
    account = make_account(secrets=Secrets(TOKEN, KEY, "wrong"))
    hear(account, write_text())
    answer(Case.objects.get())
    send()
    row = Outgoing.objects.get()
    assert row.state == "refused"
    assert "secret of the account is wrong" in row.fault[1]


def test_a_push_that_cannot_be_worked_on_keeps_no_other_one_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    keep(account, write_text("坏的", user="u1"))
    keep(account, write_text("好的吗", user="u2"))
    Push.objects.filter(user="u1").update(body="<xml>")
    at = NOW
    for _ in range(6):
        work(stand_at(at))
        at += HOUR
    assert Case.objects.count() == 1
    [failed] = list_failed(get_keeper(), account)
    assert (failed.state, "XML" in failed.fault) == (PushState.FAILED, True)
    Push.objects.filter(user="u1").update(body=write_text("修好了", user="u1"))
    assert work_again(account, at) == 1
    work(stand_at(at))
    assert Case.objects.count() == 2


def test_wecom_customer_service_is_pulled_answered_and_failures_are_told(vendor: Vendor) -> None:
    account = make_account("office", vendor=Kind.WECOM)
    page = [make_kf("k1", "怎么退货"), make_kf("k2", "在吗"), make_kf("k3", "欢迎语", origin=5)]
    vendor.news = [page, []]
    signal = write_event("kf_msg_or_event", more="<Token>signal-token</Token><OpenKfId>kf-1</OpenKfId>")
    hear(account, signal)
    work(stand_at(NOW + MINUTE))
    case = Case.objects.get()
    assert list(case.messages.order_by("pk").values_list("text", flat=True)) == ["怎么退货", "在吗"]
    assert Push.objects.filter(state=PushState.DONE).count() == 4
    answer(case)
    assert send() == 1
    [sent] = vendor.sent
    assert (sent["open_kfid"], sent["touser"]) == ("kf-1", "customer-1")
    failed = {"event": {"event_type": "msg_send_fail", "open_kfid": "kf-1", "fail_msgid": sent["msgid"]}}
    vendor.news = [
        page,
        [],
        [{"msgid": "k4", "send_time": int(NOW.timestamp()), "msgtype": "event", "origin": 4, **failed}],
    ]
    keep(
        account,
        write_event("kf_msg_or_event", at=NOW + MINUTE, more="<Token>signal-token</Token><OpenKfId>kf-1</OpenKfId>"),
    )
    for at in (NOW + MINUTE, NOW + 2 * MINUTE):
        work(stand_at(at))
    assert list_states() == ["refused"]
    assert "did not arrive" in list_inside(case)[-1]


def make_kf(msg_id: str, text: str, origin: int = 3) -> dict[str, Any]:
    return {
        "msgid": msg_id,
        "open_kfid": "kf-1",
        "external_userid": "customer-1",
        "send_time": int(NOW.timestamp()),
        "origin": origin,
        "msgtype": "text",
        "text": {"content": text},
    }
