"""The quick part of ``benchmarks/coverage.py``: intervals hold planted truths, and one too narrow is found out."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
WORLDS = 120
FEWEST, MOST_WRONG = 105, 13
"""Of 120 worlds. A method that holds 95 % falls below 105 in 3 of 10,000 seeds, and one whose verdicts are wrong in 5 %
goes beyond 13 in 3 of 1,000. Seeds are fixed, so a run says the same each time."""


def load_parts() -> None:
    """Make the benchmark's parts importable alone: its folder holds a ``coverage.py`` that hides the package."""
    folder = ROOT / "benchmarks" / "coverage_parts"
    spec = spec_from_file_location("coverage_parts", folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["coverage_parts"] = module
    spec.loader.exec_module(module)


load_parts()

from coverage_parts import arm_trials, credit_trials, crowd_trials, lake_trials, lift_trials, page  # noqa: E402
from coverage_parts.judging import Answer, Trial, describe_score, run_trial  # noqa: E402

ALL = (*crowd_trials.TRIALS, *credit_trials.TRIALS, *arm_trials.TRIALS, *lift_trials.TRIALS)
QUICK = [trial for trial in ALL if trial.is_quick]


@pytest.mark.parametrize("trial", QUICK, ids=[trial.name for trial in QUICK])
def test_the_intervals_of_a_method_hold_what_was_planted(trial: Trial) -> None:
    score = run_trial(trial, WORLDS, seed=11)
    assert (score.worlds, score.unanswered) == (WORLDS, 0)
    assert score.covered >= FEWEST
    assert score.wrong <= MOST_WRONG


def test_an_interval_that_is_a_third_too_narrow_is_found_out() -> None:
    def shrink(chance: np.random.Generator) -> Answer:
        estimate, truth = crowd_trials.TRIALS[0].draw(chance)
        middle = estimate.value
        low, high = (middle + (end - middle) * 2 / 3 for end in (estimate.low, estimate.high))
        return Answer(replace(estimate, low=low, high=high), truth)

    score = run_trial(replace(crowd_trials.TRIALS[0], draw=shrink), WORLDS, seed=11)
    assert score.covered < FEWEST


def test_equal_seeds_give_equal_worlds() -> None:
    first, again, other = (run_trial(QUICK[0], 20, seed=seed) for seed in (1, 1, 2))
    assert (first.covered, first.wrong) == (again.covered, again.wrong)
    draws = [QUICK[0].draw(np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    assert other.worlds == 20


@pytest.mark.parametrize("trial", lake_trials.TRIALS, ids=[trial.name for trial in lake_trials.TRIALS])
def test_worlds_are_read_from_a_real_lake_too(trial: Any) -> None:
    score = trial.run(0.05, 11)
    assert score.unanswered == 0
    assert score.covered >= score.worlds - 2


def test_the_page_marks_what_lies_outside_and_says_why(tmp_path: Path) -> None:
    rows = [{**describe_score(QUICK[0], run_trial(QUICK[0], 60, seed=1)), "seed": 1, "worlds": 1000, "share": 0.91}]
    page.write_page(tmp_path / "coverage.md", rows, 1000)
    text = (tmp_path / "coverage.md").read_text("utf-8")
    assert "91.0% (" in text
    assert "**!**" in text
    assert f"- **{QUICK[0].method}, {QUICK[0].world}** (91.0%): not known." in text
