"""XLSX: values as a person sees them, formulas told, damage refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook

from canyu.events.importers.block import Refusal
from canyu.events.importers.workbook import FORMULA_NOTE, WorkbookReader
from canyu.kit.errors import BadInput
from canyu.kit.words import Text


def read_all(path: Path, sheet: str = "") -> tuple[list[dict[str, Any]], list[Refusal], dict[Text, int]]:
    reader = WorkbookReader(path, sheet=sheet)
    blocks = list(reader.read_blocks())
    rows = [row for block in blocks for row in block.columns.to_pylist()]
    return rows, [refusal for block in blocks for refusal in block.refusals], reader.notes.counts


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Write rows with XlsxWriter; a cell that is a function is called with the sheet and its place."""

    def save(rows: list[list[Any]], **options: Any) -> Path:
        path = tmp_path / "a.xlsx"
        with xlsxwriter.Workbook(str(path), options) as book:
            sheet = book.add_worksheet("数据")
            day = book.add_format({"num_format": "yyyy/m/d h:mm"})
            for at, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(at, column, cell, day)
                    elif isinstance(cell, tuple):
                        sheet.write_formula(at, column, cell[0], None, cell[1])
                    elif cell is not None:
                        sheet.write(at, column, cell)
            book.add_worksheet("备注").write(0, 0, "x")
        return path

    return save


@pytest.mark.parametrize("options", [{}, {"constant_memory": True}, {"date_1904": True}])
def test_cells_read_as_a_person_sees_them(save: Callable[..., Path], options: dict[str, bool]) -> None:
    clock = datetime.fromisoformat("2025-03-01 08:05:30")
    rows, refusals, _ = read_all(
        save([["文", "数", "时", "是"], ["好\n😀", 12.0, clock, True], [None, 0.1]], **options)
    )
    assert rows[0] == {"文": "好\n😀", "数": "12", "时": "2025-03-01 08:05:30", "是": "true"}
    assert rows[1] == {"文": None, "数": "0.1", "时": None, "是": None}
    assert refusals == []


def test_a_formula_gives_the_value_excel_kept(save: Callable[..., Path]) -> None:
    rows, refusals, notes = read_all(save([["a", "b"], [1, ("=A2+1", 2)]]))
    assert rows == [{"a": "1", "b": "2"}]
    assert refusals == []
    assert notes[FORMULA_NOTE] == 1


def test_a_formula_without_a_value_refuses_its_row_and_names_the_cell(tmp_path: Path) -> None:
    book = Workbook()
    for cells in (["a", "b"], [1, "=A2+1"], [2, 3]):
        book.active.append(cells)
    book.save(tmp_path / "a.xlsx")
    rows, refusals, _ = read_all(tmp_path / "a.xlsx")
    assert rows == [{"a": "2", "b": "3"}]
    assert [(r.row, r.field, r.reason) for r in refusals] == [(1, "B2", "formula_without_value")]


def test_an_error_cell_refuses_its_row(save: Callable[..., Path]) -> None:
    _, refusals, _ = read_all(save([["a"], [("=1/0", "#DIV/0!")]]))
    assert [(r.row, r.field, r.reason) for r in refusals] == [(1, "A2", "error_cell")]


def test_a_number_beyond_15_digits_keeps_its_exponent(save: Callable[..., Path]) -> None:
    (row,) = read_all(save([["id"], [4987654321012345678]]))[0]
    assert row["id"].startswith("4.987654321012")
    assert row["id"].endswith("E+18")


def test_one_sheet_is_read_and_others_are_told(save: Callable[..., Path]) -> None:
    path = save([["a"], [1]])
    assert {str(note): times for note, times in read_all(path)[2].items()} == {
        "Of 2 sheets, “数据” was read; others are not.": 1
    }
    with pytest.raises(BadInput, match="no sheet “缺”"):
        read_all(path, sheet="缺")


def test_cells_beyond_the_header_refuse_their_row(save: Callable[..., Path]) -> None:
    _, refusals, _ = read_all(save([["a"], [1, 2]]))
    assert [(r.row, r.reason) for r in refusals] == [(1, "ragged")]


def test_damaged_and_swollen_workbooks_are_refused(save: Callable[..., Path], tmp_path: Path) -> None:
    whole = save([["a"], [1]]).read_bytes()
    for name, content in {"cut": whole[: len(whole) // 2], "junk": b"PK\x03\x04" + b"x" * 100}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput, match="not a whole Excel workbook"):
            read_all(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * (80 << 20))
    with pytest.raises(BadInput, match="unpacks to"):
        read_all(tmp_path / "bomb")


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10 if at else "ha" * 10}">' for at in range(12))
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", f"<?xml version='1.0'?><!DOCTYPE x [{entities}]><x>&l11;</x>")
        book.writestr("xl/_rels/workbook.xml.rels", "<x/>")
    with pytest.raises(BadInput):
        read_all(tmp_path / "a.xlsx")


def write_book(path: Path, sheet: str) -> Path:
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "xl/workbook.xml",
            '<workbook xmlns:r="r"><sheets><sheet name="s" r:id="1"/></sheets></workbook>',
        )
        book.writestr("xl/_rels/workbook.xml.rels", '<x><y Id="1" Target="worksheets/sheet1.xml"/></x>')
        book.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def test_cells_without_names_prefixes_reading_aids_and_escapes(tmp_path: Path) -> None:
    text = "<x:is><x:r><x:t>米_x000A_</x:t></x:r><x:rPh><x:t>mi</x:t></x:rPh><x:r><x:t>粉</x:t></x:r></x:is>"
    rows = f'<x:row><x:c t="str"><x:v>a</x:v></x:c></x:row><x:row><x:c t="inlineStr">{text}</x:c></x:row>'
    path = write_book(tmp_path / "a.xlsx", f'<x:w xmlns:x="x"><x:sheetData>{rows}</x:sheetData></x:w>')
    assert read_all(path)[0] == [{"a": "米\n粉"}]


@pytest.mark.parametrize(
    "row",
    [
        '<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row><c r="ZZZZ1"><v>1</v></c></row>',
        '<row><c t="s"><v>99</v></c></row>',
        '<row><c s="x"><v>1</v></c></row>',
        '<row><c t="n"><v>soon</v></c></row>',
        "<row>",
    ],
)
def test_a_sheet_that_no_program_writes_is_refused(tmp_path: Path, row: str) -> None:
    path = write_book(tmp_path / "a.xlsx", f"<w><sheetData>{row}</sheetData></w>")
    with pytest.raises(BadInput, match="not a whole Excel workbook"):
        read_all(path)


def test_a_cell_larger_than_excel_can_hold_is_refused(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", f"<w><row><c t='str'><v>{'x&#10;' * 2_000_000}</v></c></row></w>")
    with pytest.raises(BadInput, match="not a whole Excel workbook"):
        read_all(path)
