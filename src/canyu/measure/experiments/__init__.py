"""Experiments: who gets what, whether the split is sound, and what it changed, for oneself and for those told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.experiments.analysis import analyse
    from canyu.measure.experiments.assignment import Assignment, assign
    from canyu.measure.experiments.clusters import Clusters, compare_clusters
    from canyu.measure.experiments.comparing import Asking, compare, correct_holm
    from canyu.measure.experiments.experiment import Arm, Experiment, Kind, Outcome, Unit
    from canyu.measure.experiments.experiment_file import get_experiment, open_experiments
    from canyu.measure.experiments.planning import (
        Split,
        Trial,
        check_split,
        compute_design_effect,
        compute_power,
        estimate_icc,
        find_minimum_effect,
        find_units,
    )
    from canyu.measure.experiments.readout import Effect, Readout, Target
    from canyu.measure.experiments.sums import Sums

__all__ = [
    "Arm",
    "Asking",
    "Assignment",
    "Clusters",
    "Effect",
    "Experiment",
    "Kind",
    "Outcome",
    "Readout",
    "Split",
    "Sums",
    "Target",
    "Trial",
    "Unit",
    "analyse",
    "assign",
    "check_split",
    "compare",
    "compare_clusters",
    "compute_design_effect",
    "compute_power",
    "correct_holm",
    "estimate_icc",
    "find_minimum_effect",
    "find_units",
    "get_experiment",
    "open_experiments",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.experiments.analysis": "analyse",
        "canyu.measure.experiments.assignment": "Assignment assign",
        "canyu.measure.experiments.clusters": "Clusters compare_clusters",
        "canyu.measure.experiments.comparing": "Asking compare correct_holm",
        "canyu.measure.experiments.experiment": "Arm Experiment Kind Outcome Unit",
        "canyu.measure.experiments.experiment_file": "get_experiment open_experiments",
        "canyu.measure.experiments.planning": (
            "Split Trial check_split compute_design_effect compute_power estimate_icc find_minimum_effect find_units"
        ),
        "canyu.measure.experiments.readout": "Effect Readout Target",
        "canyu.measure.experiments.sums": "Sums",
    },
)
