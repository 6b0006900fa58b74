"""All reads of the ledger's pages, each at one moment over a connection of its own; the viewer comes first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from canyu.ledger import (
    Account,
    ExportForm,
    ExportPart,
    LedgerReader,
    PlacedRow,
    Proof,
    Step,
    UnitSum,
    export_ledger,
    prove,
    read_snapshot,
)
from canyu.ops.config import load_config
from canyu.ops.ledger.rules import BooksQuery
from canyu.ops.people.models import Person

MOST_PROVEN_HERE = 300_000
"""Rows that a page proves while its viewer waits (a few seconds); more are for the command."""
OWN_PARAMS = ("cursor_factory", "context", "prepare_threshold")


@dataclass(frozen=True, slots=True)
class Books:
    """The trial balance, and the accounts that match."""

    rows: int
    units: list[UnitSum]
    accounts: list[Account]
    has_more: bool


@dataclass(frozen=True, slots=True)
class History:
    """One account and a page of its rows, newest first."""

    account: Account
    steps: list[Step]
    has_more: bool


@dataclass(frozen=True, slots=True)
class OneRow:
    """One row with what it answers and what answers it."""

    placed: PlacedRow
    answer: PlacedRow | None


def read_books(viewer: Person, query: BooksQuery) -> Books:  # noqa: ARG001 - reads take the viewer first
    """Return the trial balance and one page of accounts."""
    size = load_config().page_rows
    with open_books() as reader:
        found = reader.list_accounts(query.begin, query.unit, query.after, size + 1)
        return Books(reader.count_rows(), reader.list_units(), found[:size], len(found) > size)


def read_history(viewer: Person, name: str, before: int | None) -> History:  # noqa: ARG001 - reads take the viewer first
    """Return one account and one page of its rows; raises NotFound."""
    size = load_config().page_rows
    with open_books() as reader:
        account = reader.get_account(name)
        steps = reader.list_history(account, before, size + 1)
    return History(account, steps[:size], len(steps) > size)


def read_row(viewer: Person, name: str) -> OneRow:  # noqa: ARG001 - reads take the viewer first
    """Return one row; raises NotFound."""
    with open_books() as reader:
        return OneRow(reader.get_row(name), reader.find_answer(name))


def count_rows(viewer: Person) -> int:  # noqa: ARG001 - reads take the viewer first
    """Return how many rows the ledger holds."""
    with open_books() as reader:
        return reader.count_rows()


def prove_books(viewer: Person) -> Proof | None:  # noqa: ARG001 - reads take the viewer first
    """Return the proof of the whole ledger; None where it is too large to wait for."""
    with open_books() as reader:
        return prove(reader) if reader.count_rows() <= MOST_PROVEN_HERE else None


def export_books(viewer: Person, part: ExportPart, form: ExportForm, account: str) -> Iterator[bytes]:  # noqa: ARG001 - reads take the viewer first
    """Yield the ledger as a file, as it was when the first piece was asked for."""
    with open_books() as reader:
        yield from export_ledger(reader, part, form, account)


@contextmanager
def open_books() -> Iterator[LedgerReader]:
    """Read the ledger at one moment; no writer waits for it, however long it takes."""
    with closing(_connect()) as own, read_snapshot(own) as reader:
        yield reader


def _connect() -> Any:
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"]).resolve()
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    import psycopg

    given = {name: value for name, value in connection.get_connection_params().items() if name not in OWN_PARAMS}
    return psycopg.connect(**given, autocommit=True)
