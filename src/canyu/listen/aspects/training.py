"""How the aspect model is made: the same data and seed give the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.listen.aspects.corpora import CARS, CATEGORIES, SHOP, SUBJECTS, TERMS, AspectCorpus, Label, find_clause
from canyu.listen.aspects.lexicon import compile_lexicon
from canyu.listen.aspects.model import BITS
from canyu.listen.aspects.taxonomy import More, Taxonomy, load_taxonomy
from canyu.listen.corpora import TRAIN, VALIDATION
from canyu.listen.kernels.adagrad import compute_leanings, fit_logistic
from canyu.listen.kernels.aspects import COLUMNS, Floats, Ints, collect_grams, match_term
from canyu.listen.kernels.ngrams import hash_grams

GATES = ("car", "phone", "appliance", "care", "product")
PRESENCE, OPINION, PRAISE, GATE = 0, 10, 20, 30
SHOP_PRESENCE = GATE + len(GATES)
ANY_OPINION = SHOP_PRESENCE + len(CATEGORIES)
ANY_PRAISE = ANY_OPINION + 1  # three: for aspects of which more is neither, good or bad
SIGNS = (More.NONE, More.GOOD, More.BAD)
INT8_END = 127


@dataclass(frozen=True, slots=True)
class AspectSettings:
    """What a model was trained with; chosen by five-fold cross-validation on the training part, 2026-11."""

    least: int = 3  # texts a gram must be in
    most: int = 60_000  # grams
    epochs: int = 10
    rate: float = 0.3
    decay: float = 1e-4
    folds: int = 5
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Instances:
    """Parts of texts as rows of known grams; ``texts`` is the text of each, ``groups`` what it is asked about."""

    rows: Ints
    starts: NDArray[np.int64]
    texts: NDArray[np.int64]
    groups: NDArray[np.int64]

    def repeat(self, size: int) -> tuple[Ints, NDArray[np.int64]]:
        """Return the grams twice: shared by all groups, and again as the group's own."""
        lengths = np.diff(self.starts)
        own = self.rows + np.repeat((1 + self.groups) * size, lengths)
        joined = np.column_stack([self.rows, own.astype(np.int32)]).ravel()
        return joined.astype(np.int32), 2 * self.starts


@dataclass(frozen=True, slots=True)
class Materials:
    """All that heads are fitted to, made once for all folds."""

    corpus: AspectCorpus
    taxonomy: Taxonomy
    buckets: NDArray[np.int32]
    index: NDArray[np.uint16]
    whole: Instances  # every text
    judged: Instances  # (text, subject) of car posts
    told: Instances  # clauses of judgements of any source; groups are signs
    judged_polarity: NDArray[np.int8]
    told_polarity: NDArray[np.int8]
    told_sources: NDArray[np.str_]


def gather_materials(corpus: AspectCorpus, settings: AspectSettings) -> Materials:
    """Choose the grams to know and cut the instances of all heads."""
    taxonomy = load_taxonomy()
    buckets = choose_grams(corpus, settings)
    index = np.zeros(1 << BITS, np.uint16)
    index[buckets] = np.arange(1, len(buckets) + 1)
    everything = [(row, 0, int(end)) for row, end in enumerate(np.diff(corpus.packed.offsets))]
    cars = [label for label in corpus.labels if label.aspect in SUBJECTS]
    lengths = np.diff(corpus.packed.offsets)
    judged = [(label.row, 0, int(lengths[label.row])) for label in cars]
    subjects = np.array([SUBJECTS.index(label.aspect) for label in cars])
    told = [label for label in corpus.labels if not is_noisy(corpus, label)]
    signs = Signs(taxonomy)
    ranges = [(label.row, *find_clause(corpus.packed, label.row, signs.find_span(corpus, label))) for label in told]
    groups = np.array([signs.get_sign(corpus, label) for label in told])
    return Materials(
        corpus,
        taxonomy,
        buckets,
        index,
        _cut(corpus, index, everything, np.zeros(len(everything), np.int64)),
        _cut(corpus, index, judged, subjects),
        _cut(corpus, index, ranges, groups),
        np.array([label.polarity for label in cars], np.int8),
        np.array([label.polarity for label in told], np.int8),
        corpus.sources[[label.row for label in told]],
    )


def is_noisy(corpus: AspectCorpus, label: Label) -> bool:
    """Whether a judgement is of shampoo, where neutral stands for weak negatives."""
    return bool(corpus.sources[label.row] == TERMS and corpus.domains[label.row] == "care")


def choose_grams(corpus: AspectCorpus, settings: AspectSettings) -> NDArray[np.int32]:
    """Return the buckets of grams in at least ``least`` texts not kept aside, the most frequent, sorted."""
    buckets, starts = hash_grams(corpus.packed.codes, corpus.packed.offsets, BITS)
    is_learnt = np.repeat(np.isin(corpus.parts, (TRAIN, VALIDATION)), np.diff(starts))
    counts = np.bincount(buckets[is_learnt], minlength=1 << BITS)
    frequent = np.argsort(-counts, kind="stable")[: settings.most]
    return np.sort(frequent[counts[frequent] >= settings.least]).astype(np.int32)


class Signs:
    """Which term of the taxonomy a judgement is about, and whether more of it is good."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.lexicon = compile_lexicon(taxonomy)
        self.more = [SIGNS.index(aspect.more) for aspect in taxonomy.aspects]
        self.places = {aspect.id: place for place, aspect in enumerate(taxonomy.aspects)}
        self.places |= {
            str(aspect.name.zh): place for place, aspect in enumerate(taxonomy.aspects) if aspect.domain == "car"
        }

    def get_sign(self, corpus: AspectCorpus, label: Label) -> int:
        """Return the place in SIGNS of the aspect judged; of a bare term, that of its first use."""
        if label.aspect:
            return self.more[self.places[label.aspect]]
        codes, low, high = _get_codes(corpus, label.row)
        start, end = label.span or (0, 0)
        for at in range(start, end):
            term = match_term(self.lexicon, codes, low + at, low, high)
            if term >= 0:
                return int(self.more[self.lexicon.use_aspect[self.lexicon.use_start[term]]])
        return 0

    def find_span(self, corpus: AspectCorpus, label: Label) -> tuple[int, int] | None:
        """Return where a judgement stands: its own span, or the first term of its aspect."""
        if label.span is not None or not label.aspect:
            return label.span
        codes, low, high = _get_codes(corpus, label.row)
        place = self.places[label.aspect]
        for at in range(low, high):
            term = match_term(self.lexicon, codes, at, low, high)
            if term >= 0:
                uses = slice(self.lexicon.use_start[term], self.lexicon.use_start[term + 1])
                if place in self.lexicon.use_aspect[uses]:
                    return at - low, at - low + int(self.lexicon.at[term + 1] - self.lexicon.at[term])
        return None


def fit_table(materials: Materials, is_held: NDArray[np.bool_], settings: AspectSettings) -> Floats:
    """Return the weights of all heads, float64, shape (grams + 1, COLUMNS), fitted without the texts held out."""
    table = np.zeros((len(materials.buckets) + 1, COLUMNS))
    _fit_presence(table, materials, is_held, settings)
    _fit_polarity(table, materials, is_held, settings)
    _fit_gates(table, materials, is_held, settings)
    table[0] = 0.0
    return table


def quantise(table: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return the table in int8 and what one step is worth per column."""
    scale = np.ones(COLUMNS)
    for column in range(COLUMNS):
        sizes = np.sort(np.abs(table[:, column][table[:, column] != 0.0]))
        if sizes.size:
            scale[column] = np.float32(sizes[min(int(sizes.size * 0.9999), sizes.size - 1)] / INT8_END)
    return np.clip(np.rint(table / scale), -INT8_END, INT8_END).astype(np.int8), scale


def mark_presence(corpus: AspectCorpus, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which text speaks of which of these aspects, shape (texts, names)."""
    present = np.zeros((len(corpus.texts), len(names)), np.bool_)
    places = {name: place for place, name in enumerate(names)}
    for label in corpus.labels:
        if label.aspect in places:
            present[label.row, places[label.aspect]] = True
    return present


def _fit_presence(table: Floats, materials: Materials, is_held: NDArray[np.bool_], settings: AspectSettings) -> None:
    corpus = materials.corpus
    heads = ((CARS, SUBJECTS, PRESENCE), (SHOP, tuple(CATEGORIES.values()), SHOP_PRESENCE))
    for source, names, first in heads:
        rows = corpus.list_rows(source, TRAIN, VALIDATION)
        rows = rows[~is_held[rows]]
        present = mark_presence(corpus, names)
        for place in range(len(names)):
            y = present[:, place].astype(np.float64)
            table[:, first + place] = _fit(materials.whole.rows, materials.whole.starts, rows, y, table, settings)


def _fit_polarity(table: Floats, materials: Materials, is_held: NDArray[np.bool_], settings: AspectSettings) -> None:
    """Fit opinion against none, and praise against blame; a group's weights are the shared ones and its own."""
    size = len(table)
    asked = (
        (materials.judged, materials.judged_polarity, len(SUBJECTS), (OPINION, PRAISE)),
        (materials.told, materials.told_polarity, len(SIGNS), (ANY_OPINION, ANY_PRAISE)),
    )
    parts = np.isin(materials.corpus.parts, (TRAIN, VALIDATION)) & ~is_held
    for instances, polarity, groups, columns in asked:
        rows_of, starts = instances.repeat(size)
        fit = parts[instances.texts]
        for head, first in enumerate(columns):
            y = (polarity > 0 if head else polarity != 0).astype(np.float64)
            rows = np.flatnonzero(fit & (polarity != 0) if head else fit)
            weights = np.ones(len(y))
            if instances is materials.told and not head:
                weights[materials.told_sources == TERMS] = ONE_SIDED
            long = _fit(rows_of, starts, rows, y, np.empty((size * (1 + groups), 0)), settings, weights)
            if first == ANY_OPINION:
                table[:, first] = long[:size]
            else:
                for group in range(groups):
                    table[:, first + group] = long[:size] + long[(1 + group) * size : (2 + group) * size]


ONE_SIDED = 0.1
"""How much a source without neutral judgements teaches what an opinion is."""


def _fit_gates(table: Floats, materials: Materials, is_held: NDArray[np.bool_], settings: AspectSettings) -> None:
    corpus = materials.corpus
    rows = np.flatnonzero(np.isin(corpus.parts, (TRAIN, VALIDATION)) & ~is_held)
    for place, domain in enumerate(GATES):
        y = (corpus.domains != "") if domain == "product" else (corpus.domains == domain)
        table[:, GATE + place] = _fit(
            materials.whole.rows, materials.whole.starts, rows, y.astype(np.float64), table, settings
        )


def _fit(
    grams: Ints,
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    y: Floats,
    like: Floats,
    settings: AspectSettings,
    weights: Floats | None = None,
) -> Floats:
    counted = np.ones(len(y)) if weights is None else weights
    leanings = compute_leanings(grams, starts, rows, y, counted, len(like))
    fitted, _ = fit_logistic(
        grams,
        starts,
        rows,
        y,
        counted,
        leanings,
        settings.epochs,
        settings.rate,
        settings.decay,
        np.uint64(settings.seed),
    )
    return fitted


def _cut(
    corpus: AspectCorpus, index: NDArray[np.uint16], ranges: list[tuple[int, int, int]], groups: NDArray[np.int64]
) -> Instances:
    table = np.array(ranges, np.int64).reshape(-1, 3)
    rows, starts = collect_grams(corpus.packed.codes, corpus.packed.offsets, index, table)
    return Instances(rows, starts, np.ascontiguousarray(table[:, 0]), groups.astype(np.int64))


def _get_codes(corpus: AspectCorpus, row: int) -> tuple[Any, int, int]:
    return corpus.packed.codes, int(corpus.packed.offsets[row]), int(corpus.packed.offsets[row + 1])
