"""The only place that changes referral: joins, clicks, orders, refunds and decisions on held edges.

Each change is one transaction with its events and its entries in the ledger. Telling the same thing twice changes
nothing and gives the same answer.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from canyu.events.suppression import find_erased_actors
from canyu.kit.errors import NotFound
from canyu.ops.campaigns.charity.gifts.actions import forget_orders
from canyu.ops.campaigns.errors import ConsentMissing, NotOpen, OrderDiffers, ReasonMissing, WrongStep
from canyu.ops.campaigns.models import Campaign, Consent, Edge, Member, Refund, Sale, Signal
from canyu.ops.campaigns.posters.actions import forget_links
from canyu.ops.campaigns.reading.queries import list_followed
from canyu.ops.campaigns.referral import events, queries
from canyu.ops.campaigns.referral.rewards.actions import (
    give_rewards,
    judge_again,
    lower_rewards,
    refuse_rewards,
    release_waiting,
    undo_rewards,
)
from canyu.ops.campaigns.referral.rules import EdgeState, SignalKind, choose_state, choose_touch, judge_edge
from canyu.ops.campaigns.referral.schemas import Click, Joining, RefundFact, SaleFact
from canyu.ops.campaigns.rules import is_open
from canyu.ops.lakes import get_lake
from canyu.ops.order_names import HIDDEN, hide, is_hidden, list_forms, make_nameless
from canyu.ops.outbox.actions import forget_actors
from canyu.ops.people.models import Person
from canyu.ops.refunds import add_refund

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 10
PURPOSE = "campaign"
ERASED = "erased:"
logger = logging.getLogger("canyu.campaigns")


@dataclass(frozen=True, slots=True)
class Joined:
    """A member, and whether they joined just now; ``edge`` is the edge that brought them or was tried."""

    member: Member
    is_new: bool
    edge: Edge | None


def join(asked: Joining, now: datetime) -> Joined:
    """Take a person in, with a share code of their own; who is in already stays where they are.

    Raises NotFound, NotOpen, or ConsentMissing. An edge that something speaks against is kept with its reasons.
    """
    if not asked.consent:
        raise ConsentMissing(_("Taking part needs your agreement."), mend=_("Tick the box, then join."))
    with transaction.atomic():
        campaign = _lock_open(asked.slug, now)
        member = queries.find_person(campaign, asked.person)
        inviter = _find_touch(campaign, asked)
        if member is not None:
            edge = _keep_edge(asked, inviter, member, was_in=True, now=now) if inviter else None
            return Joined(member, False, edge)
        member = Member.objects.create(
            campaign=campaign,
            person=asked.person,
            code=_make_code(),
            parent=inviter,
            generation=inviter.generation + 1 if inviter else 0,
            joined_at=now,
        )
        Consent.objects.create(
            member=member, purpose=PURPOSE, text=asked.consent, language=asked.language, given_at=now
        )
        _keep_signals(member, asked.signals)
        edge = _keep_edge(asked, inviter, member, was_in=False, now=now) if inviter else None
        events.tell_joined(campaign, member, inviter)
        if edge:
            give_rewards(campaign, edge, None, now)
    return Joined(member, True, edge)


def count_click(click: Click, now: datetime) -> bool:
    """Count the opening of a share link, and a visit on its first of the day; False where nobody has this code."""
    with transaction.atomic():
        campaign = _find_campaign(click.slug)
        member = queries.find_member(campaign, click.code)
        if member is None:
            return False
        visits = F("visits") + 1 if click.is_first_today else F("visits")
        Member.objects.filter(pk=member.pk).update(clicks=F("clicks") + 1, visits=visits)
        events.tell_clicked(campaign, member, click.visitor, click.is_first_today, now)
    return True


def record_sale(fact: SaleFact, now: datetime) -> Sale:
    """Keep an order of a member and what is owed for it; the same order again is the same answer.

    Raises NotFound where the person is not in the campaign, OrderDiffers where the order was told otherwise.
    """
    with transaction.atomic():
        campaign = _lock_campaign(fact.slug)
        member = queries.find_person(campaign, fact.person)
        if member is None:
            raise NotFound(_("This person does not take part in the campaign."))
        known = queries.find_sale(campaign, fact.order)
        if known is not None:
            told = (known.member_id, known.amount_minor, known.currency)
            if told != (member.pk, fact.amount_minor, fact.currency):
                raise _refuse_other(fact.order)
            return known
        sale = Sale.objects.create(
            campaign=campaign,
            order=fact.order,
            event=fact.event,
            member=member,
            amount_minor=fact.amount_minor,
            currency=fact.currency,
            ordered_at=fact.at,
        )
        _keep_signals(member, fact.signals)
        edge = Edge.objects.filter(invitee=member, is_tree=True).select_related("inviter", "invitee").first()
        if edge:
            judge_again(campaign, edge, now)
            give_rewards(campaign, edge, sale, now)
        if not fact.event:
            events.tell_sale(campaign, sale)
    return sale


def record_refund(fact: RefundFact, now: datetime) -> Sale:
    """Keep a refund; what was owed for the whole order goes back with the last of it, a percentage also with parts.

    All refunds together are the whole order at most, whatever is told.

    Raises NotFound without such an order, OrderDiffers where the refund was told otherwise.
    """
    with transaction.atomic():
        campaign = _lock_campaign(fact.slug)
        sale = queries.find_sale(campaign, fact.order)
        if sale is None:
            raise NotFound(_("There is no such order."))
        known = sale.refunds.filter(refund__in=list_forms([fact.refund])).first()
        if known is not None:
            if known.amount_minor != fact.amount_minor:
                raise _refuse_other(fact.refund)
            return sale
        name = hide(fact.refund) if is_hidden(sale.order) else fact.refund
        Refund.objects.create(sale=sale, refund=name, amount_minor=fact.amount_minor, at=fact.at)
        before = sale.refunded_minor
        sale.refunded_minor = add_refund(sale.amount_minor, before, fact.amount_minor)
        is_whole = fact.amount_minor is None or sale.refunded_minor >= (sale.amount_minor or 0)
        sale.is_refunded = sale.is_refunded or is_whole
        sale.save(update_fields=["refunded_minor", "is_refunded"])
        if sale.is_refunded:
            undo_rewards(campaign, sale, now)
        else:
            lower_rewards(campaign, sale, now)
        if not fact.event:
            events.tell_refund(campaign, sale, name, sale.refunded_minor - before, fact.at)
    return sale


def decide_edge(viewer: Person, edge: Edge, is_released: bool, reason: str, now: datetime) -> Edge:
    """Release or refuse a held edge, with a reason; rewards that waited for it follow. Raises WrongStep."""
    reason = reason.replace("\0", "").strip()[:1000]
    if not reason:
        raise ReasonMissing(_("A decision needs its reason."), mend=_("Write what you looked at."))
    state = EdgeState.RELEASED if is_released else EdgeState.REFUSED
    with transaction.atomic():
        campaign = _lock_campaign(edge.campaign.slug)
        changed = Edge.objects.filter(pk=edge.pk, state=EdgeState.HELD).update(
            state=state, decided_by=viewer.username, decided_at=now, note=reason
        )
        if not changed:
            raise WrongStep(_("Somebody decided on this share already."), mend=_("Open the list again."))
        edge.refresh_from_db()
        if state is EdgeState.REFUSED:
            refuse_rewards(campaign, edge, now)
        release_waiting(campaign, now)
    logger.info("%s set the edge %s to %s", viewer.username, edge.pk, state)
    return edge


def forget_person(person: str, now: datetime) -> int:
    """Drop who a person is from every campaign; the share tree keeps a nameless place. Returns how many places.

    Of their orders amounts and states stay; the numbers are hidden, also with the gifts that they brought.
    """
    with transaction.atomic():
        members = list(Member.objects.filter(person=person))
        for member in members:
            Signal.objects.filter(member=member).delete()
            Consent.objects.filter(member=member, withdrawn_at=None).update(withdrawn_at=now)
            forget_orders(hide_sales(Sale.objects.filter(member=member)))
            Member.objects.filter(pk=member.pk).update(person=ERASED + secrets.token_hex(16), code=_make_code())
        forget_links(members, now)
        forget_actors([person])
    return len(members)


def forget_erased(now: datetime) -> int:
    """Forget every member who was erased from the lake; return how many places. Safe to repeat; raises NotFound."""
    persons = Member.objects.exclude(person__startswith=ERASED).values_list("person", flat=True).distinct()
    erased = find_erased_actors(get_lake().store, list(persons))
    return sum(forget_person(person, now) for person in sorted(erased))


def list_erased_orders() -> set[str]:
    """Return the orders of members who were erased from the lake and are still named here. Raises NotFound."""
    rows = Sale.objects.exclude(member__person__startswith=ERASED).exclude(order__startswith=HIDDEN)
    told = list(rows.values_list("member__person", "order"))
    erased = find_erased_actors(get_lake().store, {person for person, _order in told})
    return {order for person, order in told if person in erased}


def hide_orders(orders: Collection[str]) -> int:
    """Hide sales of these orders, whoever they are kept of; return how many."""
    names = sorted(orders)
    parts = [Sale.objects.filter(order__in=names[start : start + 400]) for start in range(0, len(names), 400)]
    return sum(len(hide_sales(part)) for part in parts)


def hide_sales(sales: QuerySet[Sale]) -> list[str]:
    """Put keyed hashes in place of the names of sales, of their events and refunds; return the orders' numbers."""
    orders = []
    for sale in sales:
        orders.append(sale.order)
        Sale.objects.filter(pk=sale.pk).update(order=hide(sale.order), event=hide(sale.event))
        for refund in sale.refunds.all():
            Refund.objects.filter(pk=refund.pk).update(refund=hide(refund.refund))
    return orders


def end_hidden(now: datetime) -> int:
    """Drop the hashes of erased sales whose campaign no refund reaches any more; return how many. Safe to repeat."""
    sales = Sale.objects.filter(order__startswith=HIDDEN).exclude(campaign__in=list_followed(now))
    with transaction.atomic():
        rows = list(sales)
        for sale in rows:
            Sale.objects.filter(pk=sale.pk).update(order=make_nameless(), event=make_nameless() if sale.event else "")
            for refund in sale.refunds.all():
                Refund.objects.filter(pk=refund.pk).update(refund=make_nameless())
    return len(rows)


def _find_touch(campaign: Campaign, asked: Joining) -> Member | None:
    first = queries.find_member(campaign, asked.first_code)
    last = queries.find_member(campaign, asked.last_code)
    return choose_touch(queries.find_rule(campaign).touch, first, last)


def _keep_edge(asked: Joining, inviter: Member, invitee: Member, *, was_in: bool, now: datetime) -> Edge | None:
    """Keep who brought, or tried to bring, whom; the pair that is in the tree already is that edge."""
    known = Edge.objects.filter(inviter=inviter, invitee=invitee).first()
    if known is not None:
        return known
    campaign = invitee.campaign
    facts = queries.gather_facts(inviter, invitee, was_in, now, asked.is_disposable)
    reasons = judge_edge(facts, queries.find_rule(campaign))
    return Edge.objects.create(
        campaign=campaign,
        inviter=inviter,
        invitee=invitee,
        is_tree=not was_in,
        first_touch=queries.find_member(campaign, asked.first_code) or inviter,
        last_touch=queries.find_member(campaign, asked.last_code) or inviter,
        state=choose_state(reasons),
        reasons=[reason.value for reason in reasons],
        made_at=now,
    )


def _keep_signals(member: Member, signals: Mapping[SignalKind, str]) -> None:
    for kind, digest in signals.items():
        Signal.objects.get_or_create(campaign_id=member.campaign_id, member=member, kind=kind, digest=digest)


def _find_campaign(slug: str) -> Campaign:
    found = Campaign.objects.filter(slug=slug).exclude(released_by="").first()
    if found is None:
        raise NotFound(_("There is no such campaign."))
    return found


def _lock_campaign(slug: str) -> Campaign:
    """Return the campaign; whatever else changes its referral waits until the transaction ends."""
    found = _find_campaign(slug)
    return type(found).objects.select_for_update().get(pk=found.pk)


def _lock_open(slug: str, now: datetime) -> Campaign:
    campaign = _lock_campaign(slug)
    if not is_open(campaign.state, campaign.starts_at, campaign.ends_at, now):
        raise NotOpen(_("The campaign takes nobody in at present."), mend=_("See its page for when it is open."))
    return campaign


def _make_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def _refuse_other(name: str) -> OrderDiffers:
    return OrderDiffers(
        _("%s was told before with other facts.") % name[:100], mend=_("Nothing was changed; use another id.")
    )
