"""What the check of marketing copy tells a page: the fault of what was sent, or the findings in words."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from canyu.listen.copycheck import INDUSTRIES, CopyReport, Finding, Severity
from canyu.ops.evidence.marks import mark_findings, name_style
from canyu.ops.evidence.words import GROUND_WORDS, SEVERITY_WORDS, TARGET_WORDS, VERDICT_WORDS

MOST_LETTERS = 10_000
MOST_SHOWN = 200


def find_fault(text: str, industry: str) -> str:
    """Say why what was sent cannot be checked; empty where it can."""
    if not text.strip():
        return _("There is no text. Paste the copy that you want to publish.")
    if len(text) > MOST_LETTERS:
        given, most = f"{len(text):,}", f"{MOST_LETTERS:,}"
        return _("The text has %(given)s characters; %(most)s can be checked at once. Check it in parts.") % {
            "given": given,
            "most": most,
        }
    if industry and industry not in INDUSTRIES:
        return _("There is no such industry. Choose one of the list.")
    return ""


def describe_report(text: str, report: CopyReport) -> dict[str, Any]:
    """Return what the page shows of a report on this text."""
    counts = Counter(finding.severity for finding in report.findings)
    return {
        "report": report,
        "verdict": VERDICT_WORDS[report.verdict],
        "counts": [(SEVERITY_WORDS[each], counts[each], name_style(each)) for each in Severity],
        "parts": mark_findings(text, report.findings),
        "rows": [_show(number, finding) for number, finding in enumerate(report.findings[:MOST_SHOWN], 1)],
        "more": max(0, len(report.findings) - MOST_SHOWN),
        "most_shown": MOST_SHOWN,
    }


def _show(number: int, finding: Finding) -> dict[str, Any]:
    return {
        "number": number,
        "finding": finding,
        "style": name_style(finding.severity),
        "severity": SEVERITY_WORDS[finding.severity],
        "target": TARGET_WORDS[finding.target],
        "ground": GROUND_WORDS[finding.ground],
        "proof": [slot.words for slot in finding.proof],
    }
