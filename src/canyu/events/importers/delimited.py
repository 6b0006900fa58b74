"""CSV and TSV, read by our own record scanner: a broken record costs itself, never its neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from canyu.events.importers.block import (
    LONGEST_RECORD_BYTES,
    RAW_CHARACTERS,
    Block,
    Notes,
    Refusal,
    name_columns,
)
from canyu.events.importers.kernels import records as kernel
from canyu.events.importers.refusals import refuse_empty_table
from canyu.events.importers.sources import read_pieces
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

DELIMITERS = b",\t;|"
REASONS = {
    kernel.RAGGED: "ragged",
    kernel.STRAY_QUOTE: "stray_quote",
    kernel.UNCLOSED_QUOTE: "unclosed_quote",
    kernel.TOO_LONG: "too_long",
}


class DelimitedReader:
    """Reads delimited text in pieces; memory is a few pieces, whatever the length of the file or of one line."""

    def __init__(self, path: Path, *, encoding: str, delimiter: str = "") -> None:
        self.notes = Notes()
        self._path = path
        self._encoding = encoding
        self._delimiter = ord(delimiter) if delimiter else 0
        self._names: list[str] = []
        self._row = 0

    def read_blocks(self) -> Iterator[Block]:
        """Yield the rows in order; the first record is the header."""
        rest = b""
        skipping = False
        for piece, is_last in _mark_last(read_pieces(self._path, self._encoding, self.notes)):
            if skipping:
                piece, skipping = _skip_line(piece)
            text = np.frombuffer(rest + piece if rest else piece, np.uint8)
            if not self._delimiter:
                self._delimiter = _detect_delimiter(bytes(text[:65_536]))
            used, block = self._read_block(text, is_last)
            rest = text[used:].tobytes()
            if len(rest) > LONGEST_RECORD_BYTES:
                block = self._refuse_long(block, rest)
                rest, skipping = b"", True
            if block is not None:
                yield block
        if not self._names:
            raise refuse_empty_table(self._path)

    def _read_block(self, text: Any, is_last: bool) -> tuple[int, Block | None]:
        size, lines = kernel.count_marks(text, self._delimiter)
        starts, ends = np.empty(size, np.int32), np.empty(size, np.int32)
        marks, found = np.empty(size, np.uint8), np.empty((lines, 5), np.int32)
        count, used, gave_up = kernel.scan_records(
            text, self._delimiter, is_last, LONGEST_RECORD_BYTES, starts, ends, marks, found
        )
        if gave_up:
            raise BadInput(
                Words(
                    f"{self._path.name} 里有许多引号只开不合。",
                    f"{self._path.name} has many quotes that are opened and never closed.",
                ),
                mend=Words(
                    "检查分隔符；引号内的引号要写两遍。",
                    "Check the delimiter, and double the quotes inside quoted cells.",
                ),
            )
        found = found[:count]
        if not self._names and count:
            first, fields = int(found[0, 0]), int(found[0, 1])
            cells = [bytes(text[starts[f] : ends[f]]).decode("utf-8", "replace") for f in range(first, first + fields)]
            if found[0, 4] != kernel.GOOD:
                raise BadInput(
                    Words(f"{self._path.name} 的表头已损坏。", f"The header of {self._path.name} is broken."),
                    mend=Words("改正第一行里的引号。", "Correct the quotes in its first line."),
                )
            self._names = name_columns([cell.replace('""', '"') for cell in cells], self.notes)
            found = found[1:]
        return used, self._build_block(text, (starts, ends, marks), found)

    def _build_block(self, text: Any, fields: tuple[Any, Any, Any], found: Any) -> Block | None:
        if not len(found):
            return None
        verdict = found[:, 4].copy()
        verdict[(verdict == kernel.GOOD) & (found[:, 1] != len(self._names))] = kernel.RAGGED
        rows = np.arange(self._row + 1, self._row + 1 + len(found), dtype=np.int64)
        self._row += len(found)
        good = np.flatnonzero(verdict == kernel.GOOD)
        refusals = [
            Refusal.of(int(rows[at]), "", REASONS[int(verdict[at])], _show(text, found[at]))
            for at in np.flatnonzero(verdict != kernel.GOOD)
        ]
        columns = [_gather(text, fields, found[good, 0] + place) for place in range(len(self._names))]
        sound, broken = _find_broken(columns)
        if sound is not None:
            refusals += [
                Refusal.of(int(rows[good[at]]), self._names[place], "not_utf8", _show(text, found[good[at]]))
                for at, place in broken.items()
            ]
            columns = [_gather(text, fields, found[good[sound], 0] + place) for place in range(len(self._names))]
            good = good[sound]
        kept = found[good]
        table = pa.table([column.view(pa.string()) for column in columns], names=self._names)
        return Block(table, rows[good], lambda at: _show(text, kept[at]), refusals)

    def _refuse_long(self, block: Block | None, rest: bytes) -> Block:
        self._row += 1
        raw = rest[: RAW_CHARACTERS * 4].decode("utf-8", "replace")
        refusal = Refusal.of(self._row, "", "too_long", raw)
        if block is None:
            empty = pa.table([pa.array([], pa.string()) for _ in self._names], names=self._names)
            return Block(empty, np.empty(0, np.int64), str, [refusal])
        block.refusals.append(refusal)
        return block


def _gather(text: Any, fields: tuple[Any, Any, Any], places: Any) -> pa.Array:
    """Return one column as an Arrow binary array (not yet known to be UTF-8)."""
    starts, ends, marks = fields
    places = np.ascontiguousarray(places, np.int64)
    offsets = np.empty(len(places) + 1, np.int32)
    out = np.empty(kernel.measure_fields(starts, ends, marks, text, places, offsets), np.uint8)
    kernel.copy_fields(starts, ends, marks, text, places, out)
    return pa.Array.from_buffers(pa.binary(), len(places), [None, pa.py_buffer(offsets), pa.py_buffer(out)])


def _find_broken(columns: list[pa.Array]) -> tuple[Any, dict[int, int]]:
    """Return which rows are sound (None: all), and for the others the first column that is not UTF-8."""
    broken: dict[int, int] = {}
    for place, column in enumerate(columns):
        try:
            column.view(pa.string()).validate(full=True)
        except pa.ArrowInvalid:
            for at, cell in enumerate(column.to_pylist()):
                try:
                    cell.decode()
                except UnicodeDecodeError:
                    broken.setdefault(at, place)
    if not broken:
        return None, broken
    sound = np.ones(len(columns[0]), bool)
    sound[list(broken)] = False
    return np.flatnonzero(sound), broken


def _show(text: Any, record: Any) -> str:
    begin, end = int(record[2]), int(record[3])
    raw: str = bytes(text[begin : min(end, begin + RAW_CHARACTERS * 4)]).decode("utf-8", "replace")
    return raw[:RAW_CHARACTERS]


def _skip_line(piece: bytes) -> tuple[bytes, bool]:
    """Return what follows the line break, and whether the line still goes on."""
    places = [place for place in (piece.find(b"\n"), piece.find(b"\r")) if place >= 0]
    return (piece[min(places) :], False) if places else (b"", True)


def _detect_delimiter(head: bytes) -> int:
    line = head.replace(b"\r", b"\n").lstrip(b"\n").split(b"\n", 1)[0]
    return max(DELIMITERS, key=lambda mark: (line.count(mark), -DELIMITERS.index(mark)))


def _mark_last(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each piece with whether it is the last one."""
    held: bytes | None = None
    for piece in pieces:
        if held is not None:
            yield held, False
        held = piece
    if held is not None:
        yield held, True
