"""English product talk: a small lexicon with negation, and probabilities fitted to a few sentences of our own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.model_store import TRAIN_AGAIN, VERSION_DIGITS, WEIGHTS, load_version, read_arrays, write_arrays
from canyu.kit.words import Words
from canyu.kit.yamlio import load_yaml
from canyu.listen.calibration import Calibration, fit_calibration
from canyu.listen.corpora import NEUTRAL, POSITIVE, read_labelled
from canyu.listen.heads import DECIMALS
from canyu.listen.kernels.english import BOOSTER, LEXICON_WEIGHTS, NEGATOR, QUESTION, sum_words
from canyu.listen.kernels.words import find_words, hash_words
from canyu.listen.language import hash_list
from canyu.listen.sentiment import compute_sigmoid
from canyu.listen.text import PackedTexts, pack_texts

MODEL_NAME = "sentiment-en"
WORDS_FILE = Path(__file__).parent / "english_words.yaml"
SENTENCES_FILE = Path(__file__).parent / "english_sentences.yaml"
STRENGTHS = {"strong_positive": 2, "positive": 1, "negative": -1, "strong_negative": -2}
ROLES = {"negators": NEGATOR, "boosters": BOOSTER, "questions": QUESTION}


@dataclass(frozen=True, slots=True)
class EnglishModel:
    """A lexicon and two lines. ``keys``: hashes of words, ascending; ``roles``: what each word does, int64.

    ``lines``: float64, shape (2, 2): slope and offset from lean to polarity, and from (minus) strength to neutrality.
    """

    version: str
    keys: NDArray[np.uint64]
    roles: NDArray[np.int64]
    lines: NDArray[np.float64]

    def predict(self, packed: PackedTexts) -> NDArray[np.float32]:
        """Return P(negative), P(neutral), P(positive) per text, float32, shape (n, 3); each row sums to one."""
        scores = self.compute_scores(packed)
        polarity, neutrality = compute_sigmoid(scores * self.lines[:, 0] + self.lines[:, 1]).T
        opinion = 1.0 - neutrality
        return np.stack([opinion * (1.0 - polarity), neutrality, opinion * polarity], axis=1).astype(np.float32)

    def compute_scores(self, packed: PackedTexts) -> NDArray[np.float64]:
        """Return lean and minus strength per text, shape (n, 2)."""
        hashes, starts = hash_words(packed.codes, packed.offsets)
        places = find_words(hashes, self.keys)
        roles = np.where(places >= 0, self.roles[places], 0)
        return np.asarray(sum_words(roles, starts))


def train_english(data_folder: Path, out_folder: Path, seed: int = 7) -> EnglishModel:  # noqa: ARG001 - one shape for all trainers
    """Fit both lines on one half of our sentences, measure on the other, and write the model to ``out_folder``.

    Needs no public data: ``data_folder`` and ``seed`` change nothing.
    """
    from canyu.listen.evaluation import judge_polarity, judge_sentiment
    from canyu.listen.recipes import write_figures

    if not out_folder.name:
        raise BadInput(
            Words("要写入的文件夹没有名称。", "the folder to write to has no name."),
            mend=Words(
                "请按模型命名，例如 models/sentiment-en-1。", "Name it as the model, e.g. models/sentiment-en-1."
            ),
        )
    packed, labels, is_test = read_sentences()
    keys, roles = get_lexicon()
    raw = EnglishModel("", keys, roles, np.zeros((2, 2)))
    scores = raw.compute_scores(packed)
    mine = ~is_test
    opinion = mine & (labels != NEUTRAL)
    lines = (
        _fit(scores[opinion, 0], labels[opinion] == POSITIVE),
        _fit(scores[mine, 1], labels[mine] == NEUTRAL),
    )
    numbers = np.round(np.array([[line.slope, line.offset] for line in lines]), DECIMALS)
    write_arrays(out_folder / WEIGHTS, {"keys": keys, "roles": roles, "lines": numbers})
    (out_folder / "settings.json").write_text(dump_json({"sentences": int(mine.sum())}) + "\n", "utf-8")
    model = read_english(out_folder / WEIGHTS)
    found = model.predict(packed)
    sided = is_test & (labels != NEUTRAL)
    figures = [
        judge_polarity("own sentences", found[sided], labels[sided]),
        judge_sentiment("own sentences", found[is_test], labels[is_test]),
    ]
    write_figures(out_folder, model.version, figures)
    return model


def read_sentences() -> tuple[PackedTexts, NDArray[np.int8], NDArray[np.bool_]]:
    """Return our labelled sentences, their labels, and which half they belong to (True: only to measure)."""
    listed = read_labelled(SENTENCES_FILE)
    is_test = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 2 == 0 for text in listed]
    packed = pack_texts(pa.array(list(listed), pa.large_string()))
    return packed, np.array(list(listed.values()), np.int8), np.array(is_test)


@cache
def get_lexicon() -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the hashes of the lexicon's words, ascending, and each word's role."""
    listed = load_yaml(WORDS_FILE.read_text("utf-8"))
    roles: dict[str, int] = {}
    for name, strength in STRENGTHS.items():
        roles |= dict.fromkeys(str(listed[name]).split(), LEXICON_WEIGHTS[strength])
    for name, role in ROLES.items():
        roles |= dict.fromkeys(str(listed[name]).split(), role)
    words = sorted(roles)
    keys = hash_list(words)
    order = np.argsort(keys)
    return keys[order], np.array([roles[word] for word in words])[order]


def load_english(version: str = "", *, folders: list[Path] | None = None) -> EnglishModel:
    """Load the newest installed English model, or exactly ``version``; raises NotFound where there is none."""
    return load_version(version, read_english, default=MODEL_NAME, folders=folders)


def read_english(path: Path) -> EnglishModel:
    """Read one weights file; raises BadInput where it holds no English model."""
    arrays, sha256 = read_arrays(path)
    if {"keys", "roles", "lines"} - set(arrays) or arrays["lines"].shape != (2, 2):
        raise BadInput(Words(f"{path} 中没有英文模型。", f"{path} holds no English model."), mend=TRAIN_AGAIN)
    version = f"{path.parent.name}+{sha256[:VERSION_DIGITS]}"
    return EnglishModel(version, arrays["keys"], arrays["roles"], arrays["lines"])


def _fit(scores: NDArray[np.float64], answers: NDArray[np.bool_]) -> Calibration:
    return fit_calibration(np.ascontiguousarray(scores), answers.astype(np.float64), np.ones(scores.size))
