"""Compiled parts of size prediction: the shape of a repost tree, and boosted trees read row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

Array = NDArray[Any]


@compile_kernel(None)
def describe_tree(parents: Array) -> tuple[Array, Array]:
    """Return the depth and the size of the own subtree (itself included) of each reaction, in order of time.

    A parent that does not stand before its child counts as the post itself, so that no cycle can be.
    """
    count = len(parents)
    depths = np.ones(count, np.int64)
    sizes = np.ones(count, np.int64)
    for row in range(count):
        if 0 <= parents[row] < row:
            depths[row] = depths[parents[row]] + 1
    for back in range(count):
        row = count - 1 - back
        if 0 <= parents[row] < row:
            sizes[parents[row]] += sizes[row]
    return depths, sizes


@compile_kernel(None)
def sum_trees(rows: Array, starts: Array, splits: tuple[Array, Array, Array, Array, Array]) -> Array:
    """Return the sum of the leaves that each row falls into; ``splits``: feature, threshold, left, right, missing left.

    A node whose feature is below zero is a leaf and its threshold is its value.
    """
    features, thresholds, lefts, rights, missing = splits
    sums = np.zeros(len(rows), np.float64)
    for row in range(len(rows)):
        total = 0.0
        for tree in range(len(starts)):
            first = starts[tree]
            node = first
            while features[node] >= 0:
                value = rows[row, features[node]]
                goes_left = missing[node] != 0 if np.isnan(value) else value <= thresholds[node]
                node = first + (lefts[node] if goes_left else rights[node])
            total += thresholds[node]
        sums[row] = total
    return sums


@compile_kernel(None)
def choose_points(logs: Array, seen: Array, half: float, weight: float) -> Array:
    """Return for each row the candidate of least expected loss, among equally likely logs of 1 + reactions to come.

    Loss: share / (share + ``half``), where share is the error of the size relative to the truth, plus ``weight``
    times the square of the error of the log.
    """
    rows, count = logs.shape
    found = np.zeros(rows, np.float64)
    sizes = np.zeros(count, np.float64)
    for row in range(rows):
        for one in range(count):
            sizes[one] = seen[row] + 2.0 ** logs[row, one] - 1.0
        least = np.inf
        for one in range(count):
            loss = 0.0
            for truth in range(count):
                share = abs(sizes[one] / sizes[truth] - 1.0)
                apart = logs[row, one] - logs[row, truth]
                loss += share / (share + half) + weight * apart * apart
            if loss < least:
                least = loss
                found[row] = logs[row, one]
    return found
