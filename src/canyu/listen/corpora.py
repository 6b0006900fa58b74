"""Public sets of labelled Chinese texts, brought to one shape, and split so that copies never cross the split."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.kit.yamlio import load_yaml
from canyu.listen.emoji_tags import TAGGED, read_tagged
from canyu.listen.emotion import EMOTIONS
from canyu.listen.kernels.copies import find_copies
from canyu.listen.plain_news import NEWS, read_news
from canyu.listen.text import PackedTexts, pack_texts

UNKNOWN, NEGATIVE, NEUTRAL, POSITIVE = -1, 0, 1, 2
NOT_NEGATIVE = 3  # neutral or positive: all that "1" means in weibo2018_sentiment
TEST, VALIDATION, TRAIN, ASIDE = 0, 1, 2, 3  # ASIDE is neither trained on nor measured
TALK = "product_talk"
TALK_FILE = Path(__file__).parent / f"{TALK}.yaml"
TEST_PERCENT, VALIDATION_PERCENT = 20, 10
SOURCE_KINDS = {  # the kind of place that a source's texts come from
    "online_shopping_10_cats": "review",
    "chnsenticorp_hotel": "review",
    "cosmetics_opinion_mining": "review",
    "weibo2018_sentiment": "social",
    "smp2020_ewect": "social",
    "bdci_auto_absa": "cars",
    "zh_product_absa": "forum",
}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts with their labels; row i is one text.

    ``labels``: NEGATIVE, NEUTRAL, POSITIVE, NOT_NEGATIVE or UNKNOWN, int8. ``sources``: index into ``names``, int8.
    ``parts``: TEST, VALIDATION, TRAIN or ASIDE, int8. ``emotions``: index into EMOTIONS or UNKNOWN, int8.
    ``domains``: parts of a source that differ in what is talked about, int8.
    """

    names: tuple[str, ...]
    texts: pa.Array
    packed: PackedTexts
    labels: NDArray[np.int8]
    sources: NDArray[np.int8]
    parts: NDArray[np.int8]
    emotions: NDArray[np.int8]
    domains: NDArray[np.int8]

    def list_rows(self, source: str, *parts: int) -> NDArray[np.int64]:
        """Return the rows of these parts of a source; none where the corpus has no such source."""
        number = self.names.index(source) if source in self.names else -1
        return np.flatnonzero((self.sources == number) & np.isin(self.parts, parts))

    def select(self, rows: NDArray[np.int64]) -> Corpus:
        """Return the corpus of these rows only; each keeps its side of the split."""
        texts = self.texts.take(pa.array(rows))
        columns = (self.labels, self.sources, self.parts, self.emotions, self.domains)
        return Corpus(self.names, texts, pack_texts(texts), *(column[rows] for column in columns))


@dataclass(frozen=True, slots=True)
class Source:
    """One public set: where its file lies, which columns it has, and what its labels mean here."""

    name: str
    file: str
    text: str
    label: str
    read_label: Callable[[object], int]
    where: Callable[[dict[str, object]], bool] = lambda _row: True
    read_emotion: Callable[[object], int] = lambda _label: UNKNOWN
    read_domain: Callable[[dict[str, object]], int] = lambda _row: 0


@dataclass(frozen=True, slots=True)
class Marks:
    """What a source says of one text."""

    label: int
    emotion: int = UNKNOWN
    domain: int = 0


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
    Source(  # surprise has no polarity, so it says nothing of it
        "smp2020_ewect",
        "posts.parquet",
        "text",
        "label",
        _map(happy=POSITIVE, angry=NEGATIVE, sad=NEGATIVE, fear=NEGATIVE, neutral=NEUTRAL),
        read_emotion=_map(**{emotion: number for number, emotion in enumerate(EMOTIONS)}),
        read_domain=lambda row: int(row["domain"] == "virus"),
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
    ``with_talk`` what is only trained on comes last: our own expressions of product talk, reposts whose emoji
    tags tell a feeling, and plain news.
    """
    named = [(source.name, _read_source(folder, source)) for source in sources]
    split = sum(len(found) for _, found in named)
    if with_talk:
        named.append((TALK, {text: Marks(label) for text, label in read_talk().items()}))
        named.append((TAGGED, {text: Marks(UNKNOWN, emotion) for text, emotion in read_tagged(folder).items()}))
        named.append((NEWS, dict.fromkeys(read_news(folder), Marks(NEUTRAL))))
    column = pa.array([text for _, found in named for text in found], pa.large_string())
    marks = [mark for _, found in named for mark in found.values()]
    packed = pack_texts(column)
    return Corpus(
        tuple(name for name, _ in named),
        column,
        packed,
        np.array([mark.label for mark in marks], np.int8),
        np.repeat(np.arange(len(named), dtype=np.int8), [len(found) for _, found in named]),
        _split_around(packed, split),
        np.array([mark.emotion for mark in marks], np.int8),
        np.array([mark.domain for mark in marks], np.int8),
    )


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
    return {text: label for line, label in read_labelled(TALK_FILE).items() for text in line.split()}


def read_labelled(path: Path) -> dict[str, int]:
    """Return the texts of a YAML file of our own with their labels: under each sentiment a block or a list."""
    listed = load_yaml(path.read_text("utf-8"))
    kinds = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE}
    blocks = {label: listed[kind] for kind, label in kinds.items()}
    return {text: label for label, block in blocks.items() for text in ([block] if isinstance(block, str) else block)}


def _read_source(folder: Path, source: Source) -> dict[str, Marks]:
    path = folder / source.name / source.file
    if not path.is_file():
        raise NotFound(
            Words(f"{path} 不存在。", f"{path} is not there."),
            mend=Words(
                "请用 --data 指向公开数据集所在的文件夹。", "Point --data at the folder that holds the public sets."
            ),
        )
    found: dict[str, list[Marks]] = {}
    for row in pq.read_table(path).to_pylist():
        text = str(row[source.text] or "").strip()
        told = row[source.label]
        mark = Marks(source.read_label(told), source.read_emotion(told), source.read_domain(row))
        if text and (mark.label, mark.emotion) != (UNKNOWN, UNKNOWN) and source.where(row):
            found.setdefault(text, []).append(mark)
    merged = {text: _merge_marks(marks) for text, marks in found.items()}
    return {text: mark for text, mark in merged.items() if (mark.label, mark.emotion) != (UNKNOWN, UNKNOWN)}


def _merge_marks(marks: list[Marks]) -> Marks:
    emotions = {mark.emotion for mark in marks}
    emotion = emotions.pop() if len(emotions) == 1 else UNKNOWN
    return Marks(_merge_labels({mark.label for mark in marks}), emotion, marks[0].domain)


def _merge_labels(labels: set[int]) -> int:
    if not labels - {NEUTRAL}:
        return NEUTRAL
    strong = labels - {NEUTRAL, UNKNOWN}
    return strong.pop() if len(strong) == 1 else UNKNOWN
