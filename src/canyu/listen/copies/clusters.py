"""Clusters of copies: exact and near ones around a first text, and families that take in rewritten ones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from canyu.listen.copies.signatures import Signatures
from canyu.listen.kernels.clusters import find_leaders, link_rows
from canyu.listen.kernels.gramsets import make_sets
from canyu.listen.kernels.neardup import find_first_copies


class Kind(IntEnum):
    """How a text is like the first of its cluster; ``REWRITTEN``: like the first of its family only."""

    FIRST = 0
    EXACT = 1
    NEAR = 2
    REWRITTEN = 3


@dataclass(frozen=True, slots=True)
class ClusterRules:
    """How alike copies are. The defaults were chosen on edits of public posts; docs/listen/copies.md has the figures.

    ``near``: least Jaccard index of 3-grams. ``rewritten``: the same of 2-grams, to which ``2 * short_extra`` divided
    by both sizes is added, since few grams meet by chance; above 1 no families are sought.
    """

    near: float = 0.44
    rewritten: float = 0.38
    short_extra: float = 2.0

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """What the kernels ask for: 3-grams, extra, 2-grams, extra."""
        return np.array([self.near, 0.0, self.rewritten, self.short_extra])


@dataclass(frozen=True, slots=True)
class Clusters:
    """One row per text, in order; numbers are row numbers.

    ``clusters``: the first text of the exact and near copies, int64. ``families``: the first text with rewritten
    copies taken in, int64; no two texts of a cluster are in different families. ``kinds``: ``Kind``, int8.
    ``similarities``: Jaccard index to that first text (2-grams where rewritten), float32.
    """

    clusters: NDArray[np.int64]
    families: NDArray[np.int64]
    kinds: NDArray[np.int8]
    similarities: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier run found of the first ``len(families)`` texts: each leads a cluster of a family."""

    families: NDArray[np.int64]


def find_clusters(signatures: Signatures, *, rules: ClusterRules | None = None, known: Known | None = None) -> Clusters:
    """Return the cluster of each text; the earlier row leads, so give the texts in the order of their time.

    Candidates share one of 32 band keys and most min-hashes; every copy is then verified against the first text of
    its cluster by the exact Jaccard index of their grams. Linear in the texts, a million copies of one text included.

    >>> import pyarrow as pa
    >>> from canyu.listen import pack_texts
    >>> from canyu.listen.copies import compute_signatures
    >>> texts = ["这车的续航比我想的好得多", "不相干", "这车的续航，比我想的好得多啊", "这车的续航比我想的好得多[赞]"]
    >>> found = find_clusters(compute_signatures(pack_texts(pa.array(texts))))
    >>> found.clusters.tolist(), found.kinds.tolist()
    ([0, 1, 0, 0], [0, 0, 2, 1])
    """
    rules = rules or ClusterRules()
    letters, offsets, total = signatures.letters.codes, signatures.letters.offsets, len(signatures)
    first_new = 0 if known is None else len(known.families)
    asked = rules.thresholds
    copied = find_first_copies(signatures.contents, offsets)
    copied[:first_new] = np.arange(first_new)
    rows = np.flatnonzero(copied == np.arange(total))
    threes, twos = make_sets(total, len(letters)), make_sets(total, len(letters))
    near, loose = link_rows(
        signatures.keys, signatures.keys.view(np.uint32), letters, offsets, rows, first_new, asked, threes, twos
    )
    alone = np.ones(total, np.int64)
    leaders, likeness = find_leaders(near, rows, alone, letters, offsets, first_new, 3, rules.near, 0.0, threes)
    heads = rows[leaders[rows] == rows]
    if known is not None:
        leads_family = np.concatenate([known.families, np.arange(first_new, total)]) == np.arange(total)
        heads = heads[leads_family[heads]]
    least, extra = rules.rewritten, rules.short_extra
    sizes = np.bincount(leaders[copied], minlength=total)
    above, loose_likeness = find_leaders(loose, heads, sizes, letters, offsets, first_new, 2, least, extra, twos)
    if known is not None:
        above[:first_new] = known.families
    clusters = leaders[copied]
    is_rewritten = (clusters == np.arange(total)) & (above != clusters)
    kinds = np.where(clusters != copied, Kind.NEAR, np.where(copied != np.arange(total), Kind.EXACT, Kind.FIRST))
    kinds = np.where(is_rewritten, Kind.REWRITTEN, kinds).astype(np.int8)
    return Clusters(clusters, above[clusters], kinds, np.where(is_rewritten, loose_likeness, likeness[copied]))
