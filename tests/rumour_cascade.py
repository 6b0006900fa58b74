"""A made rumour: a hub that goes on drawing people, one that is spent, and people on the post itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

POSTED = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def list_reposts() -> list[dict[str, Any]]:
    """Rows of root p by "author": by two hours 8 people on the post, 6 on hub, 4 on spent; later 10, 12 and none."""
    rows: list[dict[str, Any]] = [make_row("p", None, "author", 0.0)]
    rows += [make_row(f"o{n}", "p", f"early{n}", 0.1 + 0.1 * n) for n in range(6)]
    rows += [make_row("h", "p", "hub", 1.5), make_row("s", "p", "spent", 0.05)]
    rows += [make_row(f"h{n}", "h", f"fan{n}", 1.6 + 0.05 * n) for n in range(6)]
    rows += [make_row(f"s{n}", "s", f"old{n}", 0.2 + 0.05 * n) for n in range(4)]
    rows += [make_row(f"l{n}", "p", f"late{n}", 2.5 + n) for n in range(10)]
    rows += [make_row(f"k{n}", "h" if n < 6 else f"k{n - 6}", f"comer{n}", 2.2 + 1.5 * n) for n in range(12)]
    return rows


def make_row(name: str, parent: str | None, author: str, hours: float) -> dict[str, Any]:
    time = POSTED + timedelta(hours=hours)
    return {"root": "p", "id": name, "parent": parent, "author": author, "time": time}


def make_table() -> pa.Table:
    """Return the rows as cascades are built from them."""
    return pa.Table.from_pylist(list_reposts())
