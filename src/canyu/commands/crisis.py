"""``canyu crisis``: did opinion turn after a statement."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    import pyarrow as pa

    from canyu.care.crisis.turning import Change, CloseReport, TurnReport

HOUR_S = 3600
CELLS = {
    "topic_before": Words("话题，声明前", "topic, before"),
    "topic_after": Words("话题，声明后", "topic, after"),
    "controls_before": Words("对照，声明前", "controls, before"),
    "controls_after": Words("对照，声明后", "controls, after"),
}
VERDICTS = {
    "not_enough_posts": Words("帖子不够，不能下结论。", "Not enough posts to say."),
    "not_turned": Words(
        "没有转变：区间含零，或没有一直在零的一侧。", "Not turned: the interval holds zero, or did of late."
    ),
    "clearing": Words("正在转变，时间还不够长。", "Turning, but not for long enough yet."),
    "turned": Words("舆论已转变：负面占比下降。", "Opinion turned: the negative share fell."),
    "worse": Words("舆论变差：负面占比上升。", "Opinion got worse: the negative share rose."),
}
CLOSINGS = {
    "no_band": Words("危机前的天数不够，没有常态区间。", "Too few days before the crisis for a band."),
    "not_enough_posts": Words("最近 24 小时的帖子不够。", "Too few posts in the last 24 hours."),
    "above": Words("仍高于常态区间。", "Still above the band."),
    "settling": Words("已回到区间内，时间还不够长。", "Back within the band, but not for long enough yet."),
    "back": Words("可以结束：已回到区间内足够久。", "May close: back within the band for long enough."),
}


@click.group(
    context_settings=HELP_NAMES,
    help=say("危机：声明之后舆论是否转变。", "Crises: did opinion turn after a statement."),
)
def command() -> None:
    """Hold the questions about a crisis."""


@command.command(
    context_settings=HELP_NAMES,
    help=say(
        "声明前后负面占比的变化，扣除其他话题同期的变化；区间考虑相邻小时的相关与过度离散。文件（CSV、Parquet……）每行"
        "一条帖子：时间、话题、是否负面（0/1）；其余话题都作对照。",
        "The change of the negative share around a statement, less that of other topics meanwhile; the interval allows "
        "for hours that hang together. A file (CSV, Parquet, ...) has a row per post: time, topic, negative (0/1); all "
        "other topics are controls.",
    ),
)
@click.argument("source", metavar=say("文件", "FILE"), type=click.Path(path_type=Path))
@click.option("--topic", required=True, help=say("要判断的话题。", "The topic that is judged."))
@click.option("--statement", required=True, help=say("声明的时间。", "When the statement was made."))
@click.option(
    "--began",
    default="",
    help=say("危机开始的时间；给出后一并判断能否结束。", "When the crisis began: judge its close."),
)
@click.option(
    "--before", "before_h", default=72, show_default=True, help=say("声明前的小时数。", "Hours before that count.")
)
@click.option(
    "--after", "after_h", default=72, show_default=True, help=say("声明后最多计的小时数。", "The latest hours after.")
)
@click.option(
    "--smallest",
    default=0.1,
    show_default=True,
    help=say(
        "必须能看出的最小变化；决定需要多少帖子。", "The smallest change worth telling: says how many posts are needed."
    ),
)
@click.option(
    "--columns", default="time,topic,negative", show_default=True, help=say("三个列名。", "The three columns.")
)
@json_option
def turned(source: Path, topic: str, statement: str, **asked: Any) -> None:
    """Tell whether opinion on a topic turned."""
    from canyu.care.crisis.turning import TurnRule, judge_closing, judge_turn, read_opinions

    columns = [name.strip() for name in asked["columns"].split(",")]
    if len(columns) != 3:
        raise BadInput(
            Words("列名要三个，用逗号分开。", "There are three columns, with commas between."),
            mend=Words("如 time,topic,negative。", "As time,topic,negative."),
        )
    rule = TurnRule(asked["before_h"], asked["after_h"], smallest_change=asked["smallest"])
    opinions = read_opinions(_read(source), topic=topic, statement=_read_time(statement), columns=columns)
    report = judge_turn(opinions, rule)
    closing = None
    if asked["began"]:
        apart = (_read_time(asked["began"]) - opinions.statement).total_seconds() / HOUR_S
        closing = judge_closing(opinions, max(0, opinions.at + int(apart // 1)))
    if asked["as_json"]:
        told = describe_turn(report) | {"controls": list(opinions.controls)}
        click.echo(dump_json(told | {"closing": closing and describe_closing(closing)}))
        return
    _tell(report)
    if closing is not None:
        click.echo(CLOSINGS[closing.state.value])


def describe_turn(report: TurnReport) -> dict[str, Any]:
    """Return a report as a program reads it; shares are of 1."""
    return {
        "verdict": report.verdict.value,
        "change": report.change and _describe(report.change),
        "cells": {cell.name: {"posts": cell.posts, "negative": cell.negative} for cell in report.cells},
        "needed": {cell.name: cell.needed for cell in report.short},
        "clear_since": report.since and report.since.isoformat(),
        "turned_at": report.turned_at and report.turned_at.isoformat(),
        "running_h": report.running_h,
        "fell_before": report.fell_before,
        "looks": len(report.looks),
    }


def describe_closing(report: CloseReport) -> dict[str, Any]:
    """Return whether a crisis may close, as a program reads it."""
    return {
        "state": report.state.value,
        "share": report.share,
        "upper": report.upper,
        "ordinary": report.ordinary,
        "hours_within": report.hours_within,
        "band_days": report.band_days,
        "posts": report.posts,
    }


def _describe(change: Change) -> dict[str, float]:
    return {"value": change.value, "low": change.low, "high": change.high}


def _tell(report: TurnReport) -> None:
    click.echo(VERDICTS[report.verdict.value])
    if report.change is not None:
        value, low, high = (
            f"{100 * each:+.1f}" for each in (report.change.value, report.change.low, report.change.high)
        )
        click.echo(say(f"变化 {value} 个百分点 [{low}, {high}]", f"Change {value} points [{low}, {high}]"))
    for cell in report.cells:
        share = f"{100 * cell.negative / cell.posts:.1f}%" if cell.posts else "—"
        more = say(f"，需要 {cell.needed:,} 条", f", {cell.needed:,} needed") if cell.needed else ""
        posts = say(f"{cell.posts:,} 条", f"{cell.posts:,} posts")
        click.echo(f"  {CELLS[cell.name]}: {share} ({posts}{more})")
    if report.turned_at is not None:
        at = report.turned_at.isoformat()
        click.echo(say(f"首次满足：{at}", f"First told: {at}"))
    if report.fell_before:
        click.echo(say("声明之前就已在下降。", "It was falling before the statement already."))


def _read(source: Path) -> pa.Table:
    import pyarrow as pa

    from canyu.events.importers.readers import FileFormat
    from canyu.listen.sheets import open_sheet

    sheet = open_sheet(source, FileFormat())
    pieces = list(sheet.read_pieces())
    for refusal in (each for piece in pieces for each in piece.refusals):
        raise BadInput(
            Words(f"第 {refusal.row} 行读不了。", f"Row {refusal.row} cannot be read."),
            mend=Words("请修好或去掉这一行。", "Mend it, or leave it out."),
        )
    return pa.concat_tables([piece.table for piece in pieces]) if pieces else sheet.schema.empty_table()


def _read_time(text: str) -> datetime:
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(
            Words(f"{text!r} 不是时间。", f"{text!r} is no time."),
            mend=Words("请写 2026-02-14T17:30:00+08:00。", "Write it as 2026-02-14T17:30:00+08:00."),
        ) from None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
