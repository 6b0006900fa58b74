"""The XML of one Excel sheet as rows of cells, piece by piece: memory is that of one piece and one row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple
from xml.parsers import expat

from canyu.kit.words import Words

PIECE_BYTES = 1 << 18
WIDEST = 16_384  # columns of an Excel sheet
LONGEST_CELL = 1 << 20  # Excel itself stops at 32,767 letters
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How Excel writes letters that XML cannot hold, as _x000D_ for a carriage return."""


class RawCell(NamedTuple):
    """A cell as it stands in the sheet: its name, type, style, text, and whether a formula stands behind it."""

    name: str
    kind: str
    style: int
    text: str | None
    is_formula: bool


Read = Callable[[RawCell], tuple[str | None, str]]
Row = tuple[list[str | None], list[tuple[str, str]]]


class SheetParser:
    """Turns the XML into rows; ``read`` says what a cell's value is, or what is wrong with it."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._rows: list[Row] = []
        self._cells: list[str | None] = []
        self._faults: list[tuple[str, str]] = []
        self._cell: dict[str, str] = {}
        self._texts: list[str] | None = None
        self._is_formula = False
        self._aids = 0  # inside how many reading aids (rPh) of East Asian text
        self._collecting = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._collect
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def read_rows(self, stream: Any) -> Iterator[Row]:
        """Yield each row's cells and its faults (cell name, reason). Raises ValueError where it is no sheet."""
        while True:
            piece = stream.read(PIECE_BYTES)
            try:
                self._parser.Parse(piece, not piece)
            except expat.ExpatError as error:
                raise ValueError(str(error)) from error
            yield from self._rows
            self._rows = []
            if not piece:
                return

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell, self._texts, self._is_formula = attributes, None, False
        elif tag in ("v", "t"):
            self._collecting = self._aids == 0
            if self._texts is None:
                self._texts = []
        elif tag == "f":
            self._is_formula = True
        elif tag == "rPh":
            self._aids += 1
        elif tag == "row":
            self._cells, self._faults = [], []

    def _collect(self, text: str) -> None:
        if self._collecting and self._texts is not None:
            self._texts.append(text)
            if len(self._texts) > 64 and sum(map(len, self._texts)) > LONGEST_CELL:
                name = self._cell.get("r", "")
                raise ValueError(Words(f"单元格 {name} 超出 Excel 的容量", f"cell {name} holds more than Excel can"))

    def _end(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag in ("v", "t"):
            self._collecting = False
        elif tag == "c":
            self._close_cell()
        elif tag == "rPh":
            self._aids -= 1
        elif tag == "row":
            self._rows.append((self._cells, self._faults))

    def _close_cell(self) -> None:
        name = self._cell.get("r", "")
        cells = self._cells
        place = find_column(name) if name else len(cells)
        if place < len(cells) or place >= WIDEST:
            raise ValueError(Words(f"单元格 {name} 次序不对", f"cell {name} is out of order"))
        if place > len(cells):
            cells += [None] * (place - len(cells))
        texts = self._texts
        text = None if texts is None else texts[0] if len(texts) == 1 else "".join(texts)
        kind, style = self._cell.get("t", "n"), self._cell.get("s", "0")
        value, reason = self._read(RawCell(name, kind, int(style), text or None, self._is_formula))
        if reason:
            self._faults.append((name, reason))
        cells.append(value)


def find_column(name: str) -> int:
    """Return the column number, from 0, of a cell name.

    >>> find_column("A1"), find_column("AB12")
    (0, 27)
    """
    return _count_column(name.rstrip("0123456789"))


@cache
def _count_column(letters: str) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - 64 if "A" <= letter <= "Z" else WIDEST + 1
    if not 0 < number <= WIDEST:
        raise ValueError(Words(f"列 {letters[:20]}", f"column {letters[:20]}"))
    return number - 1


def unescape_text(text: str) -> str:
    r"""Return a text with Excel's escapes undone; halves of letters and NUL are left out.

    >>> unescape_text("a_x000A_b_x0000_")
    'a\nb'
    """
    if "_x" not in text:
        return text
    return ESCAPE.sub(lambda found: _letter(int(found[1], 16)), text)


def _letter(code: int) -> str:
    return "" if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)


def _refuse_doctype(*_: Any) -> None:
    raise ValueError(Words("工作表不该声明文档类型", "a sheet declares no document type"))
