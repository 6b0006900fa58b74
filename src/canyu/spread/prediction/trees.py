"""Boosted trees and ridge regression as plain arrays: read without the library that grew them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.spread.kernels.prediction import sum_trees

Numbers = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]
DECIMALS = 6  # beyond what any figure shows, and short of where machines differ
WIDEST = 4.0  # standard deviations a feature may lie from its mean before it is held there
NODE_PARTS = ("starts", "features", "thresholds", "lefts", "rights", "missing")
PAIRED = (  # features whose products the regression reads too
    "seen",
    "end_30",
    "since_tenth_last",
    "hour_sine",
    "hour_cosine",
    "memory_0.35",
    "awake_ahead",
    "awake_soon",
    "late_to_early",
    "pull_0.35",
)


@dataclass(frozen=True)
class Forest:
    """Trees laid end to end: ``starts`` of each, then per node its feature (-1: a leaf), threshold or value, children.

    Children are counted from the tree's start; ``missing`` says whether a missing feature goes left.
    """

    baseline: float
    starts: NDArray[np.int32]
    features: NDArray[np.int8]
    thresholds: Numbers
    lefts: NDArray[np.uint8]
    rights: NDArray[np.uint8]
    missing: NDArray[np.uint8]

    def predict(self, rows: Numbers) -> Numbers:
        """Return one number per row of features, shape (n,)."""
        splits = (self.features, self.thresholds, self.lefts, self.rights, self.missing)
        return np.asarray(sum_trees(np.ascontiguousarray(rows, np.float64), self.starts, splits) + self.baseline)

    def pack(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of a weights file that hold these trees."""
        nodes = {f"{name}_{part}": getattr(self, part) for part in NODE_PARTS}
        return nodes | {f"{name}_baseline": np.array([self.baseline])}


def unpack_forest(arrays: Arrays, name: str) -> Forest:
    """Return the trees of a weights file."""
    return Forest(float(arrays[f"{name}_baseline"][0]), *(arrays[f"{name}_{part}"] for part in NODE_PARTS))


def take_trees(boosted: Any) -> Forest:
    """Return the trees of a fitted scikit-learn ``HistGradientBoosting`` model of one output as arrays."""
    nodes = [stage[0].nodes for stage in boosted._predictors]
    sizes = [len(tree) for tree in nodes]
    every = np.concatenate(nodes)
    leaf = every["is_leaf"].astype(bool)
    return Forest(
        round(float(np.ravel(boosted._baseline_prediction)[0]), DECIMALS),
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32),
        np.where(leaf, -1, every["feature_idx"]).astype(np.int8),
        np.where(leaf, every["value"].round(DECIMALS), every["num_threshold"]),
        every["left"].astype(np.uint8),
        every["right"].astype(np.uint8),
        every["missing_go_to_left"].astype(np.uint8),
    )


@dataclass(frozen=True)
class Ridge:
    """A ridge regression on standardised features, their products with the age, and the products of some pairs."""

    means: Numbers
    spreads: Numbers
    weights: Numbers
    bias: float

    def predict(self, rows: Numbers, names: tuple[str, ...]) -> Numbers:
        """Return one number per row of features called ``names``, shape (n,)."""
        return np.asarray(expand(rows, self.means, self.spreads, names) @ self.weights + self.bias)

    def pack(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of a weights file that hold this regression."""
        return {
            f"{name}_means": self.means,
            f"{name}_spreads": self.spreads,
            f"{name}_weights": self.weights,
            f"{name}_bias": np.array([self.bias]),
        }


def unpack_ridge(arrays: Arrays, name: str) -> Ridge:
    """Return the regression of a weights file."""
    means, spreads, weights, bias = (arrays[f"{name}_{part}"] for part in ("means", "spreads", "weights", "bias"))
    return Ridge(means, spreads, weights, float(bias[0]))


def expand(rows: Numbers, means: Numbers, spreads: Numbers, names: tuple[str, ...]) -> Numbers:
    """Return standardised features (missing ones at their mean), times the age, and the products of the pairs."""
    plain = np.clip(np.nan_to_num((rows - means) / spreads), -WIDEST, WIDEST)
    chosen = plain[:, [names.index(name) for name in PAIRED]]
    first, second = np.triu_indices(len(PAIRED))
    return np.concatenate([plain, plain * plain[:, :1], chosen[:, first] * chosen[:, second]], axis=1)


def fit_ridge(
    rows: Numbers, y: Numbers, names: tuple[str, ...], penalty: float, counted: NDArray[np.int64] | None = None
) -> Ridge:
    """Fit by the normal equations; ``penalty`` is added to their diagonal, the bias is free.

    ``counted``: how often each row counts, once if not given. A feature that is missing in every row weighs nothing.
    """
    known = ~np.isnan(rows).all(axis=0)
    means, spreads = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    means[known] = np.nanmean(rows[:, known], axis=0).round(DECIMALS)
    spreads[known] = (np.nanstd(rows[:, known], axis=0) + 1e-6).round(DECIMALS)
    table = expand(rows, means, spreads, names)
    often = np.ones(len(y)) if counted is None else counted / counted.mean()
    centre, level = np.average(table, axis=0, weights=often), float(np.average(y, weights=often))
    moved = table - centre
    pulled = (moved * often[:, None]).T
    weights = np.linalg.solve(pulled @ moved + penalty * np.eye(table.shape[1]), pulled @ (y - level)).round(DECIMALS)
    return Ridge(means, spreads, np.asarray(weights, np.float64), round(level - float(centre @ weights), DECIMALS))
