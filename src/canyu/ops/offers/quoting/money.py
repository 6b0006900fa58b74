"""Exact money: one rounding (half up, to the minor unit) and one way to split an amount, both without fractions."""

from __future__ import annotations

from collections.abc import Sequence

WHOLE_BP = 10_000
"""A whole in basis points: 13 % is 1,300."""


def round_half_up(numerator: int, denominator: int) -> int:
    """Return a quotient of two non-negative integers to the nearest integer, halves up.

    >>> round_half_up(1999 * 1300, 10_000), round_half_up(5, 2), round_half_up(0, 7)
    (260, 3, 0)
    """
    return (2 * numerator + denominator) // (2 * denominator)


def take_percent(amount_minor: int, percent_bp: int) -> int:
    """Return a part of an amount, in minor units, halves up.

    >>> take_percent(20050, 1000)
    2005
    """
    return round_half_up(amount_minor * percent_bp, WHOLE_BP)


def split_amount(total: int, weights: Sequence[int], rooms: Sequence[int]) -> list[int]:
    """Split an amount by weights, each part rounded half up, what is left to the last; no part is over its room.

    Raises ValueError where the rooms together are too small for the amount: the caller caps it before.

    >>> split_amount(400, [200, 200, 200], [200, 200, 200])
    [133, 133, 134]
    >>> split_amount(20, [3, 2], [100, 100]), split_amount(2, [1, 1, 1, 1], [5, 5, 5, 5])
    ([12, 8], [1, 1, 0, 0])
    """
    if not 0 <= total <= sum(rooms):
        raise ValueError(f"{total} does not fit into {sum(rooms)}")
    whole, left = sum(weights), total
    parts = []
    for weight, room in zip(weights, rooms, strict=True):
        part = min(round_half_up(total * weight, whole) if whole else 0, room, left)
        parts.append(part)
        left -= part
    for place in reversed(range(len(parts))):
        more = min(left, rooms[place] - parts[place])
        parts[place] += more
        left -= more
    return parts
