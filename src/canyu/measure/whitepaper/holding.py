"""Holds the sentences of a paper against its numbers: printed where they carry them, else refused with the mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from canyu.kit.numbers import format_full
from canyu.kit.words import Words
from canyu.measure.claims.claim import Claim
from canyu.measure.claims.verdicts import Ground, Verdict, judge
from canyu.measure.estimate import Estimate
from canyu.measure.whitepaper.contrast import LEVEL, count_runs_needed
from canyu.measure.whitepaper.design import PaperDesign, Sentence, Side
from canyu.measure.whitepaper.numbers import LabTest, Numbers, Pair

PERCENT = "%"


class Why(StrEnum):
    """Why a sentence is refused."""

    UNKNOWN = "not_measured"
    NO_FIGURE = "no_figure"
    OTHER_UNIT = "other_unit"
    TOO_FEW = "too_few_runs"
    NOT_SIGNIFICANT = "not_significant"
    TOO_WIDE = "too_wide"
    CONTRADICTED = "contradicted"
    NAME = "names_missing"
    NUMBER = "other_number"
    SUPERLATIVE = "superlative"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason why a sentence may not be printed, and how to mend it."""

    why: Why
    reason: Words
    mend: Words


@dataclass(frozen=True, slots=True)
class Held:
    """A sentence held against the numbers; with no objection they carry it. ``figures``: one of each rival."""

    sentence: Sentence
    figures: tuple[tuple[str, Estimate, float], ...] = ()
    objections: tuple[Objection, ...] = ()


CheckCopy = Callable[[str], Sequence[tuple[Words, Words]]]
"""What the law has against a text: each time the reason and the mend."""

_STEMS = [
    "fast",
    "quick",
    "slow",
    "long",
    "short",
    "small",
    "light",
    "bright",
    "dark",
    "sharp",
    "loud",
    "quiet",
    "cool",
    "warm",
    "cold",
    "strong",
    "weak",
    "hard",
    "soft",
]
_WHOLE = [
    "biggest",
    "largest",
    "heaviest",
    "thinnest",
    "hottest",
    "safest",
    "smartest",
    "cheapest",
    "newest",
    "highest",
    "lowest",
    "greatest",
    "smoothest",
]
_OTHERS = [
    "best",
    "worst",
    "most",
    "least",
    "leading",
    "ever",
    "unmatched",
    "unrivalled",
    "unrivaled",
    "unbeaten",
    "unbeatable",
]
_SUPERLATIVE = re.compile(
    r"最(?!近|后|终|初|低温|高温|大值|小值)|第一(?!次|代|章|步|季度|阶段)|唯一|首个|首款|顶级|极致|独一无二|无敌|领先|"
    r"(?<!at )\b(?:number one|no\. ?1|second to none|the only|"
    + "|".join((*_WHOLE, *_OTHERS, *(f"{stem}est" for stem in _STEMS)))
    + r")\b|#1\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")

UNKNOWN = Words("实验室文件里没有 {what}。", "The lab file has no {what}.")
MEND_UNKNOWN = Words("请改成文件里的名称，或补测。", "Name what the file has, or measure it.")
MEND_FIGURE = Words("请按原因补测后再写这句话。", "Measure what is lacking before you write this sentence.")
OTHER_UNIT = Words("说法的单位是 {said}，测试的单位是 {unit}。", "The claim is in {said}, the test in {unit}.")
MEND_UNIT = Words("请写 % 或测试的单位。", "Write % or the unit of the test.")
TOO_FEW = Words(
    "次数太少：全文有 {n} 个比较，这么少的次数无论如何都不会显著。",
    "There are too few runs: beside {n} comparisons so few could not be significant whatever they read.",
)
MEND_FEW = Words("每台设备至少测 {needed} 次。", "Measure each device {needed} times at least.")
NOT_SIGNIFICANT = Words(
    "经 Holm 校正的 p 值为 {p}，不低于 0.05：差别可能只是偶然。",
    "The Holm-corrected p-value is {p}, not below 0.05: the difference may be chance.",
)
MEND_SIGNIFICANT = Words("请增加次数，或去掉这句话。", "Measure more runs, or leave the sentence out.")
TOO_WIDE = Words(
    "95% 区间 {low} 至 {high} 没有全部落在所说的范围内。",
    "The 95 % interval, {low} to {high}, is not all within what is said.",
)
MEND_WIDE = Words("请按区间的下限来写，或增加次数。", "State what the lower end allows, or measure more runs.")
CONTRADICTED = Words(
    "测量值是 {value}，95% 区间 {low} 至 {high}：与说法相反或不够。",
    "What was measured is {value}, 95 % interval {low} to {high}: the sentence says more, or the opposite.",
)
MEND_CONTRADICTED = Words("请改成测得的数。", "Write what was measured.")
NAMELESS = Words("句子里没有写明 {names}。", "The sentence does not name {names}.")
MEND_NAME = Words("请写明比的是谁、与谁相比。", "Say who is compared with whom.")
OTHER_NUMBER = Words("句子里写的数是 {said}，设计里是 {stated}。", "The sentence says {said}, the design {stated}.")
MEND_NUMBER = Words("请让两处一致。", "Let both say the same.")
SUPERLATIVE = Words(
    "句中有“{term}”，却没有与本测试的每台设备相比。",
    "It says “{term}” and is not held against every device of the test.",
)
MEND_SUPERLATIVE = Words(
    "请去掉它，或在 against 里列出并在句中写明其余每台设备。",
    "Take it out, or list every other device in against and name them.",
)


def hold_sentences(numbers: Numbers, design: PaperDesign, check_copy: CheckCopy) -> tuple[Held, ...]:
    """Return every sentence of the design held against the numbers, its own words, and the law of advertising."""
    return tuple(_hold(sentence, numbers, design, check_copy) for sentence in design.sentences)


def list_copy_objections(text: Words, check_copy: CheckCopy) -> list[Objection]:
    """Return what the law has against a text, in either language."""
    said = dict.fromkeys(text)
    return [Objection(Why.LAW, reason, mend) for each in said for reason, mend in check_copy(each)]


def find_superlative(text: Words) -> str | None:
    """Return the first word that sets something above all others.

    >>> find_superlative(Words("最快的手机", "")), find_superlative(Words("", "at least 12 % faster at its best"))
    ('最', 'best')
    >>> find_superlative(Words("快至少 12%，最近测得", "at least 12 % faster than before"))
    """
    found = _SUPERLATIVE.search(text.zh) or _SUPERLATIVE.search(text.en)
    return found[0] if found else None


def _hold(sentence: Sentence, numbers: Numbers, design: PaperDesign, check_copy: CheckCopy) -> Held:
    test = next((test for test in numbers.tests if test.name == sentence.test), None)
    said = [*_check_words(sentence, design), *list_copy_objections(sentence.statement, check_copy)]
    devices = {cell.device for cell in test.cells} if test else set()
    wanted = (sentence.device, *sentence.against)
    lacking = [name for name in wanted if name not in devices] if test else [sentence.test]
    if test is None or lacking:
        what = UNKNOWN.fill(what=", ".join(lacking))
        return Held(sentence, (), _join(Objection(Why.UNKNOWN, what, MEND_UNKNOWN), *said))
    term = find_superlative(sentence.statement)
    if term is not None and devices - set(wanted):
        said.append(Objection(Why.SUPERLATIVE, SUPERLATIVE.fill(term=term), MEND_SUPERLATIVE))
    if sentence.unit != PERCENT and sentence.unit not in test.units:
        told = OTHER_UNIT.fill(said=sentence.unit, unit=", ".join(test.units))
        return Held(sentence, (), _join(Objection(Why.OTHER_UNIT, told, MEND_UNIT), *said))
    pairs = [_find_pair(test, sentence.device, other) for other in sentence.against]
    figures = tuple(
        (other, _turn(pair, sentence), pair.corrected or 0.0)
        for other, pair in zip(sentence.against, pairs, strict=True)
        if pair.corrected is not None
    )
    heard = [each for pair in pairs for each in _weigh(sentence, pair, numbers.comparisons)]
    return Held(sentence, figures, _join(*heard, *said))


def _join(*objections: Objection) -> tuple[Objection, ...]:
    """Return each objection once: both languages may say the same."""
    return tuple(dict.fromkeys(objections))


def _check_words(sentence: Sentence, design: PaperDesign) -> Iterator[Objection]:
    """Tell names and numbers of a sentence that are not those of its design."""
    labels = [design.name_device(name) for name in (sentence.device, *sentence.against)]
    stated = {sentence.stated} if sentence.stated else set()
    for place, text in enumerate(sentence.statement):
        names = [label[place] for label in labels]
        lacking = [name for name in names if name.lower() not in text.lower()]
        if lacking:
            yield Objection(Why.NAME, NAMELESS.fill(names=", ".join(lacking)), MEND_NAME)
        for name in sorted((*names, design.name_test(sentence.test)[place]), key=len, reverse=True):
            text = re.sub(re.escape(name), " ", text, flags=re.IGNORECASE)
        found = {float(number.replace(",", "")) for number in _NUMBER.findall(text)}
        if found != stated:
            told = [", ".join(format_full(number) for number in sorted(each)) or "—" for each in (found, stated)]
            yield Objection(Why.NUMBER, OTHER_NUMBER.fill(said=told[0], stated=told[1]), MEND_NUMBER)


def _weigh(sentence: Sentence, pair: Pair, comparisons: int) -> Iterator[Objection]:
    """Tell what the numbers of one pair have against the sentence."""
    found = _turn(pair, sentence)
    if found.value is None or pair.corrected is None:
        yield Objection(Why.NO_FIGURE, found.missing or Words("", ""), MEND_FIGURE)
        return
    if pair.corrected >= LEVEL:
        if pair.contrast.least_p * comparisons >= LEVEL:
            needed = MEND_FEW.fill(needed=count_runs_needed(comparisons))
            yield Objection(Why.TOO_FEW, TOO_FEW.fill(n=comparisons), needed)
        else:
            yield Objection(Why.NOT_SIGNIFICANT, NOT_SIGNIFICANT.fill(p=f"{pair.corrected:.3g}"), MEND_SIGNIFICANT)
    claim = Claim(sentence.id, sentence.statement, "", sentence.stated, sentence.relation)
    verdict = judge(claim, Ground(found.value, found.low, found.high)).verdict
    told = {"value": _tell(found.value), "low": _tell(found.low), "high": _tell(found.high)}
    if verdict is Verdict.CONTRADICTED:
        yield Objection(Why.CONTRADICTED, CONTRADICTED.fill(**told), MEND_CONTRADICTED)
    elif verdict is Verdict.NOT_SUPPORTED and found.low is not None:
        yield Objection(Why.TOO_WIDE, TOO_WIDE.fill(**told), MEND_WIDE)


def _find_pair(test: LabTest, device: str, other: str) -> Pair:
    """Return the pair in the order of the lab file."""
    return next(pair for pair in test.pairs if {pair.one, pair.other} == {device, other})


def _turn(pair: Pair, sentence: Sentence) -> Estimate:
    """Return by how much the sentence's device reads more (or less) than the other, in the sentence's unit."""
    is_turned, is_lower = pair.one != sentence.device, sentence.side is Side.LOWER
    if sentence.unit != PERCENT:
        return _map(pair.contrast.difference, lambda value: -value if is_turned != is_lower else value)
    sign = -1 if is_lower else 1
    return _map(pair.contrast.ratio, lambda value: sign * ((1 / value if is_turned else value) - 1) * 100)


def _map(found: Estimate, change: Callable[[float], float]) -> Estimate:
    """Return the estimate on another scale, which may run the other way."""
    if found.value is None:
        return found
    ends = [change(end) for end in (found.low, found.high) if end is not None]
    low, high = (min(ends), max(ends)) if len(ends) == 2 else (None, None)
    return replace(found, value=change(found.value), low=low, high=high)


def _tell(value: float | None) -> str:
    return "—" if value is None else f"{value:.4g}"
