"""Why a file cannot be scored, or one of its rows not read, in words for the person who gave it."""

from __future__ import annotations

import pyarrow as pa

from canyu.events.importers.block import Refusal
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

LISTED_COLUMNS = 50

REASONS: dict[str, str] = {
    "ragged": "单元格数与表头不符",
    "stray_quote": "引号内有未转义的引号",
    "unclosed_quote": "引号没有结束",
    "too_long": "这一行太长",
    "not_utf8": "不是 UTF-8 编码",
    "not_json": "不是 JSON 对象",
    "formula_without_value": "公式没有算好的值",
    "error_cell": "单元格是错误值",
}
"""The reasons that readers give, in Chinese; in English the code itself is told, as it stands in the data."""


def describe_reason(refusal: Refusal) -> Words:
    """Return why a row was refused, without a full stop.

    >>> describe_reason(Refusal.of(3, "", "ragged", "1,2")).zh
    '单元格数与表头不符'
    """
    return Words(REASONS.get(refusal.reason, refusal.reason), refusal.reason)


def describe_mend(refusal: Refusal) -> Words:
    """Return what to do about a refused row.

    >>> describe_mend(Refusal.of(3, "", "unclosed_quote", '"1')).en
    'Close the quote.'
    """
    mend = refusal.mend
    return mend if isinstance(mend, Words) else Words(mend, mend)


def describe_row(refusal: Refusal) -> Words:
    """Return where a refused row is, why it was refused and what to do, in one line.

    >>> describe_row(Refusal.of(3, "A2", "error_cell", "")).en
    'row 3, column “A2”: error_cell. Correct the formula of this cell in the workbook.'
    """
    reason, mend = describe_reason(refusal), describe_mend(refusal)
    zh, en = (f"，“{refusal.field}”列", f", column “{refusal.field}”") if refusal.field else ("", "")
    return Words(f"第 {refusal.row} 行{zh}：{reason.zh}。{mend.zh}", f"row {refusal.row}{en}: {reason.en}. {mend.en}")


def refuse_row(name: str, refusal: Refusal) -> BadInput:
    """Return the error for the first row of a file that cannot be read, where none may be left empty."""
    row = describe_row(refusal)
    return BadInput(
        Words(f"{name}，{row.zh}", f"{name}, {row.en}"),
        mend=Words(
            "或去掉 --strict，这样的行会留空写出。现在什么都没有写。",
            "Or leave --strict out, and such rows are written empty. Nothing was written.",
        ),
    )


def refuse_missing_column(name: str, column: str, names: list[str]) -> BadInput:
    """Return the error for a file without the column of texts."""
    listed = names[:LISTED_COLUMNS]
    return BadInput(
        Words(f"{name} 没有“{column}”列。", f"{name} has no column “{column}”."),
        mend=Words(f"它的列有：{'、'.join(listed)}。", f"Its columns: {', '.join(listed)}."),
    )


def refuse_repeated_column(name: str, column: str) -> BadInput:
    """Return the error for a file that has the column of texts twice."""
    return BadInput(
        Words(f"{name} 有两个“{column}”列。", f"{name} has “{column}” twice."),
        mend=Words("请给其中一列改名。", "Rename one of them."),
    )


def refuse_no_texts(column: str, kind: pa.DataType) -> BadInput:
    """Return the error for a column that holds something else than texts."""
    return BadInput(
        Words(f"“{column}”列的类型是 {kind}，不是文本。", f"the column “{column}” holds {kind}, not texts."),
        mend=Words("请指定另一列。", "Name another column."),
    )


def refuse_taken_names(name: str, taken: list[str]) -> BadInput:
    """Return the error for a file that has columns named as the new ones would be."""
    return BadInput(
        Words(f"{name} 已经有这些列：{'、'.join(taken)}。", f"{name} has columns named {', '.join(taken)} already."),
        mend=Words(
            "请用 --prefix 给新列加前缀，例如 --prefix canyu_。",
            "Give the new ones a --prefix, for example --prefix canyu_.",
        ),
    )
