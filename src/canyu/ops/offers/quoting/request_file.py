"""Reads a file of a cart, offers and stacking switches, and says everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import yaml

from canyu.events.catalogue_problems import Fault, Pattern
from canyu.events.located_yaml import MAX_BYTES, refuse_problems
from canyu.kit.words import Words
from canyu.kit.written import read_written
from canyu.ops.offers.quoting.cart import Cart, CartLine
from canyu.ops.offers.quoting.offer_reader import MOST_UNITS, OfferReader
from canyu.ops.offers.quoting.offers import (
    MOST_OFFERS,
    Base,
    NoEffect,
    Offer,
    Order,
    PerProduct,
    Policy,
    Request,
    Rounding,
    Switches,
)

MOST_LINES = 1_000
NO_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands in for an instant that could not be read, while the other problems are looked for."""
TOP_FIELDS = {"format", "cart", "offers", "switches", "budgets"}
CHECKOUT_FIELDS = {"format", "cart", "codes", "switches", "order", "total_minor"}
CART_FIELDS = {"currency", "at", "market", "person", "first_order", "shipping_minor", "stock", "lines"}
LINE_FIELDS = {"id", "product", "category", "quantity", "unit_price_minor", "needs"}
SWITCH_FIELDS = {
    "policy",
    "order",
    "base",
    "per_product",
    "no_effect",
    "rounding",
    "category_limits",
    "most_applied",
}
PROBLEMS = Words("这份报价请求有 {} 处问题：", "The request for a quote has {} problem(s):")
OFFER_PROBLEMS = Words("这个优惠有 {} 处问题：", "The offer has {} problem(s):")
LINE_BY_LINE = Words(
    "请按行改正；格式见文档“报价文件”。", "Mend them line by line; the form is in the docs under quotes."
)
NO_LINES = Fault(
    Words("没有商品行。", "has no lines."),
    Words("请在 lines 下列出商品。", "List what is bought under `lines`."),
)
GIVEN_TWICE = Fault(Words("与另一行重复。", "is there already."), Words("请换一个编号。", "Choose another id."))
TOO_MANY = Pattern(Words("超过 {0} 个。", "has more than {0}."), Words("请减少。", "Use fewer."))
NO_BUDGET = Pattern(
    Words("budgets 里没有 {0}。", "there is no budget {0}."),
    Words("请在 budgets 下写它还剩多少。", "Say under `budgets` what is left of it."),
)


def open_request(path: str) -> tuple[Cart, Request]:
    """Return the cart and the offers of a file. Raises NotFound where there is none, BadInput with its problems."""
    text = read_written(
        path,
        absent=Words(f"{path} 处没有报价文件。", f"There is no file for a quote at {path}."),
        too_long=Words("请只放一个购物车。", "One cart is enough."),
        most_bytes=MAX_BYTES,
    )
    return parse_request(text)


def parse_request(text: str) -> tuple[Cart, Request]:
    """Return the cart and the offers in a text, YAML or JSON. Raises BadInput that tells the first problems."""
    reader = RequestReader()
    root = reader.compose(text, "file")
    found = reader.read_request(root) if root is not None else None
    if reader.problems or found is None:
        raise refuse_problems(reader.problems, PROBLEMS, LINE_BY_LINE)
    return found


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a shop asks: a cart, the codes that were entered, the switches; the offers are the house's own."""

    cart: Cart
    codes: tuple[str, ...]
    switches: Switches
    order: str = ""
    total_minor: int | None = None
    """What the shop showed; another total is refused."""


def parse_checkout(text: str) -> Checkout:
    """Return a shop's request in a text, YAML or JSON. Raises BadInput that tells the first problems."""
    reader = RequestReader()
    root = reader.compose(text, "file")
    found = reader.read_checkout(root) if root is not None else None
    if reader.problems or found is None:
        raise refuse_problems(reader.problems, PROBLEMS, LINE_BY_LINE)
    return found


@lru_cache(maxsize=4096)
def parse_offer(text: str) -> Offer:
    """Return the one offer in a text. Raises BadInput that tells the first problems."""
    reader = RequestReader()
    root = reader.compose(text, "file")
    offer = reader.read_offer(root) if root is not None else None
    if reader.problems or offer is None:
        raise refuse_problems(reader.problems, OFFER_PROBLEMS, LINE_BY_LINE)
    return offer


@dataclass(slots=True)
class RequestReader(OfferReader):
    """Reads the whole file."""

    def read_request(self, root: yaml.Node) -> tuple[Cart, Request]:
        """Return the cart and the offers."""
        top = self.read_top(root, "file", TOP_FIELDS)
        cart = self.read_cart(top.get("cart"), root)
        nodes = self.read_list(top.get("offers"), "offers")
        if len(nodes) > MOST_OFFERS:
            self.tell(top["offers"], "offers", TOO_MANY.tell(MOST_OFFERS))
        offers = tuple(self.read_offer(node) for node in nodes[:MOST_OFFERS])
        budgets = self.read_counts(top.get("budgets"), "budgets")
        for node, offer in zip(nodes, offers, strict=False):
            if offer.budget and offer.budget not in budgets:
                self.tell(node, "budget", NO_BUDGET.tell(offer.budget))
        return cart, Request(offers, self.read_switches(top.get("switches")), budgets)

    def read_checkout(self, root: yaml.Node) -> Checkout:
        """Return a shop's request."""
        top = self.read_top(root, "file", CHECKOUT_FIELDS)
        nodes = self.read_list(top.get("codes"), "codes")
        if len(nodes) > MOST_OFFERS:
            self.tell(top["codes"], "codes", TOO_MANY.tell(MOST_OFFERS))
        return Checkout(
            cart=self.read_cart(top.get("cart"), root),
            codes=tuple(self.read_short(node, "codes", node) for node in nodes[:MOST_OFFERS]),
            switches=self.read_switches(top.get("switches")),
            order=self.read_optional(top.get("order"), "order"),
            total_minor=self.read_number(top.get("total_minor"), "total_minor"),
        )

    def read_cart(self, node: yaml.Node | None, above: yaml.Node) -> Cart:
        """Return the cart: its lines, its instant and who buys."""
        given = self.read_map(node or above, "cart", CART_FIELDS if node else None)
        here = node or above
        nodes = self.read_list(given.get("lines"), "cart.lines")
        if not nodes:
            self.tell(here, "cart.lines", NO_LINES)
        if len(nodes) > MOST_LINES:
            self.tell(given["lines"], "cart.lines", TOO_MANY.tell(MOST_LINES))
        for name in ("currency", "at"):
            if name not in given:
                self.read_text(None, f"cart.{name}", here)
        lines = tuple(self.read_line(item, place) for place, item in enumerate(nodes[:MOST_LINES], 1))
        self.find_doubles(nodes, lines)
        return Cart(
            lines=lines,
            currency=self.read_currency(given.get("currency"), "cart.currency"),
            at=self.read_time(given.get("at"), "cart.at") or NO_INSTANT,
            shipping_minor=self.read_number(given.get("shipping_minor"), "cart.shipping_minor") or 0,
            market=self.read_optional(given.get("market"), "cart.market"),
            person=self.read_optional(given.get("person"), "cart.person"),
            is_first_order=self.read_flag(given.get("first_order"), "cart.first_order"),
            stock=self.read_counts(given.get("stock"), "cart.stock"),
        )

    def read_line(self, node: yaml.Node, place: int) -> CartLine:
        """Return one line; without an id it is called by its place."""
        given = self.read_map(node, "cart.lines", LINE_FIELDS)
        quantity = self.read_number(given.get("quantity"), "cart.lines.quantity", 1, MOST_UNITS)
        return CartLine(
            id=self.read_optional(given.get("id"), "cart.lines.id") or str(place),
            product=self.read_short(given.get("product"), "cart.lines.product", node),
            quantity=1 if quantity is None else quantity,
            unit_minor=self.need_number(given.get("unit_price_minor"), "cart.lines.unit_price_minor", node),
            category=self.read_optional(given.get("category"), "cart.lines.category"),
            needs=self.read_counts(given.get("needs"), "cart.lines.needs"),
        )

    def read_switches(self, node: yaml.Node | None) -> Switches:
        """Return how offers stack; what is not said is as usual."""
        if node is None:
            return Switches()
        given = self.read_map(node, "switches", SWITCH_FIELDS)
        return Switches(
            policy=self.read_choice(given.get("policy"), "switches.policy", Policy.PARTIAL),
            order=self.read_choice(given.get("order"), "switches.order", Order.REQUESTED),
            base=self.read_choice(given.get("base"), "switches.base", Base.DISCOUNTED),
            per_product=self.read_choice(given.get("per_product"), "switches.per_product", PerProduct.SEVERAL),
            no_effect=self.read_choice(given.get("no_effect"), "switches.no_effect", NoEffect.PREVENT),
            rounding=self.read_choice(given.get("rounding"), "switches.rounding", Rounding.LINE),
            category_limits=self.read_counts(given.get("category_limits"), "switches.category_limits"),
            most_applied=self.read_number(given.get("most_applied"), "switches.most_applied", 1, MOST_OFFERS)
            or MOST_OFFERS,
        )

    def read_counts(self, node: yaml.Node | None, name: str) -> dict[str, int]:
        """Return names with whole numbers."""
        if node is None:
            return {}
        given = self.read_map(node, name)
        return {key: self.read_number(value, f"{name}.{key}") or 0 for key, value in given.items()}

    def find_doubles(self, nodes: list[yaml.Node], lines: tuple[CartLine, ...]) -> None:
        """Tell of ids that two lines have."""
        seen: set[str] = set()
        for node, line in zip(nodes, lines, strict=False):
            if line.id in seen:
                self.tell(node, "cart.lines.id", GIVEN_TWICE)
            seen.add(line.id)
