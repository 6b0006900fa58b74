"""The quote: offers taken off a cart one after another, every step and every refusal told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from canyu.ops.offers.quoting.bill import Bill
from canyu.ops.offers.quoting.bundles import count_bundles
from canyu.ops.offers.quoting.cart import Cart, find_short_stock
from canyu.ops.offers.quoting.conditions import find_goods, find_refusal, find_shortfall
from canyu.ops.offers.quoting.effects import Parts, compute_parts
from canyu.ops.offers.quoting.offers import (
    MOST_OFFERS,
    Kind,
    NoEffect,
    Offer,
    Order,
    Policy,
    Request,
    Spread,
    Stacks,
    Switches,
    Unused,
)
from canyu.ops.offers.quoting.reasons import SKIPS, Reason


class Outcome(StrEnum):
    """What became of one offer."""

    APPLIED = "applied"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One offer in its turn: the order's total before and after in minor units, and where the difference went."""

    offer: Offer
    outcome: Outcome
    before_minor: int
    discount_minor: int = 0
    reason: Reason | None = None
    lines: tuple[int, ...] = ()
    """Minor units off each line of the cart, in its order."""
    shipping_discount_minor: int = 0
    times: int = 1
    unused_minor: int = 0
    """What a voucher is worth beyond the goods; the offer says whether it is kept or forfeited."""

    @property
    def after_minor(self) -> int:
        """The order's total after this step."""
        return self.before_minor - self.discount_minor

    @property
    def kept_minor(self) -> int:
        """What stays on the voucher for a later order."""
        return self.unused_minor if self.offer.unused is Unused.KEEP else 0


@dataclass(frozen=True, slots=True)
class Quote:
    """A priced cart. ``is_refused``: nothing was applied, because a policy or the stock forbids the whole request."""

    cart: Cart
    switches: Switches
    steps: tuple[Step, ...]
    is_refused: bool = False
    short: Mapping[str, int] = field(default_factory=dict)
    """Stock item -> units that are missing."""

    @property
    def applied(self) -> tuple[Step, ...]:
        """The steps that took something off, or were used all the same."""
        return tuple(step for step in self.steps if step.outcome is Outcome.APPLIED)

    @property
    def gross_minor(self) -> int:
        """Goods and shipping before any offer."""
        return self.cart.goods_minor + self.cart.shipping_minor

    @property
    def discount_minor(self) -> int:
        """All that is taken off."""
        return sum(step.discount_minor for step in self.applied)

    @property
    def total_minor(self) -> int:
        """What is to be paid, never below zero."""
        return self.gross_minor - self.discount_minor

    @property
    def line_discounts(self) -> tuple[int, ...]:
        """Minor units off each line of the cart; with shipping's they sum to the discount."""
        sums = [0] * len(self.cart.lines)
        for step in self.applied:
            sums = [before + more for before, more in zip(sums, step.lines, strict=True)]
        return tuple(sums)

    @property
    def shipping_discount_minor(self) -> int:
        """Minor units off shipping."""
        return sum(step.shipping_discount_minor for step in self.applied)


def quote(cart: Cart, request: Request) -> Quote:
    """Return what a cart costs with these offers, and why each offer was applied or not.

    The total is never negative, the discounts of lines and shipping sum to it to the minor unit, and neither the order
    of the lines nor writing one line as several changes it.
    """
    short = find_short_stock(cart)
    if short:
        steps = [_refuse(offer, Reason.STOCK_EXCEEDED, cart) for offer in request.offers]
        return Quote(cart, request.switches, tuple(steps), is_refused=True, short=short)
    ordered = order_offers(request)
    known = _screen(cart, ordered)
    steps = _run_with_one_alone(cart, ordered, request, known)
    if request.switches.policy is Policy.ALL and any(_fails_all(step) for step in steps):
        return Quote(cart, request.switches, tuple(_undo(step, cart) for step in steps), is_refused=True)
    return Quote(cart, request.switches, tuple(steps))


def order_offers(request: Request) -> list[Offer]:
    """Return the offers in the order in which they are tried.

    >>> from canyu.ops.offers.quoting.offers import Effect
    >>> named = [Offer(name, Kind.CODE, Effect(), priority=first) for name, first in (("A", 0), ("B", 7), ("D", 7))]
    >>> [offer.id for offer in order_offers(Request(tuple(named), Switches(order=Order.HIERARCHY)))]
    ['B', 'D', 'A']
    """
    if request.switches.order is Order.REQUESTED:
        return list(request.offers)
    return sorted(request.offers, key=lambda offer: -offer.priority)


def _screen(cart: Cart, offers: list[Offer]) -> dict[int, Reason]:
    """Return the reasons that hold whatever the others do, by place in the order."""
    bill, seen, known = Bill.of(cart), set[str](), dict[int, Reason]()
    for place, offer in enumerate(offers):
        reason = Reason.GIVEN_TWICE if offer.id in seen else find_refusal(offer, cart, bill)
        seen.add(offer.id)
        if place >= MOST_OFFERS:
            reason = Reason.TOO_MANY
        if reason is not None:
            known[place] = reason
    return known


def _run_with_one_alone(cart: Cart, offers: list[Offer], request: Request, known: dict[int, Reason]) -> list[Step]:
    """Run with the first offer that stands alone and can be used; without it where in its turn it cannot."""
    known = dict(known)
    while True:
        alone = next((p for p, o in enumerate(offers) if o.stacks is Stacks.NEVER and p not in known), None)
        barred = {p: Reason.EXCLUSIVE for p, o in enumerate(offers) if _is_barred(p, o, alone) and p not in known}
        steps = _Run(cart, request).take_all(offers, {**known, **barred})
        reason = None if alone is None else steps[alone].reason
        if alone is None or reason is None:
            return steps
        known[alone] = reason


def _is_barred(place: int, offer: Offer, alone: int | None) -> bool:
    return alone is not None and place != alone and offer.stacks is not Stacks.ALWAYS


class _Run:
    """One pass over the offers."""

    def __init__(self, cart: Cart, request: Request) -> None:
        self.cart, self.switches = cart, request.switches
        self.bill = Bill.of(cart)
        self.budgets = dict(request.budgets)
        self.in_category: dict[str, int] = {}
        self.applied = 0

    def take_all(self, offers: list[Offer], known: Mapping[int, Reason]) -> list[Step]:
        return [self.take(offer, known.get(place)) for place, offer in enumerate(offers)]

    def take(self, offer: Offer, known: Reason | None) -> Step:
        before = self.bill.total_minor
        reason = known or self.find_full(offer) or find_shortfall(offer, self.bill, self.switches.base)
        if reason is not None:
            return _turn_down(offer, reason, before)
        times = count_bundles(offer.parts, self.bill.groups, offer.most_bundles) if offer.parts else 1
        parts = compute_parts(offer.effect, self.bill, self.switches, find_goods(offer), times)
        amount = sum(parts.values())
        reason = self.find_fault(offer, amount, parts)
        if reason is not None:
            return _turn_down(offer, reason, before)
        lines = self.keep(offer, parts, amount)
        return Step(
            offer,
            Outcome.APPLIED,
            before,
            amount,
            lines=lines,
            shipping_discount_minor=parts.get(self.bill.shipping, 0),
            times=times,
            unused_minor=_count_unused(offer, amount, times),
        )

    def find_full(self, offer: Offer) -> Reason | None:
        limit = self.switches.category_limits.get(offer.category)
        if self.applied >= self.switches.most_applied:
            return Reason.TOO_MANY
        if limit is not None and self.in_category.get(offer.category, 0) >= limit:
            return Reason.CATEGORY_LIMIT
        return None

    def find_fault(self, offer: Offer, amount: int, parts: Parts) -> Reason | None:
        if not parts and self.bill.find_goods(find_goods(offer)):
            return Reason.PRODUCT_TAKEN
        if not amount and self.switches.no_effect is NoEffect.PREVENT:
            return Reason.NO_EFFECT
        if offer.budget and amount > self.budgets.get(offer.budget, 0):
            return Reason.BUDGET_EXCEEDED
        return None

    def keep(self, offer: Offer, parts: Parts, amount: int) -> tuple[int, ...]:
        self.applied += 1
        self.in_category[offer.category] = self.in_category.get(offer.category, 0) + 1
        if offer.budget:
            self.budgets[offer.budget] = self.budgets.get(offer.budget, 0) - amount
        return self.bill.take(parts)


def _count_unused(offer: Offer, amount: int, times: int) -> int:
    effect = offer.effect
    is_worth = offer.kind in {Kind.VOUCHER, Kind.ENTITLEMENT} and effect.spread is Spread.ACROSS
    return effect.amount_minor * times - amount if is_worth and not effect.percent_bp else 0


def _turn_down(offer: Offer, reason: Reason, before: int) -> Step:
    outcome = Outcome.SKIPPED if reason in SKIPS else Outcome.REFUSED
    return Step(offer, outcome, before, reason=reason)


def _refuse(offer: Offer, reason: Reason, cart: Cart) -> Step:
    return _turn_down(offer, reason, cart.goods_minor + cart.shipping_minor)


def _fails_all(step: Step) -> bool:
    return step.outcome is Outcome.REFUSED and step.offer.is_asked


def _undo(step: Step, cart: Cart) -> Step:
    if step.outcome is Outcome.APPLIED:
        return _refuse(step.offer, Reason.ANOTHER_REFUSED, cart)
    return replace(step, before_minor=cart.goods_minor + cart.shipping_minor)
