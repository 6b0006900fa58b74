"""A case of a rumour with its run, and a statement that answers it, for the tests of the crisis room."""

from __future__ import annotations

from datetime import UTC, datetime

from canyu.care import CaseKind
from canyu.care.crisis.statement import Statement, Verdict
from canyu.kit.words import Words
from canyu.ops.care.actions import open_case
from canyu.ops.care.models import Case, Channel
from canyu.ops.care.rules import CaseDraft
from canyu.ops.crisis.actions import start_run
from canyu.ops.crisis.models import Run, StatementVersion
from canyu.ops.crisis.rules import RunDraft
from canyu.ops.crisis.statements.actions import create_statement
from canyu.ops.crisis.statements.rules import Upload, VersionDraft
from canyu.ops.people.models import Person

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CLAIM = "新空调用半年就漏氟，门店不认"
REPORT = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
SAID = Statement(
    Words("关于“漏氟”的说明", "On the claim of a leak"),
    Words("新空调用半年就漏氟", "The new air conditioner leaks within half a year"),
    Words("送检三台，均未检出泄漏。", "Three machines were tested; none leaks."),
    Verdict.FALSE,
    "某某电器",
    "李工",
    "质量总监",
    "微博",
    laboratory="国家检测中心",
    report_number="J-2026-031",
)


def make_case(by: Person, kind: CaseKind = CaseKind.RUMOUR, product: str = "") -> Case:
    """Open a case of a claim."""
    return open_case(by.username, CaseDraft(kind, CLAIM, Channel.STAFF, product=product), NOW).case


def make_run(by: Person) -> Run:
    """Start a run against a fresh case."""
    return start_run(by, make_case(by), RunDraft("漏氟传言", "漏氟"), NOW)


def make_draft(by: Person, slug: str = "no-leak") -> StatementVersion:
    """Write the first version of a statement with its report."""
    return create_statement(by, make_run(by).pk, slug, VersionDraft(SAID, (Upload("检测报告.pdf", REPORT),)), NOW)
