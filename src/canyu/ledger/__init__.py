"""One double-entry ledger for whatever is scarce: append-only, idempotent by id, two-phase where a hold is needed.

>>> import tempfile, pathlib
>>> folder = tempfile.TemporaryDirectory()
>>> with open_ledger(pathlib.Path(folder.name, "stock.sqlite3"), create=True) as door:
...     outcomes = door.apply([
...         OpenAccount("drop-7:free", "unit:drop-7", Side.CREDIT),
...         OpenAccount("drop-7:made", "unit:drop-7"),
...         OpenAccount("drop-7:sold", "unit:drop-7"),
...         Transfer("drop-7:stock", "drop-7:made", "drop-7:free", 1, "unit:drop-7"),
...         Transfer("order-1", "drop-7:free", "drop-7:sold", 1, "unit:drop-7"),
...         Transfer("order-1", "drop-7:free", "drop-7:sold", 1, "unit:drop-7"),
...         Transfer("order-2", "drop-7:free", "drop-7:sold", 1, "unit:drop-7"),
...     ])
>>> [outcome.verdict.value for outcome in outcomes[4:]]
['done', 'exists', 'beyond_limit']
>>> folder.cleanup()
"""

from __future__ import annotations

from canyu.ledger.audit import Proof, prove
from canyu.ledger.breaches import Breach, Flaw
from canyu.ledger.export import ExportForm, ExportPart, describe_row, export_ledger
from canyu.ledger.group_writer import Door, GroupWriter
from canyu.ledger.ledger import Ledger, LedgerDoor, open_ledger
from canyu.ledger.operations import (
    Expire,
    Hold,
    Kind,
    Linked,
    OpenAccount,
    Operation,
    Reverse,
    Settle,
    Side,
    Transfer,
    Void,
)
from canyu.ledger.outcomes import LedgerBusy, LedgerRace, Outcome, Refused, RefusedInput, Verdict
from canyu.ledger.reader import Account, LedgerReader, PlacedRow, Step, UnitSum, open_reader, read_snapshot
from canyu.ledger.rows import AccountRow, BalanceRow, TransferRow, tell_moment
from canyu.ledger.schema import create_schema, drop_schema, has_schema

__all__ = [
    "Account",
    "AccountRow",
    "BalanceRow",
    "Breach",
    "Door",
    "Expire",
    "ExportForm",
    "ExportPart",
    "Flaw",
    "GroupWriter",
    "Hold",
    "Kind",
    "Ledger",
    "LedgerBusy",
    "LedgerDoor",
    "LedgerRace",
    "LedgerReader",
    "Linked",
    "OpenAccount",
    "Operation",
    "Outcome",
    "PlacedRow",
    "Proof",
    "Refused",
    "RefusedInput",
    "Reverse",
    "Settle",
    "Side",
    "Step",
    "Transfer",
    "TransferRow",
    "UnitSum",
    "Verdict",
    "Void",
    "create_schema",
    "describe_row",
    "drop_schema",
    "export_ledger",
    "has_schema",
    "open_ledger",
    "open_reader",
    "prove",
    "read_snapshot",
    "tell_moment",
]
