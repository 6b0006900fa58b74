"""Aspects: micro-F1 of (subject, polarity) pairs and speed on one core, against TF-IDF and linear SVMs, same run."""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.listen.aspects import AspectModel, evaluate_aspects, load_aspects
from canyu.listen.aspects.corpora import CARS, SUBJECTS, AspectCorpus, load_aspect_corpus
from canyu.listen.corpora import TEST, TRAIN, VALIDATION
from canyu.listen.text import pack_texts

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
CHARACTERS = range(40, 51)  # posts of about 45 characters
OWN_POSTS, ROUNDS = 200_000, 5
NONE = 9  # a subject that a sentence says nothing of
POLARITIES = (-1, 0, 1)


def read_labels(corpus: AspectCorpus, rows: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return the polarity of each subject per row, NONE where it is not spoken of, shape (rows, subjects)."""
    labels = np.full((len(corpus.texts), len(SUBJECTS)), NONE, np.int8)
    for item in corpus.labels:
        if item.aspect in SUBJECTS:
            labels[item.row, SUBJECTS.index(item.aspect)] = item.polarity
    return labels[rows]


def fit_peer(texts: list[str], labels: NDArray[np.int8]) -> tuple[Any, list[list[Any]], list[list[Any]]]:
    """Fit character TF-IDF (1,3) and LinearSVC: per subject with its polarity, and per (subject, polarity)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    matrix = vectorizer.fit_transform(texts)
    steps, pairs = [], []
    for subject in labels.T:
        said = subject != NONE
        is_said = LinearSVC(random_state=0).fit(matrix, said)
        steps.append([is_said, LinearSVC(random_state=0).fit(matrix[said], subject[said])])
        pairs.append([LinearSVC(random_state=0).fit(matrix, subject == polarity) for polarity in POLARITIES])
    return vectorizer, steps, pairs


def judge_peers(corpus: AspectCorpus) -> tuple[dict[str, float], float]:
    """Return micro-F1 of both variants on the kept sentences, and posts per CPU second of the better one."""
    rows = corpus.list_rows(CARS, TRAIN, VALIDATION)
    kept = corpus.list_rows(CARS, TEST)
    vectorizer, steps, pairs = fit_peer([corpus.texts[row] for row in rows], read_labels(corpus, rows))
    texts, truth = [corpus.texts[row] for row in kept], read_labels(corpus, kept)
    began = time.process_time()
    matrix = vectorizer.transform(texts)
    two_steps = np.full(truth.shape, NONE, np.int8)
    for place, (is_said, polarity) in enumerate(steps):
        said = is_said.decision_function(matrix) > 0
        two_steps[said, place] = polarity.predict(matrix)[said]
    speed = len(texts) / (time.process_time() - began)
    said = np.stack([[one.decision_function(matrix) > 0 for one in subject] for subject in pairs])
    true = np.stack([[subject == polarity for polarity in POLARITIES] for subject in truth.T])
    hits = ((two_steps == truth) & (truth != NONE)).sum()
    found = {
        "two_steps": 2 * hits / ((two_steps != NONE).sum() + (truth != NONE).sum()),
        "thirty_labels": 2 * (said & true).sum() / (said.sum() + true.sum()),
    }
    return {name: round(float(value), 4) for name, value in found.items()}, speed


def measure_speed(corpus: AspectCorpus, model: AspectModel, sources: tuple[str, ...]) -> dict[str, int]:
    """Return posts per CPU second of packing and finding, median, on posts of these sources."""
    posts = [
        text
        for text, source in zip(corpus.texts, corpus.sources, strict=True)
        if source in sources and len(text) in CHARACTERS
    ]
    column = pa.array((posts * (OWN_POSTS // len(posts) + 1))[:OWN_POSTS], pa.string())
    model.find(pack_texts(column.slice(0, 1000)))
    whole, finding = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        packed = pack_texts(column)
        packed_at = time.process_time()
        model.find(packed)
        ended = time.process_time()
        whole.append(OWN_POSTS / (ended - began))
        finding.append(OWN_POSTS / (ended - packed_at))
    return {"with_packing": round(statistics.median(whole)), "finding": round(statistics.median(finding))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="", help="version of the aspect model")
    version = parser.parse_args().model
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core, for both
    pa.set_cpu_count(1)
    began = time.perf_counter()
    corpus, model = load_aspect_corpus(SHARED), load_aspects(version)
    peers, peer_speed = judge_peers(corpus)
    figures = {f"{line.source}, {line.task}": line for line in evaluate_aspects(model, corpus)}
    talk = ("weibo2018_sentiment", "smp2020_ewect")
    speed = {
        "mixed": measure_speed(corpus, model, (*talk, CARS, "online_shopping_10_cats")),
        "talk": measure_speed(corpus, model, talk),
        "cars": measure_speed(corpus, model, (CARS,)),
    }
    own = figures[f"{CARS}, pairs"].value
    line = {
        "name": "aspects",
        "value": round(own, 4),
        "unit": "micro-F1 of (subject, polarity) on bdci_auto_absa, sentences kept aside",
        "peer": max(peers.values()),
        "peer_name": "char TF-IDF (1,3) + LinearSVC one-vs-rest, the better of two variants",
        "ratio": round(own / max(peers.values()), 3),
        "points_above": round(100 * (own - max(peers.values())), 2),
        "peers": peers,
        "posts_per_cpu_second": speed,
        "peer_posts_per_cpu_second": round(peer_speed),
        "figures": {name: [round(item.value, 4), item.texts] for name, item in figures.items()},
        "ece": {name: round(item.ece, 4) for name, item in figures.items() if item.ece is not None},
        "rows": figures[f"{CARS}, pairs"].texts,
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "model": model.version,
        "threshold": model.lines.threshold,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
