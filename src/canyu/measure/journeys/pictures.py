"""The pictures of funnels and retention, each with a title that says what is seen."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.figure import Picture
from canyu.measure.journeys.funnels import Funnel, StartRule
from canyu.measure.journeys.retention import Quantity, Retention
from canyu.measure.journeys.top_paths import TopPaths

_SHARE = [(name, pa.float64()) for name in ("share", "low", "high")]
FUNNEL = pa.schema([("step", pa.string()), ("people", pa.int64()), *_SHARE])
CURVE = pa.schema([("week", pa.int64()), ("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64())])
STARTS = {
    StartRule.FIRST: Words("首次起点", "first start"),
    StartRule.ANY: Words("任意起点", "any start"),
}
GROUPS = Words("按组", "By group")
COHORTS = Words("各周开始的人", "Those who began in each week")
PATHS = Words("转化之前的路径", "Ways before a conversion")
NOBODY = Words("没有人走到第一步", "Nobody took the first step")
NO_WEEK = Words("没有可知的周", "No week is known yet")


def draw_funnel_picture(found: Funnel) -> Picture:
    """Return people by step; the share of those who began stands beside each bar with its interval."""
    rows = [
        {"step": f"{place}. {step.step.name}", "people": step.people, **_spell(step.of_start, 100)}
        for place, step in enumerate(found.whole.steps, 1)
    ]
    start = STARTS[found.query.rule]
    subtitle = Words(
        f"走到每一步的人数与其占起点的比例，{start.zh}，线为 95% 区间",
        f"People by step and their share of those who began, {start.en}; the line is the 95 % interval",
    )
    return Picture("funnel", _tell_funnel(found), subtitle, pa.Table.from_pylist(rows, schema=FUNNEL), found.proof)


def draw_retention_picture(found: Retention) -> Picture:
    """Return what is known of each number of weeks after the begin, over all cohorts."""
    scale = 100 if found.query.quantity is Quantity.PEOPLE else 1
    names = {"share": "value"}
    is_sure = found.query.begins == found.query.back and scale == 100  # who begins is there in week 0, always
    rows: list[dict[str, Any]] = [
        {"week": week, **{names.get(name, name): value for name, value in _spell(estimate, scale).items()}}
        for week, estimate in enumerate(found.curve)
        if estimate.value is not None and not (is_sure and week == 0)
    ]
    subtitle = {
        Quantity.PEOPLE: Words(
            "其后各周又来的比例 %，线为 95% 区间", "Share that was back by week after, in %; lines: 95 % intervals"
        ),
        Quantity.REVENUE: Words("其后各周人均花费，最小货币单位", "Money per person by week after, in minor units"),
    }[found.query.quantity]
    table = pa.Table.from_pylist(rows, schema=CURVE)
    return Picture("retention", _tell_retention(found, rows), subtitle, table, found.proof)


def _tell_funnel(found: Funnel) -> Words:
    last = found.estimate
    if last.value is None or last.low is None or last.high is None:
        return NOBODY
    told = f"{100 * last.value:.1f}% [{100 * last.low:.1f}, {100 * last.high:.1f}]"
    steps = len(found.query.steps)
    return Words(f"起点中有 {told} 走完 {steps} 步", f"{told} of those who began took all {steps} steps")


def _tell_retention(found: Retention, rows: list[dict[str, Any]]) -> Words:
    known = next((row for row in rows if row["week"] == 1), None)
    if known is None:
        return NO_WEEK
    value = known["value"]
    if found.query.quantity is Quantity.PEOPLE:
        return Words(f"一周后有 {value:.1f}% 又来", f"{value:.1f}% were back one week later")
    zh, en = (format_number(value, language) for language in ("zh", "en"))
    return Words(f"一周后人均 {zh}", f"{en} per person one week later")


def _spell(estimate: Estimate, scale: float) -> dict[str, float | None]:
    ends = {"share": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if end is None else scale * end for name, end in ends.items()}


def list_groups(found: Funnel) -> Picture:
    """Return every group's steps as a table."""
    rows = [
        {
            "group": group.value or "",
            "step": step.step.name,
            "people": step.people,
            **_spell(step.of_start, 100),
            "half_s": step.times.half_s if step.times else None,
        }
        for group in found.groups
        for step in group.steps
    ]
    schema = pa.schema([("group", pa.string()), *FUNNEL, ("half_s", pa.int64())])
    return Picture("groups", GROUPS, GROUPS, pa.Table.from_pylist(rows, schema=schema), found.proof)


def list_cohorts(found: Retention) -> Picture:
    """Return what is known of each week of each cohort as a table."""
    rows = [
        {
            "monday": cohort.monday,
            "currency": cohort.currency,
            "people": cohort.people,
            "week": number,
            "value": week.value,
            "low": week.low,
            "high": week.high,
        }
        for cohort in found.cohorts
        for number, week in enumerate(cohort.weeks)
    ]
    head = [("monday", pa.date32()), ("currency", pa.string()), ("people", pa.int64())]
    return Picture("cohorts", COHORTS, COHORTS, pa.Table.from_pylist(rows, pa.schema([*head, *CURVE])), found.proof)


def list_paths(found: TopPaths) -> Picture:
    """Return the listed paths as a table."""
    rows = [
        {
            "path": " > ".join(path.touches),
            "conversions": path.conversions,
            "lost": path.lost,
            "value_minor": path.value,
            **_spell(path.share, 100),
        }
        for path in found.paths
    ]
    counts = [(name, pa.int64()) for name in ("conversions", "lost", "value_minor")]
    schema = pa.schema([("path", pa.string()), *counts, *_SHARE])
    return Picture("paths", PATHS, PATHS, pa.Table.from_pylist(rows, schema=schema), found.proof)
