"""The ledger as a file for other programs: CSV for spreadsheets, JSON Lines exact; part by part."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from canyu.kit.jsonio import dump_json_bytes
from canyu.ledger.reader import Account, LedgerReader, PlacedRow
from canyu.ledger.rows import TransferRow, tell_moment

LINES_AT_ONCE = 1_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins so; a quote before it makes it text."""


class ExportForm(StrEnum):
    """The formats of an export."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class ExportPart(StrEnum):
    """What is exported: the rows in their order, or the accounts with their sums."""

    ROWS = "rows"
    ACCOUNTS = "accounts"


ROW_COLUMNS = ("position", *TransferRow._fields)
ACCOUNT_COLUMNS = ("id", "unit", "side", "opened_at", "debits", "credits", "debits_held", "credits_held")


def export_ledger(reader: LedgerReader, part: ExportPart, form: ExportForm, account: str = "") -> Iterator[bytes]:
    """Yield the ledger (or one account's rows) in pieces of a file; times in UTC (ISO 8601), amounts in minor units."""
    if part is ExportPart.ROWS:
        return _write(ROW_COLUMNS, map(describe_row, reader.iterate_rows(account)), form)
    return _write(ACCOUNT_COLUMNS, map(describe_account, reader.iterate_accounts()), form)


def describe_row(placed: PlacedRow) -> dict[str, Any]:
    """Return a row as a program reads it."""
    row = {"position": placed.position, **placed.row._asdict()}
    row["made_at"] = tell_moment(placed.row.made_at).isoformat()
    row["expires_at"] = None if placed.row.expires_at is None else tell_moment(placed.row.expires_at).isoformat()
    return row


def describe_account(account: Account) -> dict[str, Any]:
    """Return an account as a program reads it."""
    told = {name: getattr(account, name) for name in ACCOUNT_COLUMNS}
    return {**told, "side": account.side.value, "opened_at": tell_moment(account.opened_at).isoformat()}


def _write(columns: Sequence[str], rows: Iterable[dict[str, Any]], form: ExportForm) -> Iterator[bytes]:
    return _write_csv(columns, rows) if form is ExportForm.CSV else _write_json_lines(rows)


def _write_json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    lines: list[bytes] = []
    for row in rows:
        lines.append(dump_json_bytes(row))
        if len(lines) == LINES_AT_ONCE:
            yield b"\n".join([*lines, b""])
            lines = []
    if lines:
        yield b"\n".join([*lines, b""])


def _write_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    yield b"\xef\xbb\xbf"  # lets spreadsheets read UTF-8
    for count, row in enumerate(rows, 1):
        writer.writerow([_defuse(row[name]) for name in columns])
        if count % LINES_AT_ONCE == 0:
            yield _empty(buffer)
    yield _empty(buffer)


def _defuse(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _empty(buffer: io.StringIO) -> bytes:
    told = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return told
