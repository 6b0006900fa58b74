"""How the predictor is made: fitted on the earlier posts, its misses read off posts that came after those."""

from __future__ import annotations

from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.model_store import WEIGHTS, write_arrays
from canyu.kit.words import Words
from canyu.spread.prediction.features import HOUR_S, NAMES, ROOT_NAMES, TREE_NAMES
from canyu.spread.prediction.fitting import (
    FORWARD,
    SizeSettings,
    calibrate,
    count_recent,
    fit_course,
    fit_horizon,
    grow,
    grow_classes,
    look_forward,
)
from canyu.spread.prediction.horizon import DAY, FINAL, HORIZONS
from canyu.spread.prediction.model import Predictor, read_predictor
from canyu.spread.prediction.public_set import load_cascades
from canyu.spread.prediction.snapshots import Snapshots, measure_hours, take_snapshots


def train_sizes(data_folder: Path, out_folder: Path, *, seed: int = SizeSettings.seed) -> Predictor:
    """Train on the public set below ``data_folder``; write weights, settings and figures to ``out_folder``.

    The latest 15 % of the posts are read only for the figures. The same data and seed give the same bytes. Raises
    BadInput where scikit-learn is not installed: only training asks for it.
    """
    from canyu.spread.prediction.figures import list_figures

    if not out_folder.name:
        raise BadInput(
            Words("要写入的文件夹没有名称。", "the folder to write to has no name."),
            mend=Words("请按模型命名，例如 models/cascade-size-2。", "Name it as the model, as models/cascade-size-2."),
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


def fit_predictor(snapshots: Snapshots, count: int, settings: SizeSettings) -> dict[str, NDArray[Any]]:
    """Return the arrays of a weights file fitted on all but the latest 15 % of ``count`` cascades; on one thread."""
    import sklearn.ensemble  # noqa: F401 - only threads of libraries that are loaded by now are held to one
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in one order on every machine, and no waiting for a busy core
        return fit_parts(snapshots, count, settings)


def fit_parts(snapshots: Snapshots, count: int, settings: SizeSettings) -> dict[str, NDArray[Any]]:
    """Fit both sizes, the course and the peak."""
    early = snapshots.take(snapshots.cascades < int(FORWARD[-1] * count))
    masked = mask_features(early, settings)
    arrays: dict[str, NDArray[Any]] = {"largest": np.array([early.sizes[FINAL].max()], np.int64)}
    for name in HORIZONS:
        forward = list(look_forward(early, masked, name, count, settings))
        calibrated = calibrate(fit_horizon(masked, name, settings), forward, name)
        arrays |= calibrated.pack(name)
        if name == DAY:
            arrays |= fit_course(masked, forward, calibrated, settings).pack()
    passed = early.peaks <= early.ages * HOUR_S
    fewer = replace(settings, trees=settings.peak_trees)
    arrays |= grow_classes(masked.features, passed, fewer).pack("peak_passed")
    ahead = masked.take(~passed)
    peak_ahead = grow(ahead.features, np.log2(ahead.peaks / HOUR_S), fewer, count_recent(ahead, settings), 0.5)
    return arrays | peak_ahead.pack("peak_ahead")


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
