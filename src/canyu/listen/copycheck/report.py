"""What a check tells: findings with their place in the original text, and a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from canyu.kit.words import Words


class Severity(StrEnum):
    """How much a finding weighs; only the first two make a copy unfit to publish as it stands."""

    BLOCK = "block"
    NEEDS_PROOF = "needs proof"
    NOTE = "note"
    EXEMPT = "exempt"


class Target(StrEnum):
    """What a term points at."""

    GOODS = "goods"
    SERVICE_ATTITUDE = "service attitude"
    GOAL = "goal"
    FEELING = "feeling"
    OWN_RANGE = "own range"
    USAGE_TIP = "usage tip"
    STANDARD_GRADE = "standard grade"
    NAME = "name or trademark"
    AWARDED_TITLE = "awarded title"
    LIMITED_FACT = "time-and-place-limited fact"
    POST = "the post"


class Ground(StrEnum):
    """Why article 9(3) does not apply: articles 5 and 6 of the guideline (SAMR announcement 6 of 2023)."""

    SERVICE_ATTITUDE = "service_attitude"  # 5(1) attitude, philosophy, culture, wish
    GOAL = "goal"  # 5(2) what the seller strives for
    NO_LINK = "no_link"  # 5(3) not about the goods' performance or quality, and misleading nobody
    OWN_RANGE = "own_range"  # 6(1) compared within one brand or enterprise
    USAGE_TIP = "usage_tip"  # 6(2) how, when and how long to use or keep
    STANDARD_GRADE = "standard_grade"  # 6(3) grade of a national, industry or local standard
    NAME_OR_TRADEMARK = "name_or_trademark"  # 6(4) name, model, trademark, patent
    AWARDED_TITLE = "awarded_title"  # 6(5) prize or title given under state rules
    LIMITED_FACT = "limited_fact"  # 6(6) order or sales in a stated time and place
    NONE = "none"


class ProofSlot(StrEnum):
    """Evidence that would make a claim lawful."""

    SOURCE = "source"
    PERIOD = "period"
    REGION = "region"
    SAMPLE = "sample"
    TEST_REPORT = "test_report"
    STANDARD = "standard"
    REGISTRATION = "registration"
    APPROVAL = "approval"
    AWARD_DOCUMENT = "award_document"
    OWN_DATA = "own_data"

    @property
    def words(self) -> Words:
        """What to have at hand, for people."""
        return PROOF_WORDS[self]


PROOF_WORDS = {
    ProofSlot.SOURCE: Words("数据来源", "source"),
    ProofSlot.PERIOD: Words("统计时间", "period"),
    ProofSlot.REGION: Words("地域范围", "region"),
    ProofSlot.SAMPLE: Words("样本", "sample"),
    ProofSlot.TEST_REPORT: Words("检测报告及条件", "test report with its conditions"),
    ProofSlot.STANDARD: Words("所依据的标准", "the standard"),
    ProofSlot.REGISTRATION: Words("商标或专利证书", "trademark or patent certificate"),
    ProofSlot.APPROVAL: Words("批准或注册文件", "approval or registration"),
    ProofSlot.AWARD_DOCUMENT: Words("奖项或称号文件", "document of the award or title"),
    ProofSlot.OWN_DATA: Words("自有产品对比数据", "figures of the own range"),
}


class Verdict(StrEnum):
    """The worst finding of a copy, or of all."""

    CLEAN = "clean"
    NEEDS_PROOF = "needs proof"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One term: ``text[start:end]`` of the original, the rule it meets, and what to do about it."""

    term: str
    start: int
    end: int
    rule: str
    article: Words
    severity: Severity
    target: Target
    ground: Ground
    why: Words
    proof: tuple[ProofSlot, ...]
    hint: Words
    is_disguised: bool = False

    def to_row(self) -> dict[str, Any]:
        """Return the finding as plain values, texts in both languages."""
        return {
            "term": self.term,
            "start": self.start,
            "end": self.end,
            "rule": self.rule,
            "article": self.article._asdict(),
            "severity": self.severity.value,
            "target": self.target.value,
            "ground": self.ground.value,
            "why": self.why._asdict(),
            "proof": [slot.value for slot in self.proof],
            "hint": self.hint._asdict(),
            "disguised": self.is_disguised,
        }


@dataclass(frozen=True, slots=True)
class CopyReport:
    """All findings of one copy in the order of the text, and the version of the rules that made them."""

    findings: tuple[Finding, ...]
    rules_version: str

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings: notes and exempt terms leave a copy clean."""
        return judge_verdict(finding.severity for finding in self.findings)

    @property
    def is_flagged(self) -> bool:
        """Whether something blocks or needs proof."""
        return self.verdict is not Verdict.CLEAN


def judge_verdict(severities: Iterable[Severity]) -> Verdict:
    """Return the verdict of many severities.

    >>> judge_verdict([Severity.NOTE, Severity.NEEDS_PROOF]).value
    'needs proof'
    """
    met = set(severities)
    if Severity.BLOCK in met:
        return Verdict.BLOCKED
    return Verdict.NEEDS_PROOF if Severity.NEEDS_PROOF in met else Verdict.CLEAN
