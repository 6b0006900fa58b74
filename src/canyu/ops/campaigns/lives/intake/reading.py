"""Reads files of minutes and of plays; pure: no database, no clock."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from canyu.kit.clock import find_instant
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.campaigns.lives.rules import MOST_VIEWERS, Metric, Span, floor_minute

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 20_000
COUNT = re.compile(r"\d{1,16}")
MISSING, ZERO = "missing", "zero"
MINUTE_COLUMNS = ("minute", "platform", "viewers", "note", "metric")
PLAY_COLUMNS = ("at", "clip", "plays")
Line = TypeVar("Line")
TIME_MEND = Words("写成 2026-12-01 20:05。", "Write it as 2026-12-01 20:05.")


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that was not taken: its number in the file (the header is 1), its field, why, and the mend."""

    row: int
    field: str
    reason: Words
    mend: Words


@dataclass(frozen=True, slots=True)
class MinuteLine:
    """One minute of one platform as a file or a form has it; ``value`` is None for one that is told as missing."""

    minute: datetime
    platform: str
    metric: Metric
    value: int | None


@dataclass(frozen=True, slots=True)
class PlayLine:
    """How often a clip had been played by a moment; a title names one clip of each platform."""

    at: datetime
    platform: str
    clip: str
    plays: int


@dataclass(frozen=True, slots=True)
class MinuteFile:
    """What a file of minutes holds; ``unsaid`` counts zeros without a word, which are kept as missing."""

    lines: list[MinuteLine]
    faults: list[Fault]
    unsaid: int


@dataclass(frozen=True, slots=True)
class PlayFile:
    """What a file of plays holds."""

    lines: list[PlayLine]
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a file is read within: the session's platforms, zone and span."""

    platforms: Sequence[str]
    zone: str
    span: Span


class RowFault(Exception):
    """A field of the row at hand cannot be used."""

    def __init__(self, field: str, reason: Words, mend: Words) -> None:
        super().__init__(reason.en)
        self.field, self.reason, self.mend = field, reason, mend


def read_minutes(data: bytes, frame: Frame) -> MinuteFile:
    """Return the minutes in a CSV file, and the rows that cannot be used. Raises BadInput for what is no such file.

    A minute that is told as missing, or as 0 without the note ``zero``, is kept as missing: a feed that stops sends 0.
    """
    unsaid = 0

    def read(row: Mapping[str, str]) -> MinuteLine:
        nonlocal unsaid
        line = read_minute_line(row, frame)
        unsaid += line.value is None and bool(row.get("viewers")) and row.get("note") != MISSING
        return line

    lines, faults = _read_rows(data, MINUTE_COLUMNS[:3], read)
    return MinuteFile(lines, faults, unsaid)


def read_plays(data: bytes, zone: str, clips: Sequence[tuple[str, str]]) -> PlayFile:
    """Return the counts of plays in a CSV file, and the rows that cannot be used. Raises BadInput for no such file.

    Of each clip that there is, ``clips`` has the platform and the title.
    """
    return PlayFile(*_read_rows(data, PLAY_COLUMNS, lambda row: read_play_line(row, zone, clips)))


def read_play_line(row: Mapping[str, str], zone: str, clips: Sequence[tuple[str, str]]) -> PlayLine:
    """Return one count of plays; raises RowFault, also where only its platform could tell which clip is meant."""
    clip, said = row.get("clip", ""), row.get("platform", "")
    platforms = [platform for platform, title in clips if title == clip and said in {"", platform}]
    if not platforms:
        mend = Words("先在页面上登记该片段。", "Enter the clip on the page first.")
        raise RowFault("clip", Words("没有这个片段。", "There is no such clip."), mend)
    if len(platforms) > 1:
        mend = Words(f"可填：{'、'.join(platforms)}。", f"Use one of: {', '.join(platforms)}.")
        raise RowFault("platform", Words("几个平台都有这个片段。", "Several platforms have this clip."), mend)
    return PlayLine(_read_time(row, "at", zone), platforms[0], clip, _read_count(row, "plays"))


def read_minute_line(row: Mapping[str, str], frame: Frame) -> MinuteLine:
    """Return one minute; raises RowFault that names the field, why it cannot be used, and the mend."""
    platform, note, metric = row.get("platform", ""), row.get("note", "").lower(), row.get("metric", "")
    if platform not in frame.platforms:
        mend = Words(f"可填：{'、'.join(frame.platforms)}。", f"Use one of: {', '.join(frame.platforms)}.")
        raise RowFault("platform", Words("场次不在这个平台上。", "The session is not on this platform."), mend)
    if metric not in {"", *Metric}:
        mend = Words(f"可填：{'、'.join(Metric)}，或留空。", f"Use one of: {', '.join(Metric)}, or leave it empty.")
        raise RowFault("metric", Words("没有这个指标。", "There is no such metric."), mend)
    if note not in {"", MISSING, ZERO}:
        mend = Words("填 missing、zero，或留空。", "Write missing, zero, or leave it empty.")
        raise RowFault("note", Words("备注不能识别。", "The note is unknown."), mend)
    minute = floor_minute(_read_time(row, "minute", frame.zone))
    if not floor_minute(frame.span.start) <= minute < frame.span.end:
        mend = Words("改正时间，或先改正场次的起止。", "Correct it, or the session's start and end first.")
        raise RowFault("minute", Words("不在场次时间内。", "It is outside the session."), mend)
    return MinuteLine(minute, platform, Metric(metric or Metric.VIEWERS), _read_viewers(row, note))


def _read_viewers(row: Mapping[str, str], note: str) -> int | None:
    said = row.get("viewers", "")
    if note == MISSING or (not said and note != ZERO):
        return None
    value = _read_count(row, "viewers") if said else 0
    if value and note == ZERO:
        mend = Words("去掉备注或改正人数。", "Take the note out, or correct the count.")
        raise RowFault("note", Words("人数不是 0，却注明 zero。", "The note says zero, the count does not."), mend)
    return value if value or note == ZERO else None


def _read_count(row: Mapping[str, str], field: str) -> int:
    said = row.get(field, "").replace(",", "")
    if not COUNT.fullmatch(said) or not said.isascii() or int(said) > MOST_VIEWERS:
        mend = Words("写成整数，例如 1250。", "Write a whole number such as 1250.")
        raise RowFault(field, Words(f"“{said[:20]}”不是人数或次数。", f'"{said[:20]}" is no count.'), mend)
    return int(said)


def _read_time(row: Mapping[str, str], field: str, zone: str) -> datetime:
    said = row.get(field, "")
    try:
        found = find_instant(datetime.fromisoformat(said), zone)
    except ValueError:
        found = None
    if found is None:
        raise RowFault(field, Words(f"“{said[:30]}”不是时间。", f'"{said[:30]}" is no time.'), TIME_MEND)
    return found


def _read_rows(
    data: bytes, needed: Sequence[str], read: Callable[[Mapping[str, str]], Line]
) -> tuple[list[Line], list[Fault]]:
    lines: list[Line] = []
    faults: list[Fault] = []
    for number, row in _list_rows(data, needed):
        try:
            lines.append(read(row))
        except RowFault as fault:
            faults.append(Fault(number, fault.field, fault.reason, fault.mend))
    return lines, faults


def _list_rows(data: bytes, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    if len(data) > MOST_BYTES:
        raise BadInput(
            Words("文件太大。", "The file is too large."),
            mend=Words(f"最多 {MOST_BYTES >> 20} MB。", f"At most {MOST_BYTES >> 20} MB."),
        )
    try:
        text = data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            Words("这不是 UTF-8 编码的 CSV 文件。", "This is no CSV file in UTF-8."),
            mend=Words("另存为 CSV（UTF-8）后再上传。", "Save it as CSV (UTF-8), then send that."),
        ) from error
    names = [name.strip().lower() for name in rows[0]] if rows else []
    lacking = [name for name in needed if name not in names]
    if lacking:
        raise BadInput(
            Words(f"缺少列：{'、'.join(lacking)}。", f"These columns lack: {', '.join(lacking)}."),
            mend=Words("首行写列名。", "Name the columns in the first row."),
        )
    if len(rows) > MOST_ROWS + 1:
        raise BadInput(
            Words(f"超过 {MOST_ROWS} 行。", f"More than {MOST_ROWS} rows."),
            mend=Words("分成几个文件。", "Split the file."),
        )
    for number, cells in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in cells):
            yield number, {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
