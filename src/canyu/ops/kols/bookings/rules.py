"""Which step of a booking may follow which, and what it is called; pure, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from canyu.kit.words import Words
from canyu.ops.kols.intake.cells import parse_minor
from canyu.ops.kols.models import Booking, BookingState, KolKind, PostKind

State = BookingState
MOVES: dict[str, frozenset[str]] = {
    State.BRIEF: frozenset({State.ACCEPTED, State.DECLINED, State.CANCELLED}),
    State.ACCEPTED: frozenset({State.POSTED, State.CANCELLED}),
    State.POSTED: frozenset({State.CHECKED}),
    State.CHECKED: frozenset({State.PAID}),
    State.DECLINED: frozenset(),
    State.CANCELLED: frozenset(),
    State.PAID: frozenset(),
}
STATE_WORDS: dict[str, Words] = {
    State.BRIEF: Words("待回复", "asked"),
    State.ACCEPTED: Words("已接受", "accepted"),
    State.DECLINED: Words("已拒绝", "declined"),
    State.POSTED: Words("已发布", "posted"),
    State.CHECKED: Words("已核对", "checked"),
    State.PAID: Words("已付款", "paid"),
    State.CANCELLED: Words("已取消", "cancelled"),
}
TO_SEND = Words("待发简报", "brief to send")
POST_KINDS: dict[str, Words] = {
    PostKind.POST: Words("图文", "post"),
    PostKind.VIDEO: Words("视频", "video"),
    PostKind.LIVE: Words("直播", "live session"),
}
KOL_KINDS: dict[str, Words] = {
    KolKind.CREATOR: Words("达人", "creator"),
    KolKind.MEDIA: Words("媒体", "media"),
    KolKind.AGENCY: Words("机构", "agency"),
    KolKind.EMPLOYEE: Words("员工", "employee"),
}
TIMED = frozenset({State.ACCEPTED, State.POSTED})
"""Steps that are late after the day on which the post is due."""


class Need(StrEnum):
    """What a booking needs from the team; the rooms of the list."""

    OPEN = "open"
    LATE = "late"
    CHECK = "check"
    PAY = "pay"
    CLOSED = "closed"


NEED_WORDS = {
    Need.OPEN: Words("进行中", "under way"),
    Need.LATE: Words("已逾期", "late"),
    Need.CHECK: Words("待核对", "to check"),
    Need.PAY: Words("待付款", "to pay"),
    Need.CLOSED: Words("已结束", "closed"),
}
OPEN = (State.BRIEF, State.ACCEPTED, State.POSTED, State.CHECKED)
WAITING = (State.BRIEF, State.ACCEPTED)
CLOSED = (State.PAID, State.DECLINED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class BookingDraft:
    """A booking as somebody wants it; the price is in minor units."""

    account: int
    kind: str
    price_minor: int
    currency: str
    campaign: str = ""
    brief: str = ""
    post_due_at: datetime | None = None
    plan: int | None = None
    planned: tuple[float | None, float | None, float | None] = (None, None, None)
    """Low, middle, high."""
    reach_hours: int = 72


def name_state(booking: Booking) -> Words:
    """Return where a booking stands; one whose brief is not out yet waits for us and not for the KOL."""
    return TO_SEND if booking.state == State.BRIEF and booking.sent_at is None else STATE_WORDS[booking.state]


def is_confirmed(typed: str, booking: Booking) -> bool:
    """Say whether somebody typed the amount of a booking, in any way that an amount is written."""
    return parse_minor(typed.strip(), booking.currency) == booking.price_minor


def is_late(booking: Booking, now: datetime) -> bool:
    """Say whether the post should be out and is not."""
    return booking.state in WAITING and booking.post_due_at is not None and booking.post_due_at < now
