"""When a scorecard is due; pure, no database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from canyu.kit.clock import find_instant
from canyu.kit.words import Words
from canyu.ops.proof.card.rules import Asked, find_last_whole
from canyu.ops.proof.models import Letter, Rhythm, Schedule

LAST_DAY = 28
"""Every month has it."""
WEEKDAYS = (
    *(Words("周一", "Monday"), Words("周二", "Tuesday"), Words("周三", "Wednesday"), Words("周四", "Thursday")),
    *(Words("周五", "Friday"), Words("周六", "Saturday"), Words("周日", "Sunday")),
)
LETTERS: dict[str, Words] = {
    Letter.WAITING.value: Words("等待发送", "waiting"),
    Letter.SENDING.value: Words("正在发送", "being sent"),
    Letter.SENT.value: Words("已发送", "sent"),
    Letter.REFUSED.value: Words("没有发出", "not sent"),
    Letter.UNCLEAR.value: Words("不清楚是否发出", "it is not clear whether it was sent"),
}
LANGUAGES: dict[str, Words] = {"zh": Words("中文", "Chinese"), "en": Words("英文", "English")}


def find_next_due(schedule: Schedule, after: datetime) -> datetime:
    """Return the first instant after ``after`` at which a schedule is due, on the clock of its zone.

    An hour that the clock skips is its next one; one that it has twice is the first.

    >>> from datetime import UTC
    >>> told = Schedule(rhythm="week", day=0, hour=9, zone="Asia/Shanghai")
    >>> find_next_due(told, datetime(2025, 4, 7, 1, 0, tzinfo=UTC)).isoformat()
    '2025-04-14T01:00:00+00:00'
    >>> spring = Schedule(rhythm="week", day=6, hour=2, zone="Europe/Berlin")
    >>> find_next_due(spring, datetime(2026, 3, 28, tzinfo=UTC)).isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    day = after.astimezone(ZoneInfo(schedule.zone)).date()
    while True:
        if _is_day(schedule, day):
            at = datetime.combine(day, time(schedule.hour))
            found = find_instant(at, schedule.zone) or find_instant(at + timedelta(hours=1), schedule.zone)
            if found is not None and found > after:
                return found
        day += timedelta(days=1)


def find_asked(schedule: Schedule, due_at: datetime) -> Asked:
    """Return which card is sent at a due time: the last week or month that was over the day before."""
    day = due_at.astimezone(ZoneInfo(schedule.zone)).date() - timedelta(days=1)
    return Asked(find_last_whole(Rhythm(schedule.rhythm), day), schedule.by)


def _is_day(schedule: Schedule, day: date) -> bool:
    return (day.weekday() if schedule.rhythm == Rhythm.WEEK else day.day) == schedule.day
