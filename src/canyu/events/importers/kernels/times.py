"""What a written time means: digits with separators, read byte by byte without a calendar library."""

from __future__ import annotations

from typing import Any

import numba

NAIVE, ZONED, UNREADABLE, EMPTY = 0, 1, 2, 3
"""How a written time was read: on a local clock, as an instant, not at all, or nothing stood there."""

MICROSECONDS = 1_000_000
DAY_US = 86_400 * MICROSECONDS


@numba.njit(cache=True, nogil=True)
def _count_days(year: int, month: int, day: int) -> int:
    """Return days since 1970-01-01 (Hinnant's civil-days formula), or a very large number for no such date."""
    longest = 31
    if month == 4 or month == 6 or month == 9 or month == 11:
        longest = 30
    elif month == 2:
        longest = 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    if month < 1 or month > 12 or day < 1 or day > longest or year < 1000 or year > 9999:
        return 1 << 40
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@numba.njit(cache=True, nogil=True)
def _read_number(text: Any, at: int, end: int, most: int) -> tuple[int, int]:
    """Read up to ``most`` digits; return the number and the place after it (the same place: no digit)."""
    number = 0
    begin = at
    while at < end and at - begin < most and 48 <= text[at] <= 57:
        number = number * 10 + (text[at] - 48)
        at += 1
    return number, at


@numba.njit(cache=True, nogil=True)
def _skip_mark(text: Any, at: int, end: int) -> int:
    """Pass over one separator: ``- / .`` or 年 月 日 时 分 秒 (three bytes each); the same place: none there."""
    if at < end and (text[at] == 45 or text[at] == 47 or text[at] == 46):
        return at + 1
    if at + 2 < end and text[at] >= 0xE5:
        code = (text[at] << 16) | (text[at + 1] << 8) | text[at + 2]
        # 年 E5B9B4, 月 E69C88, 日 E697A5, 号 E58FB7, 时 E697B6, 点 E782B9, 分 E58886, 秒 E7A792
        for mark in (0xE5B9B4, 0xE69C88, 0xE697A5, 0xE58FB7, 0xE697B6, 0xE782B9, 0xE58886, 0xE7A792):
            if code == mark:
                return at + 3
    return at


@numba.njit(cache=True, nogil=True)
def _read_clock(text: Any, at: int, end: int) -> tuple[int, int]:
    """Read ``HH:MM[:SS[.ffffff]]`` (24:00 is the next midnight); return microseconds or -1, and the place after."""
    hour, after = _read_number(text, at, end, 2)
    if after == at:
        return -1, at
    parts = [0, 0]
    for index in range(2):
        mark = after
        if mark < end and text[mark] == 58:
            mark += 1
        else:
            mark = _skip_mark(text, mark, end) if mark < end and text[mark] >= 0xE5 else mark
            if mark == after and not (mark < end and 48 <= text[mark] <= 57):
                break
        number, next_after = _read_number(text, mark, end, 2)
        if next_after == mark:
            after = mark
            break
        parts[index], after = number, next_after
    if after + 2 < end and text[after] >= 0xE5:
        after = _skip_mark(text, after, end)
    micros = 0
    if after < end and (text[after] == 46 or text[after] == 44):
        micros, last = _read_number(text, after + 1, end, 6)
        for _ in range(6 - (last - after - 1)):
            micros *= 10
        after = last
        while after < end and 48 <= text[after] <= 57:  # finer than a microsecond is cut
            after += 1
    if hour > 24 or parts[0] > 59 or parts[1] > 60 or (hour == 24 and (parts[0] or parts[1] or micros)):
        return -1, after
    return ((hour * 60 + parts[0]) * 60 + parts[1]) * MICROSECONDS + micros, after


@numba.njit(cache=True, nogil=True)
def _read_offset(text: Any, at: int, end: int) -> tuple[int, int]:
    """Read ``Z``, ``UTC``, ``±HH[:]MM``; return minutes east (9999: none, -9999: broken) and the place after."""
    if at < end and (text[at] == 90 or text[at] == 122):
        return 0, at + 1
    if at + 2 < end and text[at] == 85 and text[at + 1] == 84 and text[at + 2] == 67:
        return 0, at + 3
    if at < end and (text[at] == 43 or text[at] == 45):
        hours, after = _read_number(text, at + 1, end, 2)
        if after != at + 3:
            return -9999, after
        if after < end and text[after] == 58:
            after += 1
        minutes, last = _read_number(text, after, end, 2)
        if hours > 14 or minutes > 59 or (last != after and last != after + 2):
            return -9999, last
        return (hours * 60 + minutes) * (1 if text[at] == 43 else -1), last
    return 9999, at


@numba.njit(cache=True, nogil=True)
def _read_epoch(text: Any, at: int, end: int) -> int:
    """Return microseconds for 10 (s), 13 (ms) or 16 (us) digits since 1970, or -1."""
    length = end - at
    if length != 10 and length != 13 and length != 16:
        return -1
    number = 0
    for place in range(at, end):
        if text[place] < 48 or text[place] > 57:
            return -1
        number = number * 10 + (text[place] - 48)
    return number * (MICROSECONDS if length == 10 else 1000 if length == 13 else 1)


@numba.njit(cache=True, nogil=True)
def _read_time(text: Any, at: int, end: int) -> tuple[int, int]:
    """Return (microseconds, kind) of one written time."""
    while at < end and text[at] <= 32:
        at += 1
    while end > at and text[end - 1] <= 32:
        end -= 1
    if at == end:
        return 0, EMPTY
    epoch = _read_epoch(text, at, end)
    if epoch >= 0:
        return epoch, ZONED
    year, place = _read_number(text, at, end, 4)
    if place != at + 4:
        return 0, UNREADABLE
    mark = _skip_mark(text, place, end)
    is_compact = mark == place  # "20260812": two digits each, or it is some other number
    month, place = _read_number(text, mark, end, 2)
    if place == mark or (is_compact and place != mark + 2):
        return 0, UNREADABLE
    mark = place if is_compact else _skip_mark(text, place, end)
    day, place = _read_number(text, mark, end, 2)
    if is_compact and place != mark + 2:
        return 0, UNREADABLE
    if place == mark:
        day = 1  # "2026-08", "2026年8月": the month's first day
    if place + 2 < end and text[place] >= 0xE5:
        place = _skip_mark(text, place, end)
    days = _count_days(year, month, day)
    if days == 1 << 40:
        return 0, UNREADABLE
    clock = 0
    if place < end and (text[place] == 84 or text[place] == 116):
        place += 1
    while place < end and text[place] == 32:
        place += 1
    if place < end and 48 <= text[place] <= 57:
        clock, place = _read_clock(text, place, end)
    while place < end and text[place] == 32:
        place += 1
    east, place = _read_offset(text, place, end)
    if clock < 0 or east == -9999 or place != end:
        return 0, UNREADABLE
    local = days * DAY_US + clock
    if east == 9999:
        return local, NAIVE
    return local - east * 60 * MICROSECONDS, ZONED


@numba.njit(cache=True, nogil=True)
def read_times(offsets: Any, text: Any, micros: Any, kinds: Any) -> None:
    """Read each text ``text[offsets[i]:offsets[i + 1]]`` into ``micros`` (since 1970) and ``kinds``."""
    for row in range(kinds.size):
        micros[row], kinds[row] = _read_time(text, offsets[row], offsets[row + 1])
