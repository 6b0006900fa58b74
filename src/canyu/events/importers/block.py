"""What readers hand on: rows of a file as columns, each with its row number; and rows that could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from canyu.kit.words import Text, Words

RAW_CHARACTERS = 2_000
LONGEST_RECORD_BYTES = 1 << 20  # more than any post, less than what a broken quote may swallow

MENDS: dict[str, Words] = {
    "ragged": Words("补齐或删去多出的单元格，使列数与表头一致。", "Give the row as many cells as the header has."),
    "stray_quote": Words("引号内的引号要写两遍。", "Double the quotes inside a quoted cell."),
    "unclosed_quote": Words("补上结束的引号。", "Close the quote."),
    "too_long": Words("这一行超过 1 MiB，请拆开或删去。", "The row is over 1 MiB: split it or leave it out."),
    "not_utf8": Words("另存为 UTF-8，或用 --encoding 指明编码。", "Save the file as UTF-8, or state its --encoding."),
    "not_json": Words("每行写一个完整的 JSON 对象。", "Write one whole JSON object per line."),
    "formula_without_value": Words(
        "在 Excel 里打开并保存，让公式带上算好的值。", "Open the file in Excel and save it, so that the value is kept."
    ),
    "error_cell": Words("在表格里改正这个公式。", "Correct the formula of this cell in the workbook."),
}
"""What to do for each reason a reader gives."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that is refused: where it is, why, how to mend it, and the row as it came."""

    row: int
    field: str
    reason: str
    mend: Text
    raw: str

    @classmethod
    def of(cls, row: int, name: str, reason: str, raw: str) -> Refusal:
        """Return a refusal for one of the reasons of ``MENDS``, the raw row cut to its first 2,000 characters."""
        return cls(row, name, reason, MENDS[reason], raw[:RAW_CHARACTERS])


class Deletion(NamedTuple):
    """One post to erase: the id of its event, and what the source calls it."""

    event_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file, in order: columns named as in the header, and row numbers (1 is the first after it).

    Columns are text, except where the format has types (Parquet). With ``is_json`` each cell is JSON text.
    ``deletions``: posts that rows asked to erase; these rows are not among the others.
    """

    columns: pa.Table
    rows: np.ndarray[Any, np.dtype[np.int64]]
    read_raw: Callable[[int], str]
    refusals: list[Refusal] = field(default_factory=list)
    is_json: bool = False
    deletions: Sequence[Deletion] = ()


@dataclass(slots=True)
class Notes:
    """What a person should know of a file although no row is refused for it: sentence -> how often.

    ``share`` is how much of the file was read so far, 0 to 1.
    """

    counts: dict[Text, int] = field(default_factory=dict)
    share: float = 0.0

    def add(self, sentence: Text, times: int = 1) -> None:
        """Count one observation."""
        if times:
            self.counts[sentence] = self.counts.get(sentence, 0) + times


class Reader(Protocol):
    """A way to read one kind of file, block by block, in memory that does not grow with the file."""

    notes: Notes

    def read_blocks(self) -> Iterator[Block]:
        """Yield the file's rows in order; every row is in a block or among its refusals."""
        ...


def name_columns(header: list[str], notes: Notes) -> list[str]:
    """Return distinct column names: blank ones are numbered, repeated ones (in any case of letters) get a suffix.

    >>> name_columns(["id", "", "ID", "id"], Notes())
    ['id', 'column_2', 'ID_2', 'id_3']
    """
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(header, start=1):
        base = cell.strip().strip("\ufeff") or f"column_{place}"
        name, count = base, 1
        while name.lower() in taken:
            count += 1
            name = f"{base}_{count}"
        if count > 1:
            notes.add(
                Words(
                    f"表头里“{base}”出现多次，第 {place} 列读作“{name}”。",
                    f"The header has “{base}” more than once; column {place} is read as “{name}”.",
                )
            )
        taken.add(name.lower())
        names.append(name)
    return names
