"""How each target is fitted on some posts, and calibrated on posts that came after those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.spread.prediction.curve import STEPS_H, THINNEST, Course
from canyu.spread.prediction.features import NAMES
from canyu.spread.prediction.horizon import (
    AGES_H,
    DAY,
    FINAL,
    HIGH,
    LEAST_SEEN,
    LEVELS,
    LOW,
    TOLD,
    Horizon,
    rank_truth,
)
from canyu.spread.prediction.snapshots import Snapshots
from canyu.spread.prediction.trees import DECIMALS, Forest, Ridge, fit_ridge, take_trees

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]
FORWARD = (0.55, 0.70, 0.85)  # misses: fitted before each share of the posts, read on those up to the next
LEAST_BAND = 0.05  # of the day's own
MOST_COUNTED = 3


@dataclass(frozen=True)
class SizeSettings:
    """What a predictor was trained with; a post counts half of one ``half_life`` posts later, but at least a third."""

    trees: int = 200
    quantile_trees: int = 100
    peak_trees: int = 150
    leaves: int = 16
    least_in_leaf: int = 80
    rate: float = 0.04
    quantile_rate: float = 0.07
    shrink: float = 10.0
    features_share: float = 0.3
    penalty: float = 1000.0
    half_life: int = 500
    masked: float = 0.1
    seed: int = 7


@dataclass(frozen=True)
class Forward:
    """A target fitted on the posts of ``earlier``, and those that came ``later`` and are read with it."""

    horizon: Horizon
    earlier: Snapshots
    later: Snapshots


def look_forward(
    early: Snapshots, masked: Snapshots, name: str, count: int, settings: SizeSettings
) -> Iterator[Forward]:
    """Yield a target fitted on the posts before each time, with the posts after it."""
    for begin, end in pairwise(FORWARD):
        earlier = masked.take(masked.cascades < int(begin * count))
        inside = (early.cascades >= int(begin * count)) & (early.cascades < int(end * count))
        yield Forward(fit_horizon(earlier, name, settings), earlier, early.take(inside & (early.seen >= LEAST_SEEN)))


def fit_horizon(snapshots: Snapshots, name: str, settings: SizeSettings) -> Horizon:
    """Fit the two regressions and the trees; how far they miss later posts is not known yet."""
    x, y = snapshots.features, snapshots.get_target(name)
    counted = count_recent(snapshots, settings)
    ridge = fit_ridge(x, y, NAMES, settings.penalty, counted)
    spread = fit_ridge(x, np.abs(y - ridge.predict(x, NAMES)), NAMES, settings.penalty, counted)
    grown = np.log2(snapshots.sizes[name] / snapshots.seen)
    fewer = replace(settings, trees=settings.quantile_trees, rate=settings.quantile_rate)
    quantiles = tuple(grow(x, grown, fewer, counted, level) for level in TOLD)
    unknown = np.zeros((len(AGES_H), len(LEVELS)))
    return Horizon(ridge, spread, grow(x, y, settings, counted), quantiles, unknown, unknown)


def count_recent(snapshots: Snapshots, settings: SizeSettings) -> Rows:
    """Return how often each row counts, once to three times: what people do drifts, so older posts count less."""
    halved = (snapshots.cascades.max() - snapshots.cascades) / settings.half_life
    return np.asarray(np.maximum(np.round(MOST_COUNTED * np.exp2(-halved)), 1.0).astype(np.int64))


def calibrate(fitted: Horizon, forward: list[Forward], name: str) -> Horizon:
    """Return ``fitted`` with the misses, and the ranks of the truth, of later posts by what was fitted before them.

    The end drifts: what had arrived at the crawl differs more from one season to the next than 80 % of one season
    shows. Its interval covers 80 % of each season read by itself: at each level the ranks of the widest count.
    """
    misses = []
    for one in forward:
        centres, spreads = one.horizon.centre(one.later.features)
        misses.append(np.column_stack([one.later.ages, (one.later.get_target(name) - centres) / spreads]))
    told = measure_quantiles(np.concatenate(misses))
    ranks = []
    for one in forward:
        likely = replace(one.horizon, misses=told).list_likely(one.later.features, one.later.seen)
        ranks.append(np.column_stack([one.later.ages, rank_truth(likely, one.later.get_target(name))]))
    if name == FINAL:
        seasons = np.stack([measure_quantiles(one) for one in ranks])
        widest = np.where(LEVELS < 0.5, seasons.min(axis=0), seasons.max(axis=0))
        return replace(fitted, misses=told, ranks=widest)
    return replace(fitted, misses=told, ranks=measure_quantiles(np.concatenate(ranks)))


def measure_quantiles(read: Numbers) -> Numbers:
    """Return the quantiles of a second column at each age in the first, shape (ages, levels), m + 1 counted.

    So split conformal prediction takes them (Papadopoulos et al. 2002).
    """
    return np.stack(
        [np.quantile(read[read[:, 0] == age, 1], LEVELS, method="weibull").round(DECIMALS) for age in AGES_H]
    )


def fit_course(masked: Snapshots, forward: list[Forward], calibrated: Horizon, settings: SizeSettings) -> Course:
    """Return how the day's growth spreads over its hours, its band read off posts later than those fitted on."""
    scores = []
    for one in forward:
        horizon = replace(one.horizon, misses=calibrated.misses, ranks=calibrated.ranks)
        read = horizon.read(one.later.features, one.later.seen)
        share = Course(fit_steps(one.earlier, settings), np.zeros(0), np.zeros(0)).share(one.later.features)
        scores.append(score_course(one.later, read, share))
    ages = np.concatenate([one.later.ages for one in forward])
    after = masked.sizes[FINAL] > masked.sizes[DAY]
    grown = (masked.course[after, len(STEPS_H) :] - masked.sizes[DAY][after, None]) / (
        masked.sizes[FINAL] - masked.sizes[DAY]
    )[after, None]
    later = np.clip(np.mean(grown, axis=0), 0.0, 1.0).round(DECIMALS)
    return Course(fit_steps(masked, settings), measure_bands(ages, np.concatenate(scores)), later)


def fit_steps(snapshots: Snapshots, settings: SizeSettings) -> tuple[Ridge, ...]:
    """Fit the share of the day's growth that is reached at each step, where it lies ahead and anything grows."""
    grown = snapshots.sizes[DAY] - snapshots.seen
    counted, steps = count_recent(snapshots, settings), []
    for number, hour in enumerate(STEPS_H):
        rows = (snapshots.ages < hour) & (grown > 0)
        share = (snapshots.course[rows, number] - snapshots.seen[rows]) / grown[rows]
        steps.append(fit_ridge(snapshots.features[rows], share, NAMES, settings.penalty, counted[rows]))
    return tuple(steps)


def score_course(later: Snapshots, read: Numbers, share: Numbers) -> Numbers:
    """Return how far the truth lies from the course, in widths of the day's interval, shape (n, steps).

    Below zero in widths from low to size, above in those from size to high; steps that lie behind mean nothing.
    """
    size, low, high = (np.log2(1 + share * (read[:, [column]] - later.seen[:, None])) for column in range(3))
    apart = np.log2(1 + np.maximum(later.course[:, : len(STEPS_H)] - later.seen[:, None], 0.0)) - size
    return np.asarray(np.where(apart < 0, apart / (size - low + THINNEST), apart / (high - size + THINNEST)))


def measure_bands(ages: Numbers, scores: Numbers) -> Numbers:
    """Return the widths that hold 80 % at each age and step, shape (ages, steps, 2); a step behind is as the next."""
    bands = np.ones((len(AGES_H), len(STEPS_H), 2))
    for row, age in enumerate(AGES_H):
        for step, hour in enumerate(STEPS_H):
            if hour > age:
                low, high = np.quantile(scores[ages == age, step], [LOW, HIGH], method="weibull")
                bands[row, step] = np.maximum([-low, high], LEAST_BAND)
        first = int(np.searchsorted(STEPS_H, age, side="right"))
        bands[row, :first] = bands[row, first]
    return bands.round(DECIMALS)


def grow(x: Numbers, y: Numbers, settings: SizeSettings, counted: Rows, quantile: float | None = None) -> Forest:
    """Return boosted trees for a quantile of a number, or for its mean where none is named.

    Rows are repeated as often as they count: the library takes ten times as long over weights.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    loss = "squared_error" if quantile is None else "quantile"
    boosted = HistGradientBoostingRegressor(loss=loss, quantile=quantile, **list_options(settings))
    return take_trees(boosted.fit(np.repeat(x, counted, axis=0), np.repeat(y, counted)))


def grow_classes(x: Numbers, y: NDArray[np.bool_], settings: SizeSettings) -> Forest:
    """Return boosted trees for the log-odds of a truth."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return take_trees(HistGradientBoostingClassifier(**list_options(settings)).fit(x, y))


def list_options(settings: SizeSettings) -> dict[str, Any]:
    """Return the settings as scikit-learn names them."""
    return {
        "max_iter": settings.trees,
        "max_leaf_nodes": settings.leaves,
        "min_samples_leaf": settings.least_in_leaf,
        "learning_rate": settings.rate,
        "l2_regularization": settings.shrink,
        "max_features": settings.features_share,
        "early_stopping": False,
        "random_state": settings.seed,
    }
