"""What a pledge gives for, in which states gifts and stories are, and how the ledger's accounts are named; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from canyu.events import make_event_id
from canyu.kit.images import Limits
from canyu.kit.words import Words
from canyu.ops.campaigns.rules import name_bank

MOST_RECEIPT_BYTES = 20 * 1024 * 1024
PICTURE_LIMITS = Limits(most_bytes=10 << 20, most_pixels=40_000_000, most_side=1_600)
"""A picture is made no larger than a page shows it."""


class Basis(StrEnum):
    """What brings a gift."""

    ORDER = "order"
    ENTRY = "entry"


class GiftState(StrEnum):
    """Where a gift stands."""

    GIVEN = "given"
    RETURNED = "returned"
    BEYOND = "beyond"
    KEPT = "kept"


class StoryState(StrEnum):
    """Whether the public sees a story."""

    DRAFT = "draft"
    SHOWN = "shown"
    HIDDEN = "hidden"


BASIS_WORDS: dict[str, Words] = {
    Basis.ORDER: Words("每一单", "each order"),
    Basis.ENTRY: Words("每一次投稿", "each entry"),
}
GIFT_WORDS: dict[str, Words] = {
    GiftState.GIVEN: Words("已计入", "given"),
    GiftState.RETURNED: Words("整单退货，已冲正", "taken back: the whole order was refunded"),
    GiftState.BEYOND: Words("已到上限，未计入", "not given: the cap was reached"),
    GiftState.KEPT: Words("退货前已付出，仍计入", "kept: paid out before the refund"),
}
STORY_WORDS: dict[str, Words] = {
    StoryState.DRAFT: Words("草稿", "Draft"),
    StoryState.SHOWN: Words("已公开", "Public"),
    StoryState.HIDDEN: Words("已撤下", "Taken down"),
}


@dataclass(frozen=True, slots=True)
class PledgeDraft:
    """A pledge as somebody writes it: ``amount_minor`` for each ``basis`` in ``[starts_at, ends_at)``."""

    basis: Basis
    amount_minor: int
    cap_minor: int | None
    starts_at: datetime
    ends_at: datetime
    recipient: str
    recipient_number: str
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class StoryDraft:
    """A story as somebody writes it, and the payouts that it tells of."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    payouts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PayoutDraft:
    """One transfer to the recipient, with its receipt."""

    amount_minor: int
    paid_on: date
    receipt_name: str
    receipt: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class PictureDraft:
    """One picture as it was sent, what it shows in words, and whose consent there is, where people are on it."""

    data: bytes
    alt_zh: str
    alt_en: str
    shows_people: bool = False
    person: str = ""
    consent: str = ""
    consent_on: date | None = None


@dataclass(frozen=True, slots=True)
class Accounts:
    """The ledger's accounts of one pledge: where gifts come from, what is owed to the recipient, what was paid."""

    source: str
    owed: str
    paid: str


def name_accounts(campaign_id: int, currency: str, is_capped: bool) -> Accounts:
    """Return the accounts of a campaign's pledge; under a cap gifts come from what is left of it.

    >>> name_accounts(7, "CNY", True).source, name_accounts(7, "CNY", False).source
    ('campaign:7:charity:left', 'campaigns:bank:CNY')
    """
    root = f"campaign:{campaign_id}:charity"
    return Accounts(f"{root}:left" if is_capped else name_bank(currency), f"{root}:owed", f"{root}:paid")


def name_gift(campaign_id: int, order: str) -> str:
    """Return the id of an order's row in the ledger: the same however often the order is told.

    ``order`` is given as ``canyu.ops.order_names.hide`` makes it: who reads the ledger cannot try out numbers then.
    """
    return f"charity:{campaign_id}:{make_event_id('charity', str(campaign_id), order)}"


def is_whole(order_minor: int | None, refunded_minor: int, has_unstated: bool) -> bool:
    """Say whether an order is given back altogether; a refund without an amount is the whole order.

    >>> is_whole(1_000, 999, False), is_whole(1_000, 1_000, False), is_whole(1_000, 0, True), is_whole(None, 1, False)
    (False, True, True, True)
    """
    return has_unstated or refunded_minor >= (order_minor or 0)
