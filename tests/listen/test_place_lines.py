from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from canyu.listen.calibration import compute_ece
from canyu.listen.corpora import NEGATIVE, NEUTRAL, POSITIVE, TRAIN, UNKNOWN, Corpus
from canyu.listen.evaluation import compute_macro_f1
from canyu.listen.kinds import KINDS
from canyu.listen.place_lines import SHARPEST, Read, compute_divisors, fit_lines
from canyu.listen.text import pack_texts
from canyu.listen.training import build_tasks

CARS, REVIEW, SOCIAL = (KINDS.index(name) for name in ("cars", "review", "social"))


def make_read(source: str, shares: tuple[float, float, float], noise: float = 1.0, texts: int = 3000) -> Read:
    """Scores that tell the label, with noise; one source of one kind of place."""
    rng = np.random.default_rng(3)
    labels = rng.choice([NEGATIVE, NEUTRAL, POSITIVE], texts, p=shares).astype(np.int8)
    column = pa.array(["字"] * texts, pa.large_string())
    none = np.zeros(texts, np.int8)
    parts, emotions = np.full(texts, TRAIN, np.int8), np.full(texts, UNKNOWN, np.int8)
    corpus = Corpus((source,), column, pack_texts(column), labels, none, parts, emotions, none)
    means = np.array([[-1.0, -0.5], [0.0, 0.5], [1.0, -0.5]])[labels]
    scores = means + rng.normal(scale=noise, size=(texts, 2))
    return Read(corpus, build_tasks(corpus), np.arange(texts), scores)


def get_chances(read: Read, kind: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return read.predict(read.rows, fit_lines(read)[kind]), read.corpus.labels.astype(np.int64)


def test_where_most_is_neutral_opinions_are_helped() -> None:
    read = make_read("bdci_auto_absa", (0.15, 0.7, 0.15))
    lines = fit_lines(read)
    divisors = compute_divisors(read, lines)
    truth = read.corpus.labels.astype(np.int64)
    chances = read.predict(read.rows, lines[CARS])
    assert divisors[CARS] == pytest.approx(np.sqrt(np.bincount(truth) / truth.size), abs=1e-3)
    plain = compute_macro_f1(truth, chances.argmax(axis=1))
    assert compute_macro_f1(truth, (chances / divisors[CARS]).argmax(axis=1)) > plain + 0.05
    assert np.array_equal(np.delete(divisors, CARS, axis=0), np.ones((len(KINDS) - 1, 3)))


def test_where_it_wins_nothing_or_nobody_knows_neutral_the_likeliest_is_named() -> None:
    clear = make_read("smp2020_ewect", (0.3, 0.4, 0.3), noise=0.01)
    assert np.array_equal(compute_divisors(clear, fit_lines(clear)), np.ones((len(KINDS), 3)))
    stars = make_read("chnsenticorp_hotel", (0.5, 0.0, 0.5))
    assert np.array_equal(compute_divisors(stars, fit_lines(stars)), np.ones((len(KINDS), 3)))


def test_the_probabilities_of_three_sentiments_mean_what_they_say() -> None:
    chances, truth = get_chances(make_read("smp2020_ewect", (0.4, 0.2, 0.4)), SOCIAL)
    assert compute_ece(chances.max(axis=1), chances.argmax(axis=1) == truth) < 0.02
    assert np.allclose(chances.sum(axis=1), 1.0)


def test_lines_are_sharpened_only_where_a_source_knows_neutral() -> None:
    stars = make_read("chnsenticorp_hotel", (0.5, 0.0, 0.5))
    lines = fit_lines(stars)
    assert np.array_equal(lines[REVIEW], lines[SOCIAL])  # the only source is any place's, too
    mixed = make_read("smp2020_ewect", (0.4, 0.2, 0.4))
    lines = fit_lines(mixed)
    ratio = lines[SOCIAL] / lines[REVIEW]
    assert np.ptp(ratio) < 1e-9
    assert np.abs(SHARPEST - ratio[0, 0]).min() < 1e-9
