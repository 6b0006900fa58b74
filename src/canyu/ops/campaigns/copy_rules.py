"""Which findings of the check of advertising law wait for an answer in public texts; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from canyu.listen.copycheck import CopyReport, Finding, Severity, check_copy
from canyu.ops.campaigns.rules import COPY_FIELDS

TO_ANSWER = frozenset({Severity.BLOCK, Severity.NEEDS_PROOF})
"""Notes and exempt terms make a copy no less fit, so nobody has to answer them."""


@dataclass(frozen=True, slots=True)
class CopyFinding:
    """One finding of a public text: ``key`` stays the same while the text and the finding do."""

    key: str
    where: str
    finding: Finding

    @property
    def needs_answer(self) -> bool:
        """Whether a release waits for somebody's answer to it."""
        return self.finding.severity in TO_ANSWER


def check_texts(texts: Mapping[str, str], fields: Iterable[str] = COPY_FIELDS) -> list[CopyFinding]:
    """Return what the check of advertising law finds in public texts, those of a campaign's page or others, in order.

    >>> [(one.where, one.finding.term) for one in check_texts({"copy_zh": "全网第一的扫地机"})]
    [('copy_zh', '第一')]
    """
    found = []
    for name in fields:
        text = texts.get(name, "")
        report: CopyReport | None = check_copy(text) if text.strip() else None
        found += [CopyFinding(_make_key(name, text, one), name, one) for one in (report.findings if report else ())]
    return found


def find_open(findings: Sequence[CopyFinding], answered: Collection[str]) -> list[CopyFinding]:
    """Return the findings that still wait for an answer."""
    return [one for one in findings if one.needs_answer and one.key not in answered]


def _make_key(name: str, text: str, finding: Finding) -> str:
    told = "\x1f".join((name, text, finding.rule, str(finding.start), str(finding.end)))
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
