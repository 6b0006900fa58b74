"""From scores to probabilities: lines fitted to texts that the scores were not trained on, fold by fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.listen.aspects.corpora import CARS, CATEGORIES, SHOP, SUBJECTS, AspectCorpus
from canyu.listen.aspects.lines import fit_lines
from canyu.listen.aspects.model import AspectModel, build_model, measure_width
from canyu.listen.aspects.taxonomy import Taxonomy
from canyu.listen.aspects.training import (
    ANY_OPINION,
    ANY_PRAISE,
    GATE,
    GATES,
    OPINION,
    PRAISE,
    PRESENCE,
    SHOP_PRESENCE,
    SIGNS,
    AspectSettings,
    Materials,
    fit_table,
    mark_presence,
    quantise,
)
from canyu.listen.corpora import TRAIN, VALIDATION
from canyu.listen.kernels.aspects import STRONG, WEAK, Floats, measure_posts
from canyu.listen.text import PackedTexts

Arrays = dict[str, NDArray[Any]]
LOWEST = 0.02  # threshold while the real one is not yet chosen
STEPS = 100
LEAST_TONE = 3.0  # log-odds by which 不发热 or 掉帧 say praise or blame themselves; the sets have few such phrases


@dataclass(frozen=True, slots=True)
class Measured:
    """What fold models say of texts they never saw, see ``measure_posts``; ``any_each`` by the heads of any aspect."""

    rows: NDArray[np.int64]
    scores: Floats
    each: Floats
    any_each: Floats
    strong: Floats


def choose_columns(taxonomy: Taxonomy) -> NDArray[np.int32]:
    """Return the heads of each aspect, shape (aspects, 3): presence (-1 is none), opinion, praise."""
    columns = np.empty((len(taxonomy.aspects), 3), np.int32)
    shop = list(CATEGORIES.values())
    for place, aspect in enumerate(taxonomy.aspects):
        columns[place] = -1, ANY_OPINION, ANY_PRAISE + SIGNS.index(aspect.more)
        subject = find_subject(taxonomy, place)
        if subject >= 0:
            columns[place] = PRESENCE + subject, OPINION + subject, PRAISE + subject
        elif aspect.id in shop:
            columns[place, 0] = SHOP_PRESENCE + shop.index(aspect.id)
    return columns


def find_subject(taxonomy: Taxonomy, place: int) -> int:
    """Return the place in SUBJECTS of an aspect, or -1."""
    aspect = taxonomy.aspects[place]
    name = str(aspect.name.zh)
    return SUBJECTS.index(name) if aspect.domain == "car" and name in SUBJECTS else -1


def pack_table(materials: Materials, table: Floats) -> Arrays:
    """Return the arrays of a model whose lines are not fitted yet."""
    taxonomy = materials.taxonomy
    aspects = len(taxonomy.aspects)
    heads, scale = quantise(table)
    gates = [GATES.index("product") if domain.is_shared else GATES.index(domain.id) for domain in taxonomy.domains]
    return {
        "buckets": materials.buckets,
        "table": heads,
        "scale": scale,
        "columns": choose_columns(taxonomy),
        "presence": np.zeros((aspects, 4)),
        "opinion": np.zeros((aspects, 4)),
        "praise": np.zeros((aspects, 4)),
        "gate_column": np.array(gates, np.int32) + GATE,
        "gate": np.zeros((len(taxonomy.domains), 3)),
        "threshold": np.array([LOWEST]),
    }


def measure_folds(materials: Materials, settings: AspectSettings) -> tuple[list[Arrays], list[Measured]]:
    """Fit one table per fold without its texts, and measure these by it."""
    packs, measured = [], []
    for fold in range(settings.folds):
        is_held = materials.corpus.folds % settings.folds == fold
        packs.append(pack_table(materials, fit_table(materials, is_held, settings)))
        rows = np.flatnonzero(is_held & np.isin(materials.corpus.parts, (TRAIN, VALIDATION)))
        measured.append(measure_texts(materials, packs[-1], rows))
    return packs, measured


def measure_texts(materials: Materials, arrays: Arrays, rows: NDArray[np.int64]) -> Measured:
    """Return the scores of these texts."""
    packed = select_texts(materials.corpus.packed, rows)
    found = []
    for any_heads in (False, True):
        given = dict(arrays)
        if any_heads:
            given["columns"] = given["columns"].copy()
            signs = [SIGNS.index(aspect.more) for aspect in materials.taxonomy.aspects]
            given["columns"][:, 1], given["columns"][:, 2] = ANY_OPINION, ANY_PRAISE + np.array(signs)
        model = build_model("", materials.taxonomy, given)
        width = measure_width(packed.offsets)
        found.append(measure_posts(model.lexicon, model.heads, model.lines, packed.codes, packed.offsets, width))
    (scores, each, strong), (_, any_each, _) = found
    return Measured(rows, scores, each, any_each, strong)


def select_texts(packed: PackedTexts, rows: NDArray[np.int64]) -> PackedTexts:
    """Return these texts only."""
    lengths = np.diff(packed.offsets)[rows]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    codes = np.empty(int(offsets[-1]), np.int32)
    for place, row in enumerate(rows):
        codes[offsets[place] : offsets[place + 1]] = packed.codes[packed.offsets[row] : packed.offsets[row + 1]]
    return PackedTexts(codes, offsets)


def fit_all_lines(materials: Materials, measured: list[Measured]) -> Arrays:
    """Return the arrays of all lines, fitted to the measurements of all folds together."""
    order = np.argsort(np.concatenate([part.rows for part in measured]), kind="stable")
    joined = Measured(
        *(np.concatenate([getattr(part, name) for part in measured])[order] for name in Measured.__slots__)
    )
    opinion, praise = _fit_polarity_lines(materials, joined)
    return {
        "presence": _fit_presence_lines(materials, joined),
        "opinion": opinion,
        "praise": praise,
        "gate": _fit_gate_lines(materials, joined),
    }


def _fit_presence_lines(materials: Materials, joined: Measured) -> Floats:
    """Fit each aspect that has a head on its own source; all others share a line of how far terms can be trusted."""
    corpus, aspects = materials.corpus, materials.taxonomy.aspects
    lines = np.zeros((len(aspects), 4))
    columns = choose_columns(materials.taxonomy)
    pooled: list[tuple[Floats, Floats]] = []
    for place, aspect in enumerate(aspects):
        if columns[place, 0] < 0:
            continue
        source, name = (CARS, str(aspect.name.zh)) if aspect.domain == "car" else (SHOP, aspect.id)
        mine = corpus.sources[joined.rows] == source
        y = mark_presence(corpus, (name,))[joined.rows[mine], 0].astype(np.float64)
        kind = joined.each[mine, place, 0]
        x = np.column_stack([joined.scores[mine, columns[place, 0]], kind == STRONG, kind == WEAK])
        lines[place] = fit_lines(x, y, np.ones(len(y)))
        pooled.append((kind, y))
    kind, y = (np.concatenate(part) for part in zip(*pooled, strict=True))
    said = kind > 0
    strong = fit_lines(np.column_stack([kind == STRONG])[said].astype(np.float64), y[said], np.ones(int(said.sum())))
    lines[columns[:, 0] < 0] = 0.0, strong[0], 0.0, strong[1]
    return lines


def _fit_polarity_lines(materials: Materials, joined: Measured) -> tuple[Floats, Floats]:
    corpus, taxonomy = materials.corpus, materials.taxonomy
    places = {name: place for place, name in enumerate(aspect.id for aspect in taxonomy.aspects)}
    subjects = {SUBJECTS[number]: place for place in places.values() if (number := find_subject(taxonomy, place)) >= 0}
    at = {int(row): place for place, row in enumerate(joined.rows)}
    cars = [(at[item.row], subjects[item.aspect], item.polarity) for item in corpus.labels
            if item.aspect in subjects and item.row in at]  # fmt: skip
    shop = [(at[item.row], places[item.aspect], item.polarity) for item in corpus.labels
            if item.aspect in places and item.row in at]  # fmt: skip
    found = []
    for head in range(2):
        lines = np.zeros((len(places), 4))
        lines[:] = _fit_any_line(joined.any_each, (cars, shop), head)
        if head:
            lines[:, 2] = np.maximum(lines[:, 2], LEAST_TONE)
        x, y, place = _list_points(joined.each, cars, head)
        names = list(subjects.values())
        ones = (place[:, None] == np.array(names)[None, :]).astype(np.float64)
        line = fit_lines(np.column_stack([x, ones]), y, np.ones(len(y)))
        for number, subject in enumerate(names):
            lines[subject] = *line[:3], line[-1] + line[3 + number]
        found.append(lines)
    return found[0], found[1]


def _fit_any_line(each: Floats, sets: tuple[list[tuple[int, int, int]], ...], head: int) -> Floats:
    """Fit one line to both sources, each counting the same in all."""
    points = [_list_points(each, judged, head) for judged in sets]
    most = max(len(y) for _, y, _ in points)
    weights = np.concatenate([np.full(len(y), most / len(y)) for _, y, _ in points])
    return fit_lines(np.concatenate([x for x, _, _ in points]), np.concatenate([y for _, y, _ in points]), weights)


def _list_points(
    each: Floats, judged: list[tuple[int, int, int]], head: int
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return scores and tone (n, 3), the answer, and the aspect of judgements; praise asks those with an opinion."""
    table = np.array(judged, np.int64)
    if head:
        table = table[table[:, 2] != 0]
    mine = each[table[:, 0], table[:, 1]]
    tone = mine[:, 1] if head else np.abs(mine[:, 1])
    y = table[:, 2] > 0 if head else table[:, 2] != 0
    return np.column_stack([mine[:, 2 + 2 * head], mine[:, 3 + 2 * head], tone]), y.astype(np.float64), table[:, 1]


def _fit_gate_lines(materials: Materials, joined: Measured) -> Floats:
    corpus, domains = materials.corpus, materials.taxonomy.domains
    lines = np.zeros((len(domains), 3))
    mine = corpus.domains[joined.rows]
    for place, domain in enumerate(domains):
        name = "product" if domain.is_shared else domain.id
        y = (mine != "") if domain.is_shared else (mine == name)
        strong = joined.strong.sum(axis=1) if domain.is_shared else joined.strong[:, place]
        x = np.column_stack([joined.scores[:, GATE + GATES.index(name)], np.minimum(strong, 3)])
        lines[place] = fit_lines(x, y.astype(np.float64), np.ones(len(y)))
    return lines


def choose_threshold(materials: Materials, packs: list[Arrays], lines: Arrays, settings: AspectSettings) -> float:
    """Return the probability above which to say so: the mean of micro-F1 on both sources is highest, over all folds."""
    corpus = materials.corpus
    models = [build_model("", materials.taxonomy, {**arrays, **lines}) for arrays in packs]
    curves = []
    for source in (CARS, SHOP):
        parts = []
        for fold, model in enumerate(models):
            rows = corpus.list_rows(source, TRAIN, VALIDATION)
            parts.append(list_answers(model, corpus, rows[corpus.folds[rows] % settings.folds == fold], source))
        chances = np.concatenate([part[0] for part in parts])
        right = np.concatenate([part[1] for part in parts])
        total = sum(part[2] for part in parts)
        steps = np.arange(1, STEPS) / STEPS
        curves.append([2 * (right & (chances > step)).sum() / ((chances > step).sum() + total) for step in steps])
    return float((1 + int(np.mean(curves, axis=0).argmax())) / STEPS)


def list_answers(
    model: AspectModel, corpus: AspectCorpus, rows: NDArray[np.int64], source: str
) -> tuple[Floats, NDArray[np.bool_], int]:
    """Return the probability of each finding of a source's own aspects, whether it is right, and how many are true."""
    found = model.find(select_texts(corpus.packed, rows))
    names = {aspect.id: str(aspect.name.zh) for aspect in model.taxonomy.aspects if aspect.domain == "car"}
    wanted = set(SUBJECTS) if source == CARS else set(CATEGORIES.values())
    kept = set(rows.tolist())
    truth = {(item.row, item.aspect, item.polarity) for item in corpus.labels
             if item.row in kept and item.aspect in wanted}  # fmt: skip
    parents = rows[np.repeat(np.arange(len(rows)), np.diff(found.offsets.to_numpy()))].tolist()
    flat = found.flatten()
    chances, right = [], []
    for row, item in zip(parents, flat.to_pylist(), strict=True):
        name = names.get(item["aspect"], "") if source == CARS else item["aspect"]
        if name in wanted:
            chances.append(item["p"])
            right.append((row, name, item["polarity"]) in truth)
    return np.array(chances, np.float64), np.array(right, np.bool_), len(truth)


def train_arrays(materials: Materials, settings: AspectSettings) -> Arrays:
    """Return the arrays of the finished model."""
    packs, measured = measure_folds(materials, settings)
    lines = fit_all_lines(materials, measured)
    threshold = choose_threshold(materials, packs, lines, settings)
    table = fit_table(materials, np.zeros(len(materials.corpus.texts), np.bool_), settings)
    return {**pack_table(materials, table), **lines, "threshold": np.array([threshold])}
