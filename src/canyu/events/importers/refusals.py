"""What several readers say of a file in which nothing stands."""

from __future__ import annotations

from pathlib import Path

from canyu.kit.errors import BadInput
from canyu.kit.words import Words


def refuse_empty_table(path: Path) -> BadInput:
    """Return the error for an empty text file."""
    return _refuse_empty(path, Words("请给有表头和数据行的文件。", "Give a file with a header line and rows."))


def refuse_empty_lines(path: Path) -> BadInput:
    """Return the error for an empty file of JSON."""
    return _refuse_empty(path, Words("请给每行一个 JSON 对象的文件。", "Give a file with one JSON object per line."))


def refuse_empty_sheet(path: Path) -> BadInput:
    """Return the error for an empty sheet of a workbook."""
    return _refuse_empty(path, Words("请给有表头和数据行的工作表。", "Give a sheet with a header row and rows."))


def _refuse_empty(path: Path, mend: Words) -> BadInput:
    return BadInput(Words(f"{path.name} 是空的。", f"{path.name} is empty."), mend=mend)
