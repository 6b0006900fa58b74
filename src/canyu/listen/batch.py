"""One batch of texts in, one batch of scores out: the same function in threads and in Spark's ``mapInArrow``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.listen.language import detect_language
from canyu.listen.sentiment import SENTIMENTS, SentimentModel
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
        return pa.ListArray.from_arrays(pa.array(np.zeros(len(packed) + 1, np.int32)), pa.array([], pa.string()))


@dataclass(frozen=True, slots=True)
class Scorer:
    """Everything one batch needs: the sentiment model and what links names; can be pickled to a worker."""

    sentiment: SentimentModel
    linker: TextLinker

    @property
    def version(self) -> str:
        """The version every score carries: the model's and, where there is a catalogue, the linker's."""
        return "+".join(filter(None, (self.sentiment.version, self.linker.version)))


def score_texts(texts: pa.Array | pa.ChunkedArray, *, scorer: Scorer) -> pa.RecordBatch:
    """Score each text, in order, as ``BATCH_SCHEMA``; sentiment and its probabilities are null where not Chinese.

    Pure: no state but the scorer, so any split of the texts over threads or machines gives the same rows.
    """
    packed = pack_texts(texts)
    lang = detect_language(packed)
    is_scored = pc.equal(lang, "zh")
    probabilities = scorer.sentiment.predict(packed)
    winners = pa.array(probabilities.argmax(axis=1).astype(np.int32), mask=~is_scored.to_numpy(zero_copy_only=False))
    labels = pa.DictionaryArray.from_arrays(winners, pa.array(SENTIMENTS)).dictionary_decode()
    nothing = pa.scalar(None, pa.float32())
    columns = [pc.if_else(is_scored, pa.array(np.ascontiguousarray(column)), nothing) for column in probabilities.T]
    version = pa.repeat(pa.scalar(scorer.version), len(packed))
    links = scorer.linker.link(packed, texts)
    return pa.RecordBatch.from_arrays([lang, labels, *columns, links, version], schema=BATCH_SCHEMA)
