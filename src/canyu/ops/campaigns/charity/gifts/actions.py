"""The only place that changes gifts: an order gives once, and a refund of the whole of it takes that back, once.

Telling the same thing again changes nothing: the ledger's ids follow from the order.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from canyu.ledger import OpenAccount, Reverse, Side, Transfer, Verdict
from canyu.ops.campaigns.charity.models import Gift, GiftRefund, Pledge
from canyu.ops.campaigns.charity.rules import Accounts, GiftState, is_whole, name_accounts, name_gift
from canyu.ops.campaigns.reading.queries import Told
from canyu.ops.campaigns.rules import name_bank
from canyu.ops.ledger.actions import use_ledger

logger = logging.getLogger("canyu.campaigns")


def open_accounts(pledge: Pledge, now: datetime) -> Accounts:
    """Open the accounts of a pledge, a cap set aside once; return them. Safe to repeat."""
    accounts = find_accounts(pledge)
    bank, currency = name_bank(pledge.currency), pledge.currency
    operations: list[Any] = [
        OpenAccount(bank, currency),
        OpenAccount(accounts.owed, currency, Side.CREDIT),
        OpenAccount(accounts.paid, currency),
    ]
    if pledge.cap_minor:
        operations.append(OpenAccount(accounts.source, currency, Side.CREDIT))
        operations.append(Transfer(f"{accounts.source}:cap", bank, accounts.source, pledge.cap_minor, currency))
    use_ledger().require(operations, now)
    return accounts


def find_accounts(pledge: Pledge) -> Accounts:
    """Return the names of a pledge's accounts."""
    return name_accounts(pledge.campaign_id, pledge.currency, pledge.cap_minor is not None)


def give(pledge: Pledge, told: Sequence[Told], now: datetime) -> int:
    """Keep what orders or entries give, each once; return how many are new. Beyond the cap an order gives nothing."""
    with transaction.atomic():
        pledge = Pledge.objects.select_for_update().get(pk=pledge.pk)
        accounts = open_accounts(pledge, now)
        first = {one.order: one for one in reversed(told)}  # an order told twice gives by the first telling
        known = set(Gift.objects.filter(pledge=pledge, order__in=list(first)).values_list("order", flat=True))
        fresh = [one for order, one in reversed(first.items()) if order not in known]
        transfers = [_make_transfer(pledge, accounts, one) for one in fresh]
        outcomes = use_ledger().apply(transfers, now)
        gifts = []
        for one, outcome in zip(fresh, outcomes, strict=True):
            is_beyond = outcome.verdict is Verdict.BEYOND_LIMIT and pledge.cap_minor is not None
            if not is_beyond:
                outcome.require()
            gifts.append(_make_gift(pledge, one, "" if is_beyond else outcome.id, now))
        Gift.objects.bulk_create(gifts)
    return len(gifts)


def take_back(pledge: Pledge, told: Sequence[Told], now: datetime) -> int:
    """Keep refunds of orders that gave; return how many gifts went back. What was paid out before stays given."""
    returned = 0
    with transaction.atomic():
        pledge = Pledge.objects.select_for_update().get(pk=pledge.pk)
        gifts = _find_gifts(pledge, told)
        for one in told:
            gift = gifts.get(one.number) or gifts.get(one.parent or "")
            if gift is not None and _keep_refund(gift, one, now):
                returned += _return(gift, now)
    return returned


def _make_transfer(pledge: Pledge, accounts: Accounts, one: Told) -> Transfer:
    entry = name_gift(pledge.campaign_id, one.order)
    return Transfer(entry, accounts.source, accounts.owed, pledge.amount_minor, pledge.currency)


def _make_gift(pledge: Pledge, one: Told, entry: str, now: datetime) -> Gift:
    return Gift(
        pledge=pledge,
        order=one.order,
        event=one.id,
        entry=entry,
        order_minor=one.value,
        state=GiftState.GIVEN if entry else GiftState.BEYOND,
        at=one.time,
        changed_at=now,
    )


def _find_gifts(pledge: Pledge, told: Sequence[Told]) -> dict[str, Gift]:
    """Return the gifts that refunds may speak of, by the shop's number and by the event's id."""
    orders = {one.number for one in told if one.number}
    events = {one.parent for one in told if one.parent}
    mine = Gift.objects.filter(pledge=pledge)
    found = {gift.pk: gift for gift in (*mine.filter(order__in=orders), *mine.filter(event__in=events))}
    return {name: gift for gift in found.values() for name in (gift.event, gift.order)}


def _keep_refund(gift: Gift, one: Told, now: datetime) -> bool:
    """Keep one refund; say whether the order is given back altogether from now on."""
    refund = {"amount_minor": one.value, "at": one.time}
    _kept, is_new = GiftRefund.objects.get_or_create(gift=gift, refund=one.id, defaults=refund)
    if not is_new or gift.state != GiftState.GIVEN:
        return False
    gift.refunded_minor += one.value or 0
    gift.changed_at = now
    gift.save(update_fields=["refunded_minor", "changed_at"])
    return is_whole(gift.order_minor, gift.refunded_minor, one.value is None)


def _return(gift: Gift, now: datetime) -> bool:
    outcome = use_ledger().apply([Reverse(f"{gift.entry}:back", gift.entry)], now)[0]
    is_paid = outcome.verdict is Verdict.BEYOND_LIMIT
    if not is_paid:
        outcome.require()
    gift.state = GiftState.KEPT if is_paid else GiftState.RETURNED
    gift.save(update_fields=["state"])
    if is_paid:
        logger.warning("the gift of order %s was paid out before it was refunded", gift.entry)
    return not is_paid
