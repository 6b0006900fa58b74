"""``canyu steps``: which step of handling a case costs the time, and what the rate in time were without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canyu.care import Calendar
    from canyu.care.steps import Ranged, RateInTime, Spans, StepColumns, StepCost, StepKind, StepReport, StepTable

DAY = click.DateTime(["%Y-%m-%d"])
KIND_NAMES = {
    "work": Words("处理", "work"),
    "waiting": Words("等待", "waiting"),
    "not stated": Words("未注明", "not stated"),
}


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "哪一步最费时间：各步骤占均值与方差的比例，以及去掉该步后按时解决率会是多少（95% 区间）；"
        "未解决的工单按删失处理。文件每行一个步骤（开始、结束），或每行一次进入步骤（--time）；也可用数据湖里的投诉。",
        "Which step costs the time: each step's share of the mean and of the variance, and what the rate solved in "
        "time were without it (95 % intervals); open cases are censored. A file has a row per step (start, end), or a "
        "row each time a case comes into a step (--time); or take the complaints of a lake.",
    ),
)
@click.argument("source", required=False, metavar=say("[文件]", "[FILE]"))
@click.option(
    "--lake", "address", default="", help=say("数据湖里的投诉，代替文件。", "The complaints of a lake instead.")
)
@click.option("--from", "first", type=DAY, default=None, help=say("数据湖：第一天。", "Of a lake: the first day."))
@click.option(
    "--to", "last", type=DAY, default=None, help=say("数据湖：最后一天，包含在内。", "The last day, included.")
)
@click.option(
    "--zone", default="Asia/Shanghai", show_default=True, help=say("这些日子的时区。", "The zone of these days.")
)
@click.option("--case", default="case", show_default=True, help=say("工单所在的列。", "The column of cases."))
@click.option("--step", default="step", show_default=True, help=say("步骤所在的列。", "The column of steps."))
@click.option("--start", default="start", show_default=True, help=say("开始时间的列。", "The column of starts."))
@click.option(
    "--end", default="end", show_default=True, help=say("结束时间的列；空格表示还在进行。", "Of ends; empty: not yet.")
)
@click.option(
    "--time",
    default="",
    help=say(
        "代替开始与结束：进入步骤的时间，到下一行为止。",
        "Instead of both: when a case came into the step, until its next row.",
    ),
)
@click.option("--order", default="", help=say("同一时间各行的先后。", "A column that orders rows of one time."))
@click.option("--done", multiple=True, help=say("表示已解决的步骤；可重复。", "A step that means solved; repeatable."))
@click.option(
    "--waiting",
    multiple=True,
    help=say("属于等待的步骤，其余为处理；可重复。", "A step of waiting, the others are work; repeatable."),
)
@click.option(
    "--hours", "limit_h", type=float, default=24.0, show_default=True, help=say("时限，小时。", "The limit, in hours.")
)
@click.option(
    "--goal",
    type=click.Choice(["rate", "mean", "variance"]),
    default="rate",
    show_default=True,
    help=say(
        "按什么排序：去掉后的按时率、均值、方差。",
        "What to rank by: the rate without the step, the mean, the variance.",
    ),
)
@click.option(
    "--now",
    default="",
    help=say(
        "未解决的工单看到何时；默认为最晚的时间。", "Until when open cases were seen; the latest time by default."
    ),
)
@click.option(
    "--calendar",
    "calendar_path",
    default="",
    help=say("只计营业时间：日历文件。", "Count open hours only: a calendar file."),
)
@click.option(
    "--draws",
    type=click.IntRange(100, 10_000),
    default=500,
    show_default=True,
    help=say("区间的重抽次数。", "Draws for the intervals."),
)
@json_option
def command(**asked: Any) -> None:
    """Tell what each step costs."""
    from canyu.care import load_calendar
    from canyu.care.steps import Goal, analyse_steps

    if bool(asked["source"]) == bool(asked["address"]):
        raise BadInput(
            Words("请给出文件或 --lake 之一。", "Give either a file or --lake."),
            mend=Words("两者择一。", "One of the two."),
        )
    calendar = load_calendar(asked["calendar_path"]) if asked["calendar_path"] else None
    is_simulated = False
    if asked["source"]:
        table = _read_file(asked, calendar)
    else:
        table, is_simulated = _read_lake(asked, calendar)
    report = analyse_steps(table, limit_h=asked["limit_h"], goal=Goal(asked["goal"]), draws=asked["draws"])
    if asked["as_json"]:
        click.echo(dump_json({**describe_report(report), "simulated": is_simulated}))
        return
    _tell(report)
    if is_simulated:
        click.echo(say("含模拟数据（演练）", "Contains simulated data (rehearsal)"))


def _read_file(asked: dict[str, Any], calendar: Calendar | None) -> StepTable:
    import pyarrow as pa

    from canyu.care.steps import StepColumns, StepKind, read_spans
    from canyu.events.importers.readers import FileFormat
    from canyu.listen.sheets import open_sheet

    names = {name: asked[name] for name in ("case", "step", "start", "end", "time", "order", "done")}
    columns: StepColumns = StepColumns(**names)
    sheet = open_sheet(Path(asked["source"]), FileFormat())
    pieces = list(sheet.read_pieces())
    for refusal in (each for piece in pieces for each in piece.refusals):
        raise BadInput(
            Words(f"第 {refusal.row} 行读不了。", f"Row {refusal.row} cannot be read."),
            mend=Words("请修好或去掉这一行。", "Mend it, or leave it out."),
        )
    rows = pa.concat_tables([piece.table for piece in pieces]) if pieces else sheet.schema.empty_table()
    spans = read_spans(rows, columns)
    unknown = sorted(set(asked["waiting"]) - set(spans.steps))
    if unknown:
        raise BadInput(
            Words(f"没有步骤 {'、'.join(unknown)}。", f"There is no step {', '.join(unknown)}."),
            mend=Words(f"可用：{'、'.join(spans.steps)}。", f"There are: {', '.join(spans.steps)}."),
        )
    kinds = {name: StepKind.WAITING if name in asked["waiting"] else StepKind.WORK for name in spans.steps}
    return _make_table(spans, asked, kinds if asked["waiting"] else {}, calendar)


def _read_lake(asked: dict[str, Any], calendar: Calendar | None) -> tuple[StepTable, bool]:
    from canyu.care.steps import find_last_time, read_complaints
    from canyu.care.steps.complaints import KINDS
    from canyu.events import open_lake

    zone = ZoneInfo(asked["zone"])
    first, last = asked["first"], asked["last"]
    start = first.replace(tzinfo=zone) if first else datetime(1970, 1, 2, tzinfo=UTC)
    end = (last + timedelta(1)).replace(tzinfo=zone) if last else datetime(2999, 1, 1, tzinfo=UTC)
    lake = open_lake(asked["address"])
    spans, is_simulated = read_complaints(lake, start, end)
    return _make_table(spans, asked, KINDS, calendar, find_last_time(lake)), is_simulated


def _make_table(
    spans: Spans,
    asked: dict[str, Any],
    kinds: Mapping[str, StepKind],
    calendar: Calendar | None,
    latest_us: int | None = None,
) -> StepTable:
    from canyu.care.opening import count_us
    from canyu.care.steps import make_step_table
    from canyu.kit.clock import find_instant

    if asked["now"]:
        try:
            now = find_instant(datetime.fromisoformat(asked["now"]), asked["zone"])
        except ValueError:
            now = None
        if now is None:
            raise BadInput(
                Words(f"{asked['now']!r} 不是时间。", f"{asked['now']!r} is no time."),
                mend=Words("请写 2026-02-14T17:30:00+08:00。", "Write it as 2026-02-14T17:30:00+08:00."),
            )
        latest_us = count_us(now)
    elif latest_us is None:
        latest_us = int(max(spans.start.max(), spans.end.max()))
    return make_step_table(spans, latest_us, kinds=kinds, calendar=calendar)


def describe_report(report: StepReport) -> dict[str, Any]:
    """Return a report as a program reads it; shares and rates are of 1."""
    return {
        "limit_h": report.limit_h,
        "goal": report.goal.value,
        "cases": report.cases,
        "solved": report.solved,
        "open_young": report.open_young,
        "open_old": report.open_old,
        "mean_h": _describe(report.mean_h),
        "rate": _describe_rate(report.rate),
        "steps": [_describe_step(step) for step in report.steps],
        "notes": [note.en for note in report.notes],
    }


def _describe_step(step: StepCost) -> dict[str, Any]:
    return {
        "step": step.step,
        "kind": step.kind.value,
        "cases": step.cases,
        "visits": step.visits,
        "again_visits": step.again_visits,
        "again_share": step.again_share,
        "mean_h": _describe(step.mean_h),
        "share_of_mean": _describe(step.share_of_mean),
        "share_of_variance": _describe(step.share_of_variance),
        "rate_without": _describe_rate(step.without),
        "gain": _describe(step.gain),
    }


def _describe(one: Ranged) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}


def _describe_rate(rate: RateInTime) -> dict[str, Any]:
    return {
        "in_time": rate.in_time,
        "counted": rate.counted,
        "plain": rate.plain and _describe(rate.plain),
        "censored": _describe(rate.censored),
    }


def _tell(report: StepReport) -> None:
    solved, cases, hours = f"{report.solved:,}", f"{report.cases:,}", f"{report.limit_h:g}"
    click.echo(say(f"{cases} 张工单，已解决 {solved} 张。", f"{cases} cases, {solved} of them solved."))
    mean = f"{report.mean_h.value:,.1f} h [{report.mean_h.low:,.1f}, {report.mean_h.high:,.1f}]"
    click.echo(say(f"平均 {mean}", f"Mean {mean}"))
    if report.rate.plain is not None:
        told = f"{_percent(report.rate.plain)} ({report.rate.in_time:,} / {report.rate.counted:,})"
        click.echo(say(f"{hours} 小时内解决率 {told}", f"Solved within {hours} h: {told}"))
    told = _percent(report.rate.censored)
    click.echo(say(f"  计入未解决的：{told}", f"  with open cases as censored: {told}"))
    for number, step in enumerate(report.steps, 1):
        kind = KIND_NAMES[step.kind.value]
        click.echo(say(f"{number}. {step.step}（{kind.zh}）", f"{number}. {step.step} ({kind.en})"))
        mean, share = f"{step.mean_h.value:,.1f} h", _percent(step.share_of_mean)
        spread, without = _percent(step.share_of_variance), _percent(step.without.censored)
        click.echo(say(f"   平均 {mean}，占均值 {share}", f"   mean {mean}, {share} of the mean"))
        click.echo(say(f"   占方差 {spread}", f"   {spread} of the variance"))
        click.echo(say(f"   去掉后的按时率 {without}", f"   solved in time without it: {without}"))
        if step.again_visits:
            again = f"{100 * step.again_share:.1f}%"
            click.echo(
                say(
                    f"   返工 {step.again_visits:,} 次，占该步时间 {again}",
                    f"   done again {step.again_visits:,} times, {again} of its time",
                )
            )
    for note in report.notes:
        click.echo(str(note))


def _percent(one: Ranged) -> str:
    value, low, high = (f"{100 * each:.1f}".replace("-0.0", "0.0") for each in (one.value, one.low, one.high))
    return f"{value}% [{low}, {high}]"
