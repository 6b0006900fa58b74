"""Influence on CED: log-likelihood of later cascades by method, parents stated and hidden, delays, and CPU seconds."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

from canyu.spread.influence import (
    Cascades,
    FitSettings,
    Method,
    compare_fits,
    fit_delays,
    fit_influence,
    learn_arcs,
    read_cascades,
)
from canyu.spread.influence.public_set import load_public_cascades

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
SHARES = (0.5, 0.3)  # arcs are learnt on the earliest half, probabilities on the next 30 %, judged on the last 20 %


def measure(learnt: Cascades, fitted: Cascades, held_out: Cascades, parents: str) -> dict[str, object]:
    arcs = learn_arcs(learnt)
    started = time.process_time()
    fits = [fit_influence(fitted, arcs, FitSettings(method)) for method in Method]
    seconds = time.process_time() - started
    return {
        "benchmark": "influence",
        "parents": parents,
        "arcs": len(arcs),
        "arcs_tried": int((fits[0].evidence.trials > 0).sum()),
        "fit_cascades": len(fitted),
        "fit_cpu_s": round(seconds, 2),
        "who": compare_fits(fits, held_out).to_pylist(),
        "who_and_when": compare_fits(fits, held_out, with_times=True).to_pylist(),
        "delays": (delays := fit_delays(fits[-1], held_out)).held_out.to_pylist(),  # type: ignore[union-attr]
        "median_minutes": round(float(delays.centres[0]) / 60, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    table = load_public_cascades(SHARED)
    started = time.process_time()
    cascades = read_cascades(table)
    read_s = round(time.process_time() - started, 2)
    learnt, fitted, held_out = cascades.split(*SHARES)
    measure(learnt, fitted.take(0, 20), held_out.take(0, 200), "warm-up")  # compiles
    for parents, parts in (
        ("stated", (fitted, held_out)),
        ("hidden", (fitted.hide_parents(), held_out.hide_parents())),
    ):
        print(json.dumps({**measure(learnt, *parts, parents), "rows": len(table), "read_cpu_s": read_s}))


if __name__ == "__main__":
    main()
