"""How likely the first article is the right one: a small logistic model of what the index measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.care.assistant.article_index import Hit

FEATURES = ("covered", "shared", "lead", "is_told")
SHRINKAGE = 0.1
"""Of the weights (not of the constant), as a penalty on their squares; a hundred questions carry no more."""

_STEPS = 30


@dataclass(frozen=True, slots=True)
class Confidence:
    """A calibrated score: ``constant`` and one weight for each of ``FEATURES``.

    ``answer_from``: answers go out from this probability on; from ``ask_from`` on the assistant asks back once.
    """

    constant: float
    weights: tuple[float, ...]
    answer_from: float
    ask_from: float

    def estimate(self, hit: Hit) -> float:
        """Return the probability, from 0 to 1, that this is the article that a person would have chosen.

        0 where nothing but chance speaks for it.
        """
        if not hit.has_evidence:
            return 0.0
        score = self.constant + sum(
            weight * value for weight, value in zip(self.weights, list_features(hit), strict=True)
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


DEFAULT_CONFIDENCE = Confidence(constant=-2.784, weights=(3.04, 3.06, 2.305, -3.153), answer_from=0.7, ask_from=0.3)
"""Fitted to the development half of own questions about the sixty example articles, 2026-12; a test fits it again."""


def list_features(hit: Hit) -> tuple[float, ...]:
    """Return what the model looks at, each of the order of 1; a lead counts as far as the question is covered."""
    return (
        hit.covered,
        math.log1p(hit.shared) / 3,
        hit.lead * hit.covered,
        float(hit.is_told),
    )


def fit_confidence(hits: Sequence[Hit], are_right: Sequence[bool], answer_from: float, ask_from: float) -> Confidence:
    """Return the model that fits judged first hits best: penalised maximum likelihood, by Newton's method.

    ``hits``: the first hit of each question; ``are_right``: whether it is the article that answers it. Deterministic.
    """
    given = np.array([[1.0, *list_features(hit)] for hit in hits], dtype=np.float64)
    right = np.array(are_right, dtype=np.float64)
    penalty = np.diag([0.0] + [SHRINKAGE] * len(FEATURES))
    found: NDArray[np.float64] = np.zeros(given.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(given @ found)))
        slope = given.T @ (chance - right) + penalty @ found
        found = found - np.linalg.solve((given.T * (chance * (1 - chance))) @ given + penalty, slope)
    constant, *weights = (round(float(each), 3) for each in found)
    return Confidence(constant, tuple(weights), answer_from, ask_from)
