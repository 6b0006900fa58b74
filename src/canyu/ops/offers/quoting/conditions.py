"""Whether an offer may be used for a cart, and the reason where it may not."""

from __future__ import annotations

from canyu.ops.offers.quoting.bill import Bill
from canyu.ops.offers.quoting.bundles import count_bundles
from canyu.ops.offers.quoting.cart import Cart
from canyu.ops.offers.quoting.offers import Base, Offer, Scope, Target
from canyu.ops.offers.quoting.reasons import Reason


def find_goods(offer: Offer) -> Target:
    """Return the goods that an offer is for: those of its effect, else those of its bundle."""
    target = offer.effect.target
    if target.products or target.categories or not offer.parts:
        return target
    products = frozenset[str]().union(*(part.target.products for part in offer.parts))
    return Target(products, frozenset[str]().union(*(part.target.categories for part in offer.parts)))


def find_refusal(offer: Offer, cart: Cart, bill: Bill) -> Reason | None:
    """Return why an offer cannot be used whatever the other offers do; None where it can."""
    if offer.refused:
        return Reason(offer.refused)
    return _find_wrong_circumstance(offer, cart) or _find_used_up(offer) or _find_missing_goods(offer, bill)


def find_shortfall(offer: Offer, bill: Bill, base: Base) -> Reason | None:
    """Return that a minimum amount is not reached now, after the offers before this one; None where it is."""
    least = offer.conditions.min_amount_minor
    reached = sum(bill.look(place, base) for place in bill.find_goods(find_goods(offer)))
    return Reason.BELOW_MINIMUM_AMOUNT if reached < least else None


def _find_wrong_circumstance(offer: Offer, cart: Cart) -> Reason | None:
    asked = offer.conditions
    if asked.starts_at is not None and cart.at < asked.starts_at:
        return Reason.NOT_STARTED
    if asked.ends_at is not None and cart.at >= asked.ends_at:
        return Reason.EXPIRED
    if offer.currency and offer.currency != cart.currency:
        return Reason.WRONG_CURRENCY
    if asked.markets and cart.market not in asked.markets:
        return Reason.WRONG_MARKET
    if asked.persons and cart.person not in asked.persons:
        return Reason.WRONG_PERSON
    if asked.first_order and not cart.is_first_order:
        return Reason.NOT_FIRST_ORDER
    return None


def _find_used_up(offer: Offer) -> Reason | None:
    if offer.uses_left is not None and offer.uses_left <= 0:
        return Reason.QUANTITY_EXCEEDED
    if offer.person_uses_left is not None and offer.person_uses_left <= 0:
        return Reason.PERSON_LIMIT
    return None


def _find_missing_goods(offer: Offer, bill: Bill) -> Reason | None:
    if offer.parts and not count_bundles(offer.parts, bill.groups, offer.most_bundles):
        return Reason.BUNDLE_INCOMPLETE
    places = bill.find_goods(find_goods(offer))
    if not places and offer.effect.scope is Scope.GOODS:
        return Reason.NO_PRODUCT
    if sum(bill.groups[place].quantity for place in places) < offer.conditions.min_quantity:
        return Reason.BELOW_MINIMUM_QUANTITY
    return None
