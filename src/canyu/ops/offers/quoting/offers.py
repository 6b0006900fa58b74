"""What an offer is, and the switches by which several stack: facts only, the arithmetic is elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from canyu.ops.offers.quoting.cart import Group

MOST_OFFERS = 30
"""Offers that one request may name, and that one order may use."""
MOST_PARTS = 8


class Kind(StrEnum):
    """What an offer is called; promotions and bundles come by themselves, the others are asked for."""

    PROMOTION = "promotion"
    CODE = "code"
    VOUCHER = "voucher"
    BUNDLE = "bundle"
    ENTITLEMENT = "entitlement"


class Scope(StrEnum):
    """What the discount is taken off."""

    GOODS = "goods"
    SHIPPING = "shipping"
    ORDER = "order"


class Spread(StrEnum):
    """A fixed amount is taken off each unit, or once across all."""

    EACH = "each"
    ACROSS = "across"


class Share(StrEnum):
    """How an amount across is shared: by what the lines cost, or by how many units they have."""

    VALUE = "value"
    QUANTITY = "quantity"


class Stacks(StrEnum):
    """Whether an offer goes with others: as usual, never (it stands alone), or with everything."""

    COMMON = "common"
    NEVER = "never"
    ALWAYS = "always"


class Unused(StrEnum):
    """What becomes of the rest of a voucher that is worth more than the goods."""

    FORFEIT = "forfeit"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Target:
    """Which goods are meant: any of the products or of the categories; empty means all."""

    products: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    def meets(self, group: Group) -> bool:
        """Say whether these goods are meant."""
        if not self.products and not self.categories:
            return True
        return group.product in self.products or group.category in self.categories


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of some goods, needed once per bundle."""

    target: Target
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Effect:
    """What is taken off: ``percent_bp`` (basis points) or ``amount_minor``, the other is 0.

    ``units``: at most so many units (per bundle), the cheapest first; None takes all. ``at_most_minor`` caps a percent.
    """

    percent_bp: int = 0
    amount_minor: int = 0
    scope: Scope = Scope.GOODS
    target: Target = Target()
    spread: Spread = Spread.ACROSS
    share: Share = Share.VALUE
    units: int | None = None
    at_most_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """When an offer may be used; empty sets and None do not limit. ``ends_at`` itself is too late."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    markets: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    first_order: bool = False
    min_amount_minor: int = 0
    min_quantity: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer as it stands at the instant of the quote; ``uses_left`` None means without limit.

    ``budget`` names an account of the request's budgets; several offers may draw on one. ``refused`` is a reason found
    before (an unknown or void code), kept so that every offer that was asked for is answered.
    """

    id: str
    kind: Kind
    effect: Effect
    conditions: Conditions = Conditions()
    parts: tuple[Part, ...] = ()
    most_bundles: int | None = None
    currency: str = ""
    priority: int = 0
    category: str = ""
    stacks: Stacks = Stacks.COMMON
    uses_left: int | None = None
    person_uses_left: int | None = None
    budget: str = ""
    unused: Unused = Unused.FORFEIT
    refused: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked for it, rather than that it comes by itself."""
        return self.kind in {Kind.CODE, Kind.VOUCHER, Kind.ENTITLEMENT}


class Policy(StrEnum):
    """One refused offer refuses the whole request, or only itself."""

    ALL = "all"
    PARTIAL = "partial"


class Order(StrEnum):
    """Offers come in the order of the request, or the highest priority first (equal ones as requested)."""

    REQUESTED = "requested"
    HIERARCHY = "hierarchy"


class Base(StrEnum):
    """Percents and minimum amounts look at the prices before any offer, or at what is left of them."""

    INITIAL = "initial"
    DISCOUNTED = "discounted"


class PerProduct(StrEnum):
    """A product takes one offer, or several."""

    ONE = "one"
    SEVERAL = "several"


class NoEffect(StrEnum):
    """An offer that would take nothing off is not used (and stays usable), or is used all the same."""

    PREVENT = "prevent"
    FORCE = "force"


class Rounding(StrEnum):
    """Percents are rounded for each product of the cart, or once on the sum."""

    LINE = "line"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Switches:
    """How offers stack. ``category_limits``: at most so many offers of a category."""

    policy: Policy = Policy.PARTIAL
    order: Order = Order.REQUESTED
    base: Base = Base.DISCOUNTED
    per_product: PerProduct = PerProduct.SEVERAL
    no_effect: NoEffect = NoEffect.PREVENT
    rounding: Rounding = Rounding.LINE
    category_limits: Mapping[str, int] = field(default_factory=dict)
    most_applied: int = MOST_OFFERS


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that a quote looks at."""

    offers: tuple[Offer, ...]
    switches: Switches = Switches()
    budgets: Mapping[str, int] = field(default_factory=dict)
    """Budget -> minor units left."""
