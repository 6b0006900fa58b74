"""XLSX as a stream of rows: one pass over the sheet's XML, so that memory does not grow with the sheet.

Measured 2026-11-22 against python-calamine and openpyxl: see docs/how-to/import.md. Those either hold the whole sheet
or read it twice to tell a formula from its value; this reader sees both in one pass.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa

from canyu.events.importers.block import Block, Notes, Refusal, name_columns
from canyu.events.importers.refusals import refuse_empty_sheet
from canyu.events.importers.sheet import RawCell, SheetParser, unescape_text
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

LARGEST_PART_BYTES = 4 << 30
LARGEST_STRINGS_BYTES = 256 << 20  # texts of a sheet are held in memory: about three times their size in the file
MOST_TIMES_PACKED = 400  # real sheets pack 5 to 60 times; a zip bomb a thousand
BLOCK_ROWS = 20_000
FORMULA_NOTE = Words("公式单元格按 Excel 保存的值读取。", "Formula cells were read as the values Excel kept.")
EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's clock has no zone; the mapping states it
EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - as above
CHINESE_DATE_FORMATS = {*range(27, 37), *range(50, 59)}  # built-in formats of East Asian Excel, not in the file


class WorkbookReader:
    """Reads one sheet; a formula cell gives the value Excel kept for it, one without a value refuses its row."""

    def __init__(self, path: Path, *, sheet: str = "") -> None:
        self.notes = Notes()
        self._path = path
        self._sheet = sheet
        self._dates: list[bool] = []
        self._epoch = EPOCH_1900
        self._strings: list[str] = []

    def read_blocks(self) -> Iterator[Block]:
        """Yield the rows in order; the first row that is not blank is the header."""
        try:
            with zipfile.ZipFile(self._path) as archive:
                self._check_sizes(archive)
                part = self._find_sheet(archive)
                self._dates = list(_read_date_styles(archive))
                self._strings = _read_strings(archive)
                yield from self._read_sheet(archive, part)
        except (zipfile.BadZipFile, ElementTree.ParseError, LookupError, EOFError, OSError, ValueError) as error:
            raise _tell_broken(self._path, error) from error

    def _check_sizes(self, archive: zipfile.ZipFile) -> None:
        for part in archive.infolist():
            limit = LARGEST_STRINGS_BYTES if part.filename.endswith("sharedStrings.xml") else LARGEST_PART_BYTES
            is_bomb = part.file_size > (64 << 20) and part.file_size > MOST_TIMES_PACKED * max(1, part.compress_size)
            if part.file_size > limit or is_bomb:
                raise BadInput(
                    Words(
                        f"{self._path.name}：{part.filename} 解压后有 {part.file_size:,} 字节。",
                        f"{self._path.name}: {part.filename} unpacks to {part.file_size:,} bytes.",
                    ),
                    mend=Words("把工作表另存为 CSV UTF-8 再导入。", "Save the sheet as CSV UTF-8 and import that."),
                )

    def _find_sheet(self, archive: zipfile.ZipFile) -> str:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat refuses entity bombs
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - as above
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        if any(_local(node.tag) == "workbookPr" and node.get("date1904") in ("1", "true") for node in book.iter()):
            self._epoch = EPOCH_1904
        sheets = [node for node in book.iter() if _local(node.tag) == "sheet"]
        names = [str(node.get("name")) for node in sheets]
        if not sheets or (self._sheet and self._sheet not in names):
            raise BadInput(
                Words(
                    f"{self._path.name} 里没有“{self._sheet}”工作表。",
                    f"{self._path.name} has no sheet “{self._sheet}”.",
                ),
                mend=Words(f"它的工作表：{'、'.join(names)}。", f"Its sheets: {', '.join(names)}."),
            )
        chosen = sheets[names.index(self._sheet) if self._sheet else 0]
        if len(sheets) > 1:
            self.notes.add(
                Words(
                    f"共 {len(sheets)} 张工作表，只读了“{chosen.get('name')}”。",
                    f"Of {len(sheets)} sheets, “{chosen.get('name')}” was read; others are not.",
                )
            )
        link = next(value for key, value in chosen.attrib.items() if _local(key) == "id")
        target = targets[link]
        return target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    def _read_sheet(self, archive: zipfile.ZipFile, part: str) -> Iterator[Block]:
        names: list[str] = []
        held: list[tuple[int, list[str | None]]] = []
        refusals: list[Refusal] = []
        row = 0
        with archive.open(part) as stream:
            for cells, faults in SheetParser(self._read_cell).read_rows(stream):
                if not any(cells) and not faults:
                    continue
                if not names:
                    names = name_columns([cell or "" for cell in cells], self.notes)
                    continue
                row += 1
                cells += [None] * (len(names) - len(cells))
                if faults:
                    cell, reason = faults[0]
                    refusals.append(Refusal.of(row, cell, reason, _show(names, cells)))
                elif any(cells[len(names) :]):
                    refusals.append(Refusal.of(row, "", "ragged", dump_json(cells)))
                else:
                    held.append((row, cells[: len(names)]))
                if len(held) + len(refusals) >= BLOCK_ROWS:
                    self.notes.share = min(1.0, stream.tell() / max(1, archive.getinfo(part).file_size))
                    yield _build_block(names, held, refusals)
                    held, refusals = [], []
        if not names:
            raise refuse_empty_sheet(self._path)
        yield _build_block(names, held, refusals)

    def _read_cell(self, cell: RawCell) -> tuple[str | None, str]:
        """Return the cell's value as text, and what is wrong with it."""
        value = cell.text
        if cell.is_formula:
            if value is None:
                return None, "formula_without_value"
            self.notes.add(FORMULA_NOTE)
        if value is None:
            return None, ""
        if cell.kind == "s":
            return self._strings[int(value)], ""
        if cell.kind == "n":
            is_date = cell.style < len(self._dates) and self._dates[cell.style]
            return (self._show_date(value) if is_date else _show_number(value)), ""
        if cell.kind == "e":
            return value, "error_cell"
        return ("true" if value == "1" else "false") if cell.kind == "b" else unescape_text(value), ""

    def _show_date(self, value: str) -> str:
        serial = float(value)
        if self._epoch == EPOCH_1900 and serial < 60:
            serial += 1  # Excel's calendar has a 29 February 1900
        moment = self._epoch
        if not 0 <= serial < 2_958_466:  # 9999-12-31
            return value
        moment += timedelta(milliseconds=round(serial * 86_400_000))
        return moment.isoformat(sep=" ", timespec="milliseconds" if moment.microsecond else "seconds")


def _tell_broken(path: Path, error: Exception) -> BadInput:
    """Return the error for a damaged workbook, with what was found: in both languages where we found it ourselves."""
    found = error.args[0] if error.args and isinstance(error.args[0], Words) else Words(str(error), str(error))
    return BadInput(
        Words(
            f"{path.name} 不是完整的 Excel 工作簿（{found.zh}）。",
            f"{path.name} is not a whole Excel workbook ({found.en}).",
        ),
        mend=Words(
            "用 Excel 打开后重新存为 .xlsx，或另存为 CSV UTF-8。",
            "Open it in Excel and save it again as .xlsx, or save it as CSV UTF-8.",
        ),
    )


def _build_block(names: list[str], held: list[tuple[int, list[str | None]]], refusals: list[Refusal]) -> Block:
    columns = [pa.array([cells[place] for _, cells in held], pa.string()) for place in range(len(names))]
    rows = np.array([row for row, _ in held], np.int64)
    return Block(pa.table(columns, names=names), rows, lambda at: _show(names, held[at][1]), refusals)


def _show(names: list[str], cells: list[str | None]) -> str:
    return dump_json(dict(zip(names, cells, strict=False)))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _show_number(text: str) -> str:
    """Write a number as a person would, and one beyond 15 digits, which Excel rounds, with an exponent.

    >>> _show_number("12.0"), _show_number("4.98765432101234E+15"), _show_number("0.1")
    ('12', '4.987654321012340E+15', '0.1')
    """
    if text.isdigit() and len(text) < 16:
        return text
    number = float(text)
    if abs(number) >= 1e15:
        return f"{number:.15E}"
    return str(int(number)) if number.is_integer() else repr(number)


def _read_date_styles(archive: zipfile.ZipFile) -> Iterator[bool]:
    """Say for each cell style, in order, whether its numbers are dates."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

    if "xl/styles.xml" not in archive.namelist():
        return
    root = ElementTree.fromstring(archive.read("xl/styles.xml"))  # noqa: S314 - expat refuses entity bombs
    formats = {
        int(node.get("numFmtId", "0")): node.get("formatCode", "")
        for node in root.iter()
        if _local(node.tag) == "numFmt"
    }
    for styles in root:
        if _local(styles.tag) == "cellXfs":
            for style in styles:
                number = int(style.get("numFmtId", "0"))
                code = formats.get(number, BUILTIN_FORMATS.get(number, ""))
                yield number in CHINESE_DATE_FORMATS or is_date_format(code)


def _read_strings(archive: zipfile.ZipFile) -> list[str]:
    """Return the texts that cells point to (without the reading aids of East Asian text)."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    strings: list[str] = []
    with archive.open("xl/sharedStrings.xml") as stream:
        root: Any = None
        for event, node in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314 - expat refuses entity bombs
            if event == "start":
                root = node if root is None else root
            elif _local(node.tag) == "si":
                runs = [part for part in node if _local(part.tag) in ("t", "r")]
                texts = (text.text or "" for run in runs for text in run.iter() if _local(text.tag) == "t")
                strings.append(unescape_text("".join(texts)))
                root.clear()
    return strings
