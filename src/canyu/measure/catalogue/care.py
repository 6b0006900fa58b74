"""Care: how many complaints are answered and solved in time; what is still open is told apart."""

from __future__ import annotations

from datetime import timedelta

import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.kit.words import Words
from canyu.measure.catalogue.metric import Method, Metric, Theme, always
from canyu.measure.catalogue.reckoning import tell_share
from canyu.measure.catalogue.rows import NO_TIME, count_followed, keep_events, list_events
from canyu.measure.catalogue.view import View
from canyu.measure.catalogue.words import EVENT_DIMENSIONS, EVENT_FILTERS, ONE_CASE, PER_CENT, SERVICE

OPEN_CASES = Words(
    "过了时限仍未了结的算未达成；时限未过的不论是否已了结都不计。",
    "A case open past the limit counts as missed; one whose limit is not over is left out, answered or not.",
)
CASE_DIMENSIONS = (*EVENT_DIMENSIONS, "object")
CASE_FILTERS = (*EVENT_FILTERS, "hours")


def count_answered(events: ir.Table, view: View) -> ir.Table:
    """Count the complaints of the period, and those answered within the hours."""
    return _count_ended(events, view, Verb.REPLY)


def count_resolved(events: ir.Table, view: View) -> ir.Table:
    """Count the complaints of the period, and those solved within the hours."""
    return _count_ended(events, view, Verb.RESOLVE)


def _count_ended(events: ir.Table, view: View, verb: Verb) -> ir.Table:
    limit = timedelta(hours=view.query.hours)
    cases = view.add_dimensions(keep_events(events, view, Verb.COMPLAIN))
    cases = cases.mutate(began=view.scope.count_micros(cases.time))
    ends = list_events(events, view, (verb,), NO_TIME, limit)
    ends = ends.filter(ends.parent.notnull()).select(root="parent", ended=view.scope.count_micros(ends.time))
    return count_followed(cases, ends, view, limit)


METRICS = (
    Metric(
        "first_response_rate",
        Theme.CARE,
        Words("首次响应达成率", "First responses in time"),
        Words(
            "期间内的投诉中，在规定小时数（默认 24）内得到首次答复的占比。过了时限仍未答复的算未达成；"
            "时限未过的不论是否已答复都不计，否则会虚高。区间为 Wilson 95% 区间。",
            "The share of the period's complaints that were first answered within the stated hours (24 by default). "
            "One open past the limit counts as missed; one whose limit is not over is left out, answered or not, for "
            "the answered ones alone would flatter. Interval: Wilson's 95% interval.",
        ),
        PER_CENT,
        ONE_CASE,
        Method.WILSON,
        always("events"),
        count_answered,
        tell_share,
        CASE_DIMENSIONS,
        CASE_FILTERS,
        SERVICE,
        basis=(str(Verb.COMPLAIN),),
        caveats=(OPEN_CASES,),
    ),
    Metric(
        "resolution_rate",
        Theme.CARE,
        Words("限时解决率", "Resolutions in time"),
        Words(
            "期间内的投诉中，在规定小时数（默认 24）内解决的占比。过了时限仍未解决的算未达成；"
            "时限未过的不论是否已解决都不计。区间为 Wilson 95% 区间。",
            "The share of the period's complaints that were solved within the stated hours (24 by default). One open "
            "past the limit counts as missed; one whose limit is not over is left out, solved or not. Interval: "
            "Wilson's 95% interval.",
        ),
        PER_CENT,
        ONE_CASE,
        Method.WILSON,
        always("events"),
        count_resolved,
        tell_share,
        CASE_DIMENSIONS,
        CASE_FILTERS,
        SERVICE,
        basis=(str(Verb.COMPLAIN),),
        caveats=(OPEN_CASES,),
    ),
)
