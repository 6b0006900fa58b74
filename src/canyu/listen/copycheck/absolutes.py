"""Absolute terms of article 9(3): which words are terms at all, and what lifts the ban where something does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from canyu.kit.words import Words
from canyu.listen.copycheck.grounds import (
    ATTITUDE,
    FEELING,
    POINTS_AT_GOODS,
    Context,
    find_ground,
    has_wide_scope,
    is_personal,
    list_missing,
)
from canyu.listen.copycheck.lexicon import Family, Lexicon, load_lexicon
from canyu.listen.copycheck.passage import Passage
from canyu.listen.copycheck.plain import PlainCopy
from canyu.listen.copycheck.report import Finding, Ground, ProofSlot, Severity, Target

RULE = "ad-law-9-3"
COUNTED = re.compile("第一(?:家|款|台|个|部|辆|只|座|支|间)")
MOST = re.compile("最(?:多|高|大|快|广)")
PERSONAL = Words(
    "个人体验或看法；若是付费内容，仍属绝对化用语。",
    "one's own experience or opinion; in a paid post it would be an absolute term all the same.",
)
UNCLEAR = Words("词义不明，请人工看一眼。", "what it claims is not clear: let a person look.")
FEELS = Context(Target.FEELING, Ground.NO_LINK, FEELING)
SERVES = Context(Target.SERVICE_ATTITUDE, Ground.SERVICE_ATTITUDE, ATTITUDE)
# of one family in one copy: a million times 最 is no copy that a person reads on
MOST_LOOKS, MOST_FINDINGS = 20_000, 1000
WEIGHTS = {Severity.BLOCK: 3, Severity.NEEDS_PROOF: 2, Severity.NOTE: 1, Severity.EXEMPT: 0}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch of plain text that is an absolute term; ``context`` where the term itself already tells it."""

    start: int
    end: int
    severity: Severity
    is_fact: bool = False
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known about a copy besides its words."""

    industry: str = ""
    is_paid: bool = False
    names: tuple[str, ...] = ()


def find_absolutes(copy: PlainCopy, families: list[Family], lexicon: Lexicon, setting: Setting) -> list[Finding]:
    """Return the absolute terms of some families in one copy, in order; of overlapping ones the weightiest."""
    found: list[tuple[int, int, Finding]] = []
    for family in families:
        for candidate in islice(_list_candidates(copy, family, lexicon), MOST_FINDINGS):
            finding = _judge(copy, candidate, family, setting)
            found.append((candidate.start, candidate.end, finding))
    return _drop_overlaps(found)


def _list_candidates(copy: PlainCopy, family: Family, lexicon: Lexicon) -> Iterator[Candidate]:
    for match in islice(family.pattern.finditer(copy.plain), MOST_LOOKS):
        if family.name == "superlative":
            candidate = _read_superlative(copy, match, lexicon)
        elif family.name == "ordinal":
            candidate = _read_ordinal(copy, match, lexicon)
        elif family.name == "sole":
            candidate = _read_sole(copy, match, lexicon)
        elif family.unless and (
            family.unless.search(copy.plain[match.start() : match.end() + 6])
            or family.unless.search(copy.plain[max(0, match.start() - 6) : match.end()])
        ):
            candidate = None
        else:
            candidate = Candidate(match.start(), match.end(), family.severity, family.is_fact)
        if candidate:
            yield candidate


def _read_superlative(copy: PlainCopy, match: re.Match[str], lexicon: Lexicon) -> Candidate | None:
    """Return 最 with what it praises; none where it is an everyday word (最后) or blame (最差)."""
    signs, start = lexicon.contexts["superlative"], match.start()
    if signs["everyday"].match(copy.plain, start) or signs["blame"].match(copy.plain, start):
        return None
    felt = signs["feeling"].match(copy.plain, start)
    if felt:
        return Candidate(start, felt.end(), Severity.BLOCK, context=FEELS)
    praise = signs["praise"].match(copy.plain, start)
    if not praise:
        end = min(start + 2, len(copy.plain))
        return Candidate(start, end, Severity.NOTE)
    counts = lexicon.contexts["ordinal"]["fact_noun"].search(copy.plain, max(0, start - 12), start)
    if counts and MOST.match(copy.plain, start):
        return Candidate(start, praise.end(), Severity.NEEDS_PROOF, is_fact=True)
    return Candidate(start, praise.end(), Severity.BLOCK)


def _read_ordinal(copy: PlainCopy, match: re.Match[str], lexicon: Lexicon) -> Candidate | None:
    """Return 第一, NO.1 or TOP1 where it ranks; none where it counts events (第一次) or opens a list (第一，)."""
    signs, (start, end) = lexicon.contexts["ordinal"], match.span()
    passage = Passage(copy, start, end)
    ranks = bool(signs["scope_before"].search(passage.before))
    counts = bool(signs["fact_noun"].search(passage.before))
    if match[0] == "第一":
        if signs["everyday"].match(copy.plain, start) and not ranks:
            return None
        if COUNTED.match(copy.plain, start):
            return Candidate(start, end + 1, Severity.NEEDS_PROOF, is_fact=True) if ranks else None
        if signs["attitude"].search(passage.before) and not has_wide_scope(passage):
            return Candidate(start, end, Severity.BLOCK, context=SERVES)
        after = signs["praise_after"].match(passage.after[len(match[0]) :])
        closes = passage.after == match[0] and re.search("[一-龥]{2}$", passage.before)
        if not (ranks or counts or after or closes):
            return None
    return Candidate(start, end, Severity.NEEDS_PROOF if counts else Severity.BLOCK, is_fact=True)


def _read_sole(copy: PlainCopy, match: re.Match[str], lexicon: Lexicon) -> Candidate | None:
    """Return 唯一 where it sets goods apart; none where it names a flaw or a feeling (唯一不足)."""
    signs, (start, end) = lexicon.contexts["sole"], match.span()
    if signs["scope_before"].search(Passage(copy, start, end).before):
        return Candidate(start, end, Severity.NEEDS_PROOF, is_fact=True)
    if signs["harmless"].match(copy.plain[start : start + 12]) or not signs["claim"].match(copy.plain, start):
        return None
    return Candidate(start, end, Severity.NEEDS_PROOF, is_fact=True)


def _judge(copy: PlainCopy, candidate: Candidate, family: Family, setting: Setting) -> Finding:
    passage = Passage(copy, candidate.start, candidate.end)
    context = candidate.context or find_ground(passage, is_fact=candidate.is_fact, names=setting.names)
    severity, why, proof = candidate.severity, context.why, context.proof
    if context.ground is not Ground.NONE:
        severity = Severity.EXEMPT
    elif severity is Severity.NOTE:
        why = UNCLEAR if family.name == "superlative" else POINTS_AT_GOODS
    elif not setting.is_paid and is_personal(passage):
        severity, why = Severity.NOTE, PERSONAL
    elif candidate.is_fact or severity is Severity.NEEDS_PROOF:
        proof = (*(list_missing(passage) or (ProofSlot.SOURCE,)), ProofSlot.REGION)
    start, end = copy.locate(candidate.start, candidate.end)
    return Finding(
        term=copy.text[start:end],
        start=start,
        end=end,
        rule=RULE,
        article=load_lexicon().articles[RULE],
        severity=severity,
        target=context.target,
        ground=context.ground,
        why=why,
        proof=proof,
        hint=family.hint,
        is_disguised=copy.is_disguised(candidate.start, candidate.end),
    )


def _drop_overlaps(found: list[tuple[int, int, Finding]]) -> list[Finding]:
    if len(found) < 2:
        return [finding for _, _, finding in found]
    taken = bytearray(max(end for _, end, _ in found))
    kept: list[tuple[int, Finding]] = []
    for start, end, finding in sorted(found, key=lambda each: (-WEIGHTS[each[2].severity], each[0], -each[1])):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            kept.append((start, finding))
    return [finding for _, finding in sorted(kept, key=lambda each: each[0])]
