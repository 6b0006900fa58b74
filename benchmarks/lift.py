"""Before/after lift and geo lift: CPU seconds and verdicts on the published sets, beside tfcausalimpact if installed.

The verdict is whether the 95 % interval leaves out nothing; R's is the one printed in tfcausalimpact's own notebooks.
The peer runs in the same process, in turn with ours. ``--data`` is the folder of the published inputs.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from canyu.measure.lift import (
    LiftDesign,
    LiftKind,
    MarketQuestion,
    Panel,
    PanelColumns,
    choose_markets,
    compute_lift,
    read_panel_file,
)
from canyu.measure.lift.study import METHODS

ROUNDS = 5
SETS: dict[str, tuple[str, tuple[str, ...], int, bool]] = {
    "ci_comparison_data": ("CHANGED", ("NOT_CHANGED_1", "NOT_CHANGED_2", "NOT_CHANGED_3"), 90, False),
    "ci_arma_data": ("y", ("X",), 70, True),
    "ci_google_data": ("y", ("x1", "x2"), 61, True),
}
Array = npt.NDArray[np.float64]


def read(folder: Path, name: str) -> Array:
    treated, controls, _, _ = SETS[name]
    with (folder / f"{name}.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return np.array([[float(row[column]) for row in rows] for column in (treated, *controls)])


def clock(work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    """Return the least CPU seconds of some rounds, and the last result."""
    times, found = [], None
    for _ in range(rounds):
        begun = time.process_time()
        found = work()
        times.append(time.process_time() - begun)
    return min(times), found


def run_ours(values: Array, before: int) -> tuple[float, bool]:
    names = tuple(f"s{row}" for row in range(len(values)))
    panel = Panel(names, tuple(map(float, range(values.shape[1]))), values)
    design = LiftDesign(
        LiftKind.BEFORE_AFTER, {"s0": float(before)}, donors=names[1:], untouched="as published", cycle=1
    )
    seconds, found = clock(lambda: METHODS[design.kind](panel, design).effect)
    return seconds, not found.low <= 0 <= found.high


def run_peer(values: Array, before: int) -> tuple[float, bool] | None:
    """Return the seconds and the verdict of tfcausalimpact; None where it is not installed."""
    try:
        import pandas as pd
        from causalimpact import CausalImpact
    except ImportError:
        return None
    frame = pd.DataFrame(values.T, columns=[f"s{row}" for row in range(len(values))])
    spans = [0, before - 1], [before, values.shape[1] - 1]
    seconds, found = clock(lambda: CausalImpact(frame, *spans), rounds=1)
    ends = found.summary_data.loc[["abs_effect_lower", "abs_effect_upper"], "average"]
    return seconds, not ends.min() <= 0 <= ends.max()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/scenarios/measure-data"))
    folder = parser.parse_args().data
    told: dict[str, Any] = {"benchmark": "lift", "sets": {}}
    for name, (_, _, before, verdict) in SETS.items():
        values = read(folder, name)
        ours, peer = run_ours(values, before), run_peer(values, before)
        row: dict[str, Any] = {"cpu_s": round(ours[0], 4), "is_verdict_of_r": ours[1] is verdict}
        if peer is not None:
            row |= {"peer_cpu_s": round(peer[0], 2), "ratio": round(peer[0] / ours[0], 1)}
            row["is_peer_verdict_of_r"] = peer[1] is verdict
        told["sets"][name] = row
    panel = read_panel_file(folder / "geolift_test.csv", PanelColumns("location", "date", "Y"))
    start = panel.times[90]
    design = LiftDesign(LiftKind.GEO_LIFT, {"chicago": start, "portland": start}, untouched="as published")
    seconds, found = clock(lambda: compute_lift(panel, design))
    told["geo_lift"] = {"cpu_s": round(seconds, 4), "effect": round(found.effect.value, 3)}
    past = Panel(panel.units, panel.times[:90], panel.values[:, :90])
    seconds, choices = clock(lambda: choose_markets(past, MarketQuestion(15, (2, 3, 4, 5))), rounds=2)
    told["market_choice"] = {"cpu_s": round(seconds, 3), "sets": len(choices)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
