"""Whether intervals hold the truth: each method of measure over small worlds whose truth is planted.

    python benchmarks/coverage.py                      # 1,000 worlds each, and docs/measure/coverage.md
    python benchmarks/coverage.py --worlds 60 --only lift --out -

One JSON line per method: worlds, covered, its share with Wilson's interval, and how many claims at the very edge of the
truth were given a wrong verdict. Equal seeds give equal worlds, so a run that was cut short goes on: with ``--kept``
lines are written to a file too, and those that stand there are not run again.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one core: small matrices are slower on two
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if __name__ != "__main__":
    raise ImportError("a benchmark, not the package of this name: numba looks for that, and does without")

from canyu.kit.jsonio import dump_json, parse_json
from coverage_parts import arm_trials, buyer_trials, credit_trials, crowd_trials, lake_trials, lift_trials
from coverage_parts.judging import describe_score, run_trial
from coverage_parts.page import write_page

TRIALS = (
    *crowd_trials.TRIALS,
    *credit_trials.TRIALS,
    *arm_trials.TRIALS,
    *buyer_trials.TRIALS,
    *lift_trials.TRIALS,
)
WHOLE = 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worlds", type=int, default=WHOLE)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--only", default="", help="a part of the name; the page is then not written")
    options.add_argument("--kept", type=Path, help="where the lines of a run that was cut short stand")
    options.add_argument("--out", default="docs/measure/coverage.md", help="where the page goes; - for nowhere")
    given = options.parse_args()
    rows = {}
    if given.kept and given.kept.exists():
        rows = {row["name"]: row for row in map(parse_json, given.kept.read_text("utf-8").splitlines())}
    for trial in (*TRIALS, *lake_trials.TRIALS):
        if given.only not in trial.name:
            continue
        if trial.name not in rows:
            is_lake = isinstance(trial, lake_trials.LakeTrial)
            score = (
                trial.run(given.worlds / WHOLE, given.seed) if is_lake else run_trial(trial, given.worlds, given.seed)
            )
            rows[trial.name] = {**describe_score(trial, score), "seed": given.seed}
            if given.kept:
                with given.kept.open("a", encoding="utf-8") as lines:
                    lines.write(dump_json(rows[trial.name]) + "\n")
        print(dump_json(rows[trial.name]), flush=True)
    if given.out != "-" and not given.only:
        ordered = [rows[trial.name] for trial in (*TRIALS, *lake_trials.TRIALS) if trial.name in rows]
        write_page(Path(given.out), ordered, given.worlds)


if __name__ == "__main__":
    main()
