"""What cannot be asked is refused before anything is read, with the field and the mend."""

from __future__ import annotations

from dataclasses import fields

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.catalogue.filters import FILTERS
from canyu.measure.catalogue.metric import Metric
from canyu.measure.catalogue.query import MetricQuery, Versus
from canyu.measure.catalogue.view import TIMES, WEEK
from canyu.measure.period import get_zone

MOST_WINDOW_DAYS = 3660
MOST_BITS = 60
"""Weeks of a period and its follow-up that the mask of a person holds."""
YEAR = 365
_DEFAULTS = {field.name: field.default for field in fields(MetricQuery)}


def check_query(metric: Metric, query: MetricQuery) -> None:
    """Raise BadInput where a metric cannot be asked this."""
    _check_dimensions(metric, query)
    _check_filters(metric, query)
    _check_windows(metric, query)
    if query.versus and (set(query.by) & set(TIMES) or metric.has_year_before):
        raise BadInput(
            Words("按时间分的结果不能再与上期相比。", "What is told by time, or compares years, has no period before."),
            mend=Words("去掉 versus，或去掉 by 里的时间。", "Leave out versus, or the time in by."),
        )
    is_yearly = query.versus is Versus.YEAR or metric.has_year_before
    if is_yearly and (query.end - query.start).days >= YEAR:
        raise BadInput(
            Words(
                "同比的期间不能满一年或更长。", "A period compared with the year before must be shorter than a year."
            ),
            mend=Words("请缩短期间。", "Ask for a shorter one."),
        )


def _check_dimensions(metric: Metric, query: MetricQuery) -> None:
    unknown = [name for name in query.by if name not in metric.dimensions]
    if unknown:
        known = ", ".join(metric.dimensions) or "—"
        raise BadInput(
            Words(f"{metric.label.zh} 不能按 {unknown[0]!r} 看。", f"{metric.name} cannot be told by {unknown[0]!r}."),
            mend=Words(f"可用：{known}。", f"Use: {known}."),
        )
    times = [name for name in query.by if name in TIMES]
    if len(times) > 1 or len(set(query.by)) < len(query.by):
        raise BadInput(
            Words(f"by={','.join(query.by)} 里有重复。", f"by={','.join(query.by)} names something twice."),
            mend=Words("每个维度一次，时间只选一种。", "Name each dimension once, and one of time."),
        )


def _check_filters(metric: Metric, query: MetricQuery) -> None:
    for name in FILTERS:
        if getattr(query, name) != _DEFAULTS[name] and name not in metric.filters:
            raise BadInput(
                Words(f"{metric.label.zh} 不认识筛选 {name}。", f"{metric.name} knows no filter {name}."),
                mend=Words(f"可用：{'、'.join(metric.filters)}。", f"Use: {', '.join(metric.filters)}."),
            )
    absent = [name for name in metric.needs if not getattr(query, name) and name not in query.by]
    if absent:
        raise BadInput(
            Words(f"{metric.label.zh} 需要 {absent[0]}。", f"{metric.name} needs {absent[0]}."),
            mend=Words(f"请给出 {absent[0]}。", f"State {absent[0]}."),
        )
    if query.against and query.against == query.channel:
        raise BadInput(
            Words("渠道与对照渠道相同。", "The channel is compared with itself."),
            mend=Words("请换一个对照渠道。", "Name another channel."),
        )


def _check_windows(metric: Metric, query: MetricQuery) -> None:
    if query.window_days is not None and metric.window_days is None:
        raise BadInput(
            Words(f"{metric.label.zh} 没有时限。", f"{metric.name} has no window."),
            mend=Words("去掉 window_days。", "Leave out window_days."),
        )
    days = query.window_days if query.window_days is not None else metric.window_days or 1
    for name, length in (("window_days", days), ("minutes", query.minutes), ("hours", query.hours)):
        if not 1 <= length <= MOST_WINDOW_DAYS:
            raise BadInput(
                Words(f"{name}={length} 不在 1 至 {MOST_WINDOW_DAYS} 之间。", f"{name}={length} is not 1 to 3660."),
                mend=Words("请改成其中的数。", "Choose a number in it."),
            )
    for name in ("since", "as_of"):
        moment = getattr(query, name)
        if moment is not None and moment.tzinfo is None:
            raise BadInput(
                Words(f"{name} 没有时区。", f"{name} has no time zone."),
                mend=Words("请写成 2025-05-22T19:00+08:00。", "Write it as 2025-05-22T19:00+08:00."),
            )
    if query.since is not None:
        day = query.since.astimezone(get_zone(query.zone)).date()
        if not query.start <= day <= query.end:
            raise BadInput(
                Words(f"since 在 {day}，不在期间内。", f"since lies on {day}, outside the period."),
                mend=Words("请让期间包含它。", "Choose a period that holds it."),
            )
    if metric.name == "retention":
        _check_weeks(query, days)


def _check_weeks(query: MetricQuery, days: int) -> None:
    if days % WEEK:
        raise BadInput(
            Words(f"window_days={days} 不是整周。", f"window_days={days} is no whole number of weeks."),
            mend=Words("请用 7 的倍数。", "Use a multiple of 7."),
        )
    if (query.end - query.start).days // WEEK + days // WEEK > MOST_BITS:
        raise BadInput(
            Words("期间加时限超过 60 周。", "The period and its window are longer than 60 weeks."),
            mend=Words("请缩短其中一个。", "Shorten one of them."),
        )
