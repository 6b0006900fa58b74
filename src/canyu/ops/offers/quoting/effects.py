"""What an offer takes off a bill, place by place; never more than is left there."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from canyu.ops.offers.quoting.bill import Bill
from canyu.ops.offers.quoting.money import WHOLE_BP, round_half_up, split_amount
from canyu.ops.offers.quoting.offers import Effect, Rounding, Share, Spread, Switches, Target

Parts = dict[int, int]
"""Place on the bill -> minor units."""


def compute_parts(effect: Effect, bill: Bill, switches: Switches, goods: Target, times: int) -> Parts:
    """Return what an effect takes off where; empty where it touches nothing.

    ``goods``: what is meant (a bundle's own parts where the effect names nothing). ``times``: how often it is due: 1,
    or the number of bundles. Source of the arithmetic: docs/reference/quotes.md.
    """
    places = bill.find_places(effect.scope, goods, switches)
    chosen = choose_units(bill, places, effect, times)
    if effect.percent_bp:
        parts = _take_percents(effect.percent_bp, bill, chosen, switches)
    elif effect.spread is Spread.EACH:
        parts = {place: min(effect.amount_minor * units, _room(bill, place, units)) for place, units in chosen.items()}
    else:
        parts = _take_across(effect, bill, chosen, switches, times)
    return _cap(parts, effect.at_most_minor)


def choose_units(bill: Bill, places: list[int], effect: Effect, times: int) -> dict[int, int]:
    """Return how many units each place gives: all, or a limited number with the cheapest first; shipping is one."""
    units = {place: 1 if place == bill.shipping else bill.groups[place].quantity for place in places}
    if effect.units is None:
        return units
    left, chosen = effect.units * times, {}
    for place in sorted(places, key=lambda place: (Fraction(bill.left[place], units[place]), place)):
        if left <= 0:
            break
        chosen[place] = min(units[place], left)
        left -= chosen[place]
    return dict(sorted(chosen.items()))


def _take_percents(percent_bp: int, bill: Bill, chosen: Mapping[int, int], switches: Switches) -> Parts:
    bases = {
        place: Fraction(bill.look(place, switches.base) * units, _count(bill, place)) for place, units in chosen.items()
    }
    if switches.rounding is Rounding.LINE:
        return {
            place: min(_percent_of(base, percent_bp), _room(bill, place, chosen[place]))
            for place, base in bases.items()
        }
    rooms = [_room(bill, place, units) for place, units in chosen.items()]
    total = min(_percent_of(sum(bases.values(), Fraction()), percent_bp), sum(rooms))
    weights = [base.numerator // base.denominator for base in bases.values()]
    return dict(zip(chosen, split_amount(total, weights, rooms), strict=True))


def _take_across(effect: Effect, bill: Bill, chosen: Mapping[int, int], switches: Switches, times: int) -> Parts:
    rooms = [_room(bill, place, units) for place, units in chosen.items()]
    total = min(effect.amount_minor * times, sum(rooms))
    if effect.share is Share.QUANTITY:
        weights = list(chosen.values())
    else:
        weights = [bill.look(place, switches.base) * units // _count(bill, place) for place, units in chosen.items()]
    return dict(zip(chosen, split_amount(total, weights, rooms), strict=True))


def _cap(parts: Parts, most: int | None) -> Parts:
    if most is None or sum(parts.values()) <= most:
        return parts
    amounts = list(parts.values())
    return dict(zip(parts, split_amount(most, amounts, amounts), strict=True))


def _percent_of(base: Fraction, percent_bp: int) -> int:
    return round_half_up(base.numerator * percent_bp, base.denominator * WHOLE_BP)


def _count(bill: Bill, place: int) -> int:
    return 1 if place == bill.shipping else bill.groups[place].quantity


def _room(bill: Bill, place: int, units: int) -> int:
    """Return what so many units of a place still cost: no discount makes a price negative."""
    return bill.left[place] * units // _count(bill, place)
