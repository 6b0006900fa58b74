"""Alerts that people trust, on hourly counts of thousands of product, aspect and sentiment series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.listen.bursts.alerts import Alert, Selection, SeriesKey
    from canyu.listen.bursts.collected import find_unknown_hours
    from canyu.listen.bursts.counts import CountMatrix, build_matrix
    from canyu.listen.bursts.detection import Detection, detect_bursts
    from canyu.listen.bursts.detector import Burst, Detector
    from canyu.listen.bursts.evidence import attach_evidence, choose_evidence
    from canyu.listen.bursts.false_alarms import CalmAlarms, FalseAlarms
    from canyu.listen.bursts.forecast import DecayModel, Forecast, fit_decay
    from canyu.listen.bursts.messages import Change, write_message
    from canyu.listen.bursts.replaying import Replay, Tally, replay
    from canyu.listen.bursts.routing import Memory, Notice, Route, route_alerts
    from canyu.listen.bursts.rules import QuietHours, Rule, evaluate_rules, parse_rules
    from canyu.listen.bursts.settings import SENSITIVE, BurstSettings, parse_settings
    from canyu.listen.bursts.severity import Severity
    from canyu.listen.bursts.workdays import Calendar, load_calendar

__all__ = [
    "SENSITIVE",
    "Alert",
    "Burst",
    "BurstSettings",
    "Calendar",
    "CalmAlarms",
    "Change",
    "CountMatrix",
    "DecayModel",
    "Detection",
    "Detector",
    "FalseAlarms",
    "Forecast",
    "Memory",
    "Notice",
    "QuietHours",
    "Replay",
    "Route",
    "Rule",
    "Selection",
    "SeriesKey",
    "Severity",
    "Tally",
    "attach_evidence",
    "build_matrix",
    "choose_evidence",
    "detect_bursts",
    "evaluate_rules",
    "find_unknown_hours",
    "fit_decay",
    "load_calendar",
    "parse_rules",
    "parse_settings",
    "replay",
    "route_alerts",
    "write_message",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.listen.bursts.alerts": "Alert Selection SeriesKey",
        "canyu.listen.bursts.collected": "find_unknown_hours",
        "canyu.listen.bursts.counts": "CountMatrix build_matrix",
        "canyu.listen.bursts.detection": "Detection detect_bursts",
        "canyu.listen.bursts.detector": "Burst Detector",
        "canyu.listen.bursts.evidence": "attach_evidence choose_evidence",
        "canyu.listen.bursts.false_alarms": "CalmAlarms FalseAlarms",
        "canyu.listen.bursts.forecast": "DecayModel Forecast fit_decay",
        "canyu.listen.bursts.messages": "Change write_message",
        "canyu.listen.bursts.replaying": "Replay Tally replay",
        "canyu.listen.bursts.routing": "Memory Notice Route route_alerts",
        "canyu.listen.bursts.rules": "QuietHours Rule evaluate_rules parse_rules",
        "canyu.listen.bursts.settings": "SENSITIVE BurstSettings parse_settings",
        "canyu.listen.bursts.severity": "Severity",
        "canyu.listen.bursts.workdays": "Calendar load_calendar",
    },
)
