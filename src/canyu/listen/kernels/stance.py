"""Array code of stances: whether a message that was found is carried, turned down or only asked about."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.listen.kernels.linking import RING, insert_sorted
from canyu.listen.kernels.storylines import NO_END, STRONG_END, find_end, is_word_sign

NEGATES, EXEMPTS, DENIES, SCORNS, ASKS, RETORTS, PRAISES = 0, 1, 2, 3, 4, 5, 6
REACH, LATIN_REACH = 10, 28  # characters before a message in which a negation turns it
QUESTION = (0x3F, 0xFF1F)

Ints = NDArray[np.int32]
Places = NDArray[np.int64]


class Outcomes(NamedTuple):
    """What a label's find means by its stance: numbers of ids, -1 for nothing; and its storyline."""

    carried: Ints  # (labels,): of a counter-message its own id
    denied: Ints
    asked: Ints
    storyline: Ints
    is_counter: NDArray[np.uint8]
    example_negated: NDArray[np.uint8]  # (examples,)


@compile_kernel(None)
def find_bounds(codes: Ints, low: int, high: int, start: int, end: int, least: int) -> tuple[int, int]:
    """Return the sentence (``least`` STRONG_END) or clause (WEAK_END) around a span, within its text."""
    first, last = low + start, low + end
    while first > low and find_end(codes, first - 1, high) < least:
        first -= 1
    at = max(last - 1, first)
    while at < high and find_end(codes, at, high) < least:
        at += 1
    return first - low, min(at + 1, high) - low


@compile_kernel(None)
def is_exempt(cues: Ints, first: int, stop: int, me: int, is_counter: bool) -> bool:
    """Whether a negation is only a part of words that are none; praise ("never hot") still undoes a counter-message.

    Cues come by their end and are at most 63 symbols long, so that only near ones are looked at.
    """
    other = me
    while other > first and cues[other - 1, 1] == cues[me, 1]:
        other -= 1
    while other < stop and cues[other, 1] <= cues[me, 1] + RING:
        is_none = cues[other, 2] == EXEMPTS or (cues[other, 2] == PRAISES and not is_counter)
        if is_none and cues[other, 0] <= cues[me, 0]:
            return True
        other += 1
    return False


@compile_kernel(None)
def is_negated(cues: Ints, first: int, stop: int, low: int, high: int, is_counter: bool) -> bool:
    """Whether a true negation stands in ``low`` to ``high`` of a text."""
    for me in range(first, stop):
        inside = cues[me, 0] >= low and cues[me, 1] <= high
        if inside and cues[me, 2] == NEGATES and not is_exempt(cues, first, stop, me, is_counter):
            return True
    return False


@compile_kernel(None)
def has_cue(cues: Ints, first: int, stop: int, kind: int, low: int, high: int) -> bool:
    """Whether a cue of a kind stands in ``low`` to ``high`` of a text."""
    for me in range(first, stop):  # noqa: SIM110 - compiled code knows no generators
        if cues[me, 2] == kind and cues[me, 0] >= low and cues[me, 1] <= high:
            return True
    return False


@compile_kernel(None)
def judge_finds(
    outcomes: Outcomes, finds: Ints, cues: Ints, cue_start: Places, codes: Ints, offsets: Places
) -> tuple[Ints, Ints]:
    """Return per find the number of its id, -1 where it says nothing after all, and where its sentence begins."""
    answers, sentences = np.full(len(finds), -1, np.int32), np.zeros(len(finds), np.int32)
    for me in range(len(finds)):
        text, start, end, label, example = finds[me]
        low, high = offsets[text], offsets[text + 1]
        first, stop = cue_start[text], cue_start[text + 1]
        sentence_low, sentence_high = find_bounds(codes, low, high, start, end, STRONG_END)
        clause_low, clause_high = find_bounds(codes, low, high, start, end, NO_END + 1)
        sentences[me] = sentence_low
        is_counter = outcomes.is_counter[label] == 1
        turned = has_cue(cues, first, stop, DENIES, clause_low, clause_high)
        if example < 0:
            reach = LATIN_REACH if is_word_sign(codes[low + start]) else REACH
            turned |= is_negated(cues, first, stop, max(clause_low, start - reach), end, is_counter)
        elif turned or is_negated(cues, first, stop, start, end, is_counter) != (
            outcomes.example_negated[example] == 1
        ):
            continue  # alike but for a negation: says neither
        asked = has_cue(cues, first, stop, ASKS, sentence_low, sentence_high)
        asked |= codes[low + sentence_high - 1] in QUESTION
        if is_counter:
            if not ((turned and example < 0) or asked):
                answers[me] = outcomes.carried[label]
        elif has_cue(cues, first, stop, SCORNS, sentence_low, sentence_high) or (
            turned != has_cue(cues, first, stop, RETORTS, sentence_low, sentence_high)  # "who says it is not"
        ):
            answers[me] = outcomes.denied[label]
        elif asked:
            answers[me] = outcomes.asked[label]
        else:
            answers[me] = outcomes.carried[label]
    return answers, sentences


@compile_kernel(None)
def drop_contradicted(outcomes: Outcomes, finds: Ints, answers: Ints, sentences: Ints) -> None:
    """Undo a carried message where the same sentence turns it down or carries a counter-message of it."""
    first = 0
    for me in range(len(finds)):
        if finds[me, 0] != finds[first, 0]:
            first = me
        label = finds[me, 3]
        if answers[me] < 0 or outcomes.is_counter[label] or answers[me] == outcomes.denied[label]:
            continue
        other = first
        while other < len(finds) and finds[other, 0] == finds[me, 0]:
            rival = finds[other, 3]
            is_against = outcomes.is_counter[rival] or answers[other] == outcomes.denied[rival]
            is_same = outcomes.storyline[rival] == outcomes.storyline[label] and sentences[other] == sentences[me]
            if answers[other] >= 0 and is_against and is_same:
                answers[me] = -1
                break
            other += 1


@compile_kernel(None)
def gather_answers(finds: Ints, answers: Ints, rows: Places, texts: int) -> tuple[Ints, Ints]:
    """Return the numbers of each text, sorted and unique, as offsets (texts + 1,) and values."""
    offsets = np.zeros(texts + 1, np.int32)
    values = np.empty(len(finds), np.int32)
    filled, me = 0, 0
    for text in range(texts):
        first = filled
        while me < len(finds) and rows[finds[me, 0]] == text:
            if answers[me] >= 0:
                filled = insert_sorted(values, first, filled, answers[me])
            me += 1
        offsets[text + 1] = filled
    return offsets, values[:filled]
