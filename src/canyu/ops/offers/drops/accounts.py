"""The ledger's accounts of a drop: made, free (a part per market), sold; a unit is an integer there; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from canyu.ledger import OpenAccount, Operation, Side, Transfer

LIMITED = Side.CREDIT
"""The side that may not go below zero; the race tests' negative control takes the guard away here."""


@dataclass(frozen=True, slots=True)
class DropAccounts:
    """The accounts of one drop."""

    drop: int

    @property
    def unit(self) -> str:
        """What is counted."""
        return f"unit:drop-{self.drop}"

    def name(self, what: str) -> str:
        """Return the id of an account or a row."""
        return f"drop-{self.drop}:{what}"

    def find_free(self, market: str, quotas: Mapping[str, int]) -> str:
        """Return the account that a market's units come from: its own, or the one that all others share."""
        return self.name(f"free:{market}" if market in quotas else "free")

    def open(self, units: int, quotas: Mapping[str, int]) -> list[Operation]:
        """Return what opens the accounts and puts every unit into the pool of its market."""
        pools = {self.name(f"free:{market}"): part for market, part in quotas.items()}
        pools[self.name("free")] = units - sum(quotas.values())
        opened: list[Operation] = [OpenAccount(self.name(what), self.unit) for what in ("made", "sold")]
        opened += [OpenAccount(pool, self.unit, LIMITED) for pool in pools]
        opened += [
            Transfer(f"{pool}:stock", self.name("made"), pool, part, self.unit) for pool, part in pools.items() if part
        ]
        return opened
