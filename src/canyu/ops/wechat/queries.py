"""All reads of the room: accounts as the engine wants them, conversations with what is left, what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from canyu.care.wechat import Account, Allowance, find_allowance
from canyu.care.wechat import Vendor as EngineVendor
from canyu.kit.errors import NotFound
from canyu.ops.care.models import Case
from canyu.ops.letterbox.rules import LetterState
from canyu.ops.people.models import Person
from canyu.ops.wechat.models import Conversation, Outgoing, Push, PushState, WeChatAccount
from canyu.ops.wechat.rules import Sealer, read_windows

OPEN = (PushState.WAITING, PushState.ASKED)
ON_THE_WAY = (LetterState.WAITING.value, LetterState.SENDING.value)
STUCK = (LetterState.REFUSED.value, LetterState.UNCLEAR.value)
MOST_TALKS, MOST_CASES, MOST_FAILED = 100, 20, 50


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account with how many conversations it has, pushes that wait, and pushes that failed."""

    row: WeChatAccount
    talks: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class TalkLine:
    """A conversation, what its user may be sent still, and how many messages did not get there."""

    row: Conversation
    allowance: Allowance
    stuck: int


@dataclass(frozen=True, slots=True)
class OneTalk:
    """A conversation with its cases and what was sent in it, the newest first."""

    row: Conversation
    allowance: Allowance
    cases: tuple[Case, ...]
    outgoing: tuple[Outgoing, ...]


def load_sealer() -> Sealer:
    """Return what seals the room's secrets, with a key of its own derived from the server's."""
    return Sealer(salted_hmac("canyu.wechat", "secrets", settings.SECRET_KEY, algorithm="sha256").digest())


def name_place(account: str, field: str) -> str:
    """Return the place that a secret opens in."""
    return f"wechat:{account}:{field}"


def find_account(name: str) -> Account | None:
    """Return an account that is on, as the door wants it. Raises AccountUnusable where its secrets do not open."""
    row = WeChatAccount.objects.filter(name=name, is_on=True).first()
    return None if row is None else open_account(row)


def open_account(row: WeChatAccount) -> Account:
    """Return an account with its secrets opened."""
    sealer = load_sealer()
    token = sealer.open(row.token, name_place(row.name, "token"))
    keys = tuple(sealer.open(each, name_place(row.name, "key")) for each in row.keys)
    return Account(row.name, EngineVendor(row.vendor), token, row.receive_id, keys)


def list_accounts(viewer: Person) -> list[AccountLine]:  # noqa: ARG001 - reads take the viewer first
    """Return every account with what waits in it."""
    talks = dict(Conversation.objects.values_list("account").annotate(Count("pk")))
    waiting = dict(Push.objects.filter(state__in=OPEN).values_list("account").annotate(Count("pk")))
    failed = dict(Push.objects.filter(state=PushState.FAILED).values_list("account").annotate(Count("pk")))
    return [
        AccountLine(row, talks.get(row.pk, 0), waiting.get(row.pk, 0), failed.get(row.pk, 0))
        for row in WeChatAccount.objects.order_by("name")
    ]


def get_account(viewer: Person, account_id: int) -> WeChatAccount:  # noqa: ARG001 - as above
    """Return one account; raises NotFound."""
    found = WeChatAccount.objects.filter(pk=account_id).first()
    if found is None:
        raise NotFound(_("There is no such account."))
    return found


def list_failed(viewer: Person, account: WeChatAccount) -> list[Push]:  # noqa: ARG001 - as above
    """Return the pushes of an account that could not be worked on, the newest first."""
    return list(Push.objects.filter(account=account, state=PushState.FAILED).order_by("-pk")[:MOST_FAILED])


def list_talks(viewer: Person, now: datetime, account_id: int = 0) -> list[TalkLine]:  # noqa: ARG001 - as above
    """Return the conversations in which somebody wrote last, the newest first."""
    rows = Conversation.objects.select_related("account", "case").order_by("-last_at", "-pk")
    if account_id:
        rows = rows.filter(account=account_id)
    stuck = Count("outgoing", filter=Q(outgoing__state__in=STUCK))
    found = rows.annotate(stuck=stuck)[:MOST_TALKS]
    return [TalkLine(row, find_allowance(read_windows(row.windows), now), row.stuck) for row in found]


def read_talk(viewer: Person, talk_id: int, now: datetime) -> OneTalk:  # noqa: ARG001 - as above
    """Return one conversation; raises NotFound."""
    row = Conversation.objects.select_related("account", "case").filter(pk=talk_id).first()
    if row is None:
        raise NotFound(_("There is no such conversation."))
    return _read(row, now)


def find_talk(account: WeChatAccount, user: str, now: datetime) -> OneTalk | None:
    """Return the newest conversation with a user, None where they never wrote to us."""
    rows = Conversation.objects.select_related("account", "case").filter(account=account, user=user)
    found = rows.order_by("-last_at").first()
    return None if found is None else _read(found, now)


def find_talk_of_case(case: Case, now: datetime) -> OneTalk | None:
    """Return the conversation with a case's customer, None for a case that did not come by WeChat."""
    if not case.person:
        return None
    row = Conversation.objects.select_related("account", "case").filter(person=case.person).first()
    return None if row is None else _read(row, now)


def get_outgoing(viewer: Person, talk_id: int, outgoing_id: int) -> Outgoing:  # noqa: ARG001 - as above
    """Return one message of a conversation; raises NotFound."""
    rows = Outgoing.objects.select_related("conversation__account", "message")
    found = rows.filter(pk=outgoing_id, conversation=talk_id).first()
    if found is None:
        raise NotFound(_("There is no such message."))
    return found


def list_said(case: Case) -> Sequence[str]:
    """Return what the customer of a case said, the newest first."""
    said = case.messages.filter(is_customer=True, is_erased=False).order_by("-pk")
    return list(said.values_list("text", flat=True)[:MOST_CASES])


def is_work_due(now: datetime) -> bool:
    """Say whether a push waits."""
    return Push.objects.filter(state__in=OPEN, next_try__lte=now).exists()


def is_sending_due(now: datetime) -> bool:
    """Say whether a message waits, or was left by a sender that died."""
    return Outgoing.objects.filter(state__in=ON_THE_WAY, next_try__lte=now).exists()


def _read(row: Conversation, now: datetime) -> OneTalk:
    cases = Case.objects.filter(person=row.person).order_by("-pk")[:MOST_CASES]
    outgoing = row.outgoing.select_related("message").order_by("-pk")[:MOST_TALKS]
    return OneTalk(row, find_allowance(read_windows(row.windows), now), tuple(cases), tuple(outgoing))
