"""What is left to pay while offers are taken off one after another, by product, shipping last."""

from __future__ import annotations

from dataclasses import dataclass, field

from canyu.ops.offers.quoting.cart import Cart, Group, group_lines
from canyu.ops.offers.quoting.money import split_amount
from canyu.ops.offers.quoting.offers import Base, PerProduct, Scope, Switches, Target


@dataclass(slots=True)
class Bill:
    """The goods by product and price with what is left of each; the place after the last one is shipping."""

    cart: Cart
    groups: tuple[Group, ...]
    initial: list[int]
    left: list[int]
    line_left: list[int]
    taken: set[str] = field(default_factory=set)
    """Products that have an offer already."""

    @classmethod
    def of(cls, cart: Cart) -> Bill:
        """Return the bill of a cart before any offer."""
        groups = group_lines(cart)
        amounts = [group.unit_minor * group.quantity for group in groups] + [cart.shipping_minor]
        return cls(cart, groups, amounts, amounts.copy(), [line.gross_minor for line in cart.lines])

    @property
    def shipping(self) -> int:
        """The place of shipping."""
        return len(self.groups)

    @property
    def total_minor(self) -> int:
        """What is to be paid now."""
        return sum(self.left)

    def look(self, place: int, base: Base) -> int:
        """Return the amount at a place that percents and minimums look at."""
        return self.initial[place] if base is Base.INITIAL else self.left[place]

    def find_goods(self, target: Target) -> list[int]:
        """Return the places of the goods that are meant."""
        return [place for place, group in enumerate(self.groups) if target.meets(group)]

    def find_places(self, scope: Scope, target: Target, switches: Switches) -> list[int]:
        """Return the places that an effect may touch, without products that have had their one offer."""
        goods = [] if scope is Scope.SHIPPING else self.find_goods(target)
        if switches.per_product is PerProduct.ONE:
            goods = [place for place in goods if self.groups[place].product not in self.taken]
        return goods if scope is Scope.GOODS else [*goods, self.shipping]

    def take(self, parts: dict[int, int]) -> tuple[int, ...]:
        """Take these amounts off; return what each line of the cart gets. What got something has had an offer.

        Lines of one product share by quantity, what is left goes to the last; no line falls below zero.
        """
        lines = [0] * len(self.cart.lines)
        for place, amount in parts.items():
            self.left[place] -= amount
            if place == self.shipping or not amount:
                continue
            group = self.groups[place]
            self.taken.add(group.product)
            quantities = [self.cart.lines[line].quantity for line in group.places]
            rooms = [self.line_left[line] for line in group.places]
            for line, part in zip(group.places, split_amount(amount, quantities, rooms), strict=True):
                lines[line] = part
                self.line_left[line] -= part
        return tuple(lines)
