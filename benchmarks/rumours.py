"""Rumours: accuracy and recall at 90 % precision on CED, near-copies together and by time, against TF-IDF; Weibo21."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.listen.kernels.copies import find_copies
from canyu.listen.rumours.cues import unpack_texts
from canyu.listen.rumours.features import Features, mask_texts
from canyu.listen.rumours.figures import GROUPED, LATEST, judge, pick
from canyu.listen.rumours.public_set import deal_folds, load_labelled
from canyu.listen.rumours.training import RumourSettings, WordReader, cross_predict, fit_words, hash_texts, predict_held
from canyu.listen.rumours.views import View, choose_views, standardise
from canyu.listen.text import pack_texts

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
KEPT = ("posts", "rumours", "accuracy", "accuracy_low", "accuracy_high", "auc", "recall", "recall_low", "recall_high")
Rows = NDArray[np.int64]


class TfidfPeer:
    """Character TF-IDF (1-3) of post and reactions, standardised numbers beside, logistic regression."""

    def __init__(self, features: Features, y: NDArray[np.float64], *, text_only: bool) -> None:
        self.texts = (
            [unpack_texts(features.source)]
            if text_only
            else [unpack_texts(features.source), unpack_texts(features.reactions)]
        )
        self.numbers = None if text_only else np.concatenate([features.profile, features.spread], axis=1)
        self.y = y

    def predict(self, train: Rows, test: Rows) -> NDArray[np.float64]:
        """Return the log-odds of ``test`` after fitting on ``train``."""
        from scipy.sparse import csr_matrix, hstack
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        blocks = []
        for texts in self.texts:
            vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
            fitted = vectorizer.fit_transform([texts[row] for row in train])
            blocks.append((fitted, vectorizer.transform([texts[row] for row in test])))
        if self.numbers is not None:
            means, spreads = np.nanmean(self.numbers[train], axis=0), np.nanstd(self.numbers[train], axis=0) + 1e-9
            scaled = standardise(self.numbers, means, spreads) * 0.3  # as long as a text's vector of length one
            blocks.append((csr_matrix(scaled[train]), csr_matrix(scaled[test])))
        model = LogisticRegression(C=10.0, max_iter=300, solver="liblinear", random_state=0)
        model.fit(hstack([block[0] for block in blocks]).tocsr(), self.y[train])
        return model.decision_function(hstack([block[1] for block in blocks]).tocsr())

    def cross_predict(self, folds: Rows) -> NDArray[np.float64]:
        """Return the log-odds of every row after fitting on the other folds."""
        scores = np.empty(len(folds))
        for fold in np.unique(folds):
            scores[folds == fold] = self.predict(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold))
        return scores


def show(view: str, split: str, scores: NDArray[np.float64], y: NDArray[np.float64]) -> dict[str, float]:
    found = asdict(judge(view, split, scores, y))
    return {name: round(found[name], 4) for name in KEPT}


def measure_ced() -> dict[str, dict[str, float]]:
    """Return figures of ours and the peer's on both splits; ours by the view each post has."""
    labelled = load_labelled(SHARED)
    y, folds = labelled.y, labelled.folds
    reader = WordReader(labelled, RumourSettings())
    train, test = labelled.split_by_time()
    own = choose_views(labelled.features)
    grouped = {view: cross_predict(reader, view) for view in View}
    later = {view: predict_held(reader, view, train, test) for view in View}
    peer, short = (TfidfPeer(labelled.features, y, text_only=only) for only in (False, True))
    return {
        "grouped": show("own", GROUPED, pick(grouped, own), y),
        "grouped_peer": show("all", GROUPED, peer.cross_predict(folds), y),
        "by_time": show("own", LATEST, pick(later, own[test]), y[test]),
        "by_time_peer": show("all", LATEST, peer.predict(train, test), y[test]),
        "text_only_grouped": show("text", GROUPED, grouped[View.TEXT], y),
        "text_only_grouped_peer": show("text", GROUPED, short.cross_predict(folds), y),
        "text_only_by_time": show("text", LATEST, later[View.TEXT], y[test]),
        "text_only_by_time_peer": show("text", LATEST, short.predict(train, test), y[test]),
    }


def measure_weibo21() -> dict[str, object]:
    """Return text-only figures on Weibo21, near-copies together: ours (words alone), the peer's, by category."""
    table = pq.read_table(SHARED / "weibo21_fake_news" / "posts.parquet").to_pandas().drop_duplicates("content")
    y = table["label"].to_numpy().astype(np.float64)
    packed = pack_texts(pa.array(table["content"].to_list(), pa.large_string()))
    masked = mask_texts(pa.array(unpack_texts(packed), pa.large_string()))
    folds = deal_folds(find_copies(packed.codes, packed.offsets))
    settings = RumourSettings()
    grams = hash_texts(masked, settings.bits)
    scores = np.empty(len(y))
    for fold in np.unique(folds):
        held = np.flatnonzero(folds == fold)
        head = fit_words(grams, y, np.flatnonzero(folds != fold), settings)
        scores[held] = grams.score(head.weights, held) + head.bias
    nothing = np.zeros((len(y), 0))
    peer = TfidfPeer(Features(masked, masked, nothing, nothing, nothing), y, text_only=True)
    kinds = {name: table["category"].to_numpy() == name for name in sorted(table["category"].unique())}
    return {
        "canyu": show("text", GROUPED, scores, y),
        "peer": show("text", GROUPED, peer.cross_predict(folds), y),
        "accuracy_by_category": {k: round(float(((scores > 0) == (y > 0.5))[m].mean()), 3) for k, m in kinds.items()},
    }


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for both
    pa.set_cpu_count(1)
    began = time.process_time()
    ced = measure_ced()
    weibo21 = measure_weibo21()
    value, other = ced["grouped"]["recall"], ced["grouped_peer"]["recall"]
    line = {
        "name": "rumours",
        "value": value,
        "unit": "recall at 90 % precision, near-copies together, first hour",
        "peer": other,
        "peer_name": "character TF-IDF (1-3) + logistic regression on the same texts and numbers",
        "ratio": round(value / other, 3),
        "rows": int(ced["grouped"]["posts"]),
        "seconds": round(time.process_time() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "ced": ced,
        "weibo21_text_only": weibo21,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
