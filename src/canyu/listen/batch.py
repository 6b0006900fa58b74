"""One batch of texts in, one batch of scores out: the same function in threads and in Spark's ``mapInArrow``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.listen.aspects import FINDING, AspectModel
from canyu.listen.domains import DomainFinder
from canyu.listen.emotion import EMOTIONS, choose_emotions
from canyu.listen.english import EnglishModel
from canyu.listen.language import detect_language
from canyu.listen.sentiment import SENTIMENTS, Channels, SentimentModel
from canyu.listen.storylines import StorylineMatcher
from canyu.listen.text import PackedTexts, pack_texts

BATCH_SCHEMA = pa.schema(
    [
        pa.field("lang", pa.string()),
        pa.field("sentiment", pa.string()),
        pa.field("p_negative", pa.float32()),
        pa.field("p_neutral", pa.float32()),
        pa.field("p_positive", pa.float32()),
        pa.field("links", pa.list_(pa.string())),
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("emotion", pa.string()),
        pa.field("aspects", pa.list_(FINDING)),
        pa.field("storylines", pa.list_(pa.string())),
    ]
)


class TextLinker(Protocol):
    """What finds catalogue ids in texts; ``version`` names its rules and catalogue."""

    version: str

    def link(self, packed: PackedTexts, texts: pa.Array | pa.ChunkedArray | None = None) -> pa.Array:
        """Return one list of ids per text, ``list<string>``; ``texts`` are the same texts unfolded."""
        ...


class NoLinker:
    """Links nothing: what a scorer without a catalogue uses."""

    version = ""

    def link(self, packed: PackedTexts, texts: pa.Array | pa.ChunkedArray | None = None) -> pa.Array:  # noqa: ARG002 - the protocol's signature
        """Return an empty list per text."""
        return _make_empty_lists(len(packed), pa.string())


@dataclass(frozen=True, slots=True)
class Scorer:
    """Everything one batch needs; can be pickled to a worker. What is None is not looked for: its lists are empty."""

    sentiment: SentimentModel
    linker: TextLinker
    aspects: AspectModel | None = None
    storylines: StorylineMatcher | None = None
    domains: DomainFinder | None = None
    english: EnglishModel | None = None

    @property
    def version(self) -> str:
        """The version every score carries: those of all parts, in a fixed order."""
        parts = (self.sentiment, self.english, self.linker, self.aspects, self.storylines)
        return "+".join(part.version for part in parts if part is not None and part.version)


def score_texts(texts: pa.Array | pa.ChunkedArray, *, scorer: Scorer, channels: Channels = None) -> pa.RecordBatch:
    """Score each text, in order, as ``BATCH_SCHEMA``; what a language's model does not cover is null, never guessed.

    ``channels``: where each text comes from, for calibration. Pure: no state but the scorer, so any split of the
    texts over threads or machines gives the same rows.
    """
    packed = pack_texts(texts)
    lang = detect_language(packed)
    moods = scorer.sentiment.read(packed, channels)
    is_chinese, is_english = (pc.equal(lang, name).to_numpy(zero_copy_only=False) for name in ("zh", "en"))
    is_scored = is_chinese
    chances = moods.sentiments
    answers = scorer.sentiment.choose(chances, channels)
    if scorer.english and is_english.any():
        is_scored = is_chinese | is_english
        rows = np.flatnonzero(is_english)
        chances[rows] = scorer.english.predict(pack_texts(texts.take(pa.array(rows))))
        answers[rows] = chances[rows].argmax(axis=1)
    sentiments = _name(answers, SENTIMENTS, ~is_scored)
    emotions = _name(choose_emotions(moods.emotions, scorer.sentiment.shares), EMOTIONS, ~is_chinese)
    columns = [pa.array(np.ascontiguousarray(column), mask=~is_scored) for column in chances.T]
    links = scorer.linker.link(packed, texts)
    aspects = _find_aspects(packed, links, scorer)
    storylines = (
        scorer.storylines.match(packed, texts) if scorer.storylines else _make_empty_lists(len(packed), pa.string())
    )
    version = pa.repeat(pa.scalar(scorer.version), len(packed))
    found = [lang, sentiments, *columns, links, version, emotions, aspects, storylines]
    return pa.RecordBatch.from_arrays(found, schema=BATCH_SCHEMA)


def _find_aspects(packed: PackedTexts, links: pa.ListArray, scorer: Scorer) -> pa.Array:
    if scorer.aspects is None:
        return _make_empty_lists(len(packed), FINDING)
    return scorer.aspects.find(packed, domains=scorer.domains.find(links) if scorer.domains else None)


def _name(numbers: np.ndarray, names: tuple[str, ...], hidden: np.ndarray) -> pa.Array:
    places = pa.array(numbers.astype(np.int32), mask=hidden)
    return pa.DictionaryArray.from_arrays(places, pa.array(names)).dictionary_decode()


def _make_empty_lists(count: int, kind: pa.DataType) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], kind))
