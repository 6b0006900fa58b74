"""Promises that nobody may make in the brand's name unless an article makes them: refund, date, compensation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from canyu.care.assistant.sentences import list_quantities, read_facts, split_sentences, write_digits
from canyu.care.assistant.tokens import fold_text


class PromiseKind(StrEnum):
    """What is promised."""

    REFUND = "refund"
    DATE = "date"
    COMPENSATION = "compensation"


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence that promises what no article holds."""

    kind: PromiseKind
    sentence: str


_WHEN = (
    r"\d+\s*(?:个)?(?:分钟|小时|钟头|天|日|工作日|周|星期|月|年)(?!前)|今天|今晚|明天|明早|后天|本周|下周|这周|本月|下个?月|月底|周[一二三四五六日末]|"
    r"立即|马上|立刻|很快|尽快|"
    r"\b(?:\d+\s*(?:minutes?|hours?|days?|weeks?|months?|(?:working|business) days?)|today|tonight|tomorrow|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|next (?:week|month)|this week|immediately|right away|shortly|soon)\b"
)
_PATTERNS = {
    PromiseKind.REFUND: re.compile(
        r"退款|退钱|退还|返还|全额退|退(?:回|给)?(?:您|你)|退一赔|把钱|"
        r"\b(?:refund(?:s|ed)?|money back|reimburse\w*|pay you back|return your money)\b"
    ),
    PromiseKind.COMPENSATION: re.compile(
        r"赔|补偿|补(?:给|您|你)|送(?:您|你|一|张)|赠送|免单|减免|代金券|优惠券|红包|积分|免费|延长保修|延保|折扣|"
        r"\b(?:compensat\w*|vouchers?|coupons?|gifts?|free|no charge|waive\w*|discounts?|credits?|extended warranty|"
        r"bonus|make it up to you)\b"
    ),
    PromiseKind.DATE: re.compile(_WHEN),
}
# Only what stands right before the word refuses it: 「不用退货也给您退款」 is a promise all the same.
_REFUSING = re.compile(
    r"(?:不|无法|没有|未|别)[^，,。；;]{0,4}$|\b(?:no|not|cannot|never|neither|nor|unable|without)\b(?:\W+\w+){0,3}\W*$|"
    r"n['’]t\b(?:\W+\w+){0,3}\W*$"
)
_GRANTING = re.compile(
    r"(?:不(?:会|能|可能|得|应)不|不(?:但|仅|只|用|必|需)|没(?:有)?问题|不好意思|not only|no problem)[^，,。；;]{0,8}$"
)
_REFUSED_AFTER = re.compile(
    r"^[^，,。；;]{0,4}(?:不|无法|未)(?!用|必|需|仅|但)|^\W*(?:\w+\W+){0,3}?(?:not|never|cannot)\b"
)


def find_promises(text: str, articles: Iterable[str]) -> list[Promise]:
    """Return the promises of a text that none of the articles' texts holds; none means that it may go out.

    A promise is held where one sentence of an article grants the same kind, with all of its numbers, its days and its
    extent (in full, free, at once). What is refused is not promised: 不能退款.

    >>> [str(each.kind) for each in find_promises("我们明天给您全额退款。", ["退货验收后 3 个工作日内退款。"])]
    ['refund', 'date']
    >>> find_promises("退款在三个工作日内退回。", ["退货验收后 3 个工作日内退款。"])
    []
    """
    held = [_Claim(sentence) for article in articles for sentence in split_sentences(article)]
    found: list[Promise] = []
    for sentence in split_sentences(text):
        claim = _Claim(sentence)
        found += [
            Promise(kind, sentence)
            for kind in PromiseKind
            if kind in claim.granted and not any(each.holds(claim, kind) for each in held)
        ]
    return found


class _Claim:
    """A sentence as the guard reads it: what it speaks of, what it grants, and how much."""

    def __init__(self, sentence: str) -> None:
        folded = write_digits(fold_text(sentence))
        self.spoken = {kind for kind, pattern in _PATTERNS.items() if pattern.search(folded)}
        self.granted = {kind for kind in self.spoken if _is_granted(folded, kind)}
        self._days = frozenset(re.sub(r"\s", "", each) for each in _PATTERNS[PromiseKind.DATE].findall(folded))
        self._quantities = list_quantities(sentence)
        self._extent = read_facts(sentence).strict

    def holds(self, claim: _Claim, kind: PromiseKind) -> bool:
        """Say whether this sentence of an article grants what the claim grants, as much and as soon."""
        if kind is PromiseKind.DATE:
            return claim._days <= self._days and claim._quantities <= self._quantities
        is_enough = claim._quantities <= self._quantities and claim._extent <= self._extent
        return kind in self.granted and is_enough


def _is_granted(folded: str, kind: PromiseKind) -> bool:
    if kind is PromiseKind.DATE:
        return True
    for found in _PATTERNS[kind].finditer(folded):
        before, after = folded[: found.start()], folded[found.end() :]
        is_refused = _REFUSING.search(before) is not None and _GRANTING.search(before) is None
        if not is_refused and _REFUSED_AFTER.match(after) is None:
            return True
    return False
