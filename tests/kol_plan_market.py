"""A market that can be counted on the fingers: four accounts, ten people, and influence that never fails."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from canyu.ops.kols.models import Account, Kol, Price, join_list
from canyu.spread.graphs import build_graph, save_graph

READERS = {"A": range(1, 7), "B": range(5, 9), "C": range(9, 11), "D": range(1, 2)}
"""A and B share p5 and p6; whoever is chosen is reached too: A 7, B 5, C 3, D 2 of 14 nodes."""
PRICES = {"A": 100_000, "B": 80_000, "C": 30_000, "D": 90_000}
PLACES = {"A": ("weibo", "cn"), "B": ("weibo", "cn"), "C": ("douyin", "my"), "D": ("douyin", "my")}
NODES = 14
SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://x.example")'


def save_small_graph(folder: Path) -> Path:
    """Write the graph: each account reaches each of its readers for certain."""
    arcs = [(f"k:{name}", f"p{number}", 1.0) for name, numbers in READERS.items() for number in numbers]
    table = pa.table({column: [arc[at] for arc in arcs] for at, column in enumerate(("src", "dst", "p"))})
    save_graph(build_graph(table, "src", "dst", probability="p"), folder)
    return folder


def add_account(name: str, actor: str, price: int, **given: Any) -> int:
    """Add an account with a price; return its key."""
    kol, _ = Kol.objects.get_or_create(name=name)
    fields = {"platform": "weibo", "handle": actor, "actor": actor, "followers": 1_000_000, **given}
    account = Account.objects.create(kol=kol, **fields)
    Price.objects.create(account=account, kind="post", amount_minor=price, currency="CNY", since=date(2025, 1, 1))
    return account.pk


def fill_market() -> dict[str, int]:
    """Write the roster; return each account's key by its letter."""
    return {
        name: add_account(
            f"KOL {name}",
            f"k:{name}",
            price,
            platform=PLACES[name][0],
            markets=join_list([PLACES[name][1]]),
            topics=join_list(["car"]),
        )
        for name, price in PRICES.items()
    }
