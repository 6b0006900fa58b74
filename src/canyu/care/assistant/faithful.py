"""Checks a rephrased answer sentence by sentence against the sentences it was made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from canyu.care.assistant.guard import find_promises
from canyu.care.assistant.sentences import Facts, read_facts, split_sentences
from canyu.care.assistant.tokens import MEANING, is_chinese, list_tokens

_CLAUSES = re.compile(r"[，,；;：:](?!\d)|\b(?:but|while|whereas)\b")

LEAST_COVERED = 0.6
"""Of a rephrased sentence's tokens that one source holds; rephrasings of the tests keep 0.65 and more."""

LEAST_KEPT = 0.4
"""Of a source sentence's tokens that stand in what says it again: a condition left out is another rule."""


class Fault(StrEnum):
    """Why a rephrased answer does not go out."""

    EMPTY = "empty"
    LANGUAGE = "other language"
    COVERAGE = "not in the sources"
    NUMBER = "number"
    DAY = "day"
    CONDITION = "condition"
    PARTY = "who does it"
    NAME = "name"
    ADDRESS = "address"
    NEGATION = "negation"
    PROMISE = "promise"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Unfaithful:
    """What is wrong with a rephrased answer: the sentence (the source's, where one was left out) and why."""

    fault: Fault
    sentence: str


@dataclass(frozen=True, slots=True)
class Traced:
    """A rephrased sentence and the place of the source sentence that it says again."""

    text: str
    place: int


def trace_sentences(rephrased: str, sources: Sequence[str]) -> list[Traced] | Unfaithful:
    """Return the sentences of an answer, each with its source; what is wrong where one of them has none.

    ``sources``: the sentences that were to be rephrased, in order. Each sentence of the answer must be covered by
    one of them, state no number, day, condition, party, name or address that it does not state, and deny where it
    denies, clause by clause; each of them must be said, with all of its numbers, days, conditions and parties.

    >>> trace_sentences("三个工作日内会把退款原路退回。", ["退款在 3 个工作日内原路退回。"])
    [Traced(text='三个工作日内会把退款原路退回。', place=0)]
    >>> trace_sentences("退款在 1 个工作日内原路退回。", ["退款在 3 个工作日内原路退回。"]).fault
    <Fault.NUMBER: 'number'>
    """
    said = split_sentences(rephrased)
    if not said:
        return Unfaithful(Fault.EMPTY, "")
    if is_chinese(rephrased) != is_chinese(" ".join(sources)):
        return Unfaithful(Fault.LANGUAGE, said[0])
    facts = [read_facts(source) for source in sources]
    tokens = [_take_tokens(source) for source in sources]
    traced: list[Traced] = []
    for sentence in said:
        own = _take_tokens(sentence)
        covered = [(_share(own, held), _share(held, own)) for held in tokens]
        place = max(range(len(sources)), key=covered.__getitem__)
        if covered[place][0] < LEAST_COVERED:
            return Unfaithful(Fault.COVERAGE, sentence)
        fault = _compare_facts(read_facts(sentence), facts[place]) or _compare_clauses(sentence, sources[place])
        if fault is not None:
            return Unfaithful(fault, sentence)
        traced.append(Traced(sentence, place))
    promises = find_promises(rephrased, sources)
    if promises:
        return Unfaithful(Fault.PROMISE, promises[0].sentence)
    return _find_left_out(traced, sources, facts) or traced


def _compare_facts(said: Facts, held: Facts) -> Fault | None:
    added = {
        Fault.NUMBER: said.numbers - held.numbers,
        Fault.DAY: said.days - held.days,
        Fault.CONDITION: said.strict - held.strict,
        Fault.PARTY: said.parties - (held.parties or {"you"}),  # 您 may be added for politeness where nobody is named
        Fault.NAME: said.names - held.names,
        Fault.ADDRESS: said.addresses - held.addresses,
    }
    found = next((fault for fault, values in added.items() if values), None)
    return Fault.NEGATION if found is None and said.is_negative != held.is_negative else found


def _compare_clauses(sentence: str, source: str) -> Fault | None:
    """Return what changed its place within a sentence: 整车 5 年，电池 8 年 says the same numbers as its reverse."""
    held = [(_take_words(clause), read_facts(clause)) for clause in _split_clauses(source)]
    for clause in _split_clauses(sentence):
        words, said = _take_words(clause), read_facts(clause)
        shares = [_share(words, own) for own, _ in held]
        best = max(shares, default=0.0)
        alike = [facts for share, (_, facts) in zip(shares, held, strict=True) if share == best] if best else []
        if alike and not any(said.numbers <= facts.numbers for facts in alike):
            return Fault.NUMBER
        if alike and not any(said.is_negative == facts.is_negative for facts in alike):
            return Fault.NEGATION
    return None


def _split_clauses(sentence: str) -> list[str]:
    return [found for part in _CLAUSES.split(sentence) if (found := part.strip())]


def _take_words(clause: str) -> frozenset[str]:
    return frozenset(token for token in list_tokens(clause) if token[0] == MEANING or not any(map(str.isdigit, token)))


def _find_left_out(traced: list[Traced], sources: Sequence[str], facts: list[Facts]) -> Unfaithful | None:
    for place, (source, held) in enumerate(zip(sources, facts, strict=True)):
        said = " ".join(each.text for each in traced if each.place == place)
        kept = read_facts(said)
        is_less = (
            held.numbers - kept.numbers
            or held.days - kept.days
            or held.strict - kept.strict
            or held.parties - kept.parties
        )
        if is_less or _share(_take_tokens(source), _take_tokens(said)) < LEAST_KEPT:
            return Unfaithful(Fault.LEFT_OUT, source)
    return None


def _take_tokens(sentence: str) -> frozenset[str]:
    """Return pairs, stems and meanings: another word for the same thing is no invention."""
    return frozenset(list_tokens(sentence))


def _share(tokens: frozenset[str], held: frozenset[str]) -> float:
    """Return how much of some tokens is held; a token of a meaning weighs as much as two pairs of characters."""
    whole = sum(2 if token.startswith(MEANING) else 1 for token in tokens)
    kept = sum(2 if token.startswith(MEANING) else 1 for token in tokens & held)
    return kept / whole if whole else 0.0
