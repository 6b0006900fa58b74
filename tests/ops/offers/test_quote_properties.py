"""What holds for every cart: totals never negative, sums exact, lines may be written in parts and in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from canyu.ops.offers.quoting import (
    Base,
    Cart,
    CartLine,
    Conditions,
    Effect,
    Kind,
    NoEffect,
    Offer,
    Part,
    PerProduct,
    Policy,
    Quote,
    Request,
    Rounding,
    Scope,
    Share,
    Spread,
    Stacks,
    Switches,
    Target,
    quote,
)

NOW = datetime(2026, 6, 18, 2, tzinfo=UTC)
PRODUCTS = ["ac", "bag", "fridge", "mouse"]
CATEGORIES = {"ac": "appliance", "bag": "", "fridge": "appliance", "mouse": "toy"}
PRICES = {"ac": [499900, 333], "bag": [1, 5000], "fridge": [599900], "mouse": [0, 1999]}


@st.composite
def draw_line(draw: st.DrawFn) -> CartLine:
    product = draw(st.sampled_from(PRODUCTS))
    quantity, unit = draw(st.integers(1, 7)), draw(st.sampled_from(PRICES[product]))
    return CartLine("", product, quantity, unit, CATEGORIES[product])


@st.composite
def draw_cart(draw: st.DrawFn) -> Cart:
    lines = draw(st.lists(draw_line(), min_size=1, max_size=6))
    numbered = tuple(replace(line, id=str(place)) for place, line in enumerate(lines))
    return Cart(numbered, "CNY", NOW, shipping_minor=draw(st.sampled_from([0, 1, 999])))


targets = st.builds(
    Target,
    st.frozensets(st.sampled_from(PRODUCTS), max_size=2),
    st.sampled_from([frozenset(), frozenset({"appliance"})]),
)
effects = st.builds(
    Effect,
    percent_bp=st.sampled_from([0, 0, 1, 333, 3333, 5000, 10_000]),
    amount_minor=st.sampled_from([1, 7, 1000, 300_000, 10**7]),
    scope=st.sampled_from(Scope),
    target=targets,
    spread=st.sampled_from(Spread),
    share=st.sampled_from(Share),
    units=st.sampled_from([None, None, 1, 3]),
    at_most_minor=st.sampled_from([None, None, 1, 5000]),
).map(lambda effect: replace(effect, amount_minor=0) if effect.percent_bp else effect)
parts = st.lists(st.builds(Part, targets.filter(lambda one: bool(one.products)), st.integers(1, 2)), max_size=3)


@st.composite
def draw_request(draw: st.DrawFn) -> Request:
    switches = Switches(
        policy=draw(st.sampled_from(Policy)),
        base=draw(st.sampled_from(Base)),
        per_product=draw(st.sampled_from(PerProduct)),
        no_effect=draw(st.sampled_from(NoEffect)),
        rounding=draw(st.sampled_from(Rounding)),
        category_limits={"c": 1},
    )
    offers = [
        Offer(
            f"o{place}",
            draw(st.sampled_from(Kind)),
            draw(effects),
            Conditions(min_amount_minor=draw(st.sampled_from([0, 0, 5000]))),
            tuple(draw(parts)),
            stacks=draw(st.sampled_from([Stacks.COMMON, Stacks.COMMON, Stacks.ALWAYS, Stacks.NEVER])),
            category=draw(st.sampled_from(["", "c"])),
            budget=draw(st.sampled_from(["", "b"])),
        )
        for place in range(draw(st.integers(1, 5)))
    ]
    return Request(tuple(offers), switches, {"b": draw(st.sampled_from([0, 1000, 10**7]))})


def sum_by_product(found: Quote) -> Counter[tuple[str, int]]:
    sums: Counter[tuple[str, int]] = Counter()
    for line, discount in zip(found.cart.lines, found.line_discounts, strict=True):
        sums[line.product, line.unit_minor] += discount
    return sums


def tell_steps(found: Quote) -> list[tuple[object, ...]]:
    return [(step.offer.id, step.outcome, step.reason, step.discount_minor, step.times) for step in found.steps]


@given(draw_cart(), draw_request())
def test_no_price_is_negative_and_all_sums_are_exact(cart: Cart, request: Request) -> None:
    found = quote(cart, request)
    assert found.total_minor >= 0
    assert sum(found.line_discounts) + found.shipping_discount_minor == found.discount_minor
    assert all(0 <= less <= line.gross_minor for line, less in zip(cart.lines, found.line_discounts, strict=True))
    assert 0 <= found.shipping_discount_minor <= cart.shipping_minor
    for step in found.applied:
        assert sum(step.lines) + step.shipping_discount_minor == step.discount_minor
        assert step.unused_minor >= 0
    drawn = sum(step.discount_minor for step in found.applied if step.offer.budget)
    assert drawn <= request.budgets["b"]
    assert all((step.reason is None) == (step in found.applied) for step in found.steps)


@given(draw_cart(), draw_request(), st.data())
def test_writing_a_line_in_parts_changes_nothing(cart: Cart, request: Request, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(cart.lines))
    first = data.draw(st.integers(1, whole.quantity))
    pieces = [replace(whole, quantity=first), replace(whole, id="rest", quantity=whole.quantity - first)]
    split = [piece for line in cart.lines for piece in (pieces if line is whole else [line]) if piece.quantity]
    one, other = quote(cart, request), quote(replace(cart, lines=tuple(split)), request)
    assert (one.total_minor, tell_steps(one)) == (other.total_minor, tell_steps(other))
    assert sum_by_product(one) == sum_by_product(other)


@given(draw_cart(), draw_request(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(cart: Cart, request: Request, chance: object) -> None:
    lines = list(cart.lines)
    chance.shuffle(lines)  # type: ignore[attr-defined]
    one, other = quote(cart, request), quote(replace(cart, lines=tuple(lines)), request)
    assert (one.total_minor, tell_steps(one)) == (other.total_minor, tell_steps(other))
    assert sum_by_product(one) == sum_by_product(other)


@given(draw_cart(), draw_request())
def test_all_means_all_or_nothing(cart: Cart, request: Request) -> None:
    found = quote(cart, replace(request, switches=replace(request.switches, policy=Policy.ALL)))
    assert not found.is_refused or (found.discount_minor == 0 and not found.applied)
