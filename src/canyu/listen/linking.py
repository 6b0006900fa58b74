"""Who and what a text speaks of: catalogue ids found by Aho-Corasick over aliases, with boundaries and contexts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.events.catalogue import Case, Catalogue
from canyu.listen.context import compile_catalogue
from canyu.listen.kernels.linking import choose_hits, find_hits, gather_entries
from canyu.listen.text import PackedTexts, pack_texts

RULES_VERSION = "1"
"""Counted up when the same catalogue would give other links, so that they are made again."""


@dataclass(frozen=True, slots=True)
class Span:
    """One mention in a text: ``text[start:end]`` speaks of the entry ``id``."""

    start: int
    end: int
    id: str


class Linker:
    """Finds the entries of one catalogue in texts. Holds no state between calls; threads may share it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.version = f"{catalogue.version}-{catalogue.fingerprint}.{RULES_VERSION}"
        self._automaton, self._rules, self._aliases = compile_catalogue(catalogue)
        self._ids = pa.array(sorted(catalogue.by_id), pa.string())
        self._exact = np.array([alias.case is Case.EXACT for alias in self._aliases], np.bool_)

    def link(self, packed: PackedTexts, texts: pa.Array | pa.ChunkedArray | None = None) -> pa.ListArray:
        """Return per text the ids spoken of, sorted and unique; a product brings its brand with it.

        ``texts`` are the same texts unfolded. Only aliases with ``case: exact`` look at them; without ``texts``
        those find nothing.

        >>> from canyu.events.catalogue import load_catalogue
        >>> linker = Linker(load_catalogue())
        >>> linker.link(pack_texts(pa.array(["su7 Ultra真香", "小米粥真香"]))).to_pylist()
        [['xiaomi', 'xiaomi/su7-ultra'], []]
        """
        hits, starts, chosen = self._choose(packed, texts)
        offsets, values = gather_entries(self._rules, hits, starts, chosen)
        return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), self._ids.take(pa.array(values)))

    def find_spans(self, text: str) -> list[Span]:
        """Return the mentions in one text, in order; what a page marks when it shows the post.

        >>> from canyu.events.catalogue import load_catalogue
        >>> Linker(load_catalogue()).find_spans("试驾了小米 SU7，比Model 3好")
        [Span(start=3, end=9, id='xiaomi/su7'), Span(start=11, end=18, id='tesla/model-3')]
        """
        texts = pa.array([text], pa.string())
        hits, _, chosen = self._choose(pack_texts(texts), texts)
        entries = self._rules.entry[hits[chosen, 3]]
        found = {
            (int(hit[0]), int(hit[1]), self._ids[int(entry)].as_py())
            for hit, entry in zip(hits[chosen], entries, strict=True)
        }
        return [Span(*span) for span in sorted(found)]

    def _choose(
        self, packed: PackedTexts, texts: pa.Array | pa.ChunkedArray | None
    ) -> tuple[Any, Any, NDArray[np.bool_]]:
        codes = np.require(packed.codes, np.int32, ["C", "W"])  # a read-only array would compile everything anew
        offsets = np.require(packed.offsets, np.int64, ["C", "W"])
        hits, starts = find_hits(self._automaton, codes, offsets)
        if self._exact.any():
            hits, starts = self._drop_other_case(hits, starts, texts)
        return hits, starts, choose_hits(self._rules, hits, starts, offsets)

    def _drop_other_case(self, hits: Any, starts: Any, texts: pa.Array | pa.ChunkedArray | None) -> tuple[Any, Any]:
        """Keep of the hits of exact aliases only those that the text writes as the alias does."""
        keep = np.ones(len(hits), np.bool_)
        for place in np.flatnonzero((hits[:, 2] == 0) & self._exact[np.minimum(hits[:, 3], len(self._exact) - 1)]):
            start, end, _, alias, _ = hits[place]
            row = int(np.searchsorted(starts, place, "right")) - 1
            keep[place] = texts is not None and texts[row].as_py()[start:end] == self._aliases[alias].text
        kept_before = np.concatenate([[0], np.cumsum(keep)])
        return np.ascontiguousarray(hits[keep]), kept_before[starts]
