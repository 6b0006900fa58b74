"""How scores are read in each kind of place: lines to log-odds, and what helps rare sentiments to be named.

All is fitted to scores out of fold: of texts that neither chose a gram nor taught a weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.listen.calibration import compute_ece, fit_calibration
from canyu.listen.corpora import NEGATIVE, NEUTRAL, POSITIVE, SOURCE_KINDS, UNKNOWN, Corpus
from canyu.listen.evaluation import compute_macro_f1
from canyu.listen.kernels.platt import read_line
from canyu.listen.kinds import ANY, KINDS
from canyu.listen.sentiment import HEADS, NEUTRALITY, POLARITY, SENTIMENTS

SHARPEST = np.arange(80, 131) / 100  # what a kind's lines are multiplied by: one of these


@dataclass(frozen=True, slots=True)
class HeadTask:
    """One yes-or-no question over the rows of a corpus: ``y`` is NaN where a row says nothing about it."""

    y: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Read:
    """Scores out of fold of a corpus' texts, shape (texts, 2 or more), and the public ones to learn from, ``rows``."""

    corpus: Corpus
    tasks: tuple[HeadTask, HeadTask]
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]

    @property
    def kinds(self) -> NDArray[np.int64]:
        """The number of each source's kind of place."""
        return np.array([KINDS.index(SOURCE_KINDS.get(name, KINDS[ANY])) for name in self.corpus.names])

    def list_sources(self, kind: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Give the rows and labels of each source of a kind, those labelled by sentiment."""
        labels = self.corpus.labels
        for source in np.flatnonzero(self.kinds == kind):
            rows = self.rows[(self.corpus.sources[self.rows] == source) & (labels[self.rows] != UNKNOWN)]
            if rows.size:
                yield rows, labels[rows].astype(np.int64)

    def predict(self, rows: NDArray[np.int64], line: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return P(negative), P(neutral) and P(positive) of rows by the lines of a kind, shape (rows, 3)."""
        polarity, neutrality = (
            read_line(np.ascontiguousarray(self.scores[rows, lane]), *line[lane]) for lane in range(HEADS)
        )
        opinion = 1.0 - neutrality
        return np.stack([opinion * (1.0 - polarity), neutrality, opinion * polarity], axis=1)


def fit_lines(read: Read) -> NDArray[np.float64]:
    """Return slope and offset per kind of place and question, shape (kinds, 2, 2).

    The line for any place counts each kind alike; a kind without texts takes that line. The lines of a kind are then
    sharpened or flattened together: two questions that are right one by one were too modest as one answer of three.
    """
    kinds = read.kinds[read.corpus.sources]
    lines = np.zeros((len(KINDS), HEADS, 2))
    for lane, task in ((POLARITY, read.tasks[POLARITY]), (NEUTRALITY, read.tasks[NEUTRALITY])):
        rows = read.rows[~np.isnan(task.y[read.rows])]
        totals = np.bincount(kinds[rows], task.weights[rows], len(KINDS))
        weights = task.weights[rows] / totals[kinds[rows]] * rows.size / max(int((totals > 0).sum()), 1)
        line = fit_calibration(np.ascontiguousarray(read.scores[rows, lane]), task.y[rows], weights)
        lines[:, lane] = line.slope, line.offset
        for kind in range(1, len(KINDS)):
            mine = rows[kinds[rows] == kind]
            if np.unique(task.y[mine]).size == 2:
                line = fit_calibration(np.ascontiguousarray(read.scores[mine, lane]), task.y[mine], task.weights[mine])
                lines[kind, lane] = line.slope, line.offset
    for kind in range(1, len(KINDS)):
        if any(NEUTRAL in labels for _, labels in read.list_sources(kind)):
            errors = [_find_worst_error(read, kind, lines[kind] * by) for by in SHARPEST]
            lines[kind] *= SHARPEST[int(np.argmin(errors))]
    return lines


def _find_worst_error(read: Read, kind: int, line: NDArray[np.float64]) -> float:
    """Return the largest calibration error over the sources of a kind, of polarity and of three sentiments."""
    errors = [0.0]
    for rows, labels in read.list_sources(kind):
        chances = read.predict(rows, line)
        if NEUTRAL in labels:
            errors.append(compute_ece(chances.max(axis=1), chances.argmax(axis=1) == labels))
        leaning = chances[labels != NEUTRAL]
        positive = leaning[:, POSITIVE] / np.maximum(leaning[:, POSITIVE] + leaning[:, NEGATIVE], 1e-12)
        is_right = (positive > 0.5) == (labels[labels != NEUTRAL] != NEGATIVE)
        errors.append(compute_ece(np.maximum(positive, 1.0 - positive), is_right))
    return max(errors)


def compute_divisors(read: Read, lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root of each sentiment's share per kind of place, shape (kinds, 3), by the sources that know neutral.

    Ones where these do not help macro-F1, or where no source knows neutral: there the likeliest is named.
    """
    found = np.ones((len(KINDS), len(SENTIMENTS)))
    for kind in range(1, len(KINDS)):
        knowing = [(rows, labels) for rows, labels in read.list_sources(kind) if NEUTRAL in labels]
        if not knowing:
            continue
        truth = np.concatenate([labels for _, labels in knowing])
        chances = read.predict(np.concatenate([rows for rows, _ in knowing]), lines[kind])
        roots = np.sqrt((np.bincount(truth, minlength=len(SENTIMENTS)) + 1) / (truth.size + len(SENTIMENTS)))
        plain, helped = (compute_macro_f1(truth, (chances / by).argmax(axis=1)) for by in (1.0, roots))
        if helped > plain:
            found[kind] = roots
    return found
