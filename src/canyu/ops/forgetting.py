"""Forgetting in the console what was erased from its lake, in every room that keeps something of a post."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from canyu.kit.clock import get_now
from canyu.ops.alerts.actions import forget_erased as forget_in_alerts
from canyu.ops.campaigns.challenges.actions import forget_erased as forget_in_challenges
from canyu.ops.campaigns.charity.gifts import actions as gifts
from canyu.ops.campaigns.charity.pictures.actions import forget_erased as forget_in_stories
from canyu.ops.campaigns.referral import actions as referral
from canyu.ops.care.actions import forget_erased as forget_in_cases
from canyu.ops.crisis.actions import forget_erased as forget_in_crises
from canyu.ops.fans.identity.actions import forget_erased as forget_in_fans
from canyu.ops.knowledge.asking.actions import forget_erased as forget_in_talks
from canyu.ops.kols.actions import forget_erased as forget_in_kols
from canyu.ops.labels.actions import forget_erased as forget_in_labels
from canyu.ops.offers import actions as offers
from canyu.ops.offers.drops.actions import forget_erased as forget_in_drops
from canyu.ops.sources.actions import forget_erased as forget_in_quarantine
from canyu.ops.sources.outbound.actions import forget_erased as forget_in_deliveries
from canyu.ops.stations.actions import forget_erased as forget_in_stations
from canyu.ops.wechat.actions import forget_erased as forget_in_wechat


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the console dropped: corrections, posts from the evidence of so many alerts, accounts of the roster.

    And refused events in quarantine, webhook deliveries, persons in codes, orders, claims and entries, members of
    campaigns, numbers of orders in gifts, sales and redemptions, pictures of people in stories, entries and votes of
    challenges, identifiers of fans, bookings, words in cases, talks with the assistant, conversations on WeChat with
    their messages, and stakeholders and titles of crises.
    """

    corrections: int
    alerts: int
    kols: int
    refused: int
    deliveries: int
    offers: int
    members: int
    orders: int
    pictures: int
    challenges: int
    fans: int
    bookings: int
    cases: int
    talks: int
    wechat: int
    crises: int


def forget_erased() -> Forgotten:
    """Drop what the console keeps of posts and people erased from the lake. Safe to repeat; raises NotFound."""
    kols = forget_in_kols(get_now())  # before the corrections, whose forgetting empties the database's log of writes
    orders = _forget_orders()
    held = offers.forget_erased() + forget_in_drops()
    refused, deliveries, members = (forget_in_quarantine(), forget_in_deliveries(), referral.forget_erased(get_now()))
    pictures, challenges, bookings = forget_in_stories(get_now()), forget_in_challenges(), forget_in_stations()
    fans, corrections, alerts = forget_in_fans(get_now()), forget_in_labels(), forget_in_alerts()
    wechat = forget_in_wechat()  # before the cases: nothing more comes into one whose customer is forgotten
    cases, talks = forget_in_cases(get_now()), forget_in_talks()
    crises = forget_in_crises()  # after the cases: titles go with those of their cases
    rest = (members, orders, pictures, challenges, fans, bookings, cases, talks, wechat, crises)
    return Forgotten(corrections, alerts, kols, refused, deliveries, held, *rest)


def _forget_orders() -> int:
    """Hide the numbers of erased people's orders in every room that names one, all or none; return how many rows.

    Before the rows lose their person: one room's row of an order is found by the number that another has.
    """
    with transaction.atomic():
        orders = offers.list_erased_orders() | referral.list_erased_orders()
        hidden = gifts.forget_erased() + gifts.forget_orders(orders)
        return hidden + referral.hide_orders(orders) + offers.forget_orders(orders)
