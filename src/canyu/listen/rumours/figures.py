"""How well rumours are found: near-copies kept together, and the latest fifth by models of the earlier posts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.listen.calibration import compute_ece
from canyu.listen.evaluation import compute_interval
from canyu.listen.rumours.claims import find_claim
from canyu.listen.rumours.training import WordReader, cross_predict, list_rows, predict_held
from canyu.listen.rumours.views import Stage, View, choose_views
from canyu.listen.sentiment import compute_sigmoid

AT_PRECISION = 0.9
GROUPED, LATEST = "clusters together", "latest fifth"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the card: accuracy at even odds and recall at 90 % precision, each with its 95 % interval."""

    view: str
    split: str
    posts: int
    rumours: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    auc: float
    recall: float
    recall_low: float
    recall_high: float
    ece: float


def list_figures(reader: WordReader) -> dict[str, Any]:
    """Return everything the card shows; figures of the whole are by the view each post has."""
    scores = {view: cross_predict(reader, view) for view in View}
    train, test = reader.labelled.split_by_time()
    later = {view: predict_held(reader, view, train, test) for view in View}
    labels = reader.labelled.y
    lines = []
    for view in View:
        rows = list_rows(reader.labelled, view)
        lines.append(judge(view.name.lower(), GROUPED, scores[view][rows], labels[rows]))
    lines += [judge(view.name.lower(), LATEST, later[view], labels[test]) for view in View]
    own = choose_views(reader.labelled.features)
    lines.append(judge("own", GROUPED, pick(scores, own), labels))
    lines.append(judge("own", LATEST, pick(later, own[test]), labels[test]))
    return {"figures": [asdict(line) for line in lines], "claims": measure_claims(reader), "kept": measure_kept(reader)}


def judge(view: str, split: str, scores: NDArray[np.float64], y: NDArray[np.float64]) -> Finding:
    """Return the figures of log-odds ``scores``; the ECE is that of P(rumour) as it stands."""
    right = (scores > 0) == (y > 0.5)
    low, high = compute_interval(int(right.sum()), len(y))
    recall = compute_recall(scores, y)
    ends = compute_interval(round(recall * y.sum()), int(y.sum()))
    p = compute_sigmoid(scores)
    ece = compute_ece(np.maximum(p, 1 - p), right)
    auc = compute_auc(scores, y)
    return Finding(view, split, len(y), int(y.sum()), float(right.mean()), low, high, auc, recall, *ends, ece)


def compute_recall(scores: NDArray[np.float64], y: NDArray[np.float64], precision: float = AT_PRECISION) -> float:
    """Return the largest share of rumours listed while at least ``precision`` of the listed are rumours.

    >>> compute_recall(np.array([4.0, 3.0, 2.0, 1.0]), np.array([1.0, 1.0, 0.0, 1.0]))
    0.6666666666666666
    """
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(y[order])
    good = found / np.arange(1, len(y) + 1) >= precision
    return float(found[good].max(initial=0.0) / max(y.sum(), 1.0))


def compute_auc(scores: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the share of pairs of a rumour and another post in which the rumour scores higher (ties count half).

    >>> compute_auc(np.array([3.0, 2.0, 1.0]), np.array([1.0, 0.0, 1.0]))
    0.5
    """
    zeros = np.sort(scores[y < 0.5])
    ones = scores[y > 0.5]
    below = np.searchsorted(zeros, ones, "left") + np.searchsorted(zeros, ones, "right")
    return float(below.sum() / 2 / max(len(zeros) * len(ones), 1))


def pick(scores: dict[View, NDArray[np.float64]], views: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each row the score of its own view."""
    return np.asarray(np.stack([scores[view] for view in View])[views, np.arange(len(views))])


def measure_claims(reader: WordReader) -> dict[str, float]:
    """Return the share of rumours, and of other posts, in which a claim is found."""
    has_claim = np.array([find_claim(text) is not None for text in reader.labelled.posts.texts], np.float64)
    y = reader.labelled.y
    return {"rumours": float(has_claim[y > 0.5].mean()), "others": float(has_claim[y < 0.5].mean())}


def measure_kept(reader: WordReader) -> dict[str, float]:
    """Return what a threshold set on the earlier posts for AT_PRECISION gave on the latest fifth, at its share."""
    labelled = reader.labelled
    train, test = labelled.split_by_time()
    readable = np.intersect1d(train, list_rows(labelled, View.ALL))
    nothing = np.zeros(0)
    blank = Stage(nothing, nothing, nothing, 0.0, nothing, nothing)
    earlier = cross_predict(reader, View.ALL, readable)
    order = np.argsort(-earlier, kind="stable")
    stage = replace(blank, held=earlier[order], truths=labelled.y[readable][order])
    truths = labelled.y[test]
    threshold = stage.find_threshold(AT_PRECISION, float(truths.mean()))
    listed = predict_held(reader, View.ALL, train, test) >= (np.inf if threshold is None else threshold.log_odds)
    low, high = compute_interval(int(truths[listed].sum()), int(listed.sum()))
    got = float(truths[listed].mean())
    recall = float(truths[listed].sum() / truths.sum())
    return {
        "asked": AT_PRECISION,
        "precision": got,
        "low": low,
        "high": high,
        "recall": recall,
        "posts": int(listed.sum()),
    }
