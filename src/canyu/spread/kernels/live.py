"""Which sets hold which account, packed so that a choice of accounts is weighed in milliseconds.

An account has either the numbers of its sets or a row of bits, whichever is smaller, so that the whole is never larger
than one bit per account and set; what a choice covers is a row of bits too, which stays in the cache. While sets are
drawn they are packed block by block in the same way, two bytes a number (the containers of roaring bitmaps: Chambi,
Lemire, Kaser, Godin 2016).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

BLOCK = 8192
BLOCK_WORDS = BLOCK // 64
LIST_MOST = BLOCK // 16  # two-byte numbers that take the room of a row of bits

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Bits = NDArray[np.uint64]


class Block(NamedTuple):
    """One block of sets by account, numbered within it; ``counts`` of sets, ``starts`` of those listed."""

    counts: Places  # (accounts,)
    starts: Places  # (accounts + 1,)
    numbers: NDArray[np.uint16]  # (listed,)
    row_of: Ints  # (accounts,)
    rows: Bits  # (rows, BLOCK_WORDS)


class Held(NamedTuple):
    """Which sets hold each account.

    ``row_of``: the row of ``rows``, or -1 where the sets are listed, in ``numbers`` from ``starts`` on.
    """

    starts: Places  # (accounts + 1,)
    numbers: Ints  # (listed,)
    row_of: Ints  # (accounts,)
    rows: Bits  # (rows, words)
    samples: int


class Weighed(NamedTuple):
    """What a choice covers, in sets; see ``weigh_choice``."""

    adds: Places  # (chosen,)
    alone: Places  # (chosen,)
    unique: Places  # (chosen,)
    gains: Places  # (accounts,)


@compile_kernel(None, inline=True)
def count_bits(word: np.uint64) -> int:
    """Return how many bits of a word are set (Warren, Hacker's Delight, 5-1)."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compile_kernel(None)
def pack_block(members: Ints, begins: Places, place_of: Ints, accounts: int) -> Block:
    """Return the sets of one block by account.

    ``members``, ``begins``: at most ``BLOCK`` sets, as samplers draw them. ``place_of``: each node's account, -1 where
    it is none, int32; nodes beyond its end are none.
    """
    counts = np.zeros(accounts, np.int64)
    for member in members:
        if member < place_of.size and place_of[member] >= 0:
            counts[place_of[member]] += 1
    row_of, starts, rows = np.full(accounts, -1, np.int32), np.zeros(accounts + 1, np.int64), 0
    for account in range(accounts):
        starts[account + 1] = starts[account]
        if counts[account] > LIST_MOST:
            row_of[account] = rows
            rows += 1
        else:
            starts[account + 1] += counts[account]
    numbers, cursors = np.empty(starts[accounts], np.uint16), starts[:-1].copy()
    bits = np.zeros((rows, BLOCK_WORDS), np.uint64)
    for number in range(begins.size - 1):
        for at in range(begins[number], begins[number + 1]):
            account = place_of[members[at]] if members[at] < place_of.size else -1
            if account < 0:
                continue
            if row_of[account] >= 0:
                bits[row_of[account], number >> 6] |= np.uint64(1) << np.uint64(number & 63)
            else:
                numbers[cursors[account]] = number
                cursors[account] += 1
    return Block(counts, starts, numbers, row_of, bits)


@compile_kernel(None)
def add_block(held: Held, block: Block, first: int, cursors: Places) -> None:
    """Copy a block whose first set is ``first``; ``cursors``: where each account's next number goes, moved on."""
    first_word = first >> 6
    for account in range(held.row_of.size):
        row, own = held.row_of[account], block.row_of[account]
        if own >= 0:
            for word in range(min(BLOCK_WORDS, held.rows.shape[1] - first_word)):
                bits = block.rows[own, word]
                if row >= 0:
                    held.rows[row, first_word + word] = bits
                    continue
                while bits:
                    lowest = bits & (~bits + np.uint64(1))
                    held.numbers[cursors[account]] = first + (word << 6) + count_bits(lowest - np.uint64(1))
                    cursors[account] += 1
                    bits ^= lowest
            continue
        for at in range(block.starts[account], block.starts[account + 1]):
            number = first + np.int64(block.numbers[at])
            if row >= 0:
                held.rows[row, number >> 6] |= np.uint64(1) << np.uint64(number & 63)
            else:
                held.numbers[cursors[account]] = number
                cursors[account] += 1


@compile_kernel(None, inline=True)
def cover_sets(held: Held, account: int, once: Bits, twice: Bits) -> tuple[int, int]:
    """Add an account's sets to those covered ``once`` and more than once; return how many, and how many are new."""
    row, count, new = held.row_of[account], 0, 0
    if row >= 0:
        for word in range(once.size):
            bits = held.rows[row, word]
            count += count_bits(bits)
            new += count_bits(bits & ~once[word])
            twice[word] |= bits & once[word]
            once[word] |= bits
        return count, new
    low, high = held.starts[account], held.starts[account + 1]
    for at in range(low, high):
        number = held.numbers[at]
        word, bit = number >> 6, np.uint64(1) << np.uint64(number & 63)
        if once[word] & bit:
            twice[word] |= bit
        else:
            once[word] |= bit
            new += 1
    return int(high - low), new


@compile_kernel(None, inline=True)
def claim_sets(held: Held, account: int, twice: Bits, place: int, sole: Ints, lone: Bits) -> None:
    """Write ``place`` to the sets that this account alone covers, and set their bits in ``lone``."""
    row = held.row_of[account]
    if row >= 0:
        for word in range(twice.size):
            bits = held.rows[row, word] & ~twice[word]
            lone[word] |= bits
            while bits:
                lowest = bits & (~bits + np.uint64(1))
                sole[(word << 6) + count_bits(lowest - np.uint64(1))] = place
                bits ^= lowest
        return
    for at in range(held.starts[account], held.starts[account + 1]):
        number = held.numbers[at]
        bit = np.uint64(1) << np.uint64(number & 63)
        if not twice[number >> 6] & bit:
            sole[number] = place
            lone[number >> 6] |= bit


@compile_kernel(None, inline=True)
def count_new(held: Held, account: int, once: Bits) -> int:
    """Return how many sets of an account are not covered ``once``."""
    row = held.row_of[account]
    if row >= 0:
        new = 0
        for word in range(once.size):
            new += count_bits(held.rows[row, word] & ~once[word])
        return new
    low, high = held.starts[account], held.starts[account + 1]
    known = np.uint64(0)
    for at in range(low, high):  # without branches: twice as fast
        number = np.uint64(held.numbers[at])
        known += (once[number >> np.uint64(6)] >> (number & np.uint64(63))) & np.uint64(1)
    return int(high - low - np.int64(known))


@compile_kernel(None, inline=True)
def offer_sets(held: Held, account: int, lone: Bits, sole: Ints, instead: Ints) -> None:
    """Count in ``instead`` which of the ``lone`` sets an account outside covers too.

    ``lone``: bits of the sets that one of the chosen covers alone; ``sole``: which one. ``instead``: int32, (chosen,).
    """
    row = held.row_of[account]
    if row >= 0:
        for word in range(lone.size):
            bits = held.rows[row, word] & lone[word]
            while bits:
                lowest = bits & (~bits + np.uint64(1))
                instead[sole[(word << 6) + count_bits(lowest - np.uint64(1))]] += 1
                bits ^= lowest
        return
    for at in range(held.starts[account], held.starts[account + 1]):
        number = held.numbers[at]
        if lone[number >> 6] & (np.uint64(1) << np.uint64(number & 63)):
            instead[sole[number]] += 1


@compile_kernel(None)
def weigh_choice(held: Held, chosen: Ints) -> Weighed:
    """Return what accounts cover in this order, and what every other would add, in sets.

    ``adds``: sets that an account covers and none before it; ``alone``: all of its sets; ``unique``: those of it alone;
    ``gains``: of each account outside, the sets that nobody covers yet, 0 for those chosen.
    """
    accounts, count = held.row_of.size, chosen.size
    adds, alone, unique = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    gains, is_chosen = np.zeros(accounts, np.int64), np.zeros(accounts, np.uint8)
    words = (held.samples + 63) >> 6
    once, twice = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
    for place in range(count):
        is_chosen[chosen[place]] = 1
        alone[place], adds[place] = cover_sets(held, chosen[place], once, twice)
    for place in range(count):
        unique[place] = count_new(held, chosen[place], twice)
    for account in range(accounts):
        if not is_chosen[account]:
            gains[account] = count_new(held, account, once)
    return Weighed(adds, alone, unique, gains)


@compile_kernel(None)
def weigh_swaps(held: Held, chosen: Ints, most: int) -> Ints:
    """Return how many of the sets that one of the first ``most`` chosen covers alone each account outside covers too.

    Shape (accounts, most), 0 for those chosen.
    """
    accounts, words = held.row_of.size, (held.samples + 63) >> 6
    instead, is_chosen = np.zeros((accounts, most), np.int32), np.zeros(accounts, np.uint8)
    once, twice, sole = np.zeros(words, np.uint64), np.zeros(words, np.uint64), np.empty(words << 6, np.int32)
    for account in chosen:
        is_chosen[account] = 1
        cover_sets(held, account, once, twice)
    lone = np.zeros(words, np.uint64)
    for place in range(most):
        claim_sets(held, chosen[place], twice, place, sole, lone)
    for account in range(accounts):
        if not is_chosen[account]:
            offer_sets(held, account, lone, sole, instead[account])
    return instead


@compile_kernel(None)
def extend_choice(
    held: Held, chosen: Ints, costs: Places, budget: int, labels: Ints, caps: Places, target: int
) -> Ints:
    """Add accounts, most new sets per cost first, until ``target`` sets are covered or nobody more can be paid.

    ``costs``: -1 where an account must not be added, int64, (accounts,). ``labels``, ``caps``: quotas as in
    ``choose_within``, by account. Returns the accounts added, in order. For a target of sets the rule costs at most
    1 + ln(target) times the least that would do (Wolsey 1982).
    """
    accounts, columns = costs.size, labels.shape[0]
    words = (held.samples + 63) >> 6
    once, twice = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
    counts, taken = np.zeros(caps.shape, np.int64), np.zeros(accounts, np.uint8)
    reached = 0
    for account in chosen:
        reached += cover_sets(held, account, once, twice)[1]
        taken[account] = 1
        budget -= costs[account] if costs[account] > 0 else 0
        for column in range(columns):
            counts[column, labels[column, account]] += 1
    gains, known = np.empty(accounts, np.int64), np.zeros(accounts, np.int64)
    for account in range(accounts):
        gains[account] = count_new(held, account, once)
    added, size = np.empty(accounts, np.int32), 0
    while reached < target:
        best, most = -1, 0.0
        for account in range(accounts):
            fits = taken[account] == 0 and 0 <= costs[account] <= budget and gains[account] > 0
            for column in range(columns):
                fits = fits and counts[column, labels[column, account]] < caps[column, labels[column, account]]
            if fits and gains[account] / max(costs[account], 1e-9) > most:
                best, most = account, gains[account] / max(costs[account], 1e-9)
        if best < 0:
            break
        if known[best] < size:  # gains only fall: what was known is an upper figure
            gains[best], known[best] = count_new(held, best, once), size
            continue
        taken[best] = 1
        budget -= costs[best]
        for column in range(columns):
            counts[column, labels[column, best]] += 1
        reached += cover_sets(held, best, once, twice)[1]
        added[size] = best
        size += 1
    return added[:size]
