"""Tables that words of ``canyu spread`` read: any format, numbers held as texts too, and what is wrong where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from canyu.kit.words import Words

INTEGER = "^-?[0-9]{1,18}$|^-?[1-8][0-9]{18}$"  # the least and the greatest 64-bit integers begin with 9
REAL = r"^-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$|^-?\.[0-9]+([eE][+-]?[0-9]+)?$"


def read_table(path: Path) -> pa.Table:
    """Return all rows of a CSV, TSV, JSON Lines, XLSX or Parquet file; raises NotFound or BadInput."""
    import pyarrow as pa

    from canyu.events.importers.readers import FileFormat
    from canyu.listen.sheets import open_sheet

    sheet = open_sheet(path, FileFormat("", "", ""))
    return pa.concat_tables([piece.table for piece in sheet.read_pieces()])


def cast_numbers(
    table: pa.Table, name: str, kind: pa.DataType, mend: Words | str = "", *, may_be_empty: bool = False
) -> pa.Table:
    """Return the table with a column of texts as numbers; one that is not there, or holds numbers, is left as it is.

    ``may_be_empty``: empty cells are null. Raises BadInput with the row and the cell where a text is no such number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words

    if name not in table.column_names or not pa.types.is_string(table[name].type):
        return table
    column = pc.utf8_trim_whitespace(pc.fill_null(table[name], ""))
    is_integer = pa.types.is_integer(kind)
    is_number = pc.match_substring_regex(column, INTEGER if is_integer else REAL)
    if may_be_empty:
        is_empty = pc.equal(column, "")
        column, is_number = pc.if_else(is_empty, pa.scalar(None, pa.string()), column), pc.or_(is_number, is_empty)
    if not pc.all(is_number, min_count=0).as_py():
        row = pc.index(is_number, False).as_py() + 1
        zh, en = ("整数", "integer") if is_integer else ("数", "number")
        raise BadInput(Words(f"第 {row} 行的“{name}”不是{zh}。", f"row {row}: {name} is no {en}."), mend=mend)
    return table.set_column(table.column_names.index(name), name, column.cast(kind))


def check_columns(table: pa.Table, path: Path, *names: str) -> None:
    """Raise BadInput where a table lacks one of the columns."""
    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words

    for name in names:
        if name not in table.column_names:
            listed = ", ".join(table.column_names)
            raise BadInput(
                Words(f"{path.name} 里没有列“{name}”。", f"{path.name} has no column {name}."),
                mend=Words(f"现有的列：{listed}。", f"It has: {listed}."),
            )
