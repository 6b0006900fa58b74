"""What is done in a crisis, by whom and by when: a value that is copied into a run when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from canyu.care.calendar_file import describe_calendar, read_calendar
from canyu.care.calendars import Calendar, make_week
from canyu.care.clock import find_due
from canyu.care.workdays import load_workdays
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 24 * HOUR_S
MOST_ITEMS = 60
MOST_TITLE = 200
MOST_AFTER_S = 366 * DAY_S


class Duty(StrEnum):
    """Who is to do an item, until somebody has taken it."""

    OWNER = "owner"
    CARE = "care"
    PR = "pr"
    QUALITY = "quality"
    LEGAL = "legal"
    KOLS = "kols"
    ANALYST = "analyst"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist, due ``after_s`` from the start, or ``workdays`` after the run was closed (never both).

    ``from_s``: when it begins to make sense; ``every_s``: it comes round again so many seconds after it was done.
    """

    key: str
    title: Words
    duty: Duty = Duty.OWNER
    after_s: int | None = None
    workdays: int | None = None
    from_s: int = 0
    every_s: int | None = None

    @property
    def follows_close(self) -> bool:
        """Whether its time counts from the closing of the run."""
        return self.workdays is not None


@dataclass(frozen=True)
class Playbook:
    """A checklist, how often everybody is told where things stand (None: no such timer), and which days are worked.

    ``calendar`` is read for items that are due some working days later; everything else knows no opening hours.
    """

    name: str
    items: tuple[Item, ...]
    update_s: int | None
    calendar: Calendar

    def find_item(self, key: str) -> Item | None:
        """Return an item, or None."""
        return next((item for item in self.items if item.key == key), None)


@lru_cache(maxsize=1)
def get_default_playbook() -> Playbook:
    """Return the house's playbook, with the times that are promised for a crisis.

    The retrospective is due ten working days after the closing, at the same time of the day.
    """
    calendar = Calendar("Asia/Shanghai", make_week("00:00-24:00"), workdays=load_workdays("CN"))
    return make_playbook(Playbook("default", DEFAULT_ITEMS, 2 * HOUR_S, calendar))


DEFAULT_ITEMS = (
    Item("case", Words("立案，定级，指定负责人", "Open the case, judge its severity, name its owner"), Duty.OWNER, 0),
    Item(
        "chain",
        Words("启动升级链，有人接手", "The chain of calls runs until somebody takes it"),
        Duty.OWNER,
        15 * MINUTE_S,
    ),
    Item("first response", Words("首次公开回应", "First public response"), Duty.PR, HOUR_S),
    Item(
        "evidence",
        Words("取证方案：送检机构、样品、保管记录", "Evidence plan: laboratory, samples, custody record"),
        Duty.QUALITY,
        6 * HOUR_S,
    ),
    Item(
        "solution",
        Words("解决方案，或写明日期的计划", "The solution, or a plan that names its dates"),
        Duty.OWNER,
        24 * HOUR_S,
    ),
    Item(
        "statement",
        Words("声明第一版，附报告编号和文件哈希", "First statement, with the report's number and the files' hashes"),
        Duty.PR,
        24 * HOUR_S,
    ),
    Item(
        "kols",
        Words(
            "达人扩散：带广告标识，按不重复触达计量",
            "Brief the KOLs, marked as advertisement; count people reached once",
        ),
        Duty.KOLS,
        72 * HOUR_S,
        from_s=24 * HOUR_S,
    ),
    Item(
        "goodwill",
        Words("善意补偿方案，写明上限", "Goodwill offer, with its cap"),
        Duty.CARE,
        72 * HOUR_S,
        from_s=24 * HOUR_S,
    ),
    Item(
        "sentiment",
        Words("检验舆论是否转向", "Test whether opinion turned"),
        Duty.ANALYST,
        6 * HOUR_S,
        every_s=6 * HOUR_S,
    ),
    Item(
        "retrospective",
        Words("发布复盘", "Publish the retrospective"),
        Duty.OWNER,
        workdays=10,
    ),
)


def make_playbook(playbook: Playbook) -> Playbook:
    """Return a playbook that is sound. Raises BadInput, naming the item and what to mend."""
    if not playbook.items or len(playbook.items) > MOST_ITEMS:
        raise BadInput(
            Words(f"预案须有 1 至 {MOST_ITEMS} 项。", f"A playbook has 1 to {MOST_ITEMS} items."),
            mend=Words("请增减条目。", "Add or leave out items."),
        )
    if playbook.update_s is not None and not MINUTE_S <= playbook.update_s <= MOST_AFTER_S:
        raise BadInput(
            Words("进展通报的间隔须在一分钟到一年之间。", "Status updates come every minute to every year."),
            mend=Words("例如 7200 秒。", "Such as 7200 seconds."),
        )
    seen: set[str] = set()
    for item in playbook.items:
        check_item(item)
        if item.key in seen:
            raise BadInput(
                Words(f"条目 {item.key!r} 出现了两次。", f"The item {item.key!r} is there twice."),
                mend=Words("每项一个名字。", "Give each a key of its own."),
            )
        seen.add(item.key)
    return playbook


def check_item(item: Item) -> None:
    """Refuse an item that nobody could do in time. Raises BadInput."""
    if not item.key.strip() or not all(each.strip() and len(each) <= MOST_TITLE for each in item.title):
        raise BadInput(
            Words(f"条目 {item.key!r} 没有写要做什么。", f"The item {item.key!r} does not say what to do."),
            mend=Words(f"请用一到 {MOST_TITLE} 个字写明。", f"Say it in 1 to {MOST_TITLE} letters."),
        )
    timed = (item.after_s is not None) + (item.workdays is not None)
    if timed != 1:
        raise BadInput(
            Words(f"条目 {item.key!r} 没有一个期限。", f"The item {item.key!r} has not one due time."),
            mend=Words(
                "请写启动后多久，或结束后几个工作日，只写一个。",
                "Give the time after the start, or the working days after the closing, not both.",
            ),
        )
    last = item.after_s or 0
    numbers = (last, item.from_s, item.workdays or 0)
    if min(numbers) < 0 or last > MOST_AFTER_S or (item.workdays or 0) > 250 or item.from_s > last:
        raise BadInput(
            Words(f"条目 {item.key!r} 的时间不成立。", f"The times of the item {item.key!r} cannot be."),
            mend=Words(
                "期限不早于开始，不超过一年，不为负。",
                "It is due no sooner than it begins, within a year, and nothing is negative.",
            ),
        )
    if item.every_s is not None and (item.every_s < MINUTE_S or item.follows_close):
        raise BadInput(
            Words(f"条目 {item.key!r} 不能这样重复。", f"The item {item.key!r} cannot come round like that."),
            mend=Words(
                "重复间隔至少一分钟，且期限从启动算起。",
                "It comes round after a minute at least, counted from the start.",
            ),
        )


def find_item_due(
    playbook: Playbook, item: Item, started_at: datetime, closed_at: datetime | None, done_at: datetime | None = None
) -> datetime | None:
    """Return when an item is due; None for one that waits for the closing. ``done_at``: when it was done last."""
    if item.workdays is not None:
        if closed_at is None:
            return None
        return find_due(playbook.calendar, closed_at, timedelta(item.workdays))
    if item.every_s is not None and done_at is not None:
        return done_at + timedelta(seconds=item.every_s)
    return started_at + timedelta(seconds=item.after_s or 0)


def describe_item(item: Item) -> dict[str, Any]:
    """Return an item as plain values that JSON can hold."""
    return {
        "key": item.key,
        "title_zh": item.title.zh,
        "title_en": item.title.en,
        "duty": item.duty.value,
        "after_s": item.after_s,
        "workdays": item.workdays,
        "from_s": item.from_s,
        "every_s": item.every_s,
    }


def read_item(kept: dict[str, Any]) -> Item:
    """Return the item that ``describe_item`` described."""
    return Item(
        kept["key"],
        Words(kept["title_zh"], kept["title_en"]),
        Duty(kept["duty"]),
        kept["after_s"],
        kept["workdays"],
        kept["from_s"],
        kept["every_s"],
    )


def describe_playbook(playbook: Playbook) -> dict[str, Any]:
    """Return a playbook as plain values that JSON can hold, its calendar with it: the copy that a run keeps."""
    return {
        "name": playbook.name,
        "items": [describe_item(item) for item in playbook.items],
        "update_s": playbook.update_s,
        "calendar": describe_calendar(playbook.calendar),
    }


def read_playbook(kept: dict[str, Any]) -> Playbook:
    """Return the playbook of a copy that ``describe_playbook`` made."""
    items = tuple(read_item(item) for item in kept["items"])
    return make_playbook(Playbook(kept["name"], items, kept["update_s"], read_calendar(kept["calendar"])))
