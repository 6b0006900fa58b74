"""Cascades simulated on a small graph whose probabilities and delays are known."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

START = datetime(2026, 3, 1, tzinfo=UTC)
PLANTED = {
    ("a", "b"): 0.6,
    ("a", "c"): 0.2,
    ("b", "c"): 0.4,
    ("b", "d"): 0.1,
    ("c", "d"): 0.5,
    ("c", "a"): 0.3,
    ("d", "e"): 0.7,
    ("a", "e"): 0.05,
    ("e", "f"): 0.25,
    ("d", "f"): 0.15,
    ("f", "a"): 0.35,
    ("f", "g"): 0.0,
}
ARCS = pa.table({"source": [source for source, _ in PLANTED], "target": [target for _, target in PLANTED]})
Row = tuple[int, str, datetime, str | None]


def simulate_cascades(many: int, seed: int, *, is_exponential: bool = False) -> pa.Table:
    """Return ``many`` cascades of the independent cascade model, each begun by one account.

    Delays: log-normal, median 600 s and sigma 1, or exponential with a mean of 600 s.
    """
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    names = sorted({name for arc in PLANTED for name in arc})
    for cascade in range(many):
        begin = cascade * 1e6
        queue: list[tuple[float, str, str | None]] = [(begin, names[random.integers(len(names))], None)]
        active: set[str] = set()
        while queue:
            time, user, parent = heapq.heappop(queue)
            if user in active:
                continue
            active.add(user)
            rows.append((cascade, user, START + timedelta(seconds=time), parent))
            for (source, target), chance in PLANTED.items():
                delay = 600 * (random.exponential() if is_exponential else np.exp(random.standard_normal()))
                if source == user and random.random() < chance:
                    heapq.heappush(queue, (time + delay, target, user))
    cascade_ids, users, times, parents = zip(*rows, strict=True)
    return pa.table(
        {
            "cascade": pa.array(cascade_ids, pa.int64()),
            "user": list(users),
            "time": pa.array(times, pa.timestamp("us", "UTC")),
            "parent": pa.array(parents, pa.string()),
        }
    )
