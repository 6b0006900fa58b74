"""Whether intervals hold the truth: each method of measure over small worlds whose truth is planted.

    python benchmarks/coverage.py                      # 1,000 worlds each, and docs/measure/coverage.md
    python benchmarks/coverage.py --worlds 60 --only lift --out -

One JSON line per method: worlds, covered, its share with Wilson's interval, and how many claims at the very edge of the
truth were given a wrong verdict. Equal seeds give equal worlds.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one core: small matrices are slower on two
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from canyu.kit.jsonio import dump_json
from coverage_parts import arm_trials, buyer_trials, credit_trials, crowd_trials, lift_trials
from coverage_parts.judging import Score, Trial, run_trial

TRIALS = (
    *crowd_trials.TRIALS,
    *credit_trials.TRIALS,
    *arm_trials.TRIALS,
    *buyer_trials.TRIALS,
    *lift_trials.TRIALS,
)


def describe(trial: Trial, score: Score) -> dict[str, object]:
    low, high = score.bound_coverage()
    return {
        "room": trial.room,
        "method": trial.method,
        "world": trial.world,
        "worlds": score.worlds,
        "unanswered": score.unanswered,
        "covered": score.covered,
        "share": round(score.coverage, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "truth_below": score.below,
        "wrong_verdicts": score.wrong,
        "idle": score.idle,
        "alarms": score.alarms,
        "cpu_s": round(score.seconds, 1),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worlds", type=int, default=1000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--only", default="", help="a part of the name")
    options.add_argument("--out", default="docs/measure/coverage.md", help="where the table goes; - for nowhere")
    given = options.parse_args()
    for trial in TRIALS:
        if given.only in trial.name:
            print(dump_json(describe(trial, run_trial(trial, given.worlds, given.seed))), flush=True)


if __name__ == "__main__":
    main()
