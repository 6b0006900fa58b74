"""What a roster file would change: its rows beside what is kept; pure, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from canyu.ops.kols.intake.rows import Fault, Refused, Row
from canyu.ops.kols.models import join_list

PriceKey = tuple[str, str]
"""Kind and currency."""
ACCOUNT_FIELDS = ("actor", "url", "topics", "markets", "has_disclosure_duty")


@dataclass(frozen=True, slots=True)
class KnownKol:
    """A KOL as kept, with the days of the contracts by their first day."""

    pk: int
    kind: str
    note: str
    contracts: Mapping[date, date | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as kept, with its prices in force."""

    pk: int
    kol: str
    fields: Mapping[str, Any]
    followers: int | None
    followers_day: date | None
    prices: Mapping[PriceKey, int] = field(default_factory=dict)
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a file is compared with."""

    kols: Mapping[str, KnownKol]
    accounts: Mapping[tuple[str, str], KnownAccount]
    actors: Mapping[str, tuple[str, str]]
    """Actor -> the account that has it."""
    past: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Platform and a handle of before -> the handle that the account has now."""

    def find(self, row: Row) -> KnownAccount | None:
        """Return the account that a row is about: by its handle, or by its platform's own id where it was renamed."""
        account = self.accounts.get(row.key)
        owner = self.actors.get(row.actor) if row.actor else None
        return self.accounts[owner] if account is None and owner is not None else account


@dataclass(frozen=True, slots=True)
class Change:
    """What one row changes: field -> before and after. ``is_new``: the account is added."""

    row: Row
    is_new: bool
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file beside the roster: rows that add or change, how many change nothing, and the refused ones."""

    changes: tuple[Change, ...]
    unchanged: int
    refused: tuple[Refused, ...]

    @property
    def added(self) -> int:
        """How many accounts are new."""
        return sum(change.is_new for change in self.changes)

    @property
    def changed(self) -> int:
        """How many accounts change."""
        return len(self.changes) - self.added


def compare(rows: Iterable[Row], known: Known, today: date) -> Comparison:
    """Return what the rows change.

    A row with the actor of an account of the same platform under a handle that nobody has renames that account. An
    actor that another account has, and a handle of before with no actor to tell whose it is now, are refused.
    """
    changes: list[Change] = []
    refused: list[Refused] = []
    unchanged = 0
    listed = list(rows)
    told = {row.key for row in listed}
    for row in listed:
        fault = _find_fault(row, known, told)
        if fault is not None:
            refused.append(Refused(row.row, (fault,), row.cells))
            continue
        account = known.find(row)
        fields = _list_changes(row, account, known.kols.get(row.kol), today)
        if account is not None and not fields:
            unchanged += 1
        else:
            changes.append(Change(row, account is None, fields))
    return Comparison(tuple(changes), unchanged, tuple(refused))


def fill_fields(row: Row) -> dict[str, Any]:
    """Return what a row says of an account's own fields; what it does not say is left out."""
    told = {
        "actor": row.actor,
        "url": row.url,
        "topics": join_list(list(row.topics)),
        "markets": join_list(list(row.markets)),
    }
    fields: dict[str, Any] = {name: value for name, value in told.items() if value}
    return fields if row.disclosure is None else fields | {"has_disclosure_duty": row.disclosure}


def _find_fault(row: Row, known: Known, told: Collection[tuple[str, str]]) -> Fault | None:
    """Return why a row cannot be about the account that it seems to be; ``told``: the accounts that the file names."""
    owner = known.actors.get(row.actor) if row.actor else None
    if owner is not None and owner != row.key:
        is_renamed = owner[0] == row.platform and row.key not in known.accounts and owner not in told
        return None if is_renamed else Fault("actor", "actor_taken", row.actor)
    if not row.actor and row.key not in known.accounts and row.key in known.past:
        return Fault("handle", "renamed", f"{row.handle} → {known.past[row.key]}")
    return None


def _list_changes(
    row: Row, account: KnownAccount | None, kol: KnownKol | None, today: date
) -> dict[str, tuple[Any, Any]]:
    kept: Mapping[str, Any] = account.fields if account else {}
    found = {name: (kept.get(name), value) for name, value in fill_fields(row).items() if kept.get(name) != value}
    if account is not None and account.handle != row.handle:
        found["handle"] = (account.handle, row.handle)
    if account is None or account.kol != row.kol:
        found["kol"] = (account.kol if account else None, row.kol)
    found |= {
        name: (getattr(kol, name) if kol else None, value)
        for name, value in {"kind": row.kind, "note": row.note}.items()
        if value and (kol is None or getattr(kol, name) != value)
    }
    before = account.followers if account else None
    is_older = bool(account and account.followers_day and account.followers_day > today)
    if row.followers is not None and row.followers != before and not is_older:
        found["followers"] = (before, row.followers)
    prices = account.prices if account else {}
    for kind, amount in row.prices.items():
        if prices.get((kind, row.currency)) != amount:
            found[f"price_{kind}"] = (prices.get((kind, row.currency)), amount)
    if row.contract_from:
        has, end = kol is not None and row.contract_from in kol.contracts, None
        end = kol.contracts[row.contract_from] if kol is not None and has else None
        if not has or (row.contract_until is not None and end != row.contract_until):
            found["contract"] = (end, row.contract_until)
    return found
