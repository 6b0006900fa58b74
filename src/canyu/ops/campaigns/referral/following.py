"""Orders and refunds of members as the lake has them, told to referral; reading again changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from canyu.events import Lake, Verb
from canyu.kit.errors import CanyuError
from canyu.ops.campaigns.models import Campaign, Member, Refund
from canyu.ops.campaigns.referral.actions import record_refund, record_sale
from canyu.ops.campaigns.referral.events import SOURCE
from canyu.ops.campaigns.referral.schemas import RefundFact, SaleFact
from canyu.ops.campaigns.rules import CampaignState
from canyu.ops.lakes import find_lake

if TYPE_CHECKING:
    from collections.abc import Iterable

AFTER_CLOSE = timedelta(days=60)
"""Refunds come late: a closed campaign is followed for so long."""
logger = logging.getLogger("canyu.campaigns")


@dataclass(frozen=True, slots=True)
class Followed:
    """What one look at the lake brought: orders and refunds of members, new ones and known ones; those refused."""

    orders: int
    refunds: int
    refused: int


def follow_lake(now: datetime) -> Followed:
    """Tell referral of the new orders and refunds of members that the lake has; without a lake nothing.

    An order belongs to a campaign where its actor is a member, it came after they joined, and it names this campaign
    or none. A refund belongs to the order that its ``parent`` names.
    """
    lake = find_lake()
    orders = refunds = refused = 0
    for campaign in _list_followed(now) if lake is not None else ():
        joined = dict(Member.objects.filter(campaign=campaign).values_list("person", "joined_at"))
        known = set(campaign.sales.values_list("order", flat=True))
        told = known | set(Refund.objects.filter(sale__campaign=campaign).values_list("refund", flat=True))
        for row in _read_rows(lake, campaign) if joined and lake is not None else ():
            is_order = row["type"] == Verb.ORDER
            if row["id"] in told or not (_is_ours(row, campaign.slug, joined) if is_order else row["parent"] in known):
                continue
            try:
                _tell(campaign, row, now)
            except CanyuError as error:
                refused += 1
                logger.warning("event %s was not taken into campaign %s: %s", row["id"], campaign.pk, error.code)
                continue
            known |= {row["id"]} if is_order else set()
            orders, refunds = orders + is_order, refunds + (not is_order)
    return Followed(orders, refunds, refused)


def _list_followed(now: datetime) -> Iterable[Campaign]:
    live = Campaign.objects.filter(state=CampaignState.LIVE)
    closed = Campaign.objects.filter(state=CampaignState.CLOSED, state_at__gt=now - AFTER_CLOSE).exclude(released_by="")
    return (live | closed).order_by("pk")


def _read_rows(lake: Lake, campaign: Campaign) -> list[dict[str, Any]]:
    begins = (campaign.starts_at or campaign.made_at).astimezone(UTC)
    events = lake.scan("events")
    rows = events.filter(
        events.day >= ibis.literal(begins.date()),
        events.type.isin([str(Verb.ORDER), str(Verb.REFUND)]),
        events.source != SOURCE,
    )
    names = ["id", "type", "time", "actor", "parent", "campaign", "value", "currency"]
    return list(lake.engine.run(rows.select(*names).order_by("time", "id")).to_pylist())


def _is_ours(row: Mapping[str, Any], slug: str, joined: Mapping[str, datetime]) -> bool:
    is_named = row["campaign"] in {None, "", slug}
    return is_named and row["actor"] in joined and row["time"] >= joined[row["actor"]]


def _tell(campaign: Campaign, row: Mapping[str, Any], now: datetime) -> None:
    at = row["time"].astimezone(UTC)
    if row["type"] == Verb.ORDER:
        currency = row["currency"] or campaign.currency
        fact = SaleFact(campaign.slug, row["id"], row["actor"], row["value"], currency, at, event=row["id"])
        record_sale(fact, now)
    else:
        record_refund(RefundFact(campaign.slug, row["parent"], row["id"], row["value"], at, row["id"]), now)
