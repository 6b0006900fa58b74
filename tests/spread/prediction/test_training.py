"""How the predictor is made: trees read as their library reads them, the same bytes twice, misses of later posts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from canyu.kit.errors import NotFound
from canyu.kit.model_store import write_arrays
from canyu.spread.held_out import is_held_out
from canyu.spread.prediction import Root, SizeSettings
from canyu.spread.prediction.features import NAMES, ROOT_NAMES, TREE_NAMES
from canyu.spread.prediction.figures import judge_sizes
from canyu.spread.prediction.fitting import measure_bands, measure_quantiles
from canyu.spread.prediction.horizon import AGES_H, LEVELS
from canyu.spread.prediction.model import read_predictor
from canyu.spread.prediction.public_set import Cascades, load_cascades
from canyu.spread.prediction.snapshots import Snapshots, measure_hours, take_snapshots
from canyu.spread.prediction.training import fit_predictor, mask_features
from canyu.spread.prediction.trees import fit_ridge, take_trees

SETTINGS = SizeSettings(trees=4, quantile_trees=3, peak_trees=3, least_in_leaf=5)
POSTED = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def snapshots() -> Snapshots:
    """Forty cascades that slow down at different speeds."""
    random = np.random.default_rng(5)
    times = [np.sort(random.exponential(7200 * (1 + row % 4), 60 + 3 * row)) for row in range(40)]
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in times])]).astype(np.int64)
    roots = [Root(POSTED + timedelta(hours=row), 10 * row, bool(row % 2), 40 + row) for row in range(40)]
    cascades = Cascades(roots, offsets, np.concatenate(times), np.full(offsets[-1], -1, np.int64))
    return take_snapshots(cascades, measure_hours(cascades, np.arange(40)))


def test_trees_are_read_as_their_library_reads_them(snapshots: Snapshots) -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    x = snapshots.features.copy()
    x[::7, 3] = np.nan
    boosted = HistGradientBoostingRegressor(max_iter=20, random_state=1).fit(x, snapshots.seen)
    assert take_trees(boosted).predict(x) == pytest.approx(boosted.predict(x), abs=1e-4)


@pytest.fixture(scope="module")
def arrays(snapshots: Snapshots) -> dict[str, Any]:
    return fit_predictor(snapshots, 40, SETTINGS)


def test_the_same_seed_gives_the_same_bytes(snapshots: Snapshots, arrays: dict[str, Any], tmp_path: Path) -> None:
    first = write_arrays(tmp_path / "a" / "weights.npz", arrays | {"hours": np.full(24, 1 / 24)})
    again = fit_predictor(snapshots, 40, SETTINGS) | {"hours": np.full(24, 1 / 24)}
    assert write_arrays(tmp_path / "b" / "weights.npz", again) == first
    assert read_predictor(tmp_path / "a" / "weights.npz").version == f"a+{first[:8]}"


def test_the_latest_cascades_are_not_read(snapshots: Snapshots, arrays: dict[str, Any]) -> None:
    late = snapshots.cascades >= 34
    changed = Snapshots(
        np.where(late[:, None], 99.0, snapshots.features),
        snapshots.cascades,
        snapshots.ages,
        snapshots.seen,
        {name: np.where(late, 1e6, values) for name, values in snapshots.sizes.items()},
        snapshots.peaks,
        np.where(late[:, None], 1e6, snapshots.course),
    )
    second = fit_predictor(changed, 40, SETTINGS)
    assert all(np.array_equal(arrays[name], second[name]) for name in arrays)


def test_only_trees_and_authors_are_hidden_and_whole_cascades_at_a_time(snapshots: Snapshots) -> None:
    masked = mask_features(snapshots, SizeSettings(masked=0.5)).features
    hidden = np.isnan(masked) & ~np.isnan(snapshots.features)
    assert {NAMES[column] for column in np.flatnonzero(hidden.any(axis=0))} == {*TREE_NAMES, *ROOT_NAMES}
    followers = hidden[:, NAMES.index("followers")]
    assert all(len(set(followers[snapshots.cascades == one])) == 1 for one in range(40))


def test_quantiles_are_those_of_each_age() -> None:
    ages = np.repeat(AGES_H, 99)
    misses = measure_quantiles(np.column_stack([ages, np.tile(np.arange(1, 100), len(AGES_H)) * ages]))
    assert misses.shape == (len(AGES_H), len(LEVELS))
    assert misses[4, [10, 50, 90]].tolist() == [10.0, 50.0, 90.0]  # the k-th of 99 is the k / 100 quantile
    assert misses[6, 90] == 180.0


def test_a_band_holds_four_of_five_and_a_step_behind_is_as_the_next() -> None:
    ages = np.repeat(AGES_H, 99)
    scores = np.tile(np.linspace(-1.0, 0.96, 99)[:, None], (len(AGES_H), 10))  # one every 0.02
    bands = measure_bands(ages, scores)
    assert bands.shape == (len(AGES_H), 10, 2)
    assert bands[0, 0].tolist() == [0.82, 0.78]  # the 10th and the 90th of 99
    scores[ages == 12.0, 7] = 50.0  # twelve hours after twelve hours: nothing is measured there
    assert measure_bands(ages, scores)[-1, 7].tolist() == [0.82, 0.78]


def test_the_ridge_finds_a_line() -> None:
    x = np.random.default_rng(2).normal(size=(400, len(NAMES)))
    ridge = fit_ridge(x, 3 + 2 * x[:, 5], NAMES, 0.1)
    assert ridge.predict(x, NAMES) == pytest.approx(3 + 2 * x[:, 5], abs=0.05)


def test_what_is_always_missing_weighs_nothing_in_the_ridge() -> None:
    x = np.random.default_rng(2).normal(size=(400, len(NAMES)))
    x[:, 7] = np.nan
    ridge = fit_ridge(x, 3 + 2 * x[:, 5], NAMES, 0.1)
    told = ridge.predict(x, NAMES)
    assert np.array_equal(ridge.predict(np.where(np.isnan(x), 4.0, x), NAMES), told)
    assert told == pytest.approx(3 + 2 * x[:, 5], abs=0.05)


def test_errors_of_two_sizes_by_hand() -> None:
    found = judge_sizes(np.array([13.0, 40.0]), np.array([13.0, 25.0]), np.array([10.0, 10.0]))
    assert found.msle == pytest.approx(np.log2(31 / 16) ** 2 / 2)
    assert found.median_ape == pytest.approx(0.3)
    assert (found.msle_low, found.msle_high) == pytest.approx((0.0, np.log2(31 / 16) ** 2))


def write_public_set(folder: Path, texts: list[str]) -> None:
    (folder / "ced_rumour_cascades").mkdir(parents=True)
    posts: list[dict[str, Any]] = [
        {
            "post_id": row,
            "text": text,
            "time": POSTED - timedelta(hours=row),
            "user_followers": 5,
            "user_verified": True,
        }
        for row, text in enumerate(texts)
    ]
    posts.append({**posts[0], "post_id": len(texts), "time": None})
    reactions = [
        {"post_id": row, "mid": mid, "parent_mid": parent, "time": None if late is None else post["time"] + late}
        for row, post in enumerate(posts[:-1])
        for mid, parent, late in (
            ("b", "a", timedelta(minutes=2)),
            ("a", None, timedelta(minutes=1)),
            ("a", None, timedelta(minutes=1)),
            ("c", "gone", timedelta(seconds=-4)),
            ("d", "a", None),
        )
    ]
    pq.write_table(pa.Table.from_pylist(posts), folder / "ced_rumour_cascades" / "posts.parquet")
    pq.write_table(pa.Table.from_pylist(reactions), folder / "ced_rumour_cascades" / "reposts.parquet")


def test_the_public_set_is_read_in_order_of_posting_without_its_hold_out(tmp_path: Path) -> None:
    texts = [f"帖子{number}" for number in range(30)]
    write_public_set(tmp_path, texts)
    cascades = load_cascades(tmp_path)
    kept = [row for row, text in enumerate(texts) if not is_held_out(text)]
    assert 0 < len(kept) < 30
    assert [root.time for root in cascades.roots] == [POSTED - timedelta(hours=row) for row in reversed(kept)]
    times, parents = cascades.get(1)
    assert (times.tolist(), parents.tolist()) == ([0.0, 60.0, 120.0], [-1, -1, 1])


def test_a_missing_public_set_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Point at the folder that holds the public sets"):
        load_cascades(tmp_path)
