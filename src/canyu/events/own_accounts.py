"""A brand's own accounts: what they post is the brand's voice, and no word of mouth.

A team names them once, in its catalogue file; a list from a spreadsheet becomes such lines by ``canyu catalogue
accounts``. Whoever reads a lake asks here which actors they are in it.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from canyu.events import catalogue_problems as faults
from canyu.events.catalogue import Account
from canyu.events.catalogue_problems import Fault
from canyu.events.importers.actors import SALT_FILE, SALT_VARIABLE, get_salt, hash_actor
from canyu.events.lake import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

COLUMNS = ("brand", "source", "id", "actor", "name")
TOLD_AT_ONCE = 5


class RowProblem(NamedTuple):
    """One thing wrong in a list of accounts: the row (1 is the first after the header) and the field."""

    row: int
    field: str
    fault: Fault


def find_own_actors(lake: Lake, accounts: Iterable[Account]) -> frozenset[str]:
    """Return the actors of the lake that these accounts are: hashed with the lake's salt, or as they are written.

    A lake without a salt holds no hashed actor.
    Raises BadInput where the lake is on an object store and its salt is not in the environment.
    """
    named = tuple(accounts)
    has_salt = not lake.store.is_local or SALT_VARIABLE in os.environ or Path(lake.path, SALT_FILE).exists()
    salt = get_salt(lake.path) if has_salt and any(account.source for account in named) else ""
    return frozenset(
        account.actor or hash_actor(salt, account.source, account.id) for account in named if account.actor or salt
    )


def read_accounts(text: str, *, brand: str) -> tuple[Account, ...]:
    """Return the accounts in the text of a CSV file with a header of ``COLUMNS``, some of which may be absent.

    ``brand``: of rows that name none. Raises BadInput with row, field and mend of the first problems.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    unknown = [name for name in reader.fieldnames or () if (name or "").strip() not in COLUMNS]
    if unknown or not reader.fieldnames:
        raise BadInput(
            Words(
                f"表头不对：{'、'.join(unknown) or '没有表头'}。",
                f"The header is wrong: {', '.join(unknown) or 'none'}.",
            ),
            mend=Words(f"可用的列：{'、'.join(COLUMNS)}。", f"Columns are: {', '.join(COLUMNS)}."),
        )
    accounts: list[Account] = []
    problems: list[RowProblem] = []
    for number, row in enumerate(reader, start=1):
        cells = {str(name).strip(): str(cell or "").strip() for name, cell in row.items() if name is not None}
        account = Account(cells.get("brand") or brand, *(cells.get(name, "") for name in COLUMNS[1:]))
        found = find_fault(account) or (("id", faults.GIVEN_TWICE) if account in accounts else None)
        problems += [RowProblem(number, *found)] if found else []
        accounts.append(account)
    if problems:
        raise _refuse(problems)
    return tuple(accounts)


def find_fault(account: Account) -> tuple[str, Fault] | None:
    """Return the field of an account that is wrong, and how; None where it can be used."""
    if account.actor and (account.source or account.id):
        return "actor", faults.ACTOR_AND_ID
    if not account.actor and not account.source:
        return "source", faults.NO_ACCOUNT
    if not account.actor and not account.id:
        return "id", faults.NO_ACCOUNT
    return None


def write_accounts(accounts: Iterable[Account]) -> str:
    """Return the lines to put into a catalogue file."""
    lines = ["accounts:"]
    for account in accounts:
        fields = [(name, getattr(account, name)) for name in COLUMNS if getattr(account, name)]
        lines.append(f"  - {{{', '.join(f'{name}: {_quote(value)}' for name, value in fields)}}}")
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _refuse(problems: list[RowProblem]) -> BadInput:
    told = problems[:TOLD_AT_ONCE]
    zh = "\n  ".join(f"第 {each.row} 行，{each.field}：{each.fault.message.zh}{each.fault.mend.zh}" for each in told)
    en = "\n  ".join(f"row {each.row}, {each.field}: {each.fault.message.en} {each.fault.mend.en}" for each in told)
    count = len(problems)
    return BadInput(
        Words(f"账号名单有 {count} 处问题：\n  {zh}\n", f"The list of accounts has {count} problem(s):\n  {en}\n"),
        mend=Words("请按行改正。", "Mend them row by row."),
    )
