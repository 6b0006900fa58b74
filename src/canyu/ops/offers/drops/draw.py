"""The verifiable draw: committed to before anybody enters, recomputed by anybody afterwards; pure.

The algorithm, ``canyu-draw-1``:

1. Before the drop opens, a seed of 32 random bytes is made; its ``commitment`` is published:
   SHA-256 of ``"canyu-draw-1:" + seed``.
2. When entry ends, ``sealed`` is SHA-256 of all entrants' names, sorted, each ended by a line feed.
3. A public value (``beacon``) that nobody knew before may be added; where it will come from is announced beforehand.
4. ``key = SHA-256(seed + ":" + beacon + ":" + sealed)``; each entrant's ticket is ``HMAC-SHA-256(key, name)``.
5. Entrants are ranked by ticket, equal ones by name. Places are given in that order, within the markets' quotas.

All texts are UTF-8, digests lower-case hex; seed and key enter as their hex texts. Names are opaque ids.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ALGORITHM = "canyu-draw-1"


@dataclass(frozen=True, slots=True)
class Name:
    """One entrant: an opaque id and a market."""

    id: str
    market: str = ""


def commit_seed(seed: str) -> str:
    """Return what is published of a seed before the draw.

    >>> commit_seed("00" * 32)[:16]
    '67543d3742b514f9'
    """
    return hashlib.sha256(f"{ALGORITHM}:{seed}".encode()).hexdigest()


def seal_entrants(ids: Iterable[str]) -> str:
    """Return the digest of all who take part: one more, or one less, and the whole draw is another."""
    return hashlib.sha256("".join(f"{one}\n" for one in sorted(ids)).encode("utf-8", "surrogatepass")).hexdigest()


def rank_entrants(seed: str, beacon: str, ids: Sequence[str]) -> list[str]:
    """Return the entrants in the order of the draw."""
    key = hashlib.sha256(f"{seed}:{beacon}:{seal_entrants(ids)}".encode("utf-8", "surrogatepass")).hexdigest().encode()
    return sorted(ids, key=lambda one: (hmac.digest(key, one.encode("utf-8", "surrogatepass"), "sha256"), one))


def choose_winners(ranked: Sequence[Name], units: int, quotas: Mapping[str, int]) -> list[str]:
    """Return who gets a unit, in order: a market with a quota has its own units, the others share the rest.

    >>> choose_winners([Name("a", "cn"), Name("b", "cn"), Name("c"), Name("d", "de")], 3, {"cn": 1})
    ['a', 'c', 'd']
    """
    left = {**quotas, "": units - sum(quotas.values())}
    winners = []
    for one in ranked:
        pool = one.market if one.market in quotas else ""
        if left[pool] > 0:
            left[pool] -= 1
            winners.append(one.id)
    return winners
