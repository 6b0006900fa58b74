"""The ledger's accounts and transfers of offers: budgets, uses, uses per person, uses and worth of a code; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from canyu.ledger import Hold, OpenAccount, Operation, Side, Transfer

LIMITED = Side.CREDIT
"""The side that may not go below zero; the race tests' negative control takes the guard away here."""


@dataclass(frozen=True, slots=True)
class OfferAccounts:
    """The accounts of one offer. Money in the offer's currency, uses in a unit of the offer's own."""

    offer: int
    currency: str

    @property
    def use(self) -> str:
        """The unit in which uses are counted."""
        return f"use:offer-{self.offer}"

    def name(self, what: str) -> str:
        """Return the id of an account."""
        return f"offer-{self.offer}:{what}"

    def open(self, budget_minor: int | None, uses: int | None) -> list[Operation]:
        """Return what opens the accounts at the release and puts in the budget and the uses."""
        sides = {
            "funds": Side.NONE,
            "budget": LIMITED if budget_minor is not None else Side.NONE,
            "spent": Side.NONE,
            "worth-used": Side.NONE,
            "clawback": Side.NONE,
            "owed": Side.NONE,
        }
        units = dict.fromkeys(("uses-made", "used", "person-used", "code-used"), Side.NONE)
        units["uses"] = LIMITED if uses is not None else Side.NONE
        opened: list[Operation] = [OpenAccount(self.name(n), self.currency, side) for n, side in sides.items()]
        opened += [OpenAccount(self.name(n), self.use, side) for n, side in units.items()]
        if budget_minor:
            opened.append(self.move("fund", "funds", "budget", budget_minor, self.currency))
        if uses:
            opened.append(self.move("fund-uses", "uses-made", "uses", uses, self.use))
        return opened

    def fund_limited(self, what: str, amount: int, unit: str) -> list[Operation]:
        """Return what opens a limited account at its first use and fills it, once."""
        source = "funds" if unit == self.currency else "uses-made"
        return [OpenAccount(self.name(what), unit, LIMITED), self.move(f"{what}:fund", source, what, amount, unit)]

    def move(self, transfer: str, source: str, goal: str, amount: int, unit: str) -> Transfer:
        """Return a transfer between two accounts of the offer."""
        return Transfer(self.name(transfer), self.name(source), self.name(goal), amount, unit)


@dataclass(frozen=True, slots=True)
class Use:
    """One offer used by one order: what is drawn, and from which limits."""

    accounts: OfferAccounts
    discount_minor: int
    person: str = ""
    """The person's name in the ledger, where uses per person are limited."""
    person_uses: int | None = None
    code: int | None = None
    code_uses: int | None = None
    worth_minor: int | None = None
    """What a voucher that keeps its rest was worth at first."""


def draw_use(use: Use, key: str, until: datetime | None) -> tuple[list[Operation], list[Operation]]:
    """Return what has to be there first, and what is moved: transfers, or holds where ``until`` is given."""
    accounts, currency, unit = use.accounts, use.accounts.currency, use.accounts.use
    first: list[Operation] = []
    moves = [_Move("use", "uses", "used", 1, unit)]
    if use.discount_minor:
        moves.append(_Move("money", "budget", "spent", use.discount_minor, currency))
    if use.person_uses is not None:
        first += accounts.fund_limited(f"person-{use.person}", use.person_uses, unit)
        moves.append(_Move("person", f"person-{use.person}", "person-used", 1, unit))
    if use.code is not None and use.code_uses is not None:
        first += accounts.fund_limited(f"code-{use.code}", use.code_uses, unit)
        moves.append(_Move("code", f"code-{use.code}", "code-used", 1, unit))
    if use.code is not None and use.worth_minor:
        first += accounts.fund_limited(f"worth-{use.code}", use.worth_minor, currency)
        if use.discount_minor:
            moves.append(_Move("worth", f"worth-{use.code}", "worth-used", use.discount_minor, currency))
    return first, [_draw(accounts, key, move, until) for move in moves]


class _Move(NamedTuple):
    what: str
    source: str
    goal: str
    amount: int
    unit: str


def _draw(accounts: OfferAccounts, key: str, move: _Move, until: datetime | None) -> Operation:
    name, debit, credit = f"{key}:{move.what}", accounts.name(move.source), accounts.name(move.goal)
    if until is None:
        return Transfer(name, debit, credit, move.amount, move.unit)
    return Hold(name, debit, credit, move.amount, move.unit, expires_at=until)
