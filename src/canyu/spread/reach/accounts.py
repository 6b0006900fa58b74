"""Unique people of a set of accounts together, with the sum of followers beside it as what it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.reach.ranges import Range
from canyu.spread.reach.sketches import AudienceSketch, Ids, list_ids

ACCOUNT_SCHEMA = pa.schema([("account", pa.string()), ("followers", pa.float64()), ("adds", pa.float64())])
"""One row per account in the order given: its followers, and how many of them no account before it has."""


class Basis(StrEnum):
    """Where a reach comes from."""

    EXACT = "exact"
    SKETCH = "sketch"
    RANDOM = "random_overlap"


NOTES = {
    Basis.EXACT: Words("按粉丝名单去重计数。", "Counted from the lists of followers, each person once."),
    Basis.SKETCH: Words(
        "由受众草图估计，区间为草图误差。", "Estimated from audience sketches; the interval is their error."
    ),
    Basis.RANDOM: Words(
        "假定各账号的粉丝在总人群中随机重叠；区间来自总人群的大小。",
        "Assumes that followers overlap at random within the population; the interval comes from its size.",
    ),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Unique people with a 95 % interval, what it rests on, and the sum of followers, which counts people repeatedly.

    ``table``: ACCOUNT_SCHEMA. It is who follows, not who will see a given post.
    """

    unique: float
    low: float
    high: float
    basis: Basis
    followers_sum: float
    table: pa.Table

    @property
    def repeated(self) -> float:
        """How often the sum of followers counts one person, on average; 0 without anybody."""
        return self.followers_sum / self.unique if self.unique else 0.0

    @property
    def note(self) -> Words:
        """Say where the figure comes from."""
        return NOTES[self.basis]


def count_reach(audiences: Mapping[str, Ids]) -> Reach:
    """Return the exact unique reach of accounts whose followers are known by id.

    >>> reach = count_reach({"a": [1, 2, 3], "b": [2, 3, 4]})
    >>> reach.unique, reach.followers_sum, reach.table["adds"].to_pylist()
    (4.0, 6.0, [3.0, 1.0])
    """
    everybody: set[object] = set()
    rows = []
    for account, ids in audiences.items():
        own = set(list_ids(ids))
        before = len(everybody)
        everybody |= own
        rows.append((account, float(len(own)), float(len(everybody) - before)))
    unique = float(len(everybody))
    return _tell(unique, unique, unique, Basis.EXACT, rows)


def estimate_sketched_reach(sketches: Mapping[str, AudienceSketch]) -> Reach:
    """Return the unique reach from audience sketches, with the bounds of their union (two standard deviations)."""
    rows, joined = [], None
    unique = low = high = 0.0
    for account, sketch in sketches.items():
        joined = sketch if joined is None else joined.join([sketch])
        before = unique
        unique, low, high = joined.people
        rows.append((account, sketch.people[0], max(unique - before, 0.0)))
    is_exact = joined is None or joined.is_exact
    return _tell(unique, low, high, Basis.EXACT if is_exact else Basis.SKETCH, rows)


def estimate_random_reach(followers: Mapping[str, float], population: Range) -> Reach:
    """Return the unique reach if each account's followers were a random draw from the population.

    ``N (1 - prod(1 - n_i / N))``, exact for independent draws without repeats; for many small accounts it is
    ``N (1 - exp(-sum n_i / N))``, the formula of impressions. It rises in N, so the ends of N give the ends. Real
    audiences of one topic overlap more than that: read it as an upper figure. Raises BadInput, naming the account, for
    followers below zero or above the population's low end.

    >>> reach = estimate_random_reach({"a": 50, "b": 50}, Range(100, 80, 200))
    >>> reach.unique, reach.low, reach.high
    (75.0, 68.75, 87.5)
    """
    for account, count in followers.items():
        if not 0 <= count <= population.low:
            raise BadInput(
                Words(
                    f"账号 {account}：粉丝数 {count:g} 不可用。", f"Account {account}: {count:g} followers cannot be."
                ),
                mend=Words(
                    f"须在 0 与总人群下限 {population.low:g} 之间。",
                    f"Give 0 to the population's low end, {population.low:g}.",
                ),
            )
    counts = list(followers.values())
    unique, low, high = (_join_random(counts, people) for people in (population.value, population.low, population.high))
    rows, before = [], 0.0
    for place, (account, count) in enumerate(followers.items()):
        so_far = _join_random(counts[: place + 1], population.value)
        rows.append((account, float(count), so_far - before))
        before = so_far
    return _tell(unique, low, high, Basis.RANDOM, rows)


def _join_random(followers: list[float], people: float) -> float:
    if any(count >= people for count in followers):
        return people
    return -people * math.expm1(math.fsum(math.log1p(-count / people) for count in followers))


def _tell(unique: float, low: float, high: float, basis: Basis, rows: list[tuple[str, float, float]]) -> Reach:
    listed = [dict(zip(ACCOUNT_SCHEMA.names, row, strict=True)) for row in rows]
    table = pa.Table.from_pylist(listed, schema=ACCOUNT_SCHEMA)
    return Reach(unique, low, high, basis, math.fsum(row[1] for row in rows), table)
