"""Emotion: macro-F1 of six feelings against fastText on the same split, and the speed of one reading for both tasks."""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.listen.corpora import TEST, TRAIN, UNKNOWN, VALIDATION, Corpus, load_corpus
from canyu.listen.emotion import choose_emotions
from canyu.listen.evaluation import compute_macro_f1, judge_emotions
from canyu.listen.sentiment import SentimentModel, load_sentiment
from canyu.listen.text import pack_texts

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
SETTINGS = (  # the best of them on the validation part is the peer
    {"lr": 0.5, "epoch": 5},
    {"lr": 0.5, "epoch": 15},
    {"lr": 0.2, "epoch": 25},
    {"lr": 0.3, "epoch": 10, "dim": 50},
    {"lr": 1.0, "epoch": 5},
)
POSTS, ROUNDS = 200_000, 5


def list_posts(corpus: Corpus, rows: NDArray[np.int64]) -> list[str]:
    """Return the texts of rows as fastText wants them: without line ends."""
    return [text.replace("\n", " ").replace("\r", " ") for text in corpus.texts.take(pa.array(rows)).to_pylist()]


def fit_peer(corpus: Corpus, rows: NDArray[np.int64], settings: dict[str, Any]) -> Any:
    """Train fastText on these rows, shuffled (it does not do so itself)."""
    import fasttext

    order = np.random.default_rng(0).permutation(rows)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for text, label in zip(list_posts(corpus, order), corpus.emotions[order], strict=True):
            file.write(f"__label__{label} {text}\n")
        file.flush()
        given = {"minn": 1, "maxn": 3, "dim": 10, "thread": 1, "verbose": 0, "seed": 7} | settings
        return fasttext.train_supervised(file.name, **given)


def judge_peer(peer: Any, corpus: Corpus, rows: NDArray[np.int64]) -> float:
    """Return fastText's macro-F1 on these rows."""
    labels, _ = peer.predict(list_posts(corpus, rows))
    answers = np.array([int(label[0].removeprefix("__label__")) for label in labels])
    return compute_macro_f1(corpus.emotions[rows].astype(np.int64), answers)


def compare_speed(corpus: Corpus, model: SentimentModel, peer: Any) -> tuple[int, int]:
    """Return posts per CPU second, medians in turns: ours for pack, sentiment and emotion, fastText's for emotion."""
    posts = [text for text in list_posts(corpus, np.flatnonzero(corpus.emotions != UNKNOWN)) if 40 <= len(text) <= 50]
    own = pa.array((posts * (POSTS // len(posts) + 1))[:POSTS], pa.string())
    few = posts[:2000]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        choose_emotions(model.read(pack_texts(own)).emotions, model.shares)
        ours.append(POSTS / (time.process_time() - began))
        began = time.process_time()
        peer.predict(few)
        theirs.append(len(few) / (time.process_time() - began))
    return round(statistics.median(ours)), round(statistics.median(theirs))


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for both
    pa.set_cpu_count(1)
    began = time.perf_counter()
    corpus, model = load_corpus(SHARED), load_sentiment()
    rows = {part: corpus.list_rows("smp2020_ewect", part) for part in (TRAIN, VALIDATION, TEST)}
    felt = {part: found[corpus.emotions[found] != UNKNOWN] for part, found in rows.items()}
    tried = [judge_peer(fit_peer(corpus, felt[TRAIN], one), corpus, felt[VALIDATION]) for one in SETTINGS]
    best = SETTINGS[int(np.argmax(tried))]
    peer = fit_peer(corpus, np.concatenate([felt[TRAIN], felt[VALIDATION]]), best)
    theirs = judge_peer(peer, corpus, felt[TEST])
    held = corpus.select(felt[TEST])
    figures = judge_emotions("smp2020_ewect", model, model.predict_emotion(held.packed), held.emotions)
    speed = compare_speed(corpus, model, peer)
    line = {
        "name": "emotion",
        "value": round(figures[0].macro_f1, 4),
        "unit": "macro-F1 of six emotions on texts kept aside",
        "peer": round(theirs, 4),
        "peer_name": f"fastText, best of {len(SETTINGS)} settings on validation: {best}",
        "ratio": round(figures[0].macro_f1 / theirs, 3),
        "points_above": round(100 * (figures[0].macro_f1 - theirs), 2),
        "ece": round(figures[0].ece, 4),
        "accuracy": round(figures[0].accuracy, 4),
        "posts_per_cpu_second": {"canyu, sentiment and emotion": speed[0], "fasttext, emotion": speed[1]},
        "rows": len(felt[TEST]),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "ece_of_each": {one.task: round(one.ece, 4) for one in figures[1:]},
        "model": model.version,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
