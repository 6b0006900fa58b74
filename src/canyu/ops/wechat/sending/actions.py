"""The only place that sends to users: a message is marked before the vendor is told of it, and told once.

What a process left marked when it died may have arrived: it is unclear, its case says so, and a person decides.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min
from django.utils.translation import override

from canyu.care import Audience
from canyu.care.wechat import (
    CustomerMessages,
    KfMessages,
    Outcome,
    Result,
    TextReply,
    VendorApi,
    find_allowance,
)
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words
from canyu.ops.care import actions as care
from canyu.ops.care.actions import CANYU, Message
from canyu.ops.config import load_config
from canyu.ops.letterbox.rules import LetterState
from canyu.ops.people.models import Person
from canyu.ops.wechat.accounts.actions import SharedRate, make_api, open_client
from canyu.ops.wechat.errors import NotStuck
from canyu.ops.wechat.models import Conversation, Outgoing, Vendor, WeChatAccount
from canyu.ops.wechat.posting.actions import give_back, requeue, use_up
from canyu.ops.wechat.rules import SEND_ATTEMPTS, SEND_LEASE, read_windows

AT_ONCE = 500
MSG_ID = "canyu-"
logger = logging.getLogger("canyu.wechat")
DIED = Words("发送时中断。", "The sender was interrupted.")


def send_due(clock: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep) -> int:
    """Send every message whose time has come, those of one conversation in their order; return how many were sent."""
    with override(load_config().language):
        _note_dead(clock())
        now = clock()
        rows = Outgoing.objects.filter(state=LetterState.WAITING.value, conversation__account__is_on=True)
        due = rows.filter(next_try__lte=now).select_related("conversation__account", "message")
        found = _drop_later(list(due.order_by("pk")[:AT_ONCE]), now)
        sent = 0
        for account_id in dict.fromkeys(each.conversation.account_id for each in found):
            mine = [each for each in found if each.conversation.account_id == account_id]
            sent += _send_all(mine[0].conversation.account, mine, clock, sleep)
        return sent


def send_again(viewer: Person, outgoing: Outgoing, now: datetime) -> None:
    """Let a message that was refused or is unclear wait anew; a person decides it, the latter may arrive twice.

    It is taken from the quota once more. Raises QuotaUsedUp, or NotStuck where somebody did it first.
    """
    with transaction.atomic():
        if not requeue(outgoing, now):
            raise NotStuck(
                Words("这条消息没有卡住。", "This message is not stuck."),
                mend=Words("刷新页面看它现在的状态。", "Load the page anew and see where it stands."),
            )
    logger.info("%s sends the message %s again", viewer.username, outgoing.pk)


def settle_unsent(row: Outgoing, state: LetterState, reason: Words, now: datetime) -> None:
    """Keep that a message did not get to its user, and tell it inside of its case; within one transaction."""
    with transaction.atomic():
        fault = [reason.zh, reason.en]
        if not Outgoing.objects.filter(pk=row.pk).exclude(state=state.value).update(state=state.value, fault=fault):
            return
        told = {
            LetterState.REFUSED: Words(f"微信没有发出：{reason.zh}", f"Not sent to WeChat: {reason.en}"),
            LetterState.UNCLEAR: Words(
                f"微信可能没有送达，也可能已送达：{reason.zh}不会自动重发。",
                f"It may have reached WeChat or not: {reason.en} It is not sent again by itself.",
            ),
        }[state].say(load_config().language)
        care.say(row.message.case_id, Message(CANYU, told, Audience.INSIDE), now)


def name_outgoing(msg_id: str) -> int:
    """Return the number of a message by the name that the vendor was given for it, 0 for none.

    >>> name_outgoing("canyu-12"), name_outgoing("x")
    (12, 0)
    """
    number = msg_id.removeprefix(MSG_ID)
    return int(number) if msg_id.startswith(MSG_ID) and number.isascii() and number.isdigit() else 0


def _drop_later(rows: list[Outgoing], now: datetime) -> list[Outgoing]:
    """Return the messages before which none of their conversation waits for another try."""
    talks = {each.conversation_id for each in rows}
    waits = Outgoing.objects.filter(state=LetterState.WAITING.value, next_try__gt=now, conversation__in=talks)
    first = dict(waits.values_list("conversation").annotate(Min("pk")))
    return [each for each in rows if each.pk < first.get(each.conversation_id, each.pk + 1)]


def _send_all(
    account: WeChatAccount, rows: list[Outgoing], clock: Callable[[], datetime], sleep: Callable[[float], None]
) -> int:
    """Send the messages of one account. One that has to wait lets the later ones of its conversation wait too."""
    sent, waiting = 0, set()
    with open_client(account) as client:
        try:
            api = make_api(account, client, sleep)
        except CanyuError as fault:
            _put_off_all(rows, fault, clock())
            return 0
        rate = SharedRate(account.pk)
        for row in rows:
            if row.conversation_id in waiting:
                continue
            result = _send_one(api, rate, row, clock)
            if result is Result.LATER:
                waiting.add(row.conversation_id)
            sent += result is Result.SENT
    return sent


def _send_one(api: VendorApi, rate: SharedRate, row: Outgoing, clock: Callable[[], datetime]) -> Result | None:
    """Mark a message that waits still, tell the vendor of it, and keep what became of it."""
    waits = Outgoing.objects.filter(pk=row.pk, state=LetterState.WAITING.value, attempts=row.attempts)
    now = clock()
    if not waits.update(state=LetterState.SENDING.value, attempts=F("attempts") + 1, next_try=now + SEND_LEASE):
        return None
    row.attempts += 1
    if row.message.is_erased:
        Outgoing.objects.filter(pk=row.pk).update(state=LetterState.REFUSED.value)
        return Result.REFUSED
    windows = read_windows(Conversation.objects.values_list("windows", flat=True).get(pk=row.conversation_id))
    if not any(now < each.closes_at for each in windows):
        outcome = Outcome(Result.REFUSED, find_allowance(windows, now).reason)
    else:
        outcome = _tell_vendor(api, rate, row)
    _keep_outcome(row, outcome, clock())
    return outcome.result


def _tell_vendor(api: VendorApi, rate: SharedRate, row: Outgoing) -> Outcome:
    talk, reply = row.conversation, TextReply(row.message.text)
    try:
        if talk.account.vendor == Vendor.WECOM:
            return KfMessages(api, rate).send(talk.kf, talk.user, reply, msg_id=f"{MSG_ID}{row.pk}")
        return CustomerMessages(api, rate).send(talk.user, reply)
    except CanyuError as fault:  # the vendor would not take it: nothing was sent
        told = fault.args[0]
        return Outcome(Result.REFUSED, told if isinstance(told, Words) else Words(str(told), str(told)))


def _keep_outcome(row: Outgoing, outcome: Outcome, now: datetime) -> None:
    mine = Outgoing.objects.filter(pk=row.pk)
    reason = outcome.reason or DIED
    if outcome.result is Result.SENT:
        mine.update(state=LetterState.SENT.value, sent_at=now, fault=[])
        return
    if outcome.result is Result.UNKNOWN:
        settle_unsent(row, LetterState.UNCLEAR, reason, now)
        return
    if outcome.result is Result.LATER and row.attempts < SEND_ATTEMPTS:
        pause = timedelta(seconds=max(outcome.again_after_s, 0.5))
        fault = [reason.zh, reason.en]
        mine.update(state=LetterState.WAITING.value, next_try=now + pause, fault=fault)
        return
    with transaction.atomic():
        if outcome.is_window_used:
            use_up(row.conversation_id, now)
        else:
            give_back(row.conversation_id, row.queued_at)
        settle_unsent(row, LetterState.REFUSED, reason, now)


def _put_off_all(rows: list[Outgoing], fault: CanyuError, now: datetime) -> None:
    """Keep messages of an account that cannot send for another try; nothing was said to the vendor."""
    told = fault.args[0]
    reason = told if isinstance(told, Words) else Words(str(told), str(told))
    ids = [each.pk for each in rows]
    waits = Outgoing.objects.filter(pk__in=ids, state=LetterState.WAITING.value, next_try__lte=now)
    waits.update(next_try=now + timedelta(minutes=1), fault=[reason.zh, reason.en])


def _note_dead(now: datetime) -> None:
    """Make unclear what a sender that died left marked."""
    left = Outgoing.objects.filter(state=LetterState.SENDING.value, next_try__lte=now)
    for row in left.select_related("message"):
        settle_unsent(row, LetterState.UNCLEAR, DIED, now)
