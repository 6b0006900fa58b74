"""Claims other than absolute terms: data without a source, and what each industry may not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from canyu.kit.words import Words
from canyu.listen.copycheck.absolutes import MOST_FINDINGS, Setting
from canyu.listen.copycheck.grounds import is_denied
from canyu.listen.copycheck.lexicon import Claim, Lexicon
from canyu.listen.copycheck.passage import Passage
from canyu.listen.copycheck.plain import PlainCopy
from canyu.listen.copycheck.report import Finding, Ground, Severity, Target

WHY = {
    Severity.BLOCK: Words("这一行业或这类内容不得这样写。", "this may not be said, in this industry or at all."),
    Severity.NEEDS_PROOF: Words("没有写明依据。", "no ground for it is stated."),
}
PAID = Words("付费内容没有标明“广告”。", "a paid post that is not marked as advertising.")
WEAK_MARK = Words(
    "只写了“合作”“推广”等字样；办法要求标明“广告”。",
    "marked as cooperation or promotion only; the measures ask for the word advertisement.",
)
DISCLOSE = Words("在开头标明“广告”。", "Put 广告 (advertisement) at the beginning.")
STRONG_MARK = re.compile(
    r"(?<![非无不免打])(?<!不是)(?<!没有)广告(?!位|语|公司|费|牌|法)|#ad(?![a-z])|(?<![a-z])sponsored(?![a-z])"
)
MARK = re.compile(r"(?<![非无不])(?:合作|推广|赞助|品牌(?:方)?(?:提供|赠送)|商单|恰饭)|#(?:sp|pr)(?![a-z])")
MARK_RULE = "ad-measures-9"


def find_claims(copy: PlainCopy, claims: list[Claim], lexicon: Lexicon, setting: Setting) -> Iterator[Finding]:
    """Yield which of some claims one copy makes against the general rules and those of its industry."""
    for claim in claims:
        if claim.industries and setting.industry not in claim.industries:
            continue
        for match in islice(claim.pattern.finditer(copy.plain), MOST_FINDINGS):
            passage = Passage(copy, match.start(), match.end())
            if not _is_answered(passage, claim, lexicon):
                yield _tell(copy, match.span(), claim, lexicon)


def find_missing_mark(copy: PlainCopy, lexicon: Lexicon) -> Finding | None:
    """Return the finding of a paid post that is not, or weakly, marked as advertising; none where it is marked."""
    if STRONG_MARK.search(copy.folded):
        return None
    weak = MARK.search(copy.folded)
    start, end = weak.span() if weak else (0, 0)
    return Finding(
        term=copy.text[start:end],
        start=start,
        end=end,
        rule=MARK_RULE,
        article=lexicon.articles[MARK_RULE],
        severity=Severity.NOTE if weak else Severity.BLOCK,
        target=Target.POST,
        ground=Ground.NONE,
        why=WEAK_MARK if weak else PAID,
        proof=(),
        hint=DISCLOSE,
    )


def _is_answered(passage: Passage, claim: Claim, lexicon: Lexicon) -> bool:
    if is_denied(passage) or (claim.unless and claim.unless.search(passage.sentence)):
        return True
    return claim.takes_source and bool(lexicon.signs["limited_fact"]["source"].search(passage.footnoted))


def _tell(copy: PlainCopy, span: tuple[int, int], claim: Claim, lexicon: Lexicon) -> Finding:
    start, end = copy.locate(*span)
    return Finding(
        term=copy.text[start:end],
        start=start,
        end=end,
        rule=claim.rule,
        article=lexicon.articles[claim.rule],
        severity=claim.severity,
        target=Target.GOODS,
        ground=Ground.NONE,
        why=WHY[claim.severity],
        proof=claim.proof,
        hint=claim.hint,
        is_disguised=copy.is_disguised(*span),
    )
