"""Size of a cascade at 24 h, CED split by time: ours against persistence, ridge and boosted trees in the same run."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.spread.prediction import Predictor, load_predictor
from canyu.spread.prediction.features import NAMES
from canyu.spread.prediction.figures import DRAWS, SHOWN_AGES_H, Errors, describe_coverage, judge_sizes, list_courses
from canyu.spread.prediction.horizon import DAY, FINAL, HORIZONS, LEAST_SEEN
from canyu.spread.prediction.public_set import load_cascades
from canyu.spread.prediction.snapshots import Snapshots, take_snapshots

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
BARS = {0.5: (0.85, 0.20), 1.0: (0.95, 0.19), 2.0: (1.10, 0.16)}
TIME_NAMES = (
    *("seen", "last_0.1", "last_0.2", "last_0.5", "first_5", "first_15", "first_30", "late_to_early", "first_gap"),
    *("tenth", "since_last", "since_tenth_last", "middle", "mean", "deviation", "hour_sine", "hour_cosine"),
)
Numbers = NDArray[np.float64]


def predict_peers(early: Snapshots, part: Snapshots) -> dict[str, Numbers]:
    """Return sizes at 24 h by persistence, and by ridge and boosted trees fitted on 17 features of time at this age."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    columns = [NAMES.index(name) for name in TIME_NAMES]
    x, y = np.nan_to_num(early.features[:, columns]), early.get_target(DAY)
    models = {
        "ridge": make_pipeline(StandardScaler(), RidgeCV(np.logspace(-1, 3, 9))),
        "boosting": HistGradientBoostingRegressor(random_state=7),
    }
    sizes = {"persistence": part.seen}
    for name, model in models.items():
        growth = model.fit(x, y).predict(np.nan_to_num(part.features[:, columns]))
        sizes[name] = part.seen + np.exp2(np.maximum(growth, 0.0)) - 1
    return sizes


def compare(ours: Numbers, peer: Numbers, part: Snapshots) -> list[float]:
    """Return the difference of both MSLE (ours minus the peer's) with its 95 % interval, cascades drawn anew."""
    truth = part.get_target(DAY)
    mine, other = ((np.log2(1 + np.maximum(sizes - part.seen, 0)) - truth) ** 2 for sizes in (ours, peer))
    draws = np.random.default_rng(7).integers(0, len(truth), (DRAWS, len(truth)))
    low, high = np.quantile((mine - other)[draws].mean(axis=1), [0.025, 0.975])
    return [round(float(value), 4) for value in ((mine - other).mean(), low, high)]


def show(errors: Errors) -> dict[str, Any]:
    return {name: round(value, 4) for name, value in asdict(errors).items() if name != "cascades"}


def measure_coverage(both: Numbers, part: Snapshots) -> dict[str, list[float]]:
    """Return per horizon the share of cascades whose size lies in the 80 % interval, with its own 95 % interval."""
    found = {}
    for name, read in zip(HORIZONS, both, strict=True):
        truth = part.sizes[name]
        told = describe_coverage((read[:, 1] <= truth) & (truth <= read[:, 2]))
        found[f"coverage_{name}"] = [round(value, 4) for value in told.values()]
    return found


def measure_age(model: Predictor, early: Snapshots, part: Snapshots, age: float) -> dict[str, Any]:
    both = model.read_sizes(part.features, part.seen)
    ours, final = both[:, :, 0]
    peers = predict_peers(early, part)
    judged = {name: judge_sizes(sizes, part.sizes[DAY], part.seen) for name, sizes in {"ours": ours, **peers}.items()}
    best = min(("ridge", "boosting"), key=lambda name: judged[name].msle)
    line = {
        "benchmark": "predict_size",
        "age_h": age,
        "model": model.version,
        "cascades": judged["ours"].cascades,
        **{name: show(errors) for name, errors in judged.items()},
        "best_peer": best,
        "msle_minus_best_peer": compare(ours, peers[best], part),
        "final": show(judge_sizes(final, part.sizes[FINAL], part.seen)),
        **measure_coverage(both, part),
        "course": {f"{one['hour']:g} h": round(one["coverage"], 4) for one in list_courses(model, part, both)},
    }
    if age in BARS:
        line["over_bar"] = [
            round(value - bar, 4)
            for value, bar in zip((judged["ours"].msle, judged["ours"].median_ape), BARS[age], strict=True)
        ]
    return line


def main() -> None:
    if not SHARED.is_dir():
        sys.exit(f"no public data sets at {SHARED}")
    model, cascades = load_predictor(), load_cascades(SHARED)
    fitted, calibrated, latest = cascades.split()
    begun = time.process_time()
    snapshots = take_snapshots(cascades, model.hours, SHOWN_AGES_H)
    read_us = 1e6 * (time.process_time() - begun) / len(snapshots.seen)
    for age in SHOWN_AGES_H:
        part = snapshots.take((snapshots.ages == age) & (snapshots.seen >= LEAST_SEEN))
        early = part.take(np.isin(part.cascades, np.concatenate([fitted, calibrated])))
        line = measure_age(model, early, part.take(np.isin(part.cascades, latest)), age)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({**line, "features_cpu_us": round(read_us), "peak_mb": peak}))


if __name__ == "__main__":
    main()
