from __future__ import annotations

import numpy as np
import pytest

from canyu.listen.kernels.softmax import compute_power, fit_matrix, fit_softmax, invert


@pytest.mark.parametrize("x", [0.0, -1e-9, -0.5, -3.0, -39.0])
def test_powers_are_those_of_the_library(x: float) -> None:
    assert compute_power(x) == pytest.approx(np.exp(x), rel=1e-11)


def test_an_inverse_undoes_its_matrix() -> None:
    square = np.random.default_rng(0).normal(size=(6, 6))
    square = square @ square.T + np.eye(6)
    assert np.allclose(invert(np.ascontiguousarray(square)) @ square, np.eye(6))


def test_a_mixture_is_found_again() -> None:
    rng = np.random.default_rng(1)
    scores = np.concatenate([rng.normal(size=(20_000, 2)), np.ones((20_000, 1))], axis=1)
    truth = np.array([[1.0, -1.0, 0.0], [0.0, 1.5, -1.5], [0.5, 0.0, -0.5]])
    labels = (scores @ truth + rng.gumbel(size=(20_000, 3))).argmax(axis=1)
    found = fit_matrix(scores, labels, 3, 300)
    assert np.allclose(found - found.mean(axis=1, keepdims=True), truth, atol=0.1)


def test_grams_of_a_class_lean_to_it() -> None:
    buckets = np.array([1, 0, 2, 0, 3, 0] * 20, np.int32)
    starts = np.arange(0, 121, 2)
    labels = np.array([0, 1, 2] * 20)
    features = np.ones((4, 3))
    features[0] = 0.0
    rows, ones, domains = np.arange(60), np.ones(60), np.zeros(60, np.int64)
    found = fit_softmax(buckets, starts, rows, labels, ones, domains, features, 5, 0.3, 1e-4, np.uint64(1))
    assert found[1:].argmax(axis=1).tolist() == [0, 1, 2]
    assert found[0].tolist() == [0.0, 0.0, 0.0]
