"""Marketing copy checked against China's Advertising Law before it is published."""

from __future__ import annotations

from canyu.listen.copycheck.checker import check_copies, check_copy
from canyu.listen.copycheck.lexicon import load_lexicon
from canyu.listen.copycheck.report import (
    CopyReport,
    Finding,
    Ground,
    ProofSlot,
    Severity,
    Target,
    Verdict,
    judge_verdict,
)

INDUSTRIES = load_lexicon().industries
RULES_VERSION = load_lexicon().version

__all__ = [
    "INDUSTRIES",
    "RULES_VERSION",
    "CopyReport",
    "Finding",
    "Ground",
    "ProofSlot",
    "Severity",
    "Target",
    "Verdict",
    "check_copies",
    "check_copy",
    "judge_verdict",
]
