"""What a cart costs with promotions, codes, vouchers, bundles and entitlements: pure, exact, every step told."""

from __future__ import annotations

from canyu.ops.offers.quoting.cart import Cart, CartLine
from canyu.ops.offers.quoting.offers import (
    Base,
    Conditions,
    Effect,
    Kind,
    NoEffect,
    Offer,
    Order,
    Part,
    PerProduct,
    Policy,
    Request,
    Rounding,
    Scope,
    Share,
    Spread,
    Stacks,
    Switches,
    Target,
    Unused,
)
from canyu.ops.offers.quoting.quote import Outcome, Quote, Step, quote
from canyu.ops.offers.quoting.reasons import REASON_WORDS, Reason
from canyu.ops.offers.quoting.request_file import Checkout, open_request, parse_checkout, parse_offer, parse_request
from canyu.ops.offers.quoting.telling import describe_effect, describe_quote, explain_step, format_minor

__all__ = [
    "REASON_WORDS",
    "Base",
    "Cart",
    "CartLine",
    "Checkout",
    "Conditions",
    "Effect",
    "Kind",
    "NoEffect",
    "Offer",
    "Order",
    "Outcome",
    "Part",
    "PerProduct",
    "Policy",
    "Quote",
    "Reason",
    "Request",
    "Rounding",
    "Scope",
    "Share",
    "Spread",
    "Stacks",
    "Step",
    "Switches",
    "Target",
    "Unused",
    "describe_effect",
    "describe_quote",
    "explain_step",
    "format_minor",
    "open_request",
    "parse_checkout",
    "parse_offer",
    "parse_request",
    "quote",
]
