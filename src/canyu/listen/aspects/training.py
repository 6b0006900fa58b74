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
from canyu.listen.kernels.adagrad import compute_leanings
from canyu.listen.kernels.aspects import COLUMNS, Floats, Ints, collect_grams
from canyu.listen.kernels.margin import fit_margin
from canyu.listen.kernels.ngrams import hash_grams
from canyu.listen.kernels.terms import match_term

GATES = ("car", "phone", "appliance", "care", "product")
PRESENCE, OPINION, PRAISE, GATE = 0, 10, 20, 30
SHOP_PRESENCE = GATE + len(GATES)
ANY_OPINION = SHOP_PRESENCE + len(CATEGORIES)
ANY_PRAISE = ANY_OPINION + 1  # three: for aspects of which more is neither, good or bad
SIGNS = (More.NONE, More.GOOD, More.BAD)
INT8_END = 127
ONE_SIDED = 0.1
"""How much a source without neutral judgements teaches what an opinion is."""


@dataclass(frozen=True, slots=True)
class AspectSettings:
    """What a model was trained with; chosen by five-fold cross-validation on the training part, 2026-11."""

    least: int = 3  # texts a gram must be in
    most: int = 32_000  # grams
    epochs: int = 12
    presence_softness: float = 0.3
    polarity_softness: float = 0.5
    own: float = 0.7  # how much a gram counts for the aspect alone, beside what it says of all
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
            table[:, first + place] = _fit_whole(materials, rows, y, settings)


def _fit_gates(table: Floats, materials: Materials, is_held: NDArray[np.bool_], settings: AspectSettings) -> None:
    corpus = materials.corpus
    rows = np.flatnonzero(np.isin(corpus.parts, (TRAIN, VALIDATION)) & ~is_held)
    for place, domain in enumerate(GATES):
        y = (corpus.domains != "") if domain == "product" else (corpus.domains == domain)
        table[:, GATE + place] = _fit_whole(materials, rows, y.astype(np.float64), settings)


def _fit_whole(materials: Materials, rows: NDArray[np.int64], y: Floats, settings: AspectSettings) -> Floats:
    """Fit one question about whole texts; a gram counts by its log-ratio, the square of its leaning."""
    whole, weights = materials.whole, np.ones(len(y))
    leanings = compute_leanings(whole.rows, whole.starts, rows, y, weights, len(materials.buckets) + 1)
    seed, softness = np.uint64(settings.seed), settings.presence_softness
    return fit_margin(whole.rows, whole.starts, rows, y, weights, leanings * leanings, settings.epochs, softness, seed)


def _fit_polarity(table: Floats, materials: Materials, is_held: NDArray[np.bool_], settings: AspectSettings) -> None:
    """Fit opinion against none, and praise against blame, for the subjects of cars and for the signs of all others."""
    cars = Question(materials.judged, materials.judged_polarity, np.ones(len(materials.judged.texts)))
    one_sided = np.where(materials.told_sources == TERMS, ONE_SIDED, 1.0)
    told = Question(materials.told, materials.told_polarity, one_sided)
    groups = np.arange(len(SUBJECTS)), np.arange(len(SIGNS))
    is_learnt = np.isin(materials.corpus.parts, (TRAIN, VALIDATION)) & ~is_held
    size = len(table)
    for asked, names, columns in ((cars, groups[0], (OPINION, PRAISE)), (told, groups[1], (ANY_OPINION, ANY_PRAISE))):
        for head, first in enumerate(columns):
            fitted = _fit_question(asked, bool(head), is_learnt, size, settings)
            if first == ANY_OPINION:
                table[:, first] = fitted[0]
            else:
                table[:, first + names] = (fitted[0] + fitted[1 : 1 + len(names)]).T


@dataclass(frozen=True, slots=True)
class Question:
    """Judgements of polarity, and how much each counts when it is asked whether there is an opinion at all."""

    instances: Instances
    polarity: NDArray[np.int8]
    weights: Floats


def _fit_question(
    asked: Question, is_praise: bool, is_learnt: NDArray[np.bool_], size: int, settings: AspectSettings
) -> Floats:
    """Return the weights shared by all groups, then each group's own, shape (1 + groups, size)."""
    instances, polarity = asked.instances, asked.polarity
    groups = int(instances.groups.max()) + 1
    y = (polarity > 0 if is_praise else polarity != 0).astype(np.float64)
    fit = is_learnt[instances.texts]
    rows = np.flatnonzero(fit & (polarity != 0) if is_praise else fit)
    weights = np.ones(len(y)) if is_praise else asked.weights
    leanings = compute_leanings(instances.rows, instances.starts, rows, y, weights, size)
    features = np.concatenate([leanings, np.tile(leanings * settings.own, groups)])
    grams, starts = instances.repeat(size)
    softness, seed = settings.polarity_softness, np.uint64(settings.seed)
    fitted = fit_margin(grams, starts, rows, y, weights, features, settings.epochs, softness, seed)
    return fitted.reshape(1 + groups, size)


def _cut(
    corpus: AspectCorpus, index: NDArray[np.uint16], ranges: list[tuple[int, int, int]], groups: NDArray[np.int64]
) -> Instances:
    table = np.array(ranges, np.int64).reshape(-1, 3)
    rows, starts = collect_grams(corpus.packed.codes, corpus.packed.offsets, index, table)
    return Instances(rows, starts, np.ascontiguousarray(table[:, 0]), groups.astype(np.int64))


def _get_codes(corpus: AspectCorpus, row: int) -> tuple[Any, int, int]:
    return corpus.packed.codes, int(corpus.packed.offsets[row]), int(corpus.packed.offsets[row + 1])
