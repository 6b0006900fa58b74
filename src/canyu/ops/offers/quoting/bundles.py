"""How often a bundle is in a cart: the largest number for which every part finds its own units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from canyu.ops.offers.quoting.cart import Group
from canyu.ops.offers.quoting.offers import Part


def count_bundles(parts: Sequence[Part], groups: Sequence[Group], most: int | None = None) -> int:
    """Return how many whole bundles the goods make; no unit serves two parts.

    By Hall's condition: for any choice of parts, the units that serve at least one of them must be enough for all of
    them together. Parts that share goods ("any two drinks and one cola") are so counted exactly.

    >>> from canyu.ops.offers.quoting.offers import Target
    >>> laptop, bag = (Part(Target(frozenset({name}))) for name in ("laptop", "bag"))
    >>> goods = [Group("bag", "", 5000, 2, ()), Group("laptop", "", 500000, 3, ())]
    >>> count_bundles([laptop, bag], goods), count_bundles([laptop, bag], goods, most=1)
    (2, 1)
    >>> count_bundles([laptop, laptop], goods)
    1
    """
    limits = [] if most is None else [most]
    for size in range(1, len(parts) + 1):
        for chosen in combinations(parts, size):
            units = sum(group.quantity for group in groups if any(part.target.meets(group) for part in chosen))
            limits.append(units // sum(part.quantity for part in chosen))
    return min(limits, default=0)
