"""How well aspects are found in texts never trained on, source by source, and how often in talk about no product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.listen.aspects.corpora import CARS, CATEGORIES, SHOP, SUBJECTS, TERMS, AspectCorpus
from canyu.listen.aspects.fitting import list_answers, select_texts
from canyu.listen.aspects.model import AspectModel
from canyu.listen.calibration import compute_ece
from canyu.listen.corpora import TEST
from canyu.listen.evaluation import compute_interval

TALK = "weibo2018_sentiment"
DRAWS, SEED = 1000, 7


@dataclass(frozen=True, slots=True)
class AspectFigures:
    """One line of a model card; ``low`` and ``high`` are the ends of the 95 % interval of ``value``."""

    source: str
    task: str
    texts: int
    value: float
    low: float
    high: float
    ece: float | None


def evaluate_aspects(model: AspectModel, corpus: AspectCorpus) -> list[AspectFigures]:
    """Return the figures on the test part of each source.

    ``pairs``: micro-F1 of (aspect, polarity), interval by bootstrap over texts. ``aspects``: the same, polarity set
    aside. ``polarity of terms``: share right among terms of the source that a finding overlaps (the source has
    no neutral, so "neither" is wrong there; and again without these). ``terms reached``: the
    share of the source's terms that one does. ``posts with an aspect``: in talk that is mostly about no product.
    """
    found = []
    for source in (CARS, SHOP):
        rows = corpus.list_rows(source, TEST)
        found += [_judge_pairs(model, corpus, rows, source), _judge_aspects(model, corpus, rows, source)]
    found += _judge_terms(model, corpus)
    rows = corpus.list_rows(TALK, TEST)
    said = np.diff(model.find(select_texts(corpus.packed, rows)).offsets.to_numpy()) > 0
    found.append(_share(TALK, "posts with an aspect", said))
    return found


def _judge_pairs(model: AspectModel, corpus: AspectCorpus, rows: NDArray[np.int64], source: str) -> AspectFigures:
    chances, right, total = list_answers(model, corpus, rows, source)
    hits, said, true = _count_by_text(model, corpus, rows, source, with_polarity=True)
    low, high = _draw_interval(hits, said, true)
    value = 2 * int(right.sum()) / (len(right) + total)
    return AspectFigures(source, "pairs", len(rows), value, low, high, compute_ece(chances, right))


def _judge_aspects(model: AspectModel, corpus: AspectCorpus, rows: NDArray[np.int64], source: str) -> AspectFigures:
    hits, said, true = _count_by_text(model, corpus, rows, source, with_polarity=False)
    low, high = _draw_interval(hits, said, true)
    value = 2 * hits.sum() / (said.sum() + true.sum())
    return AspectFigures(source, "aspects", len(rows), float(value), low, high, None)


def _count_by_text(
    model: AspectModel, corpus: AspectCorpus, rows: NDArray[np.int64], source: str, *, with_polarity: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return per text the right, said and true pairs (or aspects alone)."""
    names = {aspect.id: str(aspect.name.zh) for aspect in model.taxonomy.aspects if aspect.domain == "car"}
    wanted = set(SUBJECTS) if source == CARS else set(CATEGORIES.values())
    truth: dict[int, set[tuple[str, int]]] = {}
    for item in corpus.labels:
        if item.aspect in wanted:
            truth.setdefault(item.row, set()).add((item.aspect, item.polarity if with_polarity else 0))
    counts = np.zeros((3, len(rows)), np.int64)
    for place, (row, items) in enumerate(
        zip(rows.tolist(), model.find(select_texts(corpus.packed, rows)).to_pylist(), strict=True)
    ):
        said = {
            (names.get(item["aspect"], "") if source == CARS else item["aspect"], item["polarity"] * with_polarity)
            for item in items
        }
        mine = {pair for pair in said if pair[0] in wanted}
        true = truth.get(row, set())
        counts[:, place] = len(mine & true), len(mine), len(true)
    return counts[0], counts[1], counts[2]


def _draw_interval(hits: NDArray[np.int64], said: NDArray[np.int64], true: NDArray[np.int64]) -> tuple[float, float]:
    drawn = np.random.default_rng(SEED).integers(0, len(hits), (DRAWS, len(hits)))
    values = 2 * hits[drawn].sum(axis=1) / np.maximum(said[drawn].sum(axis=1) + true[drawn].sum(axis=1), 1)
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _judge_terms(model: AspectModel, corpus: AspectCorpus) -> list[AspectFigures]:
    """Shampoo is left out: its neutral is used for weak negatives."""
    rows = corpus.list_rows(TERMS, TEST)
    rows = rows[corpus.domains[rows] != "care"]
    found = dict(zip(rows.tolist(), model.find(select_texts(corpus.packed, rows)).to_pylist(), strict=True))
    reached, right, opinions = [], [], []
    for item in corpus.labels:
        if item.row not in found or item.span is None:
            continue
        start, end = item.span
        over = [it for it in found[item.row] if it["start"] is not None and it["start"] < end and it["end"] > start]
        reached.append(bool(over))
        if over:
            best = max(over, key=lambda it: float(it["p"]))
            right.append(best["polarity"] == item.polarity)
            opinions.append(best["polarity"] != 0)
    polarity = _share(TERMS, "polarity of terms", np.array(right, np.bool_))
    clear = _share(
        TERMS, "polarity of terms, neither set aside", np.array(right, np.bool_)[np.array(opinions, np.bool_)]
    )
    return [polarity, clear, _share(TERMS, "terms reached", np.array(reached, np.bool_))]


def _share(source: str, task: str, is_so: NDArray[np.bool_]) -> AspectFigures:
    low, high = compute_interval(int(is_so.sum()), is_so.size)
    return AspectFigures(source, task, is_so.size, float(is_so.mean()) if is_so.size else 0.0, low, high, None)
