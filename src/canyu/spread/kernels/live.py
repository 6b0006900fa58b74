"""Which sets hold which account, packed so that a choice of accounts is weighed in milliseconds.

Sets are kept in blocks of 8,192. Within a block an account has either the numbers of its sets, two bytes each, or a
row of bits, 1,024 bytes, whichever is smaller: the containers of roaring bitmaps (Chambi, Lemire, Kaser, Godin 2016).
The whole is therefore never larger than one bit per account and set, and the block at hand stays in the cache.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

BLOCK = 8192
WORDS = BLOCK // 64
LIST_MOST = BLOCK // 16  # numbers that take the room of a row of bits

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Bits = NDArray[np.uint64]


class Held(NamedTuple):
    """Which sets hold each account: entry ``block * accounts + account`` of ``starts`` and ``row_of``.

    ``row_of``: the row of ``rows``, or -1 where the sets are listed in ``numbers[starts[entry]:starts[entry + 1]]``,
    rising, counted within the block. ``sizes``: sets of each block.
    """

    starts: Places  # (blocks * accounts + 1,)
    numbers: NDArray[np.uint16]  # (listed,)
    row_of: Ints  # (blocks * accounts,)
    rows: Bits  # (rows, WORDS)
    sizes: Places  # (blocks,)


class Weighed(NamedTuple):
    """What a choice covers, in sets; see ``weigh_choice``."""

    adds: Places  # (chosen,)
    alone: Places  # (chosen,)
    unique: Places  # (chosen,)
    gains: Places  # (accounts,)
    instead: Ints  # (chosen, accounts)


@compile_kernel(None, inline=True)
def count_bits(word: np.uint64) -> int:
    """Return how many bits of a word are set (Warren, Hacker's Delight, 5-1)."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compile_kernel(None)
def pack_block(
    members: Ints, begins: Places, place_of: Ints, accounts: int
) -> tuple[Places, NDArray[np.uint16], Ints, Bits]:
    """Return the sets of one block by account: counts listed, numbers, rows and bits, as in ``Held``.

    ``members``, ``begins``: at most ``BLOCK`` sets, as samplers draw them. ``place_of``: each node's account, -1 where
    it is none, int32; nodes beyond its end are none. Rows are numbered within the block.
    """
    counts = np.zeros(accounts, np.int64)
    for member in members:
        if member < place_of.size and place_of[member] >= 0:
            counts[place_of[member]] += 1
    row_of = np.full(accounts, -1, np.int32)
    starts = np.zeros(accounts + 1, np.int64)
    rows = 0
    for account in range(accounts):
        starts[account + 1] = starts[account]
        if counts[account] > LIST_MOST:
            row_of[account] = rows
            rows += 1
        else:
            starts[account + 1] += counts[account]
    numbers, cursors = np.empty(starts[accounts], np.uint16), starts[:-1].copy()
    bits = np.zeros((rows, WORDS), np.uint64)
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
    return starts, numbers, row_of, bits


@compile_kernel(None, inline=True)
def cover_block(held: Held, entry: int, once: Bits, twice: Bits) -> tuple[int, int]:
    """Add an account's sets of a block to those covered ``once`` and more than once; return how many, and how many new."""
    row, count, new = held.row_of[entry], 0, 0
    if row >= 0:
        for word in range(WORDS):
            bits = held.rows[row, word]
            count += count_bits(bits)
            new += count_bits(bits & ~once[word])
            twice[word] |= bits & once[word]
            once[word] |= bits
        return count, new
    low, high = held.starts[entry], held.starts[entry + 1]
    for at in range(low, high):
        number = np.int64(held.numbers[at])
        word, bit = number >> 6, np.uint64(1) << np.uint64(number & 63)
        if once[word] & bit:
            twice[word] |= bit
        else:
            once[word] |= bit
            new += 1
    return int(high - low), new


@compile_kernel(None, inline=True)
def claim_block(held: Held, entry: int, twice: Bits, place: int, sole: Ints) -> int:
    """Write ``place`` to the sets of a block that this account alone covers; return how many."""
    row, count = held.row_of[entry], 0
    if row >= 0:
        for word in range(WORDS):
            bits = held.rows[row, word] & ~twice[word]
            while bits:
                lowest = bits & (~bits + np.uint64(1))
                sole[(word << 6) + count_bits(lowest - np.uint64(1))] = place
                count += 1
                bits ^= lowest
        return count
    for at in range(held.starts[entry], held.starts[entry + 1]):
        number = np.int64(held.numbers[at])
        if not twice[number >> 6] & (np.uint64(1) << np.uint64(number & 63)):
            sole[number] = place
            count += 1
    return count


@compile_kernel(None, inline=True)
def offer_block(held: Held, entry: int, covered: tuple[Bits, Bits], sole: Ints, instead: Ints) -> int:
    """Return how many sets of a block an account outside would add, and count in ``instead`` those of one alone.

    ``covered``: once, twice. ``instead``: of this account, by who covers a set alone now, int32, (chosen,).
    """
    once, twice = covered
    row, new = held.row_of[entry], 0
    if row >= 0:
        for word in range(WORDS):
            bits = held.rows[row, word]
            new += count_bits(bits & ~once[word])
            bits &= once[word] & ~twice[word]
            while bits:
                lowest = bits & (~bits + np.uint64(1))
                instead[sole[(word << 6) + count_bits(lowest - np.uint64(1))]] += 1
                bits ^= lowest
        return new
    for at in range(held.starts[entry], held.starts[entry + 1]):
        number = np.int64(held.numbers[at])
        word, bit = number >> 6, np.uint64(1) << np.uint64(number & 63)
        if not once[word] & bit:
            new += 1
        elif not twice[word] & bit:
            instead[sole[number]] += 1
    return new


@compile_kernel(None)
def weigh_choice(held: Held, chosen: Ints) -> Weighed:
    """Return what accounts cover in this order, and what every other would add, in sets.

    ``adds``: sets that an account covers and none before it; ``alone``: all of its sets; ``unique``: those of it alone;
    ``gains``: of each account outside, the sets that nobody covers yet, 0 for those chosen; ``instead``: of those, and
    of the sets that one of the chosen covers alone, how many each account outside would cover once that one is gone.
    """
    blocks = held.sizes.size
    accounts, count = held.row_of.size // max(blocks, 1), chosen.size
    adds, alone, unique = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    gains, by_account = np.zeros(accounts, np.int64), np.zeros((accounts, count), np.int32)
    is_chosen = np.zeros(accounts, np.uint8)
    for account in chosen:
        is_chosen[account] = 1
    once, twice, sole = np.empty(WORDS, np.uint64), np.empty(WORDS, np.uint64), np.empty(BLOCK, np.int32)
    for block in range(blocks):
        first = block * accounts
        once[:], twice[:] = np.uint64(0), np.uint64(0)
        for place in range(count):
            own, new = cover_block(held, first + chosen[place], once, twice)
            alone[place] += own
            adds[place] += new
        for place in range(count):
            unique[place] += claim_block(held, first + chosen[place], twice, place, sole)
        for account in range(accounts):
            if not is_chosen[account]:
                gains[account] += offer_block(held, first + account, (once, twice), sole, by_account[account])
    instead = np.zeros((count, accounts), np.int32)
    for account in range(accounts):
        if not is_chosen[account]:
            for place in range(count):
                instead[place, account] = gains[account] + by_account[account, place]
    return Weighed(adds, alone, unique, gains, instead)


@compile_kernel(None)
def count_new(held: Held, account: int, covered: Bits) -> int:
    """Return how many sets of an account are not covered yet; ``covered``: bits, (blocks, WORDS)."""
    blocks, new = held.sizes.size, 0
    accounts = held.row_of.size // max(blocks, 1)
    for block in range(blocks):
        entry = block * accounts + account
        row = held.row_of[entry]
        if row >= 0:
            for word in range(WORDS):
                new += count_bits(held.rows[row, word] & ~covered[block, word])
        else:
            for at in range(held.starts[entry], held.starts[entry + 1]):
                number = np.int64(held.numbers[at])
                new += int(covered[block, number >> 6] & (np.uint64(1) << np.uint64(number & 63)) == 0)
    return int(new)


@compile_kernel(None)
def cover_sets(held: Held, account: int, covered: Bits) -> None:
    """Mark an account's sets as covered."""
    blocks = held.sizes.size
    accounts, spare = held.row_of.size // max(blocks, 1), np.zeros(WORDS, np.uint64)
    for block in range(blocks):
        cover_block(held, block * accounts + account, covered[block], spare)


@compile_kernel(None)
def extend_choice(
    held: Held, chosen: Ints, costs: Places, budget: int, labels: Ints, caps: Places, target: int
) -> Ints:
    """Add accounts, most new sets per cost first, until ``target`` sets are covered, the budget is spent or none is left.

    ``costs``: -1 where an account must not be added, int64, (accounts,). ``labels``, ``caps``: quotas as in
    ``choose_within``, by account. Returns the accounts added, in order. For a target of sets the rule costs at most
    1 + ln(target) times the least that would do (Wolsey 1982).
    """
    accounts, columns = costs.size, labels.shape[0]
    covered = np.zeros((held.sizes.size, WORDS), np.uint64)
    counts, taken = np.zeros(caps.shape, np.int64), np.zeros(accounts, np.uint8)
    reached = 0
    for account in chosen:
        reached += count_new(held, account, covered)
        cover_sets(held, account, covered)
        taken[account] = 1
        budget -= costs[account] if costs[account] > 0 else 0
        for column in range(columns):
            counts[column, labels[column, account]] += 1
    gains, known = np.empty(accounts, np.int64), np.zeros(accounts, np.int64)
    for account in range(accounts):
        gains[account] = count_new(held, account, covered)
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
            gains[best], known[best] = count_new(held, best, covered), size
            continue
        taken[best] = 1
        budget -= costs[best]
        for column in range(columns):
            counts[column, labels[column, best]] += 1
        reached += gains[best]
        cover_sets(held, best, covered)
        added[size] = best
        size += 1
    return added[:size]
