"""Public sets of labelled Chinese texts, brought to one shape, and split so that copies never cross the split."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from numpy.typing import NDArray

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.listen.kernels.copies import find_copies
from canyu.listen.text import PackedTexts, pack_texts

UNKNOWN, NEGATIVE, NEUTRAL, POSITIVE = -1, 0, 1, 2
NOT_NEGATIVE = 3  # neutral or positive: all that "1" means in weibo2018_sentiment
TEST, VALIDATION, TRAIN, ASIDE = 0, 1, 2, 3  # ASIDE is neither trained on nor measured
TALK = "product_talk"
TALK_FILE = Path(__file__).parent / f"{TALK}.yaml"
TEST_PERCENT, VALIDATION_PERCENT = 20, 10


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts with their labels; row i is one text.

    ``labels``: NEGATIVE, NEUTRAL, POSITIVE or NOT_NEGATIVE, int8. ``sources``: index into ``names``, int8.
    ``parts``: TEST, VALIDATION or TRAIN, int8.
    """

    names: tuple[str, ...]
    texts: pa.Array
    packed: PackedTexts
    labels: NDArray[np.int8]
    sources: NDArray[np.int8]
    parts: NDArray[np.int8]

    def select(self, rows: NDArray[np.int64]) -> Corpus:
        """Return the corpus of these rows only; each keeps its side of the split."""
        texts = self.texts.take(pa.array(rows))
        return Corpus(self.names, texts, pack_texts(texts), self.labels[rows], self.sources[rows], self.parts[rows])


@dataclass(frozen=True, slots=True)
class Source:
    """One public set: where its file lies, which columns it has, and what its labels mean here."""

    name: str
    file: str
    text: str
    label: str
    read_label: Callable[[object], int]
    where: Callable[[dict[str, object]], bool] = lambda _row: True


def _map(**meanings: int) -> Callable[[object], int]:
    return lambda label: meanings.get(str(label), UNKNOWN)


SOURCES = (
    Source("online_shopping_10_cats", "reviews.parquet", "review", "label", _map(**{"0": NEGATIVE, "1": POSITIVE})),
    Source("chnsenticorp_hotel", "reviews.parquet", "review", "label", _map(**{"0": NEGATIVE, "1": POSITIVE})),
    Source("weibo2018_sentiment", "posts.parquet", "text", "label", _map(**{"0": NEGATIVE, "1": NOT_NEGATIVE})),
    Source(
        "bdci_auto_absa",
        "train.parquet",
        "content",
        "sentiment_value",
        _map(**{"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE}),
    ),
    Source(  # surprise has no polarity, so it says nothing here
        "smp2020_ewect",
        "posts.parquet",
        "text",
        "label",
        _map(happy=POSITIVE, angry=NEGATIVE, sad=NEGATIVE, fear=NEGATIVE, neutral=NEUTRAL),
    ),
    Source(  # shampoo is left out: its neutral is used for weak negatives
        "zh_product_absa",
        "terms.parquet",
        "text",
        "polarity",
        _map(Positive=POSITIVE, Negative=NEGATIVE),
        lambda row: row["domain"] != "shampoo",
    ),
    Source(
        "cosmetics_opinion_mining",
        "opinions.parquet",
        "review",
        "polarity",
        _map(正面=POSITIVE, 负面=NEGATIVE, 中性=NEUTRAL),
    ),
)


def load_corpus(folder: Path, sources: tuple[Source, ...] = SOURCES, *, with_talk: bool = False) -> Corpus:
    """Read the sources below ``folder``, one row per text and source; raises NotFound where a file is missing.

    A text labelled several times keeps a polarity over neutral and is dropped where its polarities disagree. With
    ``with_talk`` our own expressions of product talk come last, all of them to train on.
    """
    texts: list[str] = []
    labels: list[int] = []
    origins: list[int] = []
    for number, source in enumerate(sources):
        _add_texts(_read_source(folder, source), number, texts, labels, origins)
    split = len(texts)
    if with_talk:
        _add_texts(read_talk(), len(sources), texts, labels, origins)
    column = pa.array(texts, pa.large_string())
    packed = pack_texts(column)
    parts = _split_around(packed, split)
    names = (*(source.name for source in sources), TALK) if with_talk else tuple(source.name for source in sources)
    return Corpus(names, column, packed, np.array(labels, np.int8), np.array(origins, np.int8), parts)


def split_texts(packed: PackedTexts) -> NDArray[np.int8]:
    """Return TEST, VALIDATION or TRAIN per text; near copies (shared 4-grams) always fall on the same side.

    The side is drawn by the SHA-256 of the smallest text of each group of copies, so it is the same on every
    machine and does not depend on the order of the texts.
    """
    groups = find_copies(packed.codes, packed.offsets)
    keys: dict[int, str] = {}
    for text, group in enumerate(groups.tolist()):
        key = packed.codes[packed.offsets[text] : packed.offsets[text + 1]].tobytes().hex()
        keys[group] = min(key, keys.get(group, key))
    sides = {group: _draw_side(key) for group, key in keys.items()}
    return np.array([sides[group] for group in groups.tolist()], np.int8)


def _split_around(packed: PackedTexts, first_talk: int) -> NDArray[np.int8]:
    """Split the public texts as if alone; an expression is trained on unless a text kept aside is a copy of it."""
    public = PackedTexts(packed.codes[: packed.offsets[first_talk]], packed.offsets[: first_talk + 1])
    parts = split_texts(public)
    groups = find_copies(packed.codes, packed.offsets)
    is_kept_aside = np.isin(groups[first_talk:], groups[:first_talk][parts != TRAIN])
    return np.concatenate([parts, np.where(is_kept_aside, ASIDE, TRAIN).astype(np.int8)])


def _draw_side(key: str) -> int:
    percent = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 100
    if percent < TEST_PERCENT:
        return TEST
    return VALIDATION if percent < TEST_PERCENT + VALIDATION_PERCENT else TRAIN


def read_talk() -> dict[str, int]:
    """Return our own expressions of product talk with their labels; see the head of the file."""
    listed = yaml.safe_load(TALK_FILE.read_text("utf-8"))
    kinds = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE}
    return {text: label for kind, label in kinds.items() for text in listed[kind].split()}


def _add_texts(found: dict[str, int], source: int, texts: list[str], labels: list[int], origins: list[int]) -> None:
    texts += found.keys()
    labels += found.values()
    origins += [source] * len(found)


def _read_source(folder: Path, source: Source) -> dict[str, int]:
    path = folder / source.name / source.file
    if not path.is_file():
        raise NotFound(
            Words(f"{path} 不存在。", f"{path} is not there."),
            mend=Words(
                "请用 --data 指向公开数据集所在的文件夹。", "Point --data at the folder that holds the public sets."
            ),
        )
    found: dict[str, set[int]] = {}
    for row in pq.read_table(path).to_pylist():
        text = str(row[source.text] or "").strip()
        label = source.read_label(row[source.label])
        if text and label != UNKNOWN and source.where(row):
            found.setdefault(text, set()).add(label)
    merged = {text: _merge_labels(labels) for text, labels in found.items()}
    return {text: label for text, label in merged.items() if label != UNKNOWN}


def _merge_labels(labels: set[int]) -> int:
    strong = labels - {NEUTRAL}
    if not strong:
        return NEUTRAL
    return strong.pop() if len(strong) == 1 else UNKNOWN
