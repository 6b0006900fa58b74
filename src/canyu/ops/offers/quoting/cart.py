"""A cart as it is quoted: lines, shipping, who buys where and when; and its lines put together by product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line of a cart; ``needs``: what one unit takes out of stock, the product itself where nothing is said."""

    id: str
    product: str
    quantity: int
    unit_minor: int
    category: str = ""
    needs: Mapping[str, int] = field(default_factory=dict)

    @property
    def gross_minor(self) -> int:
        """The price of the line before any offer."""
        return self.quantity * self.unit_minor


@dataclass(frozen=True, slots=True)
class Cart:
    """What somebody wants to buy, in one currency, at one instant; ``stock`` limits only the items that it names."""

    lines: tuple[CartLine, ...]
    currency: str
    at: datetime
    shipping_minor: int = 0
    market: str = ""
    person: str = ""
    is_first_order: bool = False
    stock: Mapping[str, int] = field(default_factory=dict)

    @property
    def goods_minor(self) -> int:
        """The price of all lines before any offer, without shipping."""
        return sum(line.gross_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Group:
    """All lines of one product at one price: what is counted, so that writing a line in parts changes nothing."""

    product: str
    category: str
    unit_minor: int
    quantity: int
    places: tuple[int, ...]
    """Where its lines stand in the cart."""


def group_lines(cart: Cart) -> tuple[Group, ...]:
    """Return the lines put together by product, category and price, in an order that the cart's order does not touch.

    >>> from datetime import UTC, datetime
    >>> lines = (CartLine("2", "mouse", 1, 9900), CartLine("1", "bag", 2, 5000), CartLine("3", "mouse", 2, 9900))
    >>> [(group.product, group.quantity) for group in group_lines(Cart(lines, "CNY", datetime(2026, 1, 1, tzinfo=UTC)))]
    [('bag', 2), ('mouse', 3)]
    """
    places: dict[tuple[str, str, int], list[int]] = {}
    for place, line in enumerate(cart.lines):
        places.setdefault((line.product, line.category, line.unit_minor), []).append(place)
    return tuple(
        Group(product, category, unit, sum(cart.lines[place].quantity for place in found), tuple(found))
        for (product, category, unit), found in sorted(places.items())
    )


def find_short_stock(cart: Cart) -> dict[str, int]:
    """Return by how many units each stock item is short, over the sum of all lines that share it."""
    asked: dict[str, int] = {}
    for line in cart.lines:
        for item, units in (line.needs or {line.product: 1}).items():
            asked[item] = asked.get(item, 0) + units * line.quantity
    return {item: asked[item] - left for item, left in cart.stock.items() if asked.get(item, 0) > left}
