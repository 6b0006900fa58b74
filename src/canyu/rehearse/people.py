"""The people of the market: who they are by number, where they live, how often each one acts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.rehearse.arrays import NONE, Codes, Flags, Floats, Ints, Serials
from canyu.rehearse.market import CN, Market
from canyu.rehearse.streams import build_numbered

FEWEST_PEOPLE = 200
ACTIVITY = 1.8  # rank = people x uniform^1.8: one person in a hundred acts an eighth of the time
DIGITS = 9
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
ACCOUNTS = ("brand:xiaomi", "brand:xiaomi-auto", *(f"agent:{n:02d}" for n in range(1, 21)))
BRAND, BRAND_AUTO, FIRST_AGENT = -2, -3, -4
FIRST_KOL, KOL_DIGITS = -1000, 6
AGENTS = 20


class People:
    """Pseudonymous people, numbered market by market; the brand's accounts are -2 and below, KOLs' -1000 and below."""

    def __init__(self, market: Market, scale: float) -> None:
        whole = market.settings["volumes"]["people"] * scale
        self.sizes: Ints = np.array([max(FEWEST_PEOPLE, round(whole * row["share"])) for row in market.markets])
        self.starts: Ints = np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)
        self.regions = market.regions
        shares = np.array(list(market.settings["regions"].values()), float)
        self._region_edges: Floats = np.cumsum(shares / shares.sum())

    def draw(self, random: np.random.Generator, markets: Codes) -> Ints:
        """Return a person of each row's market; low numbers are drawn far more often than high ones."""
        rank = random.random(len(markets)) ** ACTIVITY
        found: Ints = self.starts[markets] + (rank * self.sizes[markets]).astype(np.int64)
        return found

    def draw_evenly(self, random: np.random.Generator, markets: Codes) -> Ints:
        """Return a person of each row's market, each as likely as the next."""
        found: Ints = self.starts[markets] + (random.random(len(markets)) * self.sizes[markets]).astype(np.int64)
        return found

    def draw_distinct(self, random: np.random.Generator, market: int, count: int) -> Ints:
        """Return ``count`` different people of one market, or everybody where there are fewer."""
        size = int(self.sizes[market])
        chosen = random.choice(size, min(count, size), replace=False, shuffle=True)
        found: Ints = self.starts[market] + chosen.astype(np.int64)
        return found

    def find_regions(self, actors: Ints, markets: Codes) -> Ints:
        """Return where each person lives (a place in ``regions``), always the same; NONE outside China."""
        mixed = (actors.astype(np.uint64) + np.uint64(1)) * GOLDEN
        fraction = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
        found = np.minimum(np.searchsorted(self._region_edges, fraction, side="right"), len(self.regions) - 1)
        return np.where((markets == CN) & (actors >= 0), found, NONE)


def build_actors(actors: Ints) -> pa.Array:
    """Return each actor's pseudonym; NONE gives null.

    >>> build_actors(np.array([7, -2, -1, -1003])).to_pylist()
    ['p:000000007', 'brand:xiaomi', None, 'k:000003']
    """
    people = build_numbered("p:", np.maximum(actors, 0).astype(np.uint64), DIGITS)
    special: Flags = actors < 0
    if not special.any():
        return people
    is_kol = actors <= FIRST_KOL
    if is_kol.any():
        kols = build_numbered("k:", np.maximum(FIRST_KOL - actors, 0).astype(np.uint64), KOL_DIGITS)
        people = pc.if_else(pa.array(is_kol), kols, people)
    place = pa.array(BRAND - actors, mask=(actors >= 0) | (actors == NONE) | is_kol)
    return pc.if_else(pa.array(special & ~is_kol), pa.array(ACCOUNTS).take(place), people)


def count_distinct(serials: Serials | Ints) -> int:
    """Return how many different values there are."""
    return len(np.unique(serials))
