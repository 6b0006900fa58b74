"""Which aspects a post speaks of, how it finds them, and where it says so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.model_store import TRAIN_AGAIN, VERSION_DIGITS, load_version, read_arrays
from canyu.kit.words import Words
from canyu.listen.aspects.lexicon import compile_lexicon
from canyu.listen.aspects.taxonomy import Taxonomy, load_taxonomy
from canyu.listen.kernels.aspects import COLUMNS, GATE_ZERO, GATES, Heads, Lines, find_aspects
from canyu.listen.kernels.terms import Lexicon
from canyu.listen.text import PackedTexts, pack_texts

MODEL_NAME = "aspects-zh"
BITS = 20  # buckets of grams, before the known ones are looked up
MAX_GRAMS = 1 << 16  # read of one post: some 20,000 characters
FINDING = pa.struct(
    [
        pa.field("aspect", pa.string()),
        pa.field("name_zh", pa.string()),
        pa.field("polarity", pa.int8()),
        pa.field("p", pa.float32()),
        pa.field("start", pa.int32()),
        pa.field("end", pa.int32()),
    ]
)
ARRAYS = {
    "buckets": 1, "table": 2, "scale": 1, "columns": 2, "presence": 2, "opinion": 2, "praise": 2, "gate_column": 1,
    "gate": 2, "threshold": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AspectTerm:
    """One aspect in one text: ``text[start:end]`` says it, or None where it is said between the lines."""

    aspect: str
    name: Words
    polarity: int
    p: float
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class AspectModel:
    """The words of a taxonomy and heads over hashed grams; holds no state between calls, threads may share it."""

    version: str
    taxonomy: Taxonomy
    lexicon: Lexicon
    heads: Heads
    lines: Lines

    def find(self, packed: PackedTexts, *, domains: pa.Array | pa.ChunkedArray | None = None) -> pa.ListArray:
        """Return per text what it says of which aspects: a list of ``FINDING``, in the order of the taxonomy.

        Each aspect comes once. ``polarity`` is -1, 0 or 1; ``p`` is the probability that the text says just this of
        the aspect; ``start`` and ``end`` (exclusive, in characters of the original text) are null where no term of
        the taxonomy says it. ``domains``: what each text is known to be about, ``list<string>`` of domain ids;
        an empty or null list leaves it to the text. Raises BadInput where it has another length.
        """
        hints = self._read_hints(domains, len(packed))
        offsets, rows, chances = self._find(packed, hints)
        ids = pa.array([aspect.id for aspect in self.taxonomy.aspects], pa.string())
        names = pa.array([str(aspect.name.zh) for aspect in self.taxonomy.aspects], pa.string())
        taken = pa.array(rows[:, 0])
        nowhere = rows[:, 2] < 0
        columns = [
            ids.take(taken),
            names.take(taken),
            pa.array(rows[:, 1].astype(np.int8)),
            pa.array(chances),
            pa.array(rows[:, 2], mask=nowhere),
            pa.array(rows[:, 3], mask=nowhere),
        ]
        return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(columns, fields=list(FINDING)))

    def find_terms(self, text: str, *, domains: tuple[str, ...] = ()) -> list[AspectTerm]:
        """Return the aspects of one text in the order they are said, those between the lines last."""
        hint = pa.array([list(domains)], pa.list_(pa.string()))
        _, rows, chances = self._find(pack_texts(pa.array([text], pa.string())), self._read_hints(hint, 1))
        found = []
        for (number, polarity, start, end), chance in zip(rows.tolist(), chances.tolist(), strict=True):
            aspect = self.taxonomy.aspects[number]
            span = (start, end) if start >= 0 else (None, None)
            found.append(AspectTerm(aspect.id, aspect.name, polarity, chance, *span))
        return sorted(found, key=lambda term: (term.start is None, term.start or 0))

    def _find(self, packed: PackedTexts, hints: NDArray[np.int64]) -> tuple[Any, Any, Any]:
        codes = np.require(packed.codes, np.int32, ["C", "W"])  # a read-only array would compile everything anew
        offsets = np.require(packed.offsets, np.int64, ["C", "W"])
        width = measure_width(offsets)
        return find_aspects(self.lexicon, self.heads, self.lines, codes, offsets, hints, width)

    def _read_hints(self, domains: pa.Array | pa.ChunkedArray | None, count: int) -> NDArray[np.int64]:
        hints = np.zeros(count, np.int64)
        if domains is None:
            return hints
        if len(domains) != count:
            raise BadInput(
                Words("domains 与文本的数量不同。", "domains and texts differ in number."),
                mend=Words("每条文本给一个列表。", "Give one list per text."),
            )
        places = {domain.id: place for place, domain in enumerate(self.taxonomy.domains)}
        lists = domains.combine_chunks() if isinstance(domains, pa.ChunkedArray) else domains
        values = pc.list_flatten(lists).to_pylist()
        for row, value in zip(pc.list_parent_indices(lists).to_numpy(), values, strict=True):
            if value in places:  # a category that is no domain says nothing
                hints[row] |= 1 << places[value]
        return hints


def measure_width(offsets: NDArray[np.int64]) -> int:
    """Return how many grams the longest text can have, at most MAX_GRAMS."""
    longest = int(np.diff(offsets).max()) if len(offsets) > 1 else 0
    return min(3 * longest + 8, MAX_GRAMS)


def load_aspects(version: str = "") -> AspectModel:
    """Load the newest installed model, or exactly ``version`` (a name, or a name with its digits after ``+``)."""
    return load_version(version, read_model, default=MODEL_NAME)


def read_model(path: Path) -> AspectModel:
    """Read one weights file; its version is the folder's name and the first digits of the file's SHA-256."""
    arrays, sha256 = read_arrays(path)
    if any(name not in arrays or arrays[name].ndim != dimensions for name, dimensions in ARRAYS.items()):
        raise BadInput(Words(f"{path} 中没有方面模型。", f"{path} holds no aspect model."), mend=TRAIN_AGAIN)
    taxonomy = load_taxonomy()
    aspects, domains = len(taxonomy.aspects), len(taxonomy.domains)
    rows = len(arrays["buckets"]) + 1
    fits = arrays["table"].shape == (rows, COLUMNS) and arrays["columns"].shape == (aspects, 3)
    if not fits or arrays["gate"].shape != (domains, 3) or rows > 1 << 16:
        raise BadInput(Words(f"{path} 与分类文件不符。", f"{path} does not fit the taxonomy."), mend=TRAIN_AGAIN)
    return build_model(f"{path.parent.name}+{sha256[:VERSION_DIGITS]}", taxonomy, arrays)


def build_model(version: str, taxonomy: Taxonomy, arrays: dict[str, NDArray[Any]]) -> AspectModel:
    """Put a model together from the arrays of a weights file."""
    index = np.zeros(1 << BITS, np.uint16)
    index[arrays["buckets"]] = np.arange(1, len(arrays["buckets"]) + 1)
    table = np.ascontiguousarray(arrays["table"], np.int8)
    columns = np.resize(np.unique(arrays["gate_column"]), GATES).astype(np.int32)
    gates = np.ascontiguousarray(table[:, columns].astype(np.int64) + GATE_ZERO, np.uint8)
    heads = Heads(
        index, table, gates.view("<u8")[:, 0].astype(np.uint64), columns, np.asarray(arrays["scale"], np.float64)
    )
    places = {domain.id: place for place, domain in enumerate(taxonomy.domains)}
    threshold = min(max(float(arrays["threshold"][0]), 0.001), 0.999)
    lines = Lines(
        np.array([places[aspect.domain] for aspect in taxonomy.aspects], np.int32),
        np.array([domain.is_shared for domain in taxonomy.domains], np.uint8),
        np.ascontiguousarray(arrays["columns"], np.int32),
        np.ascontiguousarray(arrays["presence"], np.float64),
        np.ascontiguousarray(arrays["opinion"], np.float64),
        np.ascontiguousarray(arrays["praise"], np.float64),
        np.ascontiguousarray(arrays["gate_column"], np.int32),
        np.ascontiguousarray(arrays["gate"], np.float64),
        threshold,
        math.log(threshold / (1.0 - threshold)),
    )
    return AspectModel(version, taxonomy, compile_lexicon(taxonomy), heads, lines)
