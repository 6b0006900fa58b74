"""The only place that works on pushes: each becomes a case, a follow-up or a window, and is answered, once.

Two steps, each one transaction that also says that it is done: into the case, then the assistant's answer. What takes
long (the assistant, the vendor's pages) runs between transactions. So it may be killed or run twice at any time.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import override

from canyu.care import Audience, CaseKind
from canyu.care.assistant import Asked, HandOverReason, find_reason
from canyu.care.wechat import (
    Followed,
    KfMessage,
    KfPull,
    KfSignal,
    QuotaUsedUp,
    TextMessage,
    Unfollowed,
    UserAction,
    find_action,
    parse_message,
)
from canyu.care.wechat.kf import read_kf_message
from canyu.kit.errors import BadInput, CanyuError
from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words
from canyu.ops.care import actions as care
from canyu.ops.care.actions import CANYU, CUSTOMER, Message
from canyu.ops.care.models import Case, Channel
from canyu.ops.care.rules import CaseDraft
from canyu.ops.config import load_config
from canyu.ops.knowledge import assistants
from canyu.ops.letterbox.rules import LetterState
from canyu.ops.wechat.accounts.actions import make_api, open_client
from canyu.ops.wechat.errors import NobodyThere
from canyu.ops.wechat.inbox.actions import CursorBook
from canyu.ops.wechat.models import Conversation, Outgoing, Push, PushKind, PushState, WeChatAccount
from canyu.ops.wechat.posting.actions import note_action
from canyu.ops.wechat.queries import OPEN
from canyu.ops.wechat.rules import PUSH_ATTEMPTS, Told, is_thanks, write_kf_words, write_outcome, write_words
from canyu.ops.wechat.sending.actions import name_outgoing, settle_unsent

ASSISTANT = "assistant"
AT_ONCE = 500
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
COMPLAINTS = {HandOverReason.COMPLAINT, HandOverReason.LEGAL}
logger = logging.getLogger("canyu.wechat")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a push says: by whom, what they did (which opens a window), their words, and whether the assistant reads it.

    ``at`` is the vendor's time. ``goes`` and ``comes``: the user left, or is back. ``failed``: one of our messages of
    which the vendor says later that it did not arrive.
    """

    user: str
    kf: str
    at: datetime
    action: UserAction | None = None
    text: str = ""
    is_text: bool = False
    goes: bool = False
    comes: bool = False
    failed: str = ""


def work(clock: Callable[[], datetime]) -> int:
    """Work on every push whose time has come, the oldest first; return how many are done. Safe to repeat and to kill.

    One that fails is tried again later and keeps no other one from being worked on.
    """
    done = 0
    with override(load_config().language):
        for state, step in ((PushState.WAITING, _take_in), (PushState.ASKED, _answer)):
            rows = Push.objects.filter(state=state, next_try__lte=clock()).order_by("pk")
            for push_id in list(rows.values_list("pk", flat=True)[:AT_ONCE]):
                try:
                    done += step(push_id, clock)
                except Exception as error:
                    _put_off(push_id, error, clock())
    return done


def work_again(account: WeChatAccount, now: datetime) -> int:
    """Let the pushes of an account that failed be worked on anew; return how many."""
    rows = Push.objects.filter(account=account, state=PushState.FAILED)
    return rows.update(state=PushState.WAITING, attempts=0, next_try=now, fault="")


def _take_in(push_id: int, clock: Callable[[], datetime]) -> bool:
    push = Push.objects.select_related("account").get(pk=push_id)
    if push.kind == PushKind.CALL:
        message = parse_message(push.body)
        if isinstance(message, KfSignal):
            return _pull(push, message, clock)
    with transaction.atomic():
        locked = _lock(push_id, PushState.WAITING)
        if locked is None:
            return False
        heard = _hear(locked)
        if heard.failed:
            _note_failure(locked.account, heard.failed, clock())
        is_asked = bool(heard.user) and _hear_out(locked.account, heard, clock())
        state = PushState.ASKED if is_asked else PushState.DONE
        Push.objects.filter(pk=push_id).update(state=state, attempts=0, next_try=clock(), fault="")
    return not is_asked


def _hear(push: Push) -> Heard:
    """Return what a push says, read again from what was stored."""
    language = load_config().language
    if push.kind == PushKind.PULLED:
        return _hear_pulled(read_kf_message(parse_json(push.body)), language)
    message = parse_message(push.body)
    words = write_words(message)
    return Heard(
        message.user,
        "",
        message.created_at,
        find_action(message),
        "" if words is None else words.say(language).strip(),
        isinstance(message, TextMessage),
        isinstance(message, Unfollowed),
        isinstance(message, Followed),
    )


def _hear_pulled(message: KfMessage, language: str) -> Heard:
    event: Any = message.values.get("event")
    if message.kind == "event" and isinstance(event, dict) and event.get("event_type") == "msg_send_fail":
        return Heard("", message.open_kfid, message.sent_at, failed=str(event.get("fail_msgid", "")))
    if not message.is_from_customer:
        return Heard("", message.open_kfid, message.sent_at)
    text = write_kf_words(message.kind, message.content).say(language).strip()
    is_text = message.kind == "text"
    return Heard(message.customer, message.open_kfid, message.sent_at, UserAction.MESSAGE, text, is_text)


def _hear_out(account: WeChatAccount, heard: Heard, now: datetime) -> bool:
    """Bring what a user did into their conversation and its case; return whether the assistant is to look at it."""
    if not (heard.text or heard.action or heard.goes or heard.comes):
        return False
    talk = _open_conversation(account, heard)
    if heard.goes or heard.comes:
        Conversation.objects.filter(pk=talk.pk).update(is_gone=heard.goes)
    if heard.action is not None:
        note_action(talk, heard.action, heard.at)
    if not heard.text or heard.action is not UserAction.MESSAGE:
        return False
    case = talk.case
    is_new = case is None or not (case.is_open or is_thanks(heard.text))
    if is_new or case is None:
        case = _open_case(talk, heard.text, now)
        talk.times_unsure, talk.handed_over = 0, ""
    else:
        care.say(case.pk, Message(CUSTOMER, heard.text, is_customer=True), now)
    last = max(talk.last_at, heard.at)
    Conversation.objects.filter(pk=talk.pk).update(
        case=case, last_at=last, times_unsure=talk.times_unsure, handed_over=talk.handed_over, is_gone=False
    )
    return account.is_answering and heard.is_text and case.is_open and not talk.handed_over


def _open_case(talk: Conversation, text: str, now: datetime) -> Case:
    kind = CaseKind.COMPLAINT if find_reason(text) in COMPLAINTS else CaseKind.QUESTION
    draft = CaseDraft(kind, text, Channel.WECHAT, customer=talk.person)
    return care.open_case(CUSTOMER, draft, now).case


def _open_conversation(account: WeChatAccount, heard: Heard) -> Conversation:
    """Return the user's conversation, locked; who was erased and writes again is somebody new."""
    same = {"account": account, "kf": heard.kf, "user": heard.user[:128]}
    first = {"person": f"wechat:{secrets.token_hex(16)}", "last_at": heard.at}
    Conversation.objects.get_or_create(**same, defaults=first)
    return Conversation.objects.select_for_update(of=("self",)).select_related("account", "case").get(**same)


def _answer(push_id: int, clock: Callable[[], datetime]) -> bool:
    """Let the assistant look at a message that is in its case, and keep what it says."""
    push = Push.objects.select_related("account").get(pk=push_id)
    heard = _hear(push)
    rows = Conversation.objects.select_related("case")
    talk = rows.filter(account=push.account, kf=heard.kf, user=heard.user).first()
    told = None
    if talk is not None and talk.case is not None and talk.case.is_open and not talk.handed_over:
        asked = Asked(heard.text, clock(), Audience.CUSTOMER, talk.case.product, talk.times_unsure)
        outcome = assistants.answer(asked)  # may take its time: no transaction is open
        told = write_outcome(outcome, heard.text, load_config().language)
    with transaction.atomic():
        if _lock(push_id, PushState.ASKED) is None:
            return False
        if talk is not None and told is not None:
            _tell(talk.pk, told, clock())
        Push.objects.filter(pk=push_id).update(state=PushState.DONE, attempts=0, fault="")
    return True


def _tell(talk_id: int, told: Told, now: datetime) -> None:
    """Keep what the assistant says; where a person answers by now, or the quota is used up, it says nothing."""
    talk = Conversation.objects.select_for_update(of=("self",)).select_related("case").filter(pk=talk_id).first()
    if talk is None or talk.case is None or not talk.case.is_open or talk.handed_over:
        return
    if told.note:
        care.say(talk.case.pk, Message(CANYU, told.note, Audience.INSIDE), now)
    with suppress(QuotaUsedUp, NobodyThere, BadInput):  # the agent sees on the case's page what may be sent
        care.say(talk.case.pk, Message(ASSISTANT, told.text, Audience.CUSTOMER, is_automatic=True), now)
    Conversation.objects.filter(pk=talk_id).update(
        handed_over=told.reason, times_unsure=talk.times_unsure + 1 if told.is_unsure else 0
    )


def _pull(push: Push, signal: KfSignal, clock: Callable[[], datetime]) -> bool:
    """Pull what customer service has new; the vendor is asked outside of any transaction."""
    book = CursorBook(push.account, clock)
    if not book.take(signal.open_kfid):
        Push.objects.filter(pk=push.pk, state=PushState.WAITING).update(next_try=clock() + FIRST_WAIT)
        return False
    try:
        with open_client(push.account) as client:
            KfPull(make_api(push.account, client), book, clock).pull(signal, book.keep)
    finally:
        book.let_go(signal.open_kfid)
    return bool(Push.objects.filter(pk=push.pk, state=PushState.WAITING).update(state=PushState.DONE, fault=""))


def _note_failure(account: WeChatAccount, msg_id: str, now: datetime) -> None:
    """Say of a message that the vendor took that it did not arrive, as the vendor tells later."""
    sent = Outgoing.objects.filter(conversation__account=account, state=LetterState.SENT)
    row = next((each for each in sent.filter(pk=name_outgoing(msg_id))), None)
    if row is not None:
        reason = Words("企业微信说没有送达。", "WeCom says that it did not arrive.")
        settle_unsent(row, LetterState.REFUSED, reason, now)


def _lock(push_id: int, state: PushState) -> Push | None:
    """Return a push that still stands so, locked; None where another worker has it or had it."""
    rows = Push.objects.select_related("account").filter(pk=push_id, state=state)
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.first()


def _put_off(push_id: int, error: Exception, now: datetime) -> None:
    """Keep a push that could not be worked on for another try, at last as failed; the page of its account shows it."""
    logger.exception("wechat: the push %s could not be worked on", push_id)
    row = Push.objects.filter(pk=push_id, state__in=OPEN).first()
    if row is None:  # its writer was erased meanwhile
        return
    attempts = row.attempts + 1
    wait = min(FIRST_WAIT * 2 ** min(attempts, 12), LONGEST_WAIT)
    state = row.state if attempts < PUSH_ATTEMPTS else PushState.FAILED
    told = str(error) if isinstance(error, CanyuError) else type(error).__name__
    Push.objects.filter(pk=push_id, state=row.state).update(
        state=state, attempts=attempts, next_try=now + wait, fault=told[:300]
    )
