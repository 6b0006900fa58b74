"""Which arm a person, cluster or period falls into: a hash of its name, the same on every machine for ever."""

from __future__ import annotations

from collections.abc import Sequence

FNV_START = 0x811C9DC5
FNV_PRIME = 0x01000193
BUCKETS = 10_000


def hash_fnv1a32(text: str) -> int:
    """Return the 32-bit FNV-1a hash of the characters of a text.

    A character is taken whole, as GrowthBook's clients do; for ASCII this is the published hash of its bytes
    (Fowler, Noll, Vo; IETF draft-eastlake-fnv).

    >>> hex(hash_fnv1a32("foobar"))
    '0xbf9cf968'
    """
    found = FNV_START
    for letter in text:
        found = ((found ^ ord(letter)) * FNV_PRIME) & 0xFFFFFFFF
    return found


def compute_bucket(seed: str, key: str) -> float:
    """Return a number in [0, 1), in steps of 1/10,000, that depends on nothing but the seed and the key.

    It is version 2 of GrowthBook's hash: FNV-1a, and once more over the decimal digits of the first, so that the same
    people are not together in every experiment.

    >>> compute_bucket("seed", "a")
    0.0505
    """
    return hash_fnv1a32(str(hash_fnv1a32(seed + key))) % BUCKETS / BUCKETS


def find_range(bucket: float, weights: Sequence[float], coverage: float = 1.0) -> int | None:
    """Return the place of the range that holds the bucket; None where it is left out by ``coverage``.

    Each weight has a range of its own length; coverage takes the first part of each, so that whoever is in stays in
    the same arm when it grows.

    >>> find_range(0.2, (0.5, 0.5), 0.5), find_range(0.4, (0.5, 0.5), 0.5), find_range(0.5, (0.5, 0.5))
    (0, None, 1)
    """
    start = 0.0
    for place, weight in enumerate(weights):
        if start <= bucket < start + weight * coverage:
            return place
        start += weight
    return None
