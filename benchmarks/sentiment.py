"""Sentiment: raw Arrow texts to labels on one core against fastText, and macro-F1 against linear SVMs, in one run.

Beside each calibration error stands the one that perfect probabilities would show by chance on as many texts.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.listen.batch import NoLinker, Scorer, score_texts
from canyu.listen.corpora import NEGATIVE, NEUTRAL, TEST, Corpus, load_corpus
from canyu.listen.evaluation import compute_macro_f1, evaluate_model, judge_polarity
from canyu.listen.kernels.moods import find_winners
from canyu.listen.language import find_languages
from canyu.listen.sentiment import SentimentModel, load_sentiment
from canyu.listen.text import pack_texts

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
REVIEWS = ("online_shopping_10_cats", "chnsenticorp_hotel")
WEIBO = ("weibo2018_sentiment",)
CHARACTERS = range(40, 51)  # posts of about 45 characters
RATES = (0.1, 0.5)  # of learning: the best of our notes for many texts and for few
OWN_POSTS, PEER_POSTS, WORD_POSTS, ROUNDS = 200_000, 20_000, 1_000, 5


def cut_words(text: str) -> list[str]:
    """Return a text's words by jieba, without blanks."""
    import jieba

    return [word for word in jieba.lcut(text) if not word.isspace()]


class SvmModel:
    """A peer for quality: TF-IDF of character 1- to 3-grams or of words and word pairs, LinearSVC, default settings."""

    def __init__(self, texts: list[str], positive: NDArray[np.bool_], *, words: bool) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC

        how: dict[str, Any] = {"analyzer": "char", "ngram_range": (1, 3)}
        if words:
            how = {"tokenizer": cut_words, "token_pattern": None, "lowercase": False, "ngram_range": (1, 2)}
        self.vectorizer = TfidfVectorizer(**how)
        self.classifier = LinearSVC(random_state=0)
        self.classifier.fit(self.vectorizer.fit_transform(texts), positive)

    def predict(self, texts: list[str]) -> NDArray[np.bool_]:
        """Say of each text whether it is positive."""
        return self.classifier.predict(self.vectorizer.transform(texts))


def fit_fasttext(texts: list[str], positive: NDArray[np.bool_], rate: float) -> Any:
    """Train the peer for speed, fastText's fastest setting: raw text, 1- to 3-grams, ten dimensions, five epochs."""
    import fasttext

    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for place in np.random.default_rng(0).permutation(len(texts)):
            file.write(f"__label__{int(positive[place])} {flatten(texts[place])}\n")
        file.flush()
        given = {"minn": 1, "maxn": 3, "dim": 10, "lr": rate, "epoch": 5}
        return fasttext.train_supervised(file.name, thread=1, verbose=0, seed=7, **given)


def flatten(text: str) -> str:
    """Return the text on one line, as fastText wants it."""
    return text.replace("\n", " ").replace("\r", " ")


def compare_quality(corpus: Corpus, model: SentimentModel, names: tuple[str, ...]) -> tuple[dict[str, Any], Any]:
    """Train the peers on the training texts of these sources; all read the same test texts."""
    numbers = [corpus.names.index(name) for name in names]
    one = corpus.select(np.flatnonzero(np.isin(corpus.sources, numbers) & (corpus.labels != NEUTRAL)))
    train, test = np.flatnonzero(one.parts != TEST), np.flatnonzero(one.parts == TEST)
    positive = one.labels != NEGATIVE
    texts, held = one.texts.take(pa.array(train)).to_pylist(), one.select(test)
    found: dict[str, Any] = {"test_texts": len(test)}
    given = model.predict(held.packed)
    found["canyu"] = round(judge_polarity("", given, held.labels).macro_f1, 4)
    truth, answers = positive[test].astype(np.int64), {}
    for rate in RATES:
        fast = fit_fasttext(texts, positive[train], rate)
        answers[f"fasttext, rate {rate}"] = [
            label[0] == "__label__1" for label in predict_fast(fast, held.texts.to_pylist())
        ]
    for name, words in (("svm_characters", False), ("svm_words", True)):
        answers[name] = SvmModel(texts, positive[train], words=words).predict(held.texts.to_pylist())
    for name, answer in answers.items():
        found[name] = round(compute_macro_f1(truth, np.asarray(answer).astype(np.int64)), 4)
    for name in names if len(names) > 1 else ():
        rows = held.sources == corpus.names.index(name)
        found[name] = round(judge_polarity(name, given[rows], held.labels[rows]).macro_f1, 4)
    return found, fast


def predict_fast(peer: Any, texts: list[str]) -> list[list[str]]:
    """Return fastText's labels."""
    labels: list[list[str]] = peer.predict([flatten(text) for text in texts])[0]
    return labels


def judge_all(corpus: Corpus, model: SentimentModel) -> dict[str, dict[str, float | int]]:
    """Return the figures of sentiment on every set's texts kept aside, each read as its kind of place."""
    return {
        f"{line.source}, {line.task}": {
            "texts": line.texts,
            "macro_f1": round(line.macro_f1, 4),
            "ece": round(line.ece, 4),
            "ece_by_chance": round(line.chance, 4),
        }
        for line in evaluate_model(model, corpus)
        if line.task in ("polarity", "sentiment")
    }


def label_texts(texts: pa.Array, model: SentimentModel) -> NDArray[np.int8]:
    """Return the likeliest sentiment per raw text, -1 where it is not Chinese: pack, language, predict."""
    packed = pack_texts(texts)
    winners = find_winners(model.predict(packed))
    winners[find_languages(packed) != 1] = -1
    return winners


def time_call(call: Callable[[], object]) -> float:
    """Return CPU seconds: on a busy machine the fair clock."""
    began = time.process_time()
    call()
    return time.process_time() - began


def compare_speed(corpus: Corpus, model: SentimentModel, peer: Any) -> dict[str, int]:
    """Return posts per CPU second of each, medians, measured in turns."""
    posts = [flatten(text) for text in corpus.texts.to_pylist() if len(text) in CHARACTERS]
    own = pa.array((posts * (OWN_POSTS // len(posts) + 1))[:OWN_POSTS], pa.string())
    many, scorer = (posts * 3)[:PEER_POSTS], Scorer(model, NoLinker())
    calls: dict[str, tuple[int, Callable[[], object]]] = {
        "canyu": (OWN_POSTS, lambda: label_texts(own, model)),
        "fasttext": (len(many), lambda: peer.predict(many)),
        "canyu_with_emotion": (OWN_POSTS, lambda: model.read(pack_texts(own))),
        "canyu_score_texts": (OWN_POSTS, lambda: score_texts(own, scorer=scorer)),
        "jieba_words_only": (WORD_POSTS, lambda: [cut_words(text) for text in posts[:WORD_POSTS]]),
    }
    runs: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, (count, call) in calls.items():
            runs[name].append(count / time_call(call))
    return {name: round(statistics.median(found)) for name, found in runs.items()}


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for all
    pa.set_cpu_count(1)
    began = time.perf_counter()
    corpus, model = load_corpus(SHARED), load_sentiment()  # all sources: a copy in another one moves the split
    reviews, peer = compare_quality(corpus, model, REVIEWS)
    weibo, _ = compare_quality(corpus, model, WEIBO)
    speed = compare_speed(corpus, model, peer)
    line = {
        "name": "sentiment",
        "value": speed["canyu"],
        "unit": "posts per CPU second of one core, raw Arrow text to label",
        "peer": speed["fasttext"],
        "peer_name": "fastText, raw text, minn 1, maxn 3, dim 10",
        "ratio": round(speed["canyu"] / speed["fasttext"], 1),
        "per_cpu_second": speed,
        "rows": OWN_POSTS,
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "macro_f1": {"reviews": reviews, "weibo2018_sentiment": weibo},
        "sets": judge_all(corpus, model),
        "model": model.version,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
