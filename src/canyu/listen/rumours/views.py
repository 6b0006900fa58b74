"""The second stage: one small logistic regression for each combination of what is known about a post."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from canyu.listen.evaluation import compute_interval
from canyu.listen.rumours.features import PROFILE_NAMES, REACTION_NAMES, TEXT_NAMES, Features
from canyu.listen.sentiment import compute_sigmoid

FAR = 4.0  # spreads from the mean at which a number is cut: one odd account must not decide alone
RIDGE = 3.0
NEWTON_STEPS = 60
LEAST_LISTED = 20  # held-out posts above a threshold: fewer say nothing about precision


class View(IntEnum):
    """What is known about a post beside its text."""

    TEXT = 0
    PROFILE = 1
    REACTIONS = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class Precision:
    """What a threshold gave on posts held out: shares with their 95 % Wilson intervals, ``posts`` above it."""

    log_odds: float
    precision: float
    low: float
    high: float
    recall: float
    posts: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One view: calibrated log-odds = ``bias`` + sum of weights times standardised numbers, and its held-out posts.

    ``means``, ``spreads``, ``weights``: float64, shape (columns,). ``held``: calibrated log-odds of posts that were
    not trained on, float64, shape (m,), descending; ``truths``: 1 where a rumour, in the same order.
    """

    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: float
    held: NDArray[np.float64]
    truths: NDArray[np.float64]

    def weigh(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each number adds to the log-odds, shape (n, columns); a missing one adds nothing."""
        return standardise(table, self.means, self.spreads) * self.weights

    def predict(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the calibrated log-odds per row."""
        return np.asarray(self.weigh(table).sum(axis=1) + self.bias)

    @property
    def share(self) -> float:
        """The share of rumours among the held-out posts."""
        return float(self.truths.mean())

    def find_threshold(self, precision: float, share: float) -> Precision | None:
        """Return the lowest threshold whose precision, at this share of rumours, is at least ``precision``.

        With t of all rumours and f of all others above a threshold, precision at share s is st / (st + (1 - s)f).
        None where no threshold with at least LEAST_LISTED held-out posts above it is that precise.
        """
        right = np.cumsum(self.truths)
        listed = np.arange(1, len(right) + 1)
        is_last = np.append(self.held[1:] < self.held[:-1], True)  # equal scores are listed together
        reached = compute_precisions(self, share)
        good = np.flatnonzero(is_last & (reached >= precision) & (listed >= LEAST_LISTED))
        if not good.size:
            return None
        at = int(good[-1])
        low, high = compute_interval(int(right[at]), int(listed[at]))
        ends = [_move_share(end, self.share, share) for end in (low, high)]
        recall = float(right[at] / right[-1])
        return Precision(float(self.held[at]), float(reached[at]), ends[0], ends[1], recall, int(listed[at]))


def compute_precisions(stage: Stage, share: float) -> NDArray[np.float64]:
    """Return the precision of listing the first 1, 2, 3 … held-out posts, at this share of rumours.

    Half a wrong post is added: none seen among a few hundred does not mean none among millions.
    """
    right = np.cumsum(stage.truths)
    wrong = np.arange(1, len(right) + 1) - right
    hits = share * right / max(stage.truths.sum(), 1.0)
    misses = (1.0 - share) * (wrong + 0.5) / ((1.0 - stage.truths).sum() + 1.0)
    return np.asarray(hits / (hits + misses))


def list_names(view: View) -> tuple[str, ...]:
    """Return the columns that this view reads, in order."""
    names: tuple[str, ...] = ("words_of_post", *TEXT_NAMES)
    if view in (View.PROFILE, View.ALL):
        names += PROFILE_NAMES
    if view in (View.REACTIONS, View.ALL):
        names += ("words_of_reactions", *REACTION_NAMES)
    return names


def build_table(features: Features, words: NDArray[np.float64], view: View) -> NDArray[np.float64]:
    """Return the numbers of ``list_names(view)``; ``words``: scores of both texts, shape (n, 2)."""
    blocks = [words[:, :1], features.text]
    if view in (View.PROFILE, View.ALL):
        blocks.append(features.profile)
    if view in (View.REACTIONS, View.ALL):
        silent = np.diff(features.reactions.offsets) == 0
        blocks += [np.where(silent, np.nan, words[:, 1])[:, None], features.spread]
    return np.concatenate(blocks, axis=1)


def choose_views(features: Features) -> NDArray[np.int64]:
    """Return the view of each post: by whether its author and any early reaction are known."""
    return np.asarray(features.has_profile * int(View.PROFILE) + features.has_reactions * int(View.REACTIONS))


def standardise(
    table: NDArray[np.float64], means: NDArray[np.float64], spreads: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the numbers in spreads from their mean, cut at FAR; a missing one is the mean."""
    return np.nan_to_num(np.clip((table - means) / spreads, -FAR, FAR), nan=0.0)


def fit_stage(table: NDArray[np.float64], y: NDArray[np.float64]) -> Stage:
    """Fit a ridge logistic regression by Newton's method; nothing is held out yet.

    >>> stage = fit_stage(np.array([[0.0], [0.1], [1.0], [1.1], [np.nan], [np.nan]]), np.array([0.0, 0, 1, 1, 0, 1]))
    >>> stage.predict(np.array([[0.0], [1.0], [np.nan]])).round(1).tolist()
    [-0.5, 0.4, 0.0]
    """
    seen = ~np.isnan(table)
    counts = np.maximum(seen.sum(axis=0), 1)
    filled = np.where(seen, table, 0.0)
    means = filled.sum(axis=0) / counts
    spreads = np.sqrt((np.where(seen, filled - means, 0.0) ** 2).sum(axis=0) / counts)
    spreads[spreads < 1e-9] = 1.0
    inputs = np.concatenate([standardise(table, means, spreads), np.ones((len(table), 1))], axis=1)
    ridge = np.full(inputs.shape[1], RIDGE)
    ridge[-1] = 1e-6  # the bias is free
    weights = np.zeros(inputs.shape[1])
    for _ in range(NEWTON_STEPS):
        p = compute_sigmoid(inputs @ weights)
        slope = inputs.T @ (p - y) + ridge * weights
        curve = (inputs * (p * (1.0 - p))[:, None]).T @ inputs + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-10:
            break
    nothing = np.zeros(0)
    return Stage(means, spreads, weights[:-1], float(weights[-1]), nothing, nothing)


def _move_share(precision: float, old: float, new: float) -> float:
    """Return a precision seen at one share of rumours as it would be at another."""
    right = precision * new / old
    wrong = (1.0 - precision) * (1.0 - new) / (1.0 - old)
    return right / (right + wrong)
