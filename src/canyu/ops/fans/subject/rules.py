"""The kinds and states of a person's request, and its legal clock; pure, no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from canyu.kit.words import Words


class Wish(StrEnum):
    """What a person asks for (Personal Information Protection Law of China, articles 44 to 47)."""

    ACCESS = "access"
    EXPORT = "export"
    CORRECT = "correct"
    ERASE = "erase"


class Stand(StrEnum):
    """Where a request stands; an erasure goes through the last but two, each step safe to repeat."""

    OPEN = "open"
    READY = "ready"
    RELEASED = "released"
    RUNNING = "running"
    WIPED = "wiped"
    DONE = "done"
    REFUSED = "refused"


WAITING = (Stand.OPEN, Stand.READY, Stand.RELEASED, Stand.RUNNING, Stand.WIPED)
ERASING = (Stand.RELEASED, Stand.RUNNING, Stand.WIPED)
PUBLIC = "public page"
"""Where a person asked by themselves."""
FETCH_DAYS = 7
"""So long may a person fetch the copy that staff made ready."""

WISH_WORDS: dict[str, Words] = {
    Wish.ACCESS: Words("查阅", "access"),
    Wish.EXPORT: Words("复制与转移", "a copy"),
    Wish.CORRECT: Words("更正", "a correction"),
    Wish.ERASE: Words("删除", "erasure"),
}
STAND_WORDS: dict[str, Words] = {
    Stand.OPEN: Words("待处理", "open"),
    Stand.READY: Words("可下载", "ready to fetch"),
    Stand.RELEASED: Words("已放行", "released"),
    Stand.RUNNING: Words("删除中", "being erased"),
    Stand.WIPED: Words("收尾中", "being finished"),
    Stand.DONE: Words("已完成", "done"),
    Stand.REFUSED: Words("已拒绝", "refused"),
}


def find_due(received: datetime, days: int) -> datetime:
    """Return until when a request has to be answered."""
    return received + timedelta(days=days)
