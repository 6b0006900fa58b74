"""How far the audiences of accounts are the same people, pair by pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import pyarrow as pa

from canyu.spread.reach.sketches import AudienceSketch, Bounds, Ids, list_ids

NUMBERS = ("jaccard", "jaccard_low", "jaccard_high", "shared", "shared_low", "shared_high", "share_of_a", "share_of_b")
OVERLAP_SCHEMA = pa.schema(
    [
        ("account_a", pa.string()),
        ("account_b", pa.string()),
        *((name, pa.float64()) for name in NUMBERS),
        ("basis", pa.string()),
    ]
)
"""One row per pair of accounts: ``jaccard`` (shared / either), ``shared`` people with the ends of their intervals, the
shares of either audience that they are (null for an empty one), and ``basis``: exact or sketch."""

Row = tuple[str, str, Bounds, Bounds, float, float, str]


def count_overlaps(audiences: Mapping[str, Ids]) -> pa.Table:
    """Return the exact overlap of each pair of accounts, OVERLAP_SCHEMA, (n (n - 1) / 2 rows, order of the accounts).

    >>> count_overlaps({"a": [1, 2, 3], "b": [2, 3, 4, 5]}).select(["jaccard", "shared", "share_of_a"]).to_pylist()
    [{'jaccard': 0.4, 'shared': 2.0, 'share_of_a': 0.6666666666666666}]
    """
    sets = {account: frozenset[object](list_ids(ids)) for account, ids in audiences.items()}
    rows: list[Row] = []
    for (a, first), (b, second) in combinations(sets.items(), 2):
        shared = float(len(first & second))
        jaccard = shared / max(len(first | second), 1)
        ends = (jaccard,) * 3, (shared,) * 3
        rows.append((a, b, *ends, float(len(first)), float(len(second)), "exact"))
    return tabulate_overlaps(rows)


def estimate_overlaps(sketches: Mapping[str, AudienceSketch]) -> pa.Table:
    """Return the overlap of each pair from sketches, OVERLAP_SCHEMA; bounds are the library's at two deviations."""
    rows: list[Row] = []
    for (a, first), (b, second) in combinations(sketches.items(), 2):
        is_exact = first.is_exact and second.is_exact
        ends = first.compute_jaccard(second), first.compute_shared(second)
        rows.append((a, b, *ends, first.people[0], second.people[0], "exact" if is_exact else "sketch"))
    return tabulate_overlaps(rows)


def tabulate_overlaps(rows: Iterable[Row]) -> pa.Table:
    """Return pairs as OVERLAP_SCHEMA: accounts, jaccard and shared with ends, both sizes, basis."""
    listed = [
        dict(
            zip(
                OVERLAP_SCHEMA.names,
                (a, b, *jaccard, *shared, _divide(shared[0], of_a), _divide(shared[0], of_b), basis),
                strict=True,
            )
        )
        for a, b, jaccard, shared, of_a, of_b, basis in rows
    ]
    return pa.Table.from_pylist(listed, schema=OVERLAP_SCHEMA)


def _divide(part: float, whole: float) -> float | None:
    return part / whole if whole else None
