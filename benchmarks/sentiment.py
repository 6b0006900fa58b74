"""Sentiment: speed on one core and macro-F1, against TF-IDF and a linear SVM on jieba words, on the same splits."""

from __future__ import annotations

import json
import logging
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.listen.batch import NoLinker, Scorer, score_texts
from canyu.listen.corpora import NEGATIVE, NEUTRAL, TEST, Corpus, load_corpus
from canyu.listen.evaluation import compute_macro_f1, judge_polarity
from canyu.listen.sentiment import SentimentModel, load_sentiment
from canyu.listen.training import pack_heads, train_polarity

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
NAMES = ("online_shopping_10_cats", "weibo2018_sentiment", "chnsenticorp_hotel")
CHARACTERS = range(40, 51)  # posts of about 45 characters
OWN_POSTS, PEER_POSTS, ROUNDS = 200_000, 2_000, 5


def cut_words(texts: list[str]) -> list[list[str]]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return [jieba.lcut(text) for text in texts]


class WordModel:
    """The peer: jieba words and word pairs, TF-IDF, LinearSVC with its default settings."""

    def __init__(self, texts: list[str], positive: NDArray[np.bool_]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC

        self.vectorizer = TfidfVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=(1, 2))
        self.classifier = LinearSVC(random_state=0)
        self.classifier.fit(self.vectorizer.fit_transform(self.join(texts)), positive)

    def join(self, texts: list[str]) -> list[str]:
        """Return each text as its words with blanks between."""
        return [" ".join(word for word in words if not word.isspace()) for words in cut_words(texts)]

    def predict(self, texts: list[str]) -> NDArray[np.bool_]:
        """Say of each text whether it is positive."""
        return self.classifier.predict(self.vectorizer.transform(self.join(texts)))


def compare_quality(corpus: Corpus, shipped: SentimentModel) -> tuple[dict[str, dict[str, float]], WordModel]:
    """Train both on each source's training texts alone, and read the same test texts."""
    found: dict[str, dict[str, float]] = {}
    for name in NAMES:
        one = corpus.select(np.flatnonzero((corpus.sources == corpus.names.index(name)) & (corpus.labels != NEUTRAL)))
        train, test = np.flatnonzero(one.parts != TEST), np.flatnonzero(one.parts == TEST)
        positive = one.labels != NEGATIVE
        peer = WordModel(one.texts.take(train).to_pylist(), positive[train])
        answers = peer.predict(one.texts.take(test).to_pylist())
        held = one.select(test)
        arrays = pack_heads(train_polarity(one))
        own = SentimentModel("", arrays["table"], arrays["scales"], arrays["biases"])
        found[name] = {
            "test_texts": len(test),
            "canyu": round(judge_polarity(name, own.predict(held.packed), held.labels).macro_f1, 4),
            "canyu_shipped": round(judge_polarity(name, shipped.predict(held.packed), held.labels).macro_f1, 4),
            "peer": round(compute_macro_f1(positive[test].astype(np.int64), answers.astype(np.int64)), 4),
        }
        if name == NAMES[0]:
            fastest = peer
    return found, fastest


def time_call(call: Callable[[], object]) -> tuple[float, float]:
    """Return CPU seconds and wall seconds: equal on an idle machine, and the first is fair on a busy one."""
    wall, busy = time.perf_counter(), time.process_time()
    call()
    return time.process_time() - busy, time.perf_counter() - wall


def compare_speed(corpus: Corpus, shipped: SentimentModel, peer: WordModel) -> dict[str, tuple[int, int]]:
    """Return posts per CPU second and per wall second of both, measured in turns, medians."""
    posts = [text for text in corpus.texts.to_pylist() if len(text) in CHARACTERS]
    own = pa.array((posts * (OWN_POSTS // len(posts) + 1))[:OWN_POSTS], pa.string())
    scorer = Scorer(shipped, NoLinker())
    score_texts(own[:1000], scorer=scorer)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append([OWN_POSTS / seconds for seconds in time_call(lambda: score_texts(own, scorer=scorer))])
        theirs.append([PEER_POSTS / seconds for seconds in time_call(lambda: peer.predict(posts[:PEER_POSTS]))])
    medians = [[round(statistics.median(way)) for way in zip(*runs, strict=True)] for runs in (ours, theirs)]
    return {"canyu": (medians[0][0], medians[0][1]), "peer": (medians[1][0], medians[1][1])}


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for both
    pa.set_cpu_count(1)
    began = time.perf_counter()
    corpus, shipped = load_corpus(SHARED), load_sentiment()  # all sources: a copy in another one moves the split
    quality, peer = compare_quality(corpus, shipped)
    speed = compare_speed(corpus, shipped, peer)
    value, other = speed["canyu"][0], speed["peer"][0]
    line = {
        "name": "sentiment",
        "value": value,
        "unit": "posts per CPU second of one core",
        "peer": other,
        "peer_name": "TF-IDF (1,2) + LinearSVC on jieba words",
        "ratio": round(value / other, 1),
        "per_wall_second": {"canyu": speed["canyu"][1], "peer": speed["peer"][1]},
        "rows": OWN_POSTS,
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "macro_f1": quality,
        "model": shipped.version,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
