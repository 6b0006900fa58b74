"""All reads of the steps of cases: their records, made into spans and analysed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from canyu.care import Status
from canyu.care.opening import count_us
from canyu.care.steps import StepReport, analyse_steps, make_case_spans, make_step_table
from canyu.care.steps.case_steps import KINDS
from canyu.kit.errors import BadInput
from canyu.ops.care.models import Case
from canyu.ops.care.queries import find_last_record
from canyu.ops.care.records import load_events
from canyu.ops.care.stepping.rules import StepsAsked
from canyu.ops.people.models import Person

MOST_CASES = 5_000


@dataclass(frozen=True, slots=True)
class CaseSteps:
    """What the steps cost, or None where no case is solved; how many older cases were left out; the last record."""

    report: StepReport | None
    cases: int
    left_out: int
    version: int


def read_steps(viewer: Person, asked: StepsAsked, now: datetime) -> CaseSteps:  # noqa: ARG001 - viewer first
    """Return what each step costs of the cases opened in the days asked for, the newest where they are very many.

    Cases that went on in another one are left out: their time is in that one. Hours are round the clock.
    """
    chosen = Case.objects.filter(opened_at__gt=now - timedelta(days=asked.days), opened_at__lte=now)
    chosen = chosen.exclude(status=Status.MERGED.value)
    if asked.kind:
        chosen = chosen.filter(kind=asked.kind)
    total = chosen.count()
    names = list(chosen.order_by("-opened_at", "-pk").values_list("pk", flat=True)[:MOST_CASES])
    last = find_last_record()
    if not names:
        return CaseSteps(None, 0, 0, last)
    events = load_events(names)
    spans = make_case_spans([(str(name), events[name]) for name in names], now)
    try:
        table = make_step_table(spans, count_us(now), kinds=KINDS)
        report = analyse_steps(table, limit_h=asked.limit_h, goal=asked.goal)
    except BadInput:  # none of them is solved yet
        report = None
    return CaseSteps(report, len(names), total - len(names), last)
