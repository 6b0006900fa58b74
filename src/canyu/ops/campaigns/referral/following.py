"""Orders and refunds of members as the lake has them, told to referral; reading again changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from canyu.events import Lake, Verb
from canyu.kit.errors import CanyuError, StorageFailure
from canyu.ledger import LedgerBusy, LedgerRace
from canyu.ops.campaigns.models import Campaign, Member, Refund
from canyu.ops.campaigns.reading.actions import keep_place
from canyu.ops.campaigns.reading.queries import Reader, Told, list_followed, read_news
from canyu.ops.campaigns.referral.actions import record_refund, record_sale
from canyu.ops.campaigns.referral.events import SOURCE
from canyu.ops.campaigns.referral.schemas import RefundFact, SaleFact
from canyu.ops.lakes import find_lake
from canyu.ops.order_names import list_forms

READER = "referral"
logger = logging.getLogger("canyu.campaigns")


@dataclass(frozen=True, slots=True)
class Followed:
    """What one look at the lake brought: orders and refunds of members, new ones and known ones; those refused."""

    orders: int = 0
    refunds: int = 0
    refused: int = 0

    def __add__(self, other: Followed) -> Followed:
        return Followed(self.orders + other.orders, self.refunds + other.refunds, self.refused + other.refused)


def follow_lake(now: datetime) -> Followed:
    """Tell referral of the new orders and refunds of members that the lake has; without a lake nothing.

    An order belongs to a campaign where its actor is a member or it says a member's share code, it came after they
    joined, and it names this campaign or none. A refund belongs to the order whose number it says or that its
    ``parent`` names. Each sweep goes on where the last one stopped.
    """
    lake = find_lake()
    campaigns = list_followed(now) if lake is not None else []
    return sum((_follow(lake, campaign, now) for campaign in campaigns if lake is not None), Followed())


def _follow(lake: Lake, campaign: Campaign, now: datetime) -> Followed:
    people = _read_members(campaign)
    if not people:
        return Followed()
    news = read_news(lake, campaign, Reader(READER, Verb.ORDER, lambda told: _is_ours(told, campaign.slug, people)))
    if news is None:
        return Followed()
    known = _read_orders(campaign)
    seen = set(Refund.objects.filter(sale__campaign=campaign).values_list("refund", flat=True))
    orders = refunds = refused = 0
    for told in news.rows:
        is_order = told.type == Verb.ORDER
        order = told.order if is_order else _find_order(known, (told.number, told.parent or ""))
        is_known = _find_order(known, (told.order,)) if is_order else not seen.isdisjoint(list_forms([told.id]))
        if told.source == SOURCE or order is None or is_known:
            continue
        try:
            _tell(campaign, told, order, _find_member(told, people), now)
        except (LedgerBusy, LedgerRace, StorageFailure):  # it may do the next time: the bookmark stays
            raise
        except CanyuError as error:
            refused += 1
            logger.warning("event %s was not taken into campaign %s: %s", told.id, campaign.pk, error.code)
            continue
        known |= {told.id: order, order: order} if is_order else {}
        orders, refunds = orders + is_order, refunds + (not is_order)
    keep_place(news.stretch, now)
    return Followed(orders, refunds, refused)


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    joined_at: datetime


def _read_members(campaign: Campaign) -> dict[str, _Person]:
    """Return the members by what an order may call them: their id, or their share code."""
    rows = Member.objects.filter(campaign=campaign).values_list("person", "code", "joined_at")
    return {name: _Person(person, at) for person, code, at in rows.iterator() for name in (code, person)}


def _read_orders(campaign: Campaign) -> dict[str, str]:
    """Return the orders that count already by what a refund may call them: the order, or its event."""
    rows = campaign.sales.values_list("order", "event")
    return {name: order for order, event in rows for name in (order, event) if name}


def _find_order(known: Mapping[str, str], names: Iterable[str]) -> str | None:
    """Return the order that counts already under one of these names, also where its person was erased since."""
    return next((known[form] for form in list_forms(names) if form in known), None)


def _find_member(told: Told, people: Mapping[str, _Person]) -> _Person | None:
    return people.get(told.actor or "") or people.get(told.member)


def _is_ours(told: Told, slug: str, people: Mapping[str, _Person]) -> bool:
    member = _find_member(told, people)
    return told.campaign in {None, "", slug} and member is not None and told.time >= member.joined_at


def _tell(campaign: Campaign, told: Told, order: str, member: _Person | None, now: datetime) -> None:
    if told.type == Verb.ORDER and member is not None:
        currency = told.currency or campaign.currency
        record_sale(SaleFact(campaign.slug, order, member.name, told.value, currency, told.time, event=told.id), now)
    else:
        record_refund(RefundFact(campaign.slug, order, told.id, told.value, told.time, told.id), now)
