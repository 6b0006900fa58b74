"""How the predictor is made: fitted on the earlier posts, its misses read off posts that came after those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.model_store import WEIGHTS, write_arrays
from canyu.kit.words import Words
from canyu.spread.prediction.features import (
    DAY_S,
    HOUR_S,
    NAMES,
    ROOT_NAMES,
    TREE_NAMES,
    UTC8_S,
    compute_features,
    find_peak,
)
from canyu.spread.prediction.model import (
    AGES_H,
    DAY,
    FINAL,
    HORIZONS,
    LEAST_SEEN,
    LEVELS,
    Horizon,
    Predictor,
    pack_horizon,
    read_predictor,
)
from canyu.spread.prediction.public_set import Cascades, load_cascades
from canyu.spread.prediction.trees import DECIMALS, Forest, fit_ridge, take_trees

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]
LEAST_FITTED = 5  # cascades below the least that is predicted still teach
FORWARD = (0.55, 0.70, 0.85)  # misses: fitted before each share of the posts, read on those up to the next


@dataclass(frozen=True)
class SizeSettings:
    """What a predictor was trained with; a cascade weighs (seen / size) to the power ``weight_power`` in the trees."""

    trees: int = 300
    peak_trees: int = 150
    leaves: int = 16
    least_in_leaf: int = 80
    rate: float = 0.04
    shrink: float = 10.0
    features_share: float = 0.3
    penalty: float = 1000.0
    weight_power: float = 0.25
    masked: float = 0.1
    seed: int = 7


@dataclass(frozen=True)
class Snapshots:
    """Cascades at ages, one row each: its cascade, age in hours, reactions seen, and what became of it."""

    features: Numbers
    cascades: Rows
    ages: Numbers
    seen: Numbers
    sizes: dict[str, Numbers]
    peaks: Numbers

    def take(self, rows: NDArray[Any]) -> Snapshots:
        """Return some of the rows."""
        sizes = {name: values[rows] for name, values in self.sizes.items()}
        return Snapshots(
            self.features[rows], self.cascades[rows], self.ages[rows], self.seen[rows], sizes, self.peaks[rows]
        )

    def get_target(self, name: str) -> Numbers:
        """Return the log of base 2 of 1 + the reactions still to come by a horizon."""
        return np.asarray(np.log2(1 + self.sizes[name] - self.seen))


def train_sizes(data_folder: Path, out_folder: Path, *, seed: int = SizeSettings.seed) -> Predictor:
    """Train on the public set below ``data_folder``; write weights, settings and figures to ``out_folder``.

    The latest 15 % of the posts are read only for the figures. The same data and seed give the same bytes. Raises
    BadInput where scikit-learn is not installed: only training asks for it.
    """
    from canyu.spread.prediction.figures import list_figures

    if not out_folder.name:
        raise BadInput(
            Words("要写入的文件夹没有名称。", "the folder to write to has no name."),
            mend=Words("请按模型命名，例如 models/cascade-size-1。", "Name it as the model, as models/cascade-size-1."),
        )
    if find_spec("sklearn") is None:
        raise BadInput(
            Words("训练这个模型需要 scikit-learn。", "training this model needs scikit-learn."),
            mend=Words("请先安装它（使用模型时不需要）。", "Install it first; using the model does not need it."),
        )
    settings = SizeSettings(seed=seed)
    cascades = load_cascades(data_folder)
    fitted, calibrated, latest = cascades.split()
    hours = measure_hours(cascades, fitted)
    snapshots = take_snapshots(cascades, hours)
    write_arrays(out_folder / WEIGHTS, fit_predictor(snapshots, len(cascades), settings) | {"hours": hours})
    (out_folder / "settings.json").write_text(dump_json(asdict(settings)) + "\n", "utf-8")
    model = read_predictor(out_folder / WEIGHTS)
    tested = snapshots.take(np.isin(snapshots.cascades, latest))
    figures = {
        "version": model.version,
        "cascades": {"fitted": len(fitted) + len(calibrated), "tested": len(latest)},
        **list_figures(model, tested),
    }
    (out_folder / "figures.json").write_text(dump_json(figures) + "\n", "utf-8")
    return model


def measure_hours(cascades: Cascades, rows: Rows) -> Numbers:
    """Return the share of a day's reactions in each hour of UTC+8, every cascade counting the same."""
    hours = np.zeros(24)
    for cascade in rows:
        times, _ = cascades.get(cascade)
        begun = cascades.roots[cascade].time.timestamp() + UTC8_S
        clock = ((begun + times) % DAY_S // HOUR_S).astype(np.int64)
        hours += np.bincount(clock, minlength=24) / max(len(times), 1)
    return np.asarray((hours / hours.sum()).round(DECIMALS))


def take_snapshots(cascades: Cascades, hours: Numbers, ages: tuple[float, ...] = AGES_H) -> Snapshots:
    """Return every cascade at every age at which it had five reactions, in order of posting."""
    features, facts = [], []
    for cascade, root in enumerate(cascades.roots):
        times, parents = cascades.get(cascade)
        in_day = int(np.searchsorted(times, DAY_S, side="right"))
        for age in ages:
            seen = int(np.searchsorted(times, age * HOUR_S, side="right"))
            if seen >= LEAST_FITTED:
                features.append(compute_features(times[:seen], parents[:seen], root, age * HOUR_S, hours))
                facts.append((cascade, age, seen, in_day, len(times), find_peak(times)[0]))
    columns = np.array(facts).T
    sizes = {DAY: columns[3], FINAL: columns[4]}
    return Snapshots(np.array(features), columns[0].astype(np.int64), columns[1], columns[2], sizes, columns[5])


def fit_predictor(snapshots: Snapshots, count: int, settings: SizeSettings) -> dict[str, NDArray[Any]]:
    """Return the arrays of a weights file fitted on all but the latest 15 % of ``count`` cascades; on one thread."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in one order on every machine, and no waiting for a busy core
        return fit_parts(snapshots, count, settings)


def fit_parts(snapshots: Snapshots, count: int, settings: SizeSettings) -> dict[str, NDArray[Any]]:
    """Fit both sizes and the peak."""
    early = snapshots.take(snapshots.cascades < int(FORWARD[-1] * count))
    masked = mask_features(early, settings)
    arrays: dict[str, NDArray[Any]] = {"largest": np.array([early.sizes[FINAL].max()], np.int64)}
    for name in HORIZONS:
        horizon = fit_horizon(masked, name, settings)
        read = list(read_forward(early, masked, name, count, settings))
        arrays |= pack_horizon(replace(horizon, misses=measure_misses(np.concatenate(read))), name)
    passed = early.peaks <= early.ages * HOUR_S
    fewer = replace(settings, trees=settings.peak_trees)
    arrays |= grow_classes(masked.features, passed, fewer).pack("peak_passed")
    ahead = masked.take(~passed)
    return arrays | grow(ahead.features, np.log2(ahead.peaks / HOUR_S), fewer).pack("peak_ahead")


def mask_features(snapshots: Snapshots, settings: SizeSettings) -> Snapshots:
    """Return the snapshots with the tree, and with the author, missing in some cascades: so it is in the world."""
    random = np.random.default_rng(settings.seed)
    features = snapshots.features.copy()
    for names in (TREE_NAMES, ROOT_NAMES):
        hidden = random.random(int(snapshots.cascades.max()) + 1) < settings.masked
        rows = np.flatnonzero(hidden[snapshots.cascades])
        for name in names:
            features[rows, NAMES.index(name)] = np.nan
    return replace(snapshots, features=features)


def fit_horizon(snapshots: Snapshots, name: str, settings: SizeSettings) -> Horizon:
    """Fit the trees, the regression and the spread of its misses; how far the blend misses is not known yet."""
    x, y = snapshots.features, snapshots.get_target(name)
    ridge = fit_ridge(x, y, NAMES, settings.penalty)
    spread = fit_ridge(x, np.abs(y - ridge.predict(x, NAMES)), NAMES, settings.penalty)
    seen_share = snapshots.seen / snapshots.sizes[name]
    trees = grow(x, -np.log2(seen_share), settings, seen_share**settings.weight_power)
    return Horizon(ridge, spread, trees, np.zeros((len(AGES_H), len(LEVELS))))


def read_forward(
    early: Snapshots, masked: Snapshots, name: str, count: int, settings: SizeSettings
) -> Iterator[NDArray[Any]]:
    """Yield age and miss (in spreads) of posts by models fitted on the posts before them, columns (age, miss)."""
    for begin, end in pairwise(FORWARD):
        horizon = fit_horizon(masked.take(masked.cascades < int(begin * count)), name, settings)
        inside = (early.cascades >= int(begin * count)) & (early.cascades < int(end * count))
        later = early.take(inside & (early.seen >= LEAST_SEEN))
        centres, spreads = horizon.predict(later.features, later.seen)
        yield np.column_stack([later.ages, (later.get_target(name) - centres) / spreads])


def measure_misses(read: Numbers) -> Numbers:
    """Return the quantiles of misses at each age, shape (ages, levels), as split conformal prediction takes them."""
    return np.stack(
        [np.quantile(read[read[:, 0] == age, 1], LEVELS, method="weibull").round(DECIMALS) for age in AGES_H]
    )


def grow(x: Numbers, y: Numbers, settings: SizeSettings, weights: Numbers | None = None) -> Forest:
    """Return boosted trees for a number, fitted to the least sum of absolute misses."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    options = list_options(settings)
    return take_trees(HistGradientBoostingRegressor(loss="absolute_error", **options).fit(x, y, weights))


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
