"""Which step costs the time: cases by steps, and what each step does to the mean, the spread and the rate in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.care.steps.analysis import (
        Goal,
        Ranged,
        RateInTime,
        StepCost,
        StepReport,
        analyse_steps,
        count_in_time,
    )
    from canyu.care.steps.case_steps import CaseStep, list_case_steps, make_case_spans
    from canyu.care.steps.complaints import find_last_time, read_complaints
    from canyu.care.steps.log_rows import StepColumns, read_spans
    from canyu.care.steps.table import Spans, StepKind, StepTable, make_step_table

__all__ = [
    "CaseStep",
    "Goal",
    "Ranged",
    "RateInTime",
    "Spans",
    "StepColumns",
    "StepCost",
    "StepKind",
    "StepReport",
    "StepTable",
    "analyse_steps",
    "count_in_time",
    "find_last_time",
    "list_case_steps",
    "make_case_spans",
    "make_step_table",
    "read_complaints",
    "read_spans",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.care.steps.analysis": "Goal Ranged RateInTime StepCost StepReport analyse_steps count_in_time",
        "canyu.care.steps.case_steps": "CaseStep list_case_steps make_case_spans",
        "canyu.care.steps.complaints": "find_last_time read_complaints",
        "canyu.care.steps.log_rows": "StepColumns read_spans",
        "canyu.care.steps.table": "Spans StepKind StepTable make_step_table",
    },
)
