"""Array code of aspects: one pass over a post finds its terms and sums all heads clause by clause.

A head is one column of the table of weights; a post's score under a head is the sum over its known grams, divided by
the square root of their number. A clause ends with its punctuation mark; a gram belongs to the clause it ends in.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import CODES, compile_kernel, read_only
from canyu.listen.kernels.adagrad import compute_logistic
from canyu.listen.kernels.ngrams import A1, A2, A3, B1, B2, B3, EDGE, P2, P3, Q3
from canyu.listen.kernels.terms import MAX_CLAUSES, MAX_TERMS, Lexicon, find_terms, is_clause_end, is_negated

COLUMNS = 64  # a row of weights is one cache line
GATES, GATE_ZERO = 8, 128
MAX_SHORT = 256  # int8 rows whose sum fits 16 bits
STRONG, WEAK = 2, 1
HINTED = 0.97  # a linked product may still be a mistake

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
ROWS, GRAMS, SUMS = read_only(types.int8, 2), types.int32[:, ::1], types.int32[:, ::1]


class Heads(NamedTuple):
    """Weights of the known grams: ``row_of`` gives a bucket's row of ``table``, 0 is unknown.

    ``gates`` holds the columns of ``table`` that say whether a post is about a domain: half of the posts need no more.
    """

    row_of: NDArray[np.uint16]  # (2^bits,)
    table: NDArray[np.int8]  # (rows, COLUMNS)
    gates: NDArray[np.uint64]  # (rows,): GATES bytes, the lowest first, each GATE_ZERO more than the weight
    gate_column: Ints  # (GATES,): of table
    scale: Floats  # (COLUMNS,): what one int8 step is worth


class Lines(NamedTuple):
    """How scores become log-odds, per aspect and per domain; a column of -1 is no head."""

    domain: Ints  # (aspects,)
    is_shared: NDArray[np.uint8]  # (domains,): any text may have its aspects
    columns: Ints  # (aspects, 3): presence, opinion, praise
    presence: Floats  # (aspects, 4): times score, strong term, weak term; offset
    opinion: Floats  # (aspects, 4): times score of the post, of the term's clause, tone; offset
    praise: Floats  # (aspects, 4): the same
    gate_column: Ints  # (domains,)
    gate: Floats  # (domains, 3): times score, number of strong terms; offset
    threshold: float
    lowest: float  # log-odds of the threshold


class Space(NamedTuple):
    """What is known of the post at hand; filled by :func:`describe_post` and :func:`describe_clauses`."""

    sums: Ints  # (MAX_CLAUSES, COLUMNS): by clause
    grams: NDArray[np.int64]  # (MAX_CLAUSES,)
    gates: Ints  # (GATES,): sums of all grams
    short: NDArray[np.int16]  # (COLUMNS,): sums of a few grams
    whole: Ints  # (COLUMNS,): sums of all
    terms: Ints  # (MAX_TERMS, 4): start, end, term, clause
    kind: NDArray[np.uint8]  # (aspects,): 0, WEAK or STRONG
    tone: NDArray[np.int8]  # (aspects,)
    clause: Ints  # (aspects,): of the first term, or -1
    span: Ints  # (aspects, 2)
    strong: Ints  # (domains,): number of strong terms
    total: Floats  # (COLUMNS,): scores of the whole post


@compile_kernel(types.int64(CODES, types.int64, types.int64, read_only(types.uint16), types.int64, types.int32[:, ::1]))
def read_grams(codes: Ints, first: int, stop: int, index: NDArray[np.uint16], most: int, grams: Ints) -> int:
    """Write (row, place of the last character) of each known 1- to 3-gram of ``codes[first:stop]``; return how many.

    At most ``most`` are written. Hashes are those of the sentiment model, over a table of another size.
    """
    shift = np.uint64(64)
    size = index.size
    while size > 1:
        size >>= 1
        shift -= np.uint64(1)
    place = 0
    before, last = np.uint64(0), EDGE
    for at in range(first, stop + (stop > first)):
        code = np.uint64(codes[at]) if at < stop else EDGE
        if place + 3 > most:
            break
        end = min(at, stop - 1) - first
        if at < stop:
            row = index[np.int64((code * A1 + B1) >> shift)]
            grams[place, 0] = row
            grams[place, 1] = end
            place += row > 0
        row = index[np.int64((code * A2 + last * P2 + B2) >> shift)]
        grams[place, 0] = row
        grams[place, 1] = end
        place += row > 0
        if at > first:
            row = index[np.int64((code * A3 + last * P3 + before * Q3 + B3) >> shift)]
            grams[place, 0] = row
            grams[place, 1] = end
            place += row > 0
        before, last = last, code
    return place


@compile_kernel(types.void(ROWS, GRAMS, types.int64, types.int64, types.int64, types.int16[::1], SUMS))
def add_rows(
    table: NDArray[np.int8], grams: Ints, first: int, stop: int, clause: int, short: NDArray[np.int16], sums: Ints
) -> None:
    """Set ``sums[clause]`` to the sum of the rows of ``grams[first:stop]``.

    In 16 bits and four rows at a time, so that the compiler adds many columns at once (8 against 15 ns a row,
    2026-11-22); emptied into 32 bits before it can overflow.
    """
    for column in range(COLUMNS):
        sums[clause, column] = 0
    place = first
    while place < stop:
        for column in range(COLUMNS):
            short[column] = 0
        until = min(stop, place + MAX_SHORT)
        while place + 4 <= until:
            a, b, c, d = grams[place, 0], grams[place + 1, 0], grams[place + 2, 0], grams[place + 3, 0]
            for column in range(COLUMNS):
                pairs = np.int16(table[a, column]) + np.int16(table[b, column])
                pairs += np.int16(table[c, column]) + np.int16(table[d, column])
                short[column] = np.int16(short[column] + pairs)
            place += 4
        while place < until:
            a = grams[place, 0]
            for column in range(COLUMNS):
                short[column] = np.int16(short[column] + table[a, column])
            place += 1
        for column in range(COLUMNS):
            sums[clause, column] += short[column]


@compile_kernel(
    types.void(
        CODES,
        types.int64,
        types.int64,
        ROWS,
        GRAMS,
        types.int64,
        SUMS,
        types.int64[::1],
        types.int16[::1],
        types.int32[::1],
    )
)
def sum_clauses(
    codes: Ints,
    low: int,
    high: int,
    table: NDArray[np.int8],
    grams: Ints,
    found: int,
    sums: Ints,
    counts: NDArray[np.int64],
    short: NDArray[np.int16],
    whole: Ints,
) -> None:
    """Fill ``sums`` and ``counts`` of each clause of one post, and ``whole`` of all, from its ``found`` grams."""
    clause, place = 0, 0
    at = low
    for column in range(COLUMNS):
        whole[column] = 0
    while at < high:
        begun = place
        last = clause == MAX_CLAUSES - 1
        while at < high and (last or not is_clause_end(codes[at])):
            at += 1
        while place < found and grams[place, 1] <= at - low:
            place += 1
        add_rows(table, grams, begun, place, clause, short, sums)
        for column in range(COLUMNS):
            whole[column] += sums[clause, column]
        counts[clause] = place - begun
        clause += 1
        at += 1


@compile_kernel(None, inline=True)
def clear_space(kind: NDArray[np.uint8], tone: NDArray[np.int8], clause: Ints, strong: Ints) -> None:
    """Forget the terms of the post before."""
    for aspect in range(len(kind)):  # loops are an order faster here than slice assignment, 2026-11-22
        kind[aspect] = 0
        tone[aspect] = 0
        clause[aspect] = -1
    for domain in range(len(strong)):
        strong[domain] = 0


@compile_kernel(types.void(types.int32[::1], read_only(types.float64), types.int64, types.float64[::1]))
def scale_scores(whole: Ints, scale: Floats, found: int, total: Floats) -> None:
    """Fill ``total`` with the scores of a post of ``found`` grams."""
    norm = 1.0 / np.sqrt(max(np.float64(found), 1.0))
    for column in range(COLUMNS):
        total[column] = whole[column] * scale[column] * norm


@compile_kernel(None, inline=True)
def note_terms(lexicon: Lexicon, domain_of: Ints, space: Space, codes: Ints, low: int, found: int) -> None:
    """Note what the ``found`` terms say of which aspects; of one aspect the first strong term counts."""
    for hit in range(found):
        term = space.terms[hit, 2]
        turn = 0
        for use in range(lexicon.use_start[term], lexicon.use_start[term + 1]):
            aspect, kind = lexicon.use_aspect[use], lexicon.use_kind[use]
            tone = np.int64(lexicon.use_tone[use])
            if tone != 0:
                if turn == 0:
                    turn = -1 if is_negated(codes, low + space.terms[hit, 0], low) else 1
                tone *= turn
            if kind == STRONG:
                space.strong[domain_of[aspect]] += 1
            if kind > space.kind[aspect] or (kind == space.kind[aspect] and tone != 0 and space.tone[aspect] == 0):
                space.kind[aspect] = kind
                space.clause[aspect] = space.terms[hit, 3]
                space.span[aspect, 0] = space.terms[hit, 0]
                space.span[aspect, 1] = space.terms[hit, 1]
                space.tone[aspect] = tone


@compile_kernel(types.void(read_only(types.uint64), GRAMS, types.int64, types.int32[::1]))
def add_gates(gates: NDArray[np.uint64], grams: Ints, found: int, sums: Ints) -> None:
    """Set ``sums`` to the sum of the eight bytes of each gram, added four at a time in the 16-bit parts of a word."""
    part = np.uint64(0x00FF00FF00FF00FF)
    for gate in range(GATES):
        sums[gate] = -GATE_ZERO * found
    place = 0
    while place < found:
        even, odd = np.uint64(0), np.uint64(0)
        until = min(found, place + MAX_SHORT)
        while place < until:
            row = gates[grams[place, 0]]
            even += row & part
            odd += (row >> np.uint64(8)) & part
            place += 1
        for gate in range(0, GATES, 2):
            sums[gate] += np.int32((even >> np.uint64(8 * gate)) & np.uint64(0xFFFF))
            sums[gate + 1] += np.int32((odd >> np.uint64(8 * gate)) & np.uint64(0xFFFF))


@compile_kernel(None, inline=True)
def describe_post(
    lexicon: Lexicon, heads: Heads, domain_of: Ints, codes: Ints, low: int, high: int, grams: Ints, space: Space
) -> int:
    """Fill what tells whether a post is about a domain: its terms and the scores of the gates; return its grams."""
    found = read_grams(codes, low, high, heads.row_of, len(grams), grams)
    add_gates(heads.gates, grams, found, space.gates)
    norm = 1.0 / np.sqrt(max(np.float64(found), 1.0))
    for gate in range(GATES):
        column = heads.gate_column[gate]
        space.total[column] = space.gates[gate] * heads.scale[column] * norm
    clear_space(space.kind, space.tone, space.clause, space.strong)
    terms = find_terms(lexicon, codes, low, high, space.terms)
    if terms:
        note_terms(lexicon, domain_of, space, codes, low, terms)
    return int(found)


@compile_kernel(None, inline=True)
def describe_clauses(heads: Heads, codes: Ints, low: int, high: int, grams: Ints, found: int, space: Space) -> None:
    """Fill the scores of a post and of its clauses under every head, from the grams that ``describe_post`` read."""
    sum_clauses(codes, low, high, heads.table, grams, found, space.sums, space.grams, space.short, space.whole)
    scale_scores(space.whole, heads.scale, found, space.total)


@compile_kernel(None)
def score_clause(heads: Heads, space: Space, clause: int, column: int) -> float:
    """Return the score of one clause under one head; the whole post's where there is no clause."""
    if clause < 0:
        return float(space.total[column])
    return float(space.sums[clause, column] * heads.scale[column] / np.sqrt(max(np.float64(space.grams[clause]), 1.0)))


@compile_kernel(None)
def measure_posts(
    lexicon: Lexicon, heads: Heads, lines: Lines, codes: Ints, offsets: NDArray[np.int64], width: int
) -> tuple[Floats, Floats, Floats]:
    """Return what the lines are fitted to: scores (n, COLUMNS), per aspect (n, aspects, 6), strong terms (n, domains).

    The six: kind, tone, score of opinion of the post and of the term's clause, the same of praise. ``width`` is the
    most grams read of a post.
    """
    n, aspects, domains = len(offsets) - 1, len(lines.domain), len(lines.is_shared)
    scores, each, strong = np.zeros((n, COLUMNS)), np.zeros((n, aspects, 6)), np.zeros((n, domains))
    grams = np.zeros((width, 2), np.int32)
    space = Space(
        np.zeros((MAX_CLAUSES, COLUMNS), np.int32),
        np.zeros(MAX_CLAUSES, np.int64),
        np.zeros(GATES, np.int32),
        np.zeros(COLUMNS, np.int16),
        np.zeros(COLUMNS, np.int32),
        np.zeros((MAX_TERMS, 4), np.int32),
        np.zeros(aspects, np.uint8),
        np.zeros(aspects, np.int8),
        np.zeros(aspects, np.int32),
        np.zeros((aspects, 2), np.int32),
        np.zeros(domains, np.int32),
        np.zeros(COLUMNS),
    )
    for post in range(n):
        low, high = offsets[post], offsets[post + 1]
        read = describe_post(lexicon, heads, lines.domain, codes, low, high, grams, space)
        describe_clauses(heads, codes, low, high, grams, read, space)
        scores[post] = space.total
        for domain in range(domains):
            strong[post, domain] = space.strong[domain]
        for aspect in range(aspects):
            each[post, aspect, 0] = space.kind[aspect]
            each[post, aspect, 1] = space.tone[aspect]
            for head in range(2):
                column = lines.columns[aspect, 1 + head]
                each[post, aspect, 2 + 2 * head] = space.total[column]
                each[post, aspect, 3 + 2 * head] = score_clause(heads, space, space.clause[aspect], column)
    return scores, each, strong


@compile_kernel(None, inline=True)
def open_gates(lines: Lines, space: Space, hint: int, gates: Floats) -> tuple[float, float]:
    """Fill the probability that the post is about each domain; return the highest, and that of those not shared.

    ``hint`` has a bit per domain that the post is known to be about, 0 where nothing is known.
    """
    strong = 0
    for domain in range(len(gates)):
        strong += space.strong[domain]
    highest = special = shared = 0.0
    for domain in range(len(gates)):
        is_shared = lines.is_shared[domain]
        if is_shared and shared > 0.0:  # all shared domains have the same gate
            gates[domain] = shared
            continue
        count = min(strong if is_shared else space.strong[domain], 3)
        score = lines.gate[domain, 0] * space.total[lines.gate_column[domain]] + lines.gate[domain, 1] * count
        gates[domain] = compute_logistic(score + lines.gate[domain, 2])
        if hint != 0:
            is_hinted = is_shared or (hint >> domain) & 1
            gates[domain] = max(gates[domain], HINTED) if is_hinted else 0.0
        if is_shared:
            shared = gates[domain]
        else:
            special = max(special, gates[domain])
        highest = max(highest, gates[domain])
    return highest, special


@compile_kernel(None)
def judge_polarity(heads: Heads, lines: Lines, space: Space, aspect: int) -> tuple[int, float]:
    """Return the likeliest polarity of an aspect and its probability."""
    clause, tone = space.clause[aspect], np.float64(space.tone[aspect])
    column = lines.columns[aspect, 1]
    local = score_clause(heads, space, clause, column)
    opinion = compute_logistic(
        lines.opinion[aspect, 0] * space.total[column]
        + lines.opinion[aspect, 1] * local
        + lines.opinion[aspect, 2] * abs(tone)
        + lines.opinion[aspect, 3]
    )
    column = lines.columns[aspect, 2]
    local = score_clause(heads, space, clause, column)
    praise = compute_logistic(
        lines.praise[aspect, 0] * space.total[column]
        + lines.praise[aspect, 1] * local
        + lines.praise[aspect, 2] * tone
        + lines.praise[aspect, 3]
    )
    good, bad, neither = opinion * praise, opinion * (1.0 - praise), 1.0 - opinion
    if neither >= good and neither >= bad:
        return 0, neither
    return (1, good) if good >= bad else (-1, bad)


@compile_kernel(None)
def find_aspects(
    lexicon: Lexicon,
    heads: Heads,
    lines: Lines,
    codes: Ints,
    offsets: NDArray[np.int64],
    hints: NDArray[np.int64],
    width: int,
) -> tuple[Ints, Ints, NDArray[np.float32]]:
    """Return the aspects of each post: offsets (n + 1,), rows of (aspect, polarity, start, end) and probabilities.

    Rows come in the order of the taxonomy; start and end are -1 where no term says the aspect. ``hints``: a bit per
    domain, shape (n,).
    """
    n, aspects, domains = len(offsets) - 1, len(lines.domain), len(lines.is_shared)
    found_at, rows, chances = np.zeros(n + 1, np.int32), np.empty((n + aspects, 4), np.int32), np.empty(n + aspects)
    grams, gates = np.zeros((width, 2), np.int32), np.zeros(domains)
    space = Space(
        np.zeros((MAX_CLAUSES, COLUMNS), np.int32),
        np.zeros(MAX_CLAUSES, np.int64),
        np.zeros(GATES, np.int32),
        np.zeros(COLUMNS, np.int16),
        np.zeros(COLUMNS, np.int32),
        np.zeros((MAX_TERMS, 4), np.int32),
        np.zeros(aspects, np.uint8),
        np.zeros(aspects, np.int8),
        np.zeros(aspects, np.int32),
        np.zeros((aspects, 2), np.int32),
        np.zeros(domains, np.int32),
        np.zeros(COLUMNS),
    )
    found = 0
    for post in range(n):
        low, high = offsets[post], offsets[post + 1]
        if found + aspects > len(rows):
            rows, chances = grow(rows, 2 * len(rows) + aspects), grow_floats(chances, 2 * len(rows) + aspects)
        if high > low:
            read = describe_post(lexicon, heads, lines.domain, codes, low, high, grams, space)
            highest, special = open_gates(lines, space, hints[post], gates)
            if highest > lines.threshold:
                describe_clauses(heads, codes, low, high, grams, read, space)
            for aspect in range(aspects if highest > lines.threshold else 0):
                domain = lines.domain[aspect]
                gate = gates[domain]
                if gate <= lines.threshold or (lines.columns[aspect, 0] < 0 and space.kind[aspect] == 0):
                    continue
                column, kind = lines.columns[aspect, 0], space.kind[aspect]
                score = lines.presence[aspect, 3]
                if column >= 0:
                    score += lines.presence[aspect, 0] * space.total[column]
                if kind > 0:
                    score += lines.presence[aspect, 3 - kind]
                if score < lines.lowest:
                    continue
                present = gate * compute_logistic(score)
                if present <= lines.threshold:
                    continue
                polarity, chance = judge_polarity(heads, lines, space, aspect)
                chance *= present
                if chance > lines.threshold and not is_taken(lines, space, aspect, special, gates):
                    rows[found, 0] = aspect
                    rows[found, 1] = polarity
                    has_span = space.kind[aspect] > 0
                    rows[found, 2] = space.span[aspect, 0] if has_span else -1
                    rows[found, 3] = space.span[aspect, 1] if has_span else -1
                    chances[found] = chance
                    found += 1
        found_at[post + 1] = found
    return found_at, rows[:found], chances[:found].astype(np.float32)


@compile_kernel(None)
def is_taken(lines: Lines, space: Space, aspect: int, special: float, gates: Floats) -> bool:
    """Whether a likelier domain has the very term of this aspect, so that it must not count twice."""
    domain = lines.domain[aspect]
    if space.kind[aspect] == 0:
        return bool(lines.is_shared[domain] and special > 0.5)  # the special domain's own heads speak there
    start = space.span[aspect, 0]
    for other in range(len(lines.domain)):
        theirs = lines.domain[other]
        if other == aspect or theirs == domain or space.kind[other] == 0 or space.span[other, 0] != start:
            continue
        if lines.is_shared[domain] and not lines.is_shared[theirs]:
            if gates[theirs] > 0.5:
                return True
        elif lines.is_shared[domain] == lines.is_shared[theirs]:
            if gates[theirs] > gates[domain] or (gates[theirs] == gates[domain] and other < aspect):
                return True
        elif gates[domain] <= 0.5:
            return True
    return False


@compile_kernel(None)
def grow(rows: Ints, size: int) -> Ints:
    """Return a longer copy of ``rows``."""
    larger = np.empty((size, rows.shape[1]), np.int32)
    larger[: len(rows)] = rows
    return larger


@compile_kernel(None)
def grow_floats(values: Floats, size: int) -> Floats:
    """Return a longer copy of ``values``."""
    larger = np.empty(size)
    larger[: len(values)] = values
    return larger


@compile_kernel(None)
def collect_grams(
    codes: Ints, offsets: NDArray[np.int64], index: NDArray[np.uint16], ranges: NDArray[np.int64]
) -> tuple[Ints, NDArray[np.int64]]:
    """Return the rows of the grams that end within each range (text, start, end), and where each range's begin."""
    longest = 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    grams = np.zeros((3 * longest + 8, 2), np.int32)
    starts = np.zeros(len(ranges) + 1, np.int64)
    kept = np.empty(1024, np.int32)
    filled = 0
    for item in range(len(ranges)):
        text, start, end = ranges[item, 0], ranges[item, 1], ranges[item, 2]
        found = read_grams(codes, offsets[text], offsets[text + 1], index, len(grams), grams)
        if filled + found > len(kept):
            larger = np.empty(2 * (filled + found), np.int32)
            larger[:filled] = kept[:filled]
            kept = larger
        for gram in range(found):
            if start <= grams[gram, 1] < end:
                kept[filled] = grams[gram, 0]
                filled += 1
        starts[item + 1] = filled
    return kept[:filled].copy(), starts
