"""Written times to instants: with a zone for clocks that state none, and a reason for each one that is not a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events.importers.kernels import times as kernel
from canyu.events.importers.mapping import open_zone
from canyu.kit.words import Words

INSTANT = pa.timestamp("us", tz="UTC")

MENDS: dict[str, Words] = {
    "no_time": Words("补上时间。", "Fill in the time."),
    "no_zone": Words("用 --zone 说明时区，如 Asia/Shanghai。", "State the zone, as --zone Asia/Shanghai."),
    "relative_time": Words(
        "在映射里用 captured 写明采集时间。", "State in the mapping when the file was captured (captured)."
    ),
    "unreadable_time": Words("把时间写成 2026-08-12 10:00:00 这样的格式。", "Write times as 2026-08-12 10:00:00."),
}

UNITS = {"秒": 1, "分": 60, "小时": 3600, "时": 3600, "天": 86_400, "日": 86_400, "周": 604_800}
AGO = re.compile(r"(\d{1,5})\s*(?:个)?(秒|分|小时|时|天|日|周)[钟]?(?:之)?前")
NAMED_DAY = re.compile(r"(今天|昨天|前天|Today|Yesterday)\s*(\d{1,2}):(\d{2})(?::(\d{2}))?", re.IGNORECASE)
NAMED_DAYS = {"今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2}
ENGLISH_AGO = re.compile(r"(\d{1,5})\s*(s|sec|second|m|min|minute|h|hour|d|day)s?\s*ago", re.IGNORECASE)
ENGLISH_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
YEARLESS = re.compile(r"(\d{1,2})\s*[-月/]\s*(\d{1,2})\s*日?(?:\s*(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
WEIBO_FORMATS = ("%a %b %d %H:%M:%S %z %Y",)


def read_times(
    column: pa.ChunkedArray, *, zone: str = "", captured: datetime | None = None
) -> tuple[pa.Array, list[str]]:
    """Return instants (null where unreadable) and, per row, the reason why not ("" where it is a time).

    ``zone`` is the zone of clocks that state none; ``captured`` is when the file was made, for "3分钟前".
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        return _read_typed(array, zone)
    texts = array.cast(pa.string())
    micros, kinds = _read_texts(texts)
    is_naive = kinds == kernel.NAIVE
    instants = pa.array(micros, pa.timestamp("us"))
    reasons: list[str] = [""] * len(texts)
    faults = np.flatnonzero(kinds >= kernel.UNREADABLE)
    missing = kinds >= kernel.UNREADABLE
    if is_naive.any() and not zone:
        missing = missing | is_naive
        for row in np.flatnonzero(is_naive):
            reasons[row] = "no_zone"
    local = _localise(instants, zone) if zone else instants.cast(INSTANT)
    if zone and is_naive.all():
        return local, reasons
    found = pc.if_else(pa.array(is_naive), local, instants.cast(INSTANT))
    found = pc.if_else(pa.array(missing), pa.scalar(None, INSTANT), found)
    if not len(faults):
        return found, reasons
    return _read_faults(texts, found, reasons, (faults, zone, captured))


def _read_faults(
    texts: pa.Array, found: pa.Array, reasons: list[str], rest: tuple[Any, str, datetime | None]
) -> tuple[pa.Array, list[str]]:
    """Read what is not plain digits, one distinct text at a time."""
    faults, zone, captured = rest
    answers: dict[str, tuple[datetime | None, str]] = {}
    mended: dict[int, datetime] = {}
    for row in faults:
        text = (texts[int(row)].as_py() or "").strip()
        if text not in answers:
            answers[text] = _read_words(text, zone, captured)
        moment, reasons[row] = answers[text]
        if moment is not None:
            mended[int(row)] = moment
    if mended:
        mask = np.zeros(len(texts), bool)
        mask[list(mended)] = True
        found = pc.replace_with_mask(found, pa.array(mask), pa.array([mended[row] for row in sorted(mended)], INSTANT))
    return found, reasons


def _read_typed(array: pa.Array, zone: str) -> tuple[pa.Array, list[str]]:
    """Read a typed column; a date stands for its midnight in the zone."""
    stamps = array.cast(pa.timestamp("us", array.type.tz if pa.types.is_timestamp(array.type) else None), safe=False)
    reasons = (
        ["no_time" if is_null else "" for is_null in array.is_null().to_pylist()]
        if array.null_count
        else [""] * len(array)
    )
    if stamps.type.tz is not None:
        return stamps.cast(INSTANT), reasons
    if not zone:
        return pa.nulls(len(array), INSTANT), [reason or "no_zone" for reason in reasons]
    return _localise(stamps, zone), reasons


def _localise(stamps: pa.Array, zone: str) -> pa.Array:
    """Take clock times as those of a zone; of an hour that a clock change repeats, the first."""
    open_zone(zone)
    return pc.assume_timezone(stamps, zone, ambiguous="earliest", nonexistent="latest").cast(INSTANT)


def _read_texts(texts: pa.Array) -> tuple[Any, Any]:
    if texts.offset or texts.null_count:
        texts = pa.concat_arrays([texts.fill_null("")])
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    micros, kinds = np.zeros(len(texts), np.int64), np.empty(len(texts), np.uint8)
    kernel.read_times(places, letters, micros, kinds)
    return micros, kinds


def _read_words(text: str, zone: str, captured: datetime | None) -> tuple[datetime | None, str]:
    """Read one time that is not plain digits; return the instant, or None and the reason."""
    if not text:
        return None, "no_time"
    for form in WEIBO_FORMATS:
        try:
            return datetime.strptime(text, form).astimezone(UTC), ""
        except ValueError:
            pass
    try:
        stamp = parsedate_to_datetime(text)
        if stamp.tzinfo is not None:
            return stamp.astimezone(UTC), ""
    except (ValueError, TypeError, IndexError):
        pass
    return _read_relative(text, zone, captured)


def _read_relative(text: str, zone: str, captured: datetime | None) -> tuple[datetime | None, str]:
    back = _count_seconds_back(text)
    day, yearless = NAMED_DAY.fullmatch(text), YEARLESS.fullmatch(text)
    if back is None and day is None and yearless is None:
        return None, "unreadable_time"
    if captured is None:
        return None, "relative_time"
    if back is not None:
        return (captured - timedelta(seconds=back)).astimezone(UTC), ""
    if not zone:
        return None, "no_zone"
    local = captured.astimezone(open_zone(zone))
    try:
        moment = _read_named(day, local) if day is not None else _read_yearless(yearless, local)
    except ValueError:
        return None, "unreadable_time"
    return moment.astimezone(UTC), ""


def _read_named(day: re.Match[str], captured: datetime) -> datetime:
    hour, minute, second = (int(part or 0) for part in day.groups()[1:])
    date = captured - timedelta(days=NAMED_DAYS[day[1].lower()])
    return date.replace(hour=hour, minute=minute, second=second, microsecond=0)


def _read_yearless(text: re.Match[str] | None, captured: datetime) -> datetime:
    """Read a month and a day without a year: the last one before the file was made."""
    if text is None:
        raise ValueError
    month, day, hour, minute, second = (int(part or 0) for part in text.groups())
    moment = captured.replace(month=month, day=day, hour=hour, minute=minute, second=second, microsecond=0)
    return moment if moment <= captured else moment.replace(year=captured.year - 1)


def _count_seconds_back(text: str) -> int | None:
    if text in ("刚刚", "just now"):
        return 0
    found = AGO.fullmatch(text)
    if found:
        return int(found[1]) * UNITS[found[2]]
    english = ENGLISH_AGO.fullmatch(text)
    return int(english[1]) * ENGLISH_UNITS[english[2][0].lower()] if english else None
