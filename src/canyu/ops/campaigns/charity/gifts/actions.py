"""The only place that changes gifts: an order gives once, and a refund of the whole of it takes that back, once.

Telling the same thing again changes nothing: the ledger's ids follow from the order, by the server's key.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from canyu.events.suppression import find_erased_hashes, hash_actor, read_salt
from canyu.ledger import OpenAccount, Reverse, Side, Transfer, Verdict
from canyu.ops.campaigns.charity.models import Gift, GiftRefund, Pledge
from canyu.ops.campaigns.charity.rules import Accounts, GiftState, is_whole, name_accounts, name_gift
from canyu.ops.campaigns.reading.queries import Told, list_followed
from canyu.ops.campaigns.rules import name_bank
from canyu.ops.lakes import find_lake, get_lake
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.order_names import HIDDEN, hide, is_hidden, list_forms, make_nameless
from canyu.ops.refunds import add_refund

AT_ONCE = 400  # SQLite takes no more variables in one query on old systems
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
        known = _find_known(pledge, list(first))
        fresh = [one for order, one in reversed(first.items()) if not known & {order, hide(order)}]
        transfers = [_make_transfer(pledge, accounts, one) for one in fresh]
        outcomes = use_ledger().apply(transfers, now)
        givers = _mark_givers(fresh)
        gifts = []
        for one, outcome in zip(fresh, outcomes, strict=True):
            is_beyond = outcome.verdict is Verdict.BEYOND_LIMIT and pledge.cap_minor is not None
            if not is_beyond:
                outcome.require()
            gift = _make_gift(pledge, one, "" if is_beyond else outcome.id, now)
            gift.giver = givers.get(one.actor or "", "")
            gifts.append(gift)
        Gift.objects.bulk_create(gifts)
    return len(gifts)


def take_back(pledge: Pledge, told: Sequence[Told], now: datetime) -> int:
    """Keep refunds of orders that gave; return how many gifts went back. What was paid out before stays given."""
    returned = 0
    with transaction.atomic():
        pledge = Pledge.objects.select_for_update().get(pk=pledge.pk)
        gifts = _find_gifts(pledge, told)
        for one in told:
            names = list_forms((one.number, one.parent or ""))
            gift = next((gifts[name] for name in names if name in gifts), None)
            if gift is not None and _keep_refund(gift, one, now):
                returned += _return(gift, now)
    return returned


def forget_erased() -> int:
    """Hide the orders of everybody who was erased from the lake; return how many gifts. Safe to repeat; NotFound."""
    givers = set(Gift.objects.exclude(giver="").values_list("giver", flat=True).distinct())
    erased = givers & find_erased_hashes(get_lake().store) if givers else set()
    with transaction.atomic():
        return _hide_gifts(Q(giver__in=part) for part in _cut(sorted(erased)))


def forget_orders(orders: Collection[str]) -> int:
    """Hide the names of these orders, of their events and refunds; return how many gifts. Amounts stay."""
    with transaction.atomic():
        return _hide_gifts(Q(order__in=part) for part in _cut(sorted(orders)))


def end_hidden(now: datetime) -> int:
    """Drop the hashes of erased orders whose campaign no refund reaches any more; return how many. Safe to repeat."""
    old = Gift.objects.filter(order__startswith=HIDDEN).exclude(pledge__campaign__in=list_followed(now))
    with transaction.atomic():
        gifts = list(old)
        for gift in gifts:
            Gift.objects.filter(pk=gift.pk).update(order=make_nameless(), event=make_nameless())
            for refund in gift.refunds.all():
                GiftRefund.objects.filter(pk=refund.pk).update(refund=make_nameless())
    return len(gifts)


def _hide_gifts(chosen: Iterable[Q]) -> int:
    hidden = 0
    for which in chosen:
        for gift in Gift.objects.filter(which):
            Gift.objects.filter(pk=gift.pk).update(order=hide(gift.order), event=hide(gift.event), giver="")
            for refund in gift.refunds.all():
                GiftRefund.objects.filter(pk=refund.pk).update(refund=hide(refund.refund))
            hidden += 1
    return hidden


def _find_known(pledge: Pledge, orders: Sequence[str]) -> set[str]:
    """Return the names under which some of these orders have given already."""
    mine, known = Gift.objects.filter(pledge=pledge), set[str]()
    for part in _cut(list_forms(orders)):
        known |= set(mine.filter(order__in=part).values_list("order", flat=True))
    return known


def _mark_givers(told: Sequence[Told]) -> dict[str, str]:
    """Return the lake's salted hash of everybody who ordered."""
    lake, actors = find_lake(), {one.actor for one in told if one.actor}
    if lake is None or not actors:
        return {}
    salt = read_salt(lake.store)
    return {actor: hash_actor(salt, actor) for actor in actors}


def _cut(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), AT_ONCE):
        yield names[start : start + AT_ONCE]


def _make_transfer(pledge: Pledge, accounts: Accounts, one: Told) -> Transfer:
    entry = name_gift(pledge.campaign_id, hide(one.order))  # the ledger never forgets: by no order's own number
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
    orders = list_forms({one.number for one in told if one.number})
    events = list_forms({one.parent for one in told if one.parent})
    mine = Gift.objects.filter(pledge=pledge)
    rows = [gift for part in _cut(orders) for gift in mine.filter(order__in=part)]
    rows += [gift for part in _cut(events) for gift in mine.filter(event__in=part)]
    found = {gift.pk: gift for gift in rows}
    return {name: gift for gift in found.values() for name in (gift.event, gift.order)}


def _keep_refund(gift: Gift, one: Told, now: datetime) -> bool:
    """Keep one refund; say whether the order is given back altogether from now on."""
    if gift.refunds.filter(refund__in=list_forms([one.id])).exists():
        return False
    name = hide(one.id) if is_hidden(gift.order) else one.id
    GiftRefund.objects.create(gift=gift, refund=name, amount_minor=one.value, at=one.time)
    if gift.state != GiftState.GIVEN:
        return False
    gift.refunded_minor = add_refund(gift.order_minor, gift.refunded_minor, one.value)
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
