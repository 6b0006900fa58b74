"""Reads a roster file with the readers of the importers: CSV, TSV or XLSX, told by its first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from canyu.events.importers.delimited import DelimitedReader
from canyu.events.importers.readers import open_reader
from canyu.events.importers.workbook import WorkbookReader
from canyu.kit.errors import BadInput
from canyu.kit.words import Text, Words
from canyu.ops.kols.intake.columns import COLUMNS, NEEDED, find_columns
from canyu.ops.kols.intake.rows import Fault, Hash, Refused, Row, read_row

MOST_BYTES = 20 << 20
MOST_ROWS = 50_000
RAW = "raw"


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a file holds: rows that can be used, refused ones, its columns, and notes for people."""

    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]
    columns: tuple[str, ...]
    notes: tuple[Text, ...]

    @property
    def total(self) -> int:
        """How many rows there are."""
        return len(self.rows) + len(self.refused)


def read_roster(path: Path, make_actor: Hash | None = None) -> RosterFile:
    """Read a whole file; every row is among the usable or the refused ones.

    Raises NotFound, or BadInput where it is too large, no table, or lacks a column that is needed.
    """
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise BadInput(
            Words(f"{path.name} 超过 {MOST_BYTES >> 20} MiB。", f"{path.name} is over {MOST_BYTES >> 20} MiB."),
            mend=Words("请分成几个文件。", "Split it into several files."),
        )
    reader = open_reader(path)
    if not isinstance(reader, (DelimitedReader, WorkbookReader)):
        raise BadInput(
            Words(f"{path.name} 不是表格。", f"{path.name} is no table."),
            mend=Words("请另存为 CSV 或 XLSX。", "Save it as CSV or XLSX."),
        )
    rows: list[Row] = []
    refused: list[Refused] = []
    columns: dict[str, str] = {}
    header: tuple[str, ...] = ()
    for block in reader.read_blocks():
        if not header:
            header = tuple(block.columns.column_names)
            columns = _check_header(path, header)
        refused += [Refused(each.row, (Fault(each.field, each.reason),), {RAW: each.raw}) for each in block.refusals]
        if len(rows) + len(refused) + len(block.rows) > MOST_ROWS:
            raise BadInput(
                Words(f"{path.name} 超过 {MOST_ROWS:,} 行。", f"{path.name} has over {MOST_ROWS:,} rows."),
                mend=Words("请分成几个文件。", "Split it into several files."),
            )
        texts = {name: block.columns[column].to_pylist() for name, column in columns.items()}
        for at, number in enumerate(block.rows.tolist()):
            found = read_row(number, {name: cells[at] or "" for name, cells in texts.items()}, make_actor)
            if isinstance(found, Row):
                rows.append(found)
            else:
                refused.append(found)
    if not header:
        raise BadInput(
            Words(f"{path.name} 只有表头，没有数据行。", f"{path.name} has a header but no rows."),
            mend=Words("请给至少有一行数据的文件。", "Give a file with at least one row."),
        )
    good, bad = refuse_repeated(rows)
    unread = [name for name in header if name not in columns.values()]
    notes: list[Text] = list(reader.notes.counts)
    if unread:
        told = "、".join(unread[:8]), ", ".join(unread[:8])
        notes.append(Words(f"没有读取这些列：{told[0]}。", f"These columns are not read: {told[1]}."))
    ordered = sorted([*refused, *bad], key=lambda each: each.row)
    return RosterFile(tuple(good), tuple(ordered), tuple(columns), tuple(notes))


def refuse_repeated(rows: list[Row]) -> tuple[list[Row], list[Refused]]:
    """Return the rows that say something once, and those that an earlier row contradicts or says already."""
    accounts: set[tuple[str, str]] = set()
    actors: set[str] = set()
    told: dict[tuple[str, str], object] = {}
    good: list[Row] = []
    bad: list[Refused] = []
    for row in rows:
        faults = []
        if row.key in accounts:
            faults.append(Fault("handle", "account_twice", row.handle))
        if row.actor and row.actor in actors and not faults:
            faults.append(Fault("actor", "actor_taken", row.actor))
        said: dict[str, object] = {name: value for name in ("kind", "note") if (value := getattr(row, name))}
        if row.contract_from and row.contract_until:
            said[f"contract_until {row.contract_from}"] = row.contract_until
        faults += [
            Fault(name.split()[0], "disagrees", str(value)[:80])
            for name, value in said.items()
            if told.get((row.kol, name), value) != value
        ]
        if faults:
            bad.append(Refused(row.row, tuple(faults), row.cells))
            continue
        accounts.add(row.key)
        actors |= {row.actor} if row.actor else set()
        told |= {(row.kol, name): value for name, value in said.items() if (row.kol, name) not in told}
        good.append(row)
    return good, bad


def _check_header(path: Path, header: tuple[str, ...]) -> dict[str, str]:
    columns = find_columns(header)
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        shown = ", ".join(header[:8])
        raise BadInput(
            Words(
                f"{path.name} 缺少列：{'、'.join(COLUMNS[name][0] for name in missing)}（表头是：{shown}）。",
                f"{path.name} lacks the columns {', '.join(missing)} (its header: {shown}).",
            ),
            mend=Words(
                "请用这些列名：达人、平台、账号、编号、链接、粉丝数、领域、市场、类型、图文报价、视频报价、直播报价、币种、"
                "合约开始、合约结束、广告标识、备注。",
                f"Name the columns: {', '.join(name for name in COLUMNS if name != 'source')}.",
            ),
        )
    return columns
