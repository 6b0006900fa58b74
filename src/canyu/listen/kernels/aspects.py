"""Array code of aspects: one pass over a post finds its terms and sums all heads clause by clause.

A head is one column of the table of weights; a post's score under a head is the sum over its known grams, divided by
the square root of their number. A clause ends with its punctuation mark; a gram belongs to the clause it ends in.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.listen.kernels.adagrad import compute_logistic
from canyu.listen.kernels.compiled import CODES, compile_kernel, read_only
from canyu.listen.kernels.ngrams import A1, A2, A3, B1, B2, B3, EDGE, P2, P3, Q3

COLUMNS = 64  # a row of weights is one cache line
MAX_CLAUSES = 256  # a post's later clauses count as one
MAX_TERMS = 512  # of one post; later ones are not read
STRONG, WEAK = 2, 1
NEGATIONS = (0x4E0D, 0x6CA1, 0x65E0, 0x672A, 0x522B)  # 不 没 无 未 别
REACH = 2  # characters before a term in which a negation turns its tone

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
ROWS, GRAMS, SUMS = read_only(types.int8, 2), types.int32[:, ::1], types.int32[:, ::1]


class Lexicon(NamedTuple):
    """Terms by their first two code points: ``slot_*`` is a hash table to ranges of terms, the longest first."""

    slot_key: NDArray[np.int64]
    slot_first: Ints
    slot_size: Ints
    text: Ints  # all terms, one after another
    at: Ints  # (terms + 1,)
    use_start: Ints  # (terms + 1,)
    use_aspect: Ints
    use_kind: NDArray[np.uint8]  # STRONG or WEAK
    use_tone: NDArray[np.int8]  # what the term itself says: -1, 0 or 1


class Heads(NamedTuple):
    """Weights of the known grams: ``row_of`` gives a bucket's row of ``table``, 0 is unknown."""

    row_of: NDArray[np.uint16]  # (2^bits,)
    table: NDArray[np.int8]  # (rows, COLUMNS)
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
    """What is known of the post at hand; filled by :func:`describe_post`."""

    sums: NDArray[np.int32]  # (MAX_CLAUSES + 1, COLUMNS): by clause, and last of the whole
    grams: NDArray[np.int64]  # (MAX_CLAUSES + 1,)
    terms: Ints  # (MAX_TERMS, 4): start, end, term, clause
    kind: NDArray[np.uint8]  # (aspects,): 0, WEAK or STRONG
    tone: NDArray[np.int8]  # (aspects,)
    clause: Ints  # (aspects,): of the first term, or -1
    span: Ints  # (aspects, 2)
    strong: Ints  # (domains,): number of strong terms
    total: Floats  # (COLUMNS,): scores of the whole post


@compile_kernel(types.boolean(types.int32))
def is_clause_end(code: int) -> bool:
    """Whether a clause ends with this code point, as folded."""
    if code < 0x80:
        return code in (0x0A, 0x0D, 0x2C, 0x21, 0x3F, 0x3B, 0x7E)  # \n \r , ! ? ; ~
    return code in (0x3002, 0x2026, 0xFF0C, 0xFF01, 0xFF1F, 0xFF1B, 0x3001, 0xFF5E)  # 。 … ， ！ ？ ； 、 ～


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


@compile_kernel(None)
def is_latin(code: int) -> bool:
    """Whether a code point is an ASCII letter or digit, as folded."""
    return 0x30 <= code <= 0x39 or 0x61 <= code <= 0x7A


@compile_kernel(None)
def match_term(lexicon: Lexicon, codes: Ints, at: int, low: int, high: int) -> int:
    """Return the longest term that stands at ``at`` and is not cut out of a Latin word, or -1."""
    if at + 1 >= high:
        return -1
    key = np.int64(codes[at]) * 0x110000 + codes[at + 1]
    mask = lexicon.slot_key.size - 1
    slot = (key * np.int64(0x9E3779B1)) >> 9 & mask
    while lexicon.slot_key[slot] != key:
        if lexicon.slot_key[slot] < 0:
            return -1
        slot = (slot + 1) & mask
    first = lexicon.slot_first[slot]
    for term in range(first, first + lexicon.slot_size[slot]):
        start, stop = lexicon.at[term], lexicon.at[term + 1]
        end = at + stop - start
        if end > high:
            continue
        same = True
        for step in range(2, stop - start):
            if codes[at + step] != lexicon.text[start + step]:
                same = False
                break
        if not same:
            continue
        if is_latin(codes[at]) and at > low and is_latin(codes[at - 1]):
            continue
        if is_latin(codes[end - 1]) and end < high and is_latin(codes[end]):
            continue
        return int(term)
    return -1


@compile_kernel(None)
def find_terms(lexicon: Lexicon, codes: Ints, low: int, high: int, terms: Ints) -> int:
    """Write (start, end, term, clause) of the terms of one post, leftmost longest first; return how many."""
    found = clause = 0
    at = low
    while at < high and found < MAX_TERMS:
        term = match_term(lexicon, codes, at, low, high)
        if term < 0:
            if is_clause_end(codes[at]) and clause < MAX_CLAUSES - 1:
                clause += 1
            at += 1
            continue
        end = at + lexicon.at[term + 1] - lexicon.at[term]
        terms[found, 0] = at - low
        terms[found, 1] = end - low
        terms[found, 2] = term
        terms[found, 3] = clause
        found += 1
        at = end
    return found


@compile_kernel(types.void(ROWS, GRAMS, types.int64, types.int64, types.int64, SUMS))
def add_rows(table: NDArray[np.int8], grams: Ints, first: int, stop: int, clause: int, sums: Ints) -> None:
    """Set ``sums[clause]`` to the sum of the rows of ``grams[first:stop]``."""
    for column in range(COLUMNS):
        sums[clause, column] = 0
    for place in range(first, stop):
        row = grams[place, 0]
        for column in range(COLUMNS):
            sums[clause, column] += table[row, column]


@compile_kernel(None)
def sum_clauses(heads: Heads, codes: Ints, low: int, high: int, grams: Ints, space: Space) -> int:
    """Fill ``space.sums``, ``grams`` and ``total`` of one post; return its number of clauses."""
    sums, counts, table = space.sums, space.grams, heads.table
    found = read_grams(codes, low, high, heads.row_of, len(grams), grams)
    clause, place = 0, 0
    at = low
    for column in range(COLUMNS):
        sums[MAX_CLAUSES, column] = 0
    while at < high:
        begun = place
        last = clause == MAX_CLAUSES - 1
        while at < high and (last or not is_clause_end(codes[at])):
            at += 1
        while place < found and grams[place, 1] <= at - low:
            place += 1
        add_rows(table, grams, begun, place, clause, sums)
        for column in range(COLUMNS):
            sums[MAX_CLAUSES, column] += sums[clause, column]
        counts[clause] = place - begun
        clause += 1
        at += 1
    norm = 1.0 / np.sqrt(max(np.float64(found), 1.0))
    for column in range(COLUMNS):
        space.total[column] = sums[MAX_CLAUSES, column] * heads.scale[column] * norm
    counts[MAX_CLAUSES] = found
    return clause


@compile_kernel(None)
def is_negated(codes: Ints, start: int, low: int) -> bool:
    """Whether a negation stands within REACH characters before ``start``, in the same clause."""
    at = start - 1
    while at >= max(low, start - REACH):
        code = codes[at]
        if is_clause_end(code):
            return False
        if code in NEGATIONS:
            return True
        at -= 1
    return False


@compile_kernel(None)
def describe_post(
    lexicon: Lexicon, heads: Heads, lines: Lines, codes: Ints, low: int, high: int, grams: Ints, space: Space
) -> None:
    """Fill ``space`` with everything that aspects of one post are judged by."""
    sum_clauses(heads, codes, low, high, grams, space)
    space.kind[:] = 0
    space.tone[:] = 0
    space.clause[:] = -1
    space.strong[:] = 0
    found = find_terms(lexicon, codes, low, high, space.terms)
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
                space.strong[lines.domain[aspect]] += 1
            if kind > space.kind[aspect] or (kind == space.kind[aspect] and tone != 0 and space.tone[aspect] == 0):
                space.kind[aspect] = kind
                space.clause[aspect] = space.terms[hit, 3]
                space.span[aspect, 0] = space.terms[hit, 0]
                space.span[aspect, 1] = space.terms[hit, 1]
                space.tone[aspect] = tone


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
        np.zeros((MAX_CLAUSES + 1, COLUMNS), np.int32),
        np.zeros(MAX_CLAUSES + 1, np.int64),
        np.zeros((MAX_TERMS, 4), np.int32),
        np.zeros(aspects, np.uint8),
        np.zeros(aspects, np.int8),
        np.zeros(aspects, np.int32),
        np.zeros((aspects, 2), np.int32),
        np.zeros(domains, np.int32),
        np.zeros(COLUMNS),
    )
    for post in range(n):
        describe_post(lexicon, heads, lines, codes, offsets[post], offsets[post + 1], grams, space)
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


@compile_kernel(None)
def open_gates(lines: Lines, space: Space, hint: int, gates: Floats) -> float:
    """Fill the probability that the post is about each domain; return the highest of those not shared.

    ``hint`` has a bit per domain that the post is known to be about, 0 where nothing is known.
    """
    strong = 0
    for domain in range(len(gates)):
        strong += space.strong[domain]
    highest = 0.0
    for domain in range(len(gates)):
        line, shared = lines.gate[domain], lines.is_shared[domain]
        score = space.total[lines.gate_column[domain]]
        count = min(strong if shared else space.strong[domain], 3)
        gates[domain] = compute_logistic(line[0] * score + line[1] * count + line[2])
        if hint != 0:
            is_hinted = shared or (hint >> domain) & 1
            gates[domain] = max(gates[domain], 0.97) if is_hinted else 0.0
        if not shared and gates[domain] > highest:
            highest = gates[domain]
    return highest


@compile_kernel(None)
def judge_aspect(heads: Heads, lines: Lines, space: Space, aspect: int, gate: float) -> tuple[int, float]:
    """Return the likeliest polarity of an aspect and the probability that the post says just this of it."""
    column = lines.columns[aspect, 0]
    line = lines.presence[aspect]
    kind = space.kind[aspect]
    score = line[0] * space.total[column] if column >= 0 else 0.0
    score += line[1] * (kind == STRONG) + line[2] * (kind == WEAK) + line[3]
    if score < lines.lowest:
        return 0, 0.0
    present = gate * compute_logistic(score)
    if present <= lines.threshold:
        return 0, 0.0
    clause, tone = space.clause[aspect], np.float64(space.tone[aspect])
    line, column = lines.opinion[aspect], lines.columns[aspect, 1]
    local = score_clause(heads, space, clause, column)
    opinion = compute_logistic(line[0] * space.total[column] + line[1] * local + line[2] * abs(tone) + line[3])
    line, column = lines.praise[aspect], lines.columns[aspect, 2]
    local = score_clause(heads, space, clause, column)
    praise = compute_logistic(line[0] * space.total[column] + line[1] * local + line[2] * tone + line[3])
    good, bad, neither = opinion * praise, opinion * (1.0 - praise), 1.0 - opinion
    if neither >= good and neither >= bad:
        return 0, present * neither
    return (1, present * good) if good >= bad else (-1, present * bad)


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
        np.zeros((MAX_CLAUSES + 1, COLUMNS), np.int32),
        np.zeros(MAX_CLAUSES + 1, np.int64),
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
            describe_post(lexicon, heads, lines, codes, low, high, grams, space)
            highest = open_gates(lines, space, hints[post], gates)
            for aspect in range(aspects):
                domain = lines.domain[aspect]
                gate = gates[domain]
                if gate <= lines.threshold or (lines.columns[aspect, 0] < 0 and space.kind[aspect] == 0):
                    continue
                polarity, chance = judge_aspect(heads, lines, space, aspect, gate)
                if chance > lines.threshold and not is_taken(lines, space, aspect, highest, gates):
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
def is_taken(lines: Lines, space: Space, aspect: int, highest: float, gates: Floats) -> bool:
    """Whether a likelier domain has the very term of this aspect, so that it must not count twice."""
    domain = lines.domain[aspect]
    if space.kind[aspect] == 0:
        return bool(lines.is_shared[domain] and highest > 0.5)  # the special domain's own heads speak there
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
