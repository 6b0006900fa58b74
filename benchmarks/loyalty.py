"""Loyalty: BG/NBD and Pareto/NBD on the 2,357 CDNOW customers, parameters and their intervals, beside lifetimes."""

from __future__ import annotations

import csv
import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from canyu.measure.loyalty import BgNbd, Customers, ParetoNbd

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
INPUT = SHARED.parent / "scenarios" / "measure-data" / "cdnow_customers_summary.csv"
ROUNDS = 7


def measure(fit: Callable[[], Any]) -> float:
    """Return the CPU seconds of one call."""
    start = time.process_time()
    fit()
    return time.process_time() - start


def main() -> None:
    if not INPUT.is_file():
        sys.exit(f"no {INPUT}: nothing was measured")
    warnings.simplefilter("ignore")  # the peer is of the time of NumPy 1
    from lifetimes import BetaGeoFitter, ParetoNBDFitter

    with INPUT.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = [np.array([float(row[name]) for row in rows]) for name in ("frequency", "recency", "T")]
    for model, peer in ((BgNbd(), BetaGeoFitter), (ParetoNbd(), ParetoNBDFitter)):
        found, other = model.fit(Customers.of_columns(*columns)), peer().fit(*columns)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(measure(lambda model=model: model.fit(Customers.of_columns(*columns))))
            theirs.append(measure(lambda peer=peer: peer().fit(*columns)))
        shift = max(abs(value / other.params_[name] - 1) for name, value in zip(found.names, found.values, strict=True))
        line = {
            "benchmark": "loyalty",
            "model": model.name,
            "cpu_s": round(statistics.median(ours), 3),
            "peer_cpu_s": round(statistics.median(theirs), 3),
            "ratio": round(statistics.median(theirs) / statistics.median(ours), 1),
            "largest_relative_difference": float(f"{shift:.1e}"),
            "log_likelihood": round(found.log_likelihood, 4),
        }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
