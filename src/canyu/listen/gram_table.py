"""Which grams a model knows: numbered for training, and packed as the rows of its table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.listen.kernels.tagged import LANES, TAG_BITS, ZERO, list_hashes
from canyu.listen.text import PackedTexts

TAG_SHIFT = np.uint64(56)
LANE_MASK = np.uint64((1 << 56) - 1)
LEAST_TEXTS = 2  # a gram seen once teaches only that text


@dataclass(frozen=True, slots=True)
class NumberedGrams:
    """The grams of texts as numbers: 0 is every gram that is not known, 1 and up are ``keys`` in their order.

    ``numbers``: int32, one per gram of each text; ``starts``: where each text's begin. ``keys``: slot and tag of each
    known gram in one number, int64, ascending. ``bits``: the binary logarithm of the table's rows.
    """

    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]
    keys: NDArray[np.int64]
    bits: int

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.keys.size + 1

    @property
    def lengths(self) -> NDArray[np.float64]:
        """The root of the number of grams per text, at least one: what its sum is divided by."""
        return np.sqrt(np.maximum(np.diff(self.starts), 1))

    def score(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of every text: the sum of its grams' weights over the root of their number."""
        sums = np.concatenate([[0.0], np.cumsum(weights[self.numbers])])
        return np.asarray((sums[self.starts[1:]] - sums[self.starts[:-1]]) / self.lengths)

    def count(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how often each number occurs in these texts."""
        is_mine = np.zeros(self.starts.size - 1, bool)
        is_mine[rows] = True
        return np.bincount(self.numbers[np.repeat(is_mine, np.diff(self.starts))], minlength=self.size)

    def keep(self, chosen: NDArray[np.int64]) -> NumberedGrams:
        """Return the same texts where only the grams of these numbers (ascending, without 0) are known."""
        fresh = np.zeros(self.size, np.int32)
        fresh[chosen] = np.arange(1, chosen.size + 1, dtype=np.int32)
        return NumberedGrams(fresh[self.numbers], self.starts, self.keys[chosen - 1], self.bits)


def number_grams(packed: PackedTexts, rows: NDArray[np.int64], bits: int) -> NumberedGrams:
    """Return all texts' grams as numbers: those that occur at least twice in ``rows``, and 0 for every other."""
    hashes, starts = list_hashes(packed.codes, packed.offsets)
    wide = (hashes >> np.uint64(64 - bits - TAG_BITS)).astype(np.int32)
    is_mine = np.zeros(starts.size - 1, bool)
    is_mine[rows] = True
    counts = np.bincount(wide[np.repeat(is_mine, np.diff(starts))], minlength=1 << (bits + TAG_BITS))
    keys = np.flatnonzero(counts >= LEAST_TEXTS)
    fresh = np.zeros(counts.size, np.int32)
    fresh[keys] = np.arange(1, keys.size + 1, dtype=np.int32)
    return NumberedGrams(fresh[wide], starts, keys, bits)


def find_grams(packed: PackedTexts, keys: NDArray[np.int64], bits: int) -> NumberedGrams:
    """Return the texts' grams as numbers by ``keys`` (ascending) that a model has already."""
    hashes, starts = list_hashes(packed.codes, packed.offsets)
    wide = (hashes >> np.uint64(64 - bits - TAG_BITS)).astype(np.int64)
    places = np.searchsorted(keys, wide)
    is_known = keys[np.minimum(places, keys.size - 1)] == wide if keys.size else np.zeros(wide.size, bool)
    return NumberedGrams(np.where(is_known, places + 1, 0).astype(np.int32), starts, keys, bits)


def choose_grams(grams: NumberedGrams, worth: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the numbers, ascending, of the grams that get a row: of those that share a slot the one worth most.

    ``worth``: one figure per number; the first of equals wins.
    """
    numbers = np.arange(1, grams.size)
    slots = grams.keys >> TAG_BITS
    order = np.lexsort((numbers, -worth[1:], slots))
    is_first = np.ones(order.size, bool)
    is_first[1:] = slots[order][1:] != slots[order][:-1]
    return np.sort(numbers[order[is_first]])


def pack_rows(keys: NDArray[np.int64], weights: NDArray[np.int8], bits: int) -> NDArray[np.uint64]:
    """Return the table: the row of each key's slot holds its tag and its seven weights, shape (2^bits,).

    ``weights``: int8, shape (keys, 7). No two keys may share a slot. An empty row holds weights of zero.
    """
    rows = np.zeros(1 << bits, np.uint64)
    for lane in range(LANES):
        rows |= np.uint64(ZERO << (8 * lane))
    words = np.zeros(keys.size, np.uint64)
    for lane in range(LANES):
        words |= (weights[:, lane].astype(np.int64) + ZERO).astype(np.uint64) << np.uint64(8 * lane)
    tags = (keys & ((1 << TAG_BITS) - 1)).astype(np.uint64)
    rows[keys >> TAG_BITS] = words | (tags << TAG_SHIFT)
    return rows


def unpack_rows(rows: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return keys (ascending) and weights, int8, shape (keys, 7), of the rows with any weight: undoes ``pack_rows``."""
    weights = np.stack([((rows >> np.uint64(8 * lane)) & np.uint64(0xFF)).astype(np.int64) for lane in range(LANES)], 1)
    weights -= ZERO
    slots = np.flatnonzero(weights.any(axis=1))
    keys = (slots << TAG_BITS) | (rows[slots] >> TAG_SHIFT).astype(np.int64)
    return keys, weights[slots].astype(np.int8)
