"""Care: clocks that keep opening hours, cases rebuilt from their events, and which step costs the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.care import case_events
    from canyu.care.assignment import (
        Agent,
        choose_agent,
    )
    from canyu.care.calendar_file import (
        describe_calendar,
        load_calendar,
        parse_calendar,
        read_calendar,
    )
    from canyu.care.calendars import (
        ALWAYS,
        Calendar,
        DayKind,
        DaysOff,
        Span,
        make_calendar,
        make_week,
        parse_hours,
    )
    from canyu.care.case import (
        Case,
        Status,
        TakenPause,
        derive_case,
    )
    from canyu.care.case_clocks import (
        ClockState,
        ClockStatus,
        explain_clock,
    )
    from canyu.care.case_events import (
        Audience,
        CaseEvent,
        PauseReason,
        describe_event,
        read_event,
    )
    from canyu.care.case_rules import (
        check_event,
        needs_rating,
    )
    from canyu.care.clock import (
        DueTime,
        Interval,
        Pause,
        Worked,
        count_worked,
        due_time,
        due_times,
        find_due,
        find_opening,
        find_provisional,
        list_openings,
        parse_target,
        split_by_day,
        worked_seconds,
        worked_time,
    )
    from canyu.care.folding import (
        Foldable,
        Mention,
        compare_texts,
        find_case,
    )
    from canyu.care.notices import (
        Call,
        Crossing,
        Notice,
        find_next_crossing,
        find_sending_time,
        list_calls,
        list_crossings,
        plan_notices,
    )
    from canyu.care.policies import (
        CRISIS_POLICY,
        ChainStep,
        ClockName,
        Policy,
        Role,
        describe_policy,
        make_policy,
        read_policy,
    )
    from canyu.care.rates import ResolutionRate, compute_resolution_rate, find_solution
    from canyu.care.recalculation import (
        Move,
        Recalculation,
        preview_recalculation,
    )
    from canyu.care.severity import (
        CaseKind,
        Harm,
        Severity,
        judge_severity,
    )
    from canyu.care.timeline import Entry, list_timeline, tell_event
    from canyu.care.workdays import (
        WorkdayTable,
        WorkdayYear,
        YearState,
        describe_workdays,
        load_workdays,
        parse_workdays,
        tell_missing_year,
    )

__all__ = [
    "ALWAYS",
    "CRISIS_POLICY",
    "Agent",
    "Audience",
    "Calendar",
    "Call",
    "Case",
    "CaseEvent",
    "CaseKind",
    "ChainStep",
    "ClockName",
    "ClockState",
    "ClockStatus",
    "Crossing",
    "DayKind",
    "DaysOff",
    "DueTime",
    "Entry",
    "Foldable",
    "Harm",
    "Interval",
    "Mention",
    "Move",
    "Notice",
    "Pause",
    "PauseReason",
    "Policy",
    "Recalculation",
    "ResolutionRate",
    "Role",
    "Severity",
    "Span",
    "Status",
    "TakenPause",
    "WorkdayTable",
    "WorkdayYear",
    "Worked",
    "YearState",
    "case_events",
    "check_event",
    "choose_agent",
    "compare_texts",
    "compute_resolution_rate",
    "count_worked",
    "derive_case",
    "describe_calendar",
    "describe_event",
    "describe_policy",
    "describe_workdays",
    "due_time",
    "due_times",
    "explain_clock",
    "find_case",
    "find_due",
    "find_next_crossing",
    "find_opening",
    "find_provisional",
    "find_sending_time",
    "find_solution",
    "judge_severity",
    "list_calls",
    "list_crossings",
    "list_openings",
    "list_timeline",
    "load_calendar",
    "load_workdays",
    "make_calendar",
    "make_policy",
    "make_week",
    "needs_rating",
    "parse_calendar",
    "parse_hours",
    "parse_target",
    "parse_workdays",
    "plan_notices",
    "preview_recalculation",
    "read_calendar",
    "read_event",
    "read_policy",
    "split_by_day",
    "tell_event",
    "tell_missing_year",
    "worked_seconds",
    "worked_time",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.care.timeline": "Entry list_timeline tell_event",
        "canyu.care.rates": "ResolutionRate compute_resolution_rate find_solution",
        "canyu.care.assignment": "Agent choose_agent",
        "canyu.care.calendar_file": "describe_calendar load_calendar parse_calendar read_calendar",
        "canyu.care.calendars": "ALWAYS Calendar DayKind DaysOff Span make_calendar make_week parse_hours",
        "canyu.care.case": "Case Status TakenPause derive_case",
        "canyu.care.case_clocks": "ClockState ClockStatus explain_clock",
        "canyu.care.case_events": "Audience CaseEvent PauseReason describe_event read_event",
        "canyu.care.case_rules": "check_event needs_rating",
        "canyu.care.clock": "DueTime Interval Pause Worked count_worked due_time due_times find_due find_opening "
        "find_provisional list_openings parse_target split_by_day worked_seconds worked_time",
        "canyu.care.folding": "Foldable Mention compare_texts find_case",
        "canyu.care.notices": "Call Crossing Notice find_next_crossing find_sending_time list_calls "
        "list_crossings plan_notices",
        "canyu.care.policies": "CRISIS_POLICY ChainStep ClockName Policy Role describe_policy make_policy read_policy",
        "canyu.care.recalculation": "Move Recalculation preview_recalculation",
        "canyu.care.severity": "CaseKind Harm Severity judge_severity",
        "canyu.care.workdays": "WorkdayTable WorkdayYear YearState describe_workdays load_workdays parse_workdays "
        "tell_missing_year",
    },
)
