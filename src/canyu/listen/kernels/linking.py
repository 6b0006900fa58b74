"""Array code of the linker: one Aho-Corasick pass over packed texts, then context and overlap rules.

Aho and Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18(6), 1975. Separators are not
part of the automaton: a run of at most three is skipped and remembered in a bit register, and each pattern says
between which of its symbols one may stand. So "su7ultra", "SU7-Ultra" and "SU7 Ultra" are one pattern.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

ALIAS, BLOCK, CONFIRM, CONTEXT = 0, 1, 2, 3
"""What a hit is: an alias; words that undo it in place, or allow it in place; a word of its surroundings."""

SEPARATOR = 1
POINT = ord(".")
LETTER, DIGIT = 1, 2
MAX_GAP = 3
RING = 64  # symbols of look-back; a pattern is at most 63 symbols long

PLANES = 0x20000  # code points that a pattern may use: the basic plane, and emoji

Ints = NDArray[np.int32]


class Automaton(NamedTuple):
    """Compiled patterns. State 0 is the root; ``keys``/``values`` hash (state * n_symbols + symbol) to the next."""

    symbol_of: NDArray[np.uint16]  # (PLANES,): 0 is no symbol of any pattern
    sign_class: NDArray[np.uint8]  # (PLANES,): 1 a letter of a script written with spaces, 2 a digit, 0 others
    root: Ints  # (n_symbols,)
    keys: NDArray[np.int64]
    values: Ints
    fail: Ints  # (n_states,)
    pattern_at: Ints  # (n_states,): the pattern that ends here, or -1
    output_link: Ints  # (n_states,): the next shorter state at which a pattern ends, or 0
    sibling: Ints  # (n_patterns,): the next pattern of the same symbols, or -1
    length: Ints  # (n_patterns,)
    gaps: NDArray[np.uint64]  # (n_patterns,): bit g set = a separator may stand before the g-th symbol from the end
    boundary: NDArray[np.uint8]  # (n_patterns,): 1 check the start, 2 check the end
    use_start: Ints  # (n_patterns + 1,): uses of a pattern, as ranges of the next two
    use_kind: NDArray[np.uint8]
    use_target: Ints


class Rules(NamedTuple):
    """What aliases ask of their surroundings; groups are rows of ``member`` (n_groups, n_words), -1 is none."""

    needs: Ints  # (n_aliases,)
    unless: Ints
    is_free: NDArray[np.uint8]  # 1 where neither needs nor unless is asked
    must: NDArray[np.uint8]  # 1 where needs must be met, by a word of the group or by a CONFIRM hit
    window: Ints
    entry: Ints
    brand: Ints  # (n_entries,)
    member: NDArray[np.uint8]


@compile_kernel(None)
def step(auto: Automaton, state: int, symbol: int) -> int:
    """Return the next state after one symbol, following failure links; 0 is the root."""
    mask = len(auto.keys) - 1
    n_symbols = len(auto.root)
    while state != 0:
        key = np.int64(state) * n_symbols + symbol
        slot = (key * np.int64(0x9E3779B1)) >> 7 & mask
        while auto.keys[slot] != -1:
            if auto.keys[slot] == key:
                return int(auto.values[slot])
            slot = (slot + 1) & mask
        state = auto.fail[state]
    return int(auto.root[symbol])


@compile_kernel(None)
def get_class(sign_class: NDArray[np.uint8], code: int) -> int:
    """Return the class of a code point; those beyond the table (or no code points at all) are no letters."""
    return int(sign_class[code]) if 0 <= code < PLANES else 0


@compile_kernel(None)
def is_cut(sign_class: NDArray[np.uint8], codes: Ints, start: int, end: int, low: int, high: int, check: int) -> bool:
    """Whether ``codes[start:end]`` is only a part of a longer word or number within ``codes[low:high]``."""
    if check & 1 and start > low and get_class(sign_class, codes[start]):
        if get_class(sign_class, codes[start - 1]):
            return True
        is_decimal = start - 1 > low and codes[start - 1] == POINT and get_class(sign_class, codes[start]) == DIGIT
        if is_decimal and get_class(sign_class, codes[start - 2]) == DIGIT:
            return True
    if check & 2 and end < high and get_class(sign_class, codes[end - 1]):
        if get_class(sign_class, codes[end]):
            return True
        is_decimal = end + 1 < high and codes[end] == POINT and get_class(sign_class, codes[end - 1]) == DIGIT
        if is_decimal and get_class(sign_class, codes[end + 1]) == DIGIT:
            return True
    return False


@compile_kernel(None)
def make_room(hits: Ints, found: int, more: int) -> Ints:
    """Return ``hits`` with room for ``more`` rows after ``found``: itself, or a larger copy."""
    if found + more <= len(hits):
        return hits
    larger = np.empty((2 * (found + more), hits.shape[1]), np.int32)
    for row in range(found):  # loops compile in a fraction of the time that slice assignment takes
        for column in range(hits.shape[1]):
            larger[row, column] = hits[row, column]
    return larger


@compile_kernel(None)
def find_hits(auto: Automaton, codes: Ints, offsets: NDArray[np.int64]) -> tuple[Ints, NDArray[np.int64]]:
    """Return all hits of all patterns, by text and end.

    Columns of a hit: start, end (within its text), kind, target, symbols. The second array (n + 1,) says where the
    hits of each text begin.
    """
    hits = np.empty((1024, 5), np.int32)
    found = 0
    n_texts = len(offsets) - 1
    hit_start = np.zeros(n_texts + 1, np.int64)
    ring = np.zeros(RING, np.int64)
    for text in range(n_texts):
        low, high = offsets[text], offsets[text + 1]
        state = 0
        taken = 0
        gap = 0
        register = np.uint64(0)
        for at in range(low, high):
            code = codes[at]
            symbol = auto.symbol_of[code] if 0 <= code < PLANES else 0
            if symbol == 0:
                state = 0
                gap = 0
                continue
            if symbol == SEPARATOR:
                gap += 1
                if gap > MAX_GAP:
                    state = 0
                continue
            state = step(auto, state, symbol)
            register = (register << np.uint64(1)) | np.uint64(1 if gap else 0)
            gap = 0
            ring[taken & (RING - 1)] = at
            taken += 1
            out = state if auto.pattern_at[state] >= 0 else auto.output_link[state]
            while out:
                pattern = auto.pattern_at[out]
                out = auto.output_link[out]
                while pattern >= 0:
                    length = auto.length[pattern]
                    start = ring[(taken - length) & (RING - 1)]
                    inner = (np.uint64(1) << np.uint64(length - 1)) - np.uint64(1)
                    fits = (register & inner & ~auto.gaps[pattern]) == 0
                    check = auto.boundary[pattern]
                    if fits and not is_cut(auto.sign_class, codes, start, at + 1, low, high, check):
                        hits = make_room(hits, found, auto.use_start[pattern + 1] - auto.use_start[pattern])
                        for use in range(auto.use_start[pattern], auto.use_start[pattern + 1]):
                            hits[found, 0] = start - low
                            hits[found, 1] = at + 1 - low
                            hits[found, 2] = auto.use_kind[use]
                            hits[found, 3] = auto.use_target[use]
                            hits[found, 4] = length
                            found += 1
                    pattern = auto.sibling[pattern]
        hit_start[text + 1] = found
    return hits[:found], hit_start


@compile_kernel(None)
def is_allowed(rules: Rules, hits: Ints, low: int, high: int, me: int) -> bool:
    """Whether the alias hit ``me`` stands as its rules ask, among the hits ``low`` to ``high`` of its text."""
    start, end, alias = hits[me, 0], hits[me, 1], hits[me, 3]
    if rules.is_free[alias]:
        return True
    needs, unless, window = rules.needs[alias], rules.unless[alias], rules.window[alias]
    has_need = not rules.must[alias]
    # Hits are sorted by end; one that covers me or stands in the window ends within these bounds (gaps included).
    reach = max(window, RING * (MAX_GAP + 1))
    at = me - 1
    while at >= low and hits[at, 1] >= start - reach:
        at -= 1
    at += 1
    while at < high and hits[at, 1] <= end + reach:
        kind, target = hits[at, 2], hits[at, 3]
        if kind == CONTEXT:
            is_near = hits[at, 0] >= start - window and hits[at, 1] <= end + window
            if is_near and (hits[at, 1] <= start or hits[at, 0] >= end):
                if unless >= 0 and rules.member[unless, target]:
                    return False
                if needs >= 0 and rules.member[needs, target]:
                    has_need = True
        elif target == alias and kind != ALIAS and hits[at, 0] <= start and hits[at, 1] >= end:
            if kind == BLOCK:
                return False
            has_need = True
        at += 1
    return has_need


@compile_kernel(None)
def choose_hits(
    rules: Rules, hits: Ints, hit_start: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which hits are links: allowed by their rules, and not overlapped by a longer one."""
    chosen = np.zeros(len(hits), np.bool_)
    longest = 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    owner = np.full(longest, -1, np.int64)  # the chosen hit at each place of the present text
    for text in range(len(hit_start) - 1):
        low, high = hit_start[text], hit_start[text + 1]
        if low == high:
            continue
        count = 0
        for me in range(low, high):
            if hits[me, 2] == ALIAS and is_allowed(rules, hits, low, high, me):
                chosen[me] = True
                count += 1
        if count > 1:
            drop_overlapped(hits, low, high, chosen, owner)
    return chosen


@compile_kernel(None)
def drop_overlapped(hits: Ints, low: int, high: int, chosen: NDArray[np.bool_], owner: NDArray[np.int64]) -> None:
    """Unmark every chosen hit of one text that overlaps a longer one; hits on the very same span stay together.

    One pass per length, longest first: lengths end at 63, so this is linear and needs no sorting. Hits of one length
    come by their end, which is by their start unless separators were skipped; then the one that ends first wins.
    """
    longest = 0
    for me in range(low, high):
        if chosen[me] and hits[me, 4] > longest:
            longest = hits[me, 4]
    for length in range(longest, 0, -1):
        for me in range(low, high):
            if chosen[me] and hits[me, 4] == length:
                start, end = hits[me, 0], hits[me, 1]
                first = owner[start]
                if first >= 0 and hits[first, 0] == start and hits[first, 1] == end:
                    continue
                for at in range(start, end):
                    if owner[at] >= 0:
                        chosen[me] = False
                if chosen[me]:
                    for at in range(start, end):
                        owner[at] = me
    for me in range(low, high):
        if chosen[me]:
            for at in range(hits[me, 0], hits[me, 1]):
                owner[at] = -1


@compile_kernel(None)
def gather_entries(
    rules: Rules, hits: Ints, hit_start: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Ints]:
    """Return, per text, the chosen entries and their brands, sorted and unique, as offsets and values."""
    n_texts = len(hit_start) - 1
    offsets = np.zeros(n_texts + 1, np.int64)
    values = np.empty(2 * np.sum(chosen), np.int32)
    filled = 0
    for text in range(n_texts):
        first = filled
        for me in range(hit_start[text], hit_start[text + 1]):
            if chosen[me]:
                entry = rules.entry[hits[me, 3]]
                for value in (entry, rules.brand[entry]):
                    filled = insert_sorted(values, first, filled, value)
        offsets[text + 1] = filled
    return offsets, values[:filled]


@compile_kernel(None)
def insert_sorted(values: Ints, first: int, filled: int, value: int) -> int:
    """Insert ``value`` into the sorted ``values[first:filled]`` unless it is there; return the new end."""
    at = filled
    while at > first and values[at - 1] > value:
        at -= 1
    if at > first and values[at - 1] == value:
        return filled
    for move in range(filled, at, -1):
        values[move] = values[move - 1]
    values[at] = value
    return filled + 1


@compile_kernel(None)
def fill_edges(keys: NDArray[np.int64], values: Ints, edge_keys: NDArray[np.int64], edge_values: Ints) -> None:
    """Hash the edges into ``keys``/``values`` (a power of two of slots, -1 is free), as :func:`step` looks them up."""
    mask = len(keys) - 1
    for edge in range(len(edge_keys)):
        slot = (edge_keys[edge] * np.int64(0x9E3779B1)) >> 7 & mask
        while keys[slot] != -1:
            slot = (slot + 1) & mask
        keys[slot] = edge_keys[edge]
        values[slot] = edge_values[edge]
