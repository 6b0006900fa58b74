"""``canyu clock``: when a target is due by a calendar, how much of it was worked, and which hours counted."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canyu.care import Calendar, Interval, Pause

WEEKDAYS = tuple(zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
TOLD = 40  # intervals that a person is shown; --json tells them all

calendar_option = click.option(
    "--calendar",
    "path",
    required=True,
    metavar=say("文件", "FILE"),
    help=say("日历文件（YAML）：时区、营业时段、假日。", "A calendar file (YAML): zone, hours, holidays."),
)
pause_option = click.option(
    "--pause",
    "pauses",
    multiple=True,
    metavar=say("开始/结束", "START/END"),
    help=say(
        "时钟暂停的一段时间；可重复；结束可省略。",
        "A time in which the clock stood still; repeatable; END may be left out.",
    ),
)


@click.group(
    context_settings=HELP_NAMES,
    help=say(
        "按日历算时限：营业时段、假日、中国的调休补班、任意时区、暂停。时间不带时区偏移时按日历的时区理解。",
        "Reckon time limits by a calendar: opening hours, holidays, China's make-up workdays, any time zone, pauses. "
        "A time without an offset is one of the calendar's zone.",
    ),
)
def command() -> None:
    """Hold the two questions about a clock."""


@command.command(
    context_settings=HELP_NAMES,
    help=say(
        "目标何时到期，用掉了哪些时段。正好在下班时用完的，到期时间就是下班时间。",
        "When a target is due, and which hours it used. One used up exactly at closing is due at closing.",
    ),
)
@calendar_option
@click.option(
    "--start",
    required=True,
    help=say("开始时间，如 2026-02-14T17:30:00+08:00。", "When the clock starts, as 2026-02-14T17:30:00+08:00."),
)
@click.option(
    "--target", required=True, help=say("目标时长，如 45min、1h、1h30m。", "The target, such as 45min, 1h, 1h30m.")
)
@pause_option
@json_option
def due(path: str, start: str, target: str, pauses: tuple[str, ...], as_json: bool) -> None:
    """Tell when a target is due."""
    from canyu.care import due_time, load_calendar, parse_target

    calendar = load_calendar(path)
    found = due_time(calendar, _read_time(start, calendar), parse_target(target), _read_pauses(pauses, calendar))
    if as_json:
        told = {"due": found.due and found.due.isoformat(), "used": _describe(found.used)}
        click.echo(dump_json(told | _describe_years(found.provisional_years)))
        return
    if found.due is None:
        click.echo(say("还没有到期时间：时钟正在暂停。", "Not due yet: the clock stands still."))
    else:
        click.echo(say(f"到期：{found.due.isoformat()}", f"Due: {found.due.isoformat()}"))
    _tell(found.used, found.provisional_years)


@command.command(
    context_settings=HELP_NAMES,
    help=say("两个时间之间有多少营业时间，是哪些时段。", "How much open time lies between two times, and which hours."),
)
@calendar_option
@click.option("--from", "start", required=True, help=say("从何时起。", "From when."))
@click.option("--to", "end", required=True, help=say("到何时止。", "Until when."))
@pause_option
@json_option
def worked(path: str, start: str, end: str, pauses: tuple[str, ...], as_json: bool) -> None:
    """Tell how much open time lies between two times."""
    from canyu.care import load_calendar, worked_time

    calendar = load_calendar(path)
    ends = (_read_time(start, calendar), _read_time(end, calendar))
    found = worked_time(calendar, *ends, _read_pauses(pauses, calendar))
    if as_json:
        told = {"seconds": found.seconds, "used": _describe(found.used)}
        click.echo(dump_json(told | _describe_years(found.provisional_years)))
        return
    hours = f"{found.seconds / 3600:,.2f}"
    click.echo(say(f"{found.seconds:,} 秒（{hours} 小时）", f"{found.seconds:,} seconds ({hours} h)"))
    _tell(found.used, found.provisional_years)


def _read_time(text: str, calendar: Calendar) -> datetime:
    from canyu.kit.clock import find_instant

    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(
            Words(f"{text!r} 不是时间。", f"{text!r} is no time."),
            mend=Words("请写 2026-02-14T17:30:00+08:00。", "Write it as 2026-02-14T17:30:00+08:00."),
        ) from None
    found = find_instant(told, calendar.zone)
    if found is None:
        raise BadInput(
            Words(f"{calendar.zone} 没有 {text} 这个时间。", f"There is no {text} in {calendar.zone}."),
            mend=Words("请写明时区偏移，如 +08:00。", "Write its offset, such as +08:00."),
        )
    return found


def _read_pauses(texts: Iterable[str], calendar: Calendar) -> list[Pause]:
    from canyu.care import Pause

    found = []
    for text in texts:
        start, _, end = text.partition("/")
        pause = Pause(_read_time(start, calendar), _read_time(end, calendar) if end.strip() else None)
        if pause.end is not None and pause.end < pause.start:
            raise BadInput(
                Words(f"暂停 {text} 的结束在开始之前。", f"The pause {text} ends before it starts."),
                mend=Words("请按 开始/结束 的顺序写。", "Write it as START/END."),
            )
        found.append(pause)
    return found


def _describe(used: Iterable[Interval]) -> list[dict[str, Any]]:
    return [{"from": one.start.isoformat(), "to": one.end.isoformat(), "seconds": one.seconds} for one in used]


def _describe_years(years: tuple[int, ...]) -> dict[str, Any]:
    return {"provisional": bool(years), "provisional_years": list(years)}


def _tell(used: tuple[Interval, ...], years: tuple[int, ...]) -> None:
    for one in used[:TOLD]:
        weekday = say(*WEEKDAYS[one.start.weekday()])
        end = f"{one.end:%H:%M:%S}" if one.end.date() == one.start.date() else f"{one.end:%Y-%m-%d %H:%M:%S}"
        click.echo(f"  {one.start:%Y-%m-%d} {weekday} {one.start:%H:%M:%S} – {end}  {one.seconds / 3600:.2f} h")
    if len(used) > TOLD:
        more = len(used) - TOLD
        click.echo(say(f"  ……另有 {more} 段。", f"  … and {more} more."))
    if years:
        told = ", ".join(str(year) for year in years)
        click.echo(
            say(
                f"暂定：{told} 年的放假安排还没有公布（或不在表内）。",
                f"Provisional: the days off of {told} are not announced, or not in the table.",
            )
        )
