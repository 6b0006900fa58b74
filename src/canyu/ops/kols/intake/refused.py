"""Refused rows for people: what is wrong and the mend, and the file in which the rows are mended."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from canyu.events.importers.block import MENDS
from canyu.kit.words import Words
from canyu.ops.insight.rules import guard_cell
from canyu.ops.kols.intake.columns import COLUMNS, REASONS, Reason
from canyu.ops.kols.intake.rows import Fault, Refused

UNREADABLE = Words("读不出来", "cannot be read")
TOLD = ("row", "field", "reason", "mend")


def find_reason(code: str) -> Reason:
    """Return a reason with its mend: ours, or one of the file readers."""
    return REASONS.get(code) or Reason(UNREADABLE, Words(*MENDS.get(code, UNREADABLE)))


def name_field(name: str) -> Words:
    """Return what a column is called; one that is not ours as it stands."""
    return Words(COLUMNS[name][0], name) if name in COLUMNS else Words(name, name)


def tell_fault(row: Refused, fault: Fault) -> str:
    """Return one fault on a line: row, field, what is wrong, what to do."""
    reason, name = find_reason(fault.reason), name_field(fault.field)
    shown = f" {fault.value!r}" if fault.value else ""
    return str(
        Words(
            f"第 {row.row} 行，{name.zh or '整行'}{shown}：{reason.words.zh}。{reason.mend.zh}",
            f"row {row.row}, {name.en or 'the whole row'}{shown}: {reason.words.en}. {reason.mend.en}",
        )
    )


def write_refused(refused: Sequence[Refused]) -> str:
    """Return refused rows as CSV: the cells as they came, then what is wrong; formulas are disarmed.

    Mended, the file can be imported as it is: the columns about the faults are not read.
    """
    columns = list(dict.fromkeys(name for row in refused for name in row.cells))
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([*columns, *(f"refused_{name}" for name in TOLD)])
    for row in refused:
        faults = [(fault, find_reason(fault.reason)) for fault in row.faults]
        told = (
            str(row.row),
            " / ".join(str(name_field(fault.field)) for fault, _reason in faults),
            " / ".join(str(reason.words) for _fault, reason in faults),
            " / ".join(str(reason.mend) for _fault, reason in faults),
        )
        writer.writerow([guard_cell(cell) for cell in (*(row.cells.get(name, "") for name in columns), *told)])
    return stream.getvalue()
