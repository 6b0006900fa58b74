"""Every choice of accounts that limits leave, on tables so small that all are gone through."""

from __future__ import annotations

from itertools import combinations

import pyarrow as pa

from canyu.spread.selection import Limits


def list_choices(accounts: pa.Table, limits: Limits) -> list[tuple[int, ...]]:
    """Return every choice that keeps to the limits, each sorted."""
    rows = {row["id"]: row for row in accounts.to_pylist()}
    found = []
    for size in range(len(rows) + 1):
        for chosen in combinations(sorted(set(rows) - set(limits.never)), size):
            fits = sum(rows[one]["cost"] for one in chosen) <= limits.budget and set(limits.must) <= set(chosen)
            for quotas, sign in ((limits.quotas, 1), (limits.least, -1)):
                for column, quota in quotas.items():
                    had = [rows[one][column] for one in chosen]
                    fits = fits and all(sign * had.count(value) <= sign * number for value, number in quota.items())
            if fits:
                found.append(chosen)
    return found
