"""Offers that were released by a second person, and carts to use them on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from canyu.ops.offers import actions
from canyu.ops.offers.models import Offer
from canyu.ops.offers.quoting import Cart, CartLine, Checkout, Switches
from canyu.ops.people.models import Person

NOW = datetime(2026, 6, 18, 2, tzinfo=UTC)
DRAFT_FIELDS = {"currency", "campaign", "budget_minor", "uses", "person_uses", "triggers", "valid_days"}
DRAFT_FIELDS |= {"keeps_on_refund"}
TEN_PERCENT = {"percent": 10}


def get_person(name: str) -> Person:
    return Person.objects.get_or_create(username=name)[0]


def release(key: str, effect: dict[str, Any], kind: str = "code", **given: Any) -> Offer:
    """Release an offer; what is no field of a draft goes into its rules."""
    limits = {name: given.pop(name) for name in DRAFT_FIELDS if name in given}
    rules = {"kind": kind, "effect": effect, **given}
    draft = actions.OfferDraft(key, f"优惠 {key}", f"Offer {key}", rules, **limits)
    offer = actions.save_offer(get_person("writer"), draft, NOW)
    return actions.release_offer(get_person("reviewer"), offer.pk, NOW)


def add_code(offer: Offer, text: str = "") -> str:
    actions.add_campaign_code(get_person("writer"), offer.pk, text or f"code-{offer.key}", NOW)
    return text or f"code-{offer.key}"


def check_out(order: str, *codes: str, unit_minor: int = 10_000, person: str = "", **given: Any) -> Checkout:
    lines = given.pop("lines", (CartLine("1", "goods", 1, unit_minor),))
    return Checkout(Cart(lines, "CNY", NOW, person=person), codes, given.pop("switches", Switches()), order, **given)


def at_order(checkout: Checkout, order: str) -> Checkout:
    return replace(checkout, order=order)
