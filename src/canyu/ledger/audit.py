"""The proof of conservation: every row replayed from the first, and all that is kept beside them compared with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from canyu.ledger.breaches import Breach, Flaw
from canyu.ledger.operations import Side
from canyu.ledger.reader import SUMS, LedgerReader, PlacedRow, UnitSum
from canyu.ledger.rows import count_effect
from canyu.ledger.schema import GUARDS

MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Proof:
    """What an audit found: how much was replayed, the trial balance of the rows, the first hundred breaches of all."""

    rows: int
    accounts: int
    open_holds: int
    units: tuple[UnitSum, ...]
    breaches: tuple[Breach, ...]
    found: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.found == 0


@dataclass(slots=True)
class Sums:
    """What the rows of one account add up to."""

    unit: str
    side: Side
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    is_below: bool = False

    def find_lack(self) -> int:
        """Return by how much the account is below its limit; 0 where it is not."""
        debits, credits, debits_held, credits_held = self.counts
        if self.side is Side.CREDIT:
            return max(debits + debits_held - credits, 0)
        return max(credits + credits_held - debits, 0) if self.side is Side.DEBIT else 0


def prove(reader: LedgerReader) -> Proof:
    """Replay the whole ledger as it is at the reader's moment; the memory grows with the accounts, not with the rows.

    Checked: debits equal credits in every unit; each account's sums are those of its rows; no account was below its
    limit after any row; each hold and each reversed transfer was answered once, by a row that fits it; what accounts
    hold is the sum of their open holds; no row names what is not there; the database's guards are in place.
    """
    audit = _Audit(reader)
    breaches = audit.run()
    told = list(islice(breaches, MOST_TOLD))
    found = len(told) + sum(1 for _ in breaches)
    return Proof(audit.rows, len(audit.sums), audit.open_holds, tuple(audit.sum_units()), tuple(told), found)


class _Audit:
    def __init__(self, reader: LedgerReader) -> None:
        self.reader = reader
        self.rows = 0
        self.open_holds = 0
        self.sums: dict[str, Sums] = {}

    def run(self) -> Iterator[Breach]:
        """Yield every breach."""
        reader = self.reader
        self.sums = {
            name: Sums(unit, Side(side))
            for name, unit, side in reader.fetch("SELECT id, unit, side FROM ledger_account")
        }
        for placed in reader.iterate_rows():
            self.rows += 1
            yield from self._replay(placed)
        yield from self._compare_sums()
        yield from self._compare_units()
        yield from self._check_answers()
        yield from self._check_open_holds()
        yield from self._check_guards()

    def sum_units(self) -> list[UnitSum]:
        """Return the trial balance of the rows themselves."""
        units: dict[str, list[int]] = {}
        for one in self.sums.values():
            counts = units.setdefault(one.unit, [0, 0, 0, 0, 0])
            counts[0] += 1
            for at, value in enumerate(one.counts, 1):
                counts[at] += value
        return [UnitSum(unit, *counts) for unit, counts in sorted(units.items())]

    def _replay(self, placed: PlacedRow) -> Iterator[Breach]:
        row = placed.row
        for at, account in enumerate((row.debit, row.credit)):
            one = self.sums.get(account)
            if one is None:
                yield Breach(Flaw.ORPHAN, row.id, account)
                continue
            if one.unit != row.unit:
                yield Breach(Flaw.OTHER_UNIT, row.id, f"{account}: {one.unit} ≠ {row.unit}")
            posted, held = count_effect(row)
            one.counts[at] += posted
            one.counts[at + 2] += held
            lack = one.find_lack()
            if lack and not one.is_below:  # told once, at the row where it began
                one.is_below = True
                yield Breach(Flaw.BELOW_LIMIT, account, f"-{lack} {one.unit} @ {row.id}")

    def _compare_sums(self) -> Iterator[Breach]:
        kept = set()
        query = "SELECT account, side, debits, credits, debits_held, credits_held FROM ledger_balance ORDER BY account"
        for account, side, *counts in self.reader.fetch(query):
            kept.add(account)
            one = self.sums.get(account)
            if one is None:
                yield Breach(Flaw.ORPHAN, account, "ledger_balance")
                continue
            if counts != one.counts:
                pairs = zip(SUMS, counts, one.counts, strict=True)
                yield Breach(Flaw.WRONG_SUM, account, ", ".join(f"{n} {a} ≠ {b}" for n, a, b in pairs if a != b))
            if side != one.side:
                yield Breach(Flaw.WRONG_SUM, account, f"side {side} ≠ {one.side}")
        for account in sorted(self.sums.keys() - kept):
            yield Breach(Flaw.NO_SUM, account, "ledger_balance")

    def _compare_units(self) -> Iterator[Breach]:
        for unit in self.reader.list_units():
            if not unit.is_even:
                what = f"{unit.debits} / {unit.credits}, {unit.debits_held} / {unit.credits_held}"
                yield Breach(Flaw.UNEVEN, unit.unit, what)

    def _check_answers(self) -> Iterator[Breach]:
        for name, refers, kind, of_kind in self.reader.fetch(_WRONG_ANSWERS):
            flaw = Flaw.ORPHAN if of_kind is None else Flaw.WRONG_ANSWER
            yield Breach(flaw, name, f"{kind} → {refers} ({of_kind or '—'})")
        for refers, count in self.reader.fetch(_TWICE):
            yield Breach(Flaw.ANSWERED_TWICE, refers, f"{count} ×")

    def _check_open_holds(self) -> Iterator[Breach]:
        held = {name: [0, 0] for name in self.sums}
        for debit, credit, amount in self.reader.fetch(_OPEN):
            self.open_holds += 1
            for at, account in enumerate((debit, credit)):
                held.setdefault(account, [0, 0])[at] += amount
        for name, one in sorted(self.sums.items()):
            if held[name] != one.counts[2:]:
                yield Breach(Flaw.WRONG_HELD, name, f"{one.counts[2:]} ≠ {held[name]}")
        for name, what in self.reader.fetch(_WRONG_OPEN):
            yield Breach(Flaw.WRONG_OPEN_HOLD, name, what)

    def _check_guards(self) -> Iterator[Breach]:
        dialect = self.reader.dialect
        for name in sorted(GUARDS[dialect.name].keys() - dialect.list_triggers(self.reader.connection)):
            yield Breach(Flaw.NO_GUARD, name, "trigger")
        if not dialect.has_index(self.reader.connection, "ledger_answer"):
            yield Breach(Flaw.NO_GUARD, "ledger_answer", "index")


_WRONG_ANSWERS = """
SELECT r.id, r.refers, r.kind, o.kind FROM ledger_transfer r LEFT JOIN ledger_transfer o ON o.id = r.refers
WHERE r.refers IS NOT NULL AND (
  o.id IS NULL OR o.position >= r.position OR o.unit <> r.unit
  OR (r.kind = 'reverse' AND (
    o.kind NOT IN ('transfer', 'settle') OR o.debit <> r.credit OR o.credit <> r.debit OR o.amount <> r.amount))
  OR (r.kind <> 'reverse' AND (
    o.kind <> 'hold' OR o.debit <> r.debit OR o.credit <> r.credit OR o.amount <> r.released OR r.amount > o.amount
    OR (r.kind = 'expire' AND (o.expires_at IS NULL OR o.expires_at > r.made_at))
    OR (r.kind <> 'expire' AND o.expires_at <= r.made_at)))
) ORDER BY r.position
"""
_TWICE = (
    "SELECT refers, COUNT(*) FROM ledger_transfer WHERE refers IS NOT NULL GROUP BY refers HAVING COUNT(*) > 1"
    " ORDER BY refers"
)
_OPEN = (
    "SELECT h.debit, h.credit, h.amount FROM ledger_transfer h LEFT JOIN ledger_transfer a ON a.refers = h.id"
    " WHERE h.kind = 'hold' AND a.id IS NULL"
)
_WRONG_OPEN = """
SELECT h.id, CASE WHEN o.id IS NULL THEN 'missing' ELSE 'not open' END
FROM ledger_transfer h LEFT JOIN ledger_transfer a ON a.refers = h.id LEFT JOIN ledger_open_hold o ON o.id = h.id
WHERE h.kind = 'hold' AND ((a.id IS NULL) <> (o.id IS NOT NULL)
  OR (o.id IS NOT NULL AND COALESCE(o.expires_at, -1) <> COALESCE(h.expires_at, -1)))
UNION ALL
SELECT o.id, 'no hold' FROM ledger_open_hold o LEFT JOIN ledger_transfer h ON h.id = o.id AND h.kind = 'hold'
WHERE h.id IS NULL
ORDER BY 1
"""
