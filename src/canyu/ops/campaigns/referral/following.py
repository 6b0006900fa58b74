"""Orders and refunds of members as the lake has them, told to referral; reading again changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
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

    An order belongs to a campaign where its actor is a member, it came after they joined, and it names this campaign
    or none. A refund belongs to the order that its ``parent`` names. Each sweep goes on where the last one stopped.
    """
    lake = find_lake()
    campaigns = list_followed(now) if lake is not None else []
    return sum((_follow(lake, campaign, now) for campaign in campaigns if lake is not None), Followed())


def _follow(lake: Lake, campaign: Campaign, now: datetime) -> Followed:
    joined = dict(Member.objects.filter(campaign=campaign).values_list("person", "joined_at"))
    if not joined:
        return Followed()
    news = read_news(lake, campaign, Reader(READER, Verb.ORDER, lambda told: _is_ours(told, campaign.slug, joined)))
    if news is None:
        return Followed()
    known = set(campaign.sales.values_list("order", flat=True))
    seen = known | set(Refund.objects.filter(sale__campaign=campaign).values_list("refund", flat=True))
    orders = refunds = refused = 0
    for told in news.rows:
        is_order = told.type == Verb.ORDER
        if told.id in seen or told.source == SOURCE or not (is_order or told.parent in known):
            continue
        try:
            _tell(campaign, told, now)
        except (LedgerBusy, LedgerRace, StorageFailure):  # it may do the next time: the bookmark stays
            raise
        except CanyuError as error:
            refused += 1
            logger.warning("event %s was not taken into campaign %s: %s", told.id, campaign.pk, error.code)
            continue
        known |= {told.id} if is_order else set()
        orders, refunds = orders + is_order, refunds + (not is_order)
    keep_place(news, now)
    return Followed(orders, refunds, refused)


def _is_ours(told: Told, slug: str, joined: Mapping[str, datetime]) -> bool:
    since = joined.get(told.actor or "")
    return told.campaign in {None, "", slug} and since is not None and told.time >= since


def _tell(campaign: Campaign, told: Told, now: datetime) -> None:
    if told.type == Verb.ORDER:
        currency = told.currency or campaign.currency
        person = told.actor or ""
        record_sale(SaleFact(campaign.slug, told.id, person, told.value, currency, told.time, event=told.id), now)
    else:
        order = told.parent or ""
        record_refund(RefundFact(campaign.slug, order, told.id, told.value, told.time, told.id), now)
