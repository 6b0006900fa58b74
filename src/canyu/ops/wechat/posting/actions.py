"""The only place that takes a user's quota: windows opened by what they do, messages taken before they leave.

The room of care calls this within the transaction that keeps an agent's answer: where nothing may be sent, the answer
is not kept either, and no clock stops for it. So nothing here may import the room of care's actions.
"""

from __future__ import annotations

from datetime import datetime

from canyu.care.wechat import (
    UserAction,
    Windows,
    check_text,
    close_windows,
    give_back_message,
    open_window,
    spend_message,
)
from canyu.kit.words import Words
from canyu.ops.care.models import Case, CaseMessage, Channel
from canyu.ops.letterbox.rules import LetterState
from canyu.ops.wechat.errors import NobodyThere
from canyu.ops.wechat.models import Conversation, Outgoing
from canyu.ops.wechat.rules import describe_windows, find_limits, read_windows


def lock_conversation_of(case_id: int) -> Conversation | None:
    """Return the conversation with a case's customer, locked; before the case is, as the worker does it too."""
    person = Case.objects.filter(pk=case_id, channel=Channel.WECHAT).values_list("person", flat=True).first()
    if not person:
        return None
    return Conversation.objects.select_for_update().filter(person=person).first()


def post_answer(conversation: Conversation | None, message: CaseMessage, now: datetime) -> Outgoing:
    """Take an answer from its user's quota and let it wait to be sent. Keeps nothing where it cannot leave.

    Raises NobodyThere, QuotaUsedUp, and BadInput for a text that the vendor would not take.
    """
    if conversation is None:
        raise NobodyThere(
            Words("这张工单没有微信会话：发不到客户。", "No conversation on WeChat belongs to this case."),
            mend=Words("请改用电话或其他联系方式。", "Reach the customer by phone or in another way."),
        )
    if conversation.is_gone:
        raise NobodyThere(
            Words("客户已取消关注：微信发不到。", "The customer does not follow the account any more."),
            mend=Words("请改用电话或其他联系方式。", "Reach the customer by phone or in another way."),
        )
    check_text(message.text)
    spend(conversation, now)
    return Outgoing.objects.create(conversation=conversation, message=message, queued_at=now, next_try=now)


def note_action(conversation: Conversation, action: UserAction, at: datetime) -> None:
    """Open the window of what a user did at ``at``; an older action changes nothing. The row is locked."""
    limits = find_limits(conversation.account.vendor)
    _keep(conversation, open_window(read_windows(conversation.windows), action, at, limits))


def spend(conversation: Conversation, now: datetime) -> None:
    """Take one message of a locked conversation. Raises QuotaUsedUp."""
    _keep(conversation, spend_message(read_windows(conversation.windows), now))


def give_back(conversation_id: int, spent_at: datetime) -> None:
    """Give back a message that was surely not sent. Within the transaction that says so."""
    row = Conversation.objects.select_for_update().get(pk=conversation_id)
    _keep(row, give_back_message(read_windows(row.windows), spent_at))


def use_up(conversation_id: int, now: datetime) -> None:
    """Count every window as used up: the vendor says so, and it counts what other programs send too."""
    row = Conversation.objects.select_for_update().get(pk=conversation_id)
    _keep(row, close_windows(read_windows(row.windows), now))


def requeue(outgoing: Outgoing, now: datetime) -> bool:
    """Take a stuck message from the quota once more and let it wait anew; False where somebody did so first.

    Raises QuotaUsedUp. Within a transaction.
    """
    row = Conversation.objects.select_for_update().get(pk=outgoing.conversation_id)
    stuck = Outgoing.objects.filter(
        pk=outgoing.pk, state__in=(LetterState.REFUSED.value, LetterState.UNCLEAR.value), message__is_erased=False
    )
    if not stuck.exists():
        return False
    spend(row, now)
    stuck.update(state=LetterState.WAITING.value, queued_at=now, next_try=now, attempts=0, fault=[])
    return True


def _keep(row: Conversation, windows: Windows) -> None:
    row.windows = describe_windows(windows)
    Conversation.objects.filter(pk=row.pk).update(windows=row.windows)
