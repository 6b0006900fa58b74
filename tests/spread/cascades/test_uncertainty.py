from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.cascades import CONFIDENCE, How, build_cascades, estimate_intervals, measure_cascades
from canyu.spread.cascades.uncertainty import STRENGTH
from canyu.spread.kernels.uncertainty import PER_STATED

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_table(root: str, parents: list[str | None], shift: int = 0) -> pa.Table:
    """Return reposts r0, r1, ... of a post, a minute apart, each by an account of its own."""
    many = len(parents)
    ids = [f"{root}/{number}" for number in range(many)]
    return pa.table(
        {
            "root": [root] * many,
            "id": ids,
            "parent": pa.array([root if parent == "post" else parent for parent in parents], pa.string()),
            "author": [f"u{one}" for one in ids],
            "time": pa.array([NOON + timedelta(days=shift, minutes=n) for n in range(many)], pa.timestamp("us", "UTC")),
        }
    )


def plant(root: str, many: int, random: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Return a cascade drawn by the rule's own words, and the same with half of its parents hidden."""
    share = random.beta(STRENGTH * CONFIDENCE[How.ROOT], STRENGTH * (1 - CONFIDENCE[How.ROOT]))
    is_hidden = random.random(many) < 0.5
    parents = np.full(many, -1)
    weights = np.ones(many)
    for hidden in (False, True):  # those that are stated weigh for those that are not
        for node in np.flatnonzero(is_hidden == hidden):
            if node and random.random() >= share:
                chance = weights[:node] / weights[:node].sum()
                parents[node] = random.choice(node, p=chance)
                weights[parents[node]] += 0 if hidden else PER_STATED
    names = ["post" if parent < 0 else f"{root}/{parent}" for parent in parents]
    shown = [None if hidden else name for name, hidden in zip(names, is_hidden, strict=True)]
    return make_table(root, names), make_table(root, shown)


def test_intervals_hold_what_was_planted() -> None:
    random = np.random.default_rng(4)
    pairs = [plant(f"p{number}", 150, random) for number in range(150)]
    truth = measure_cascades(build_cascades(pa.concat_tables([whole for whole, _ in pairs])))
    found = estimate_intervals(build_cascades(pa.concat_tables([shown for _, shown in pairs])), seed=1)
    for name in ("depth", "structural_virality"):
        true = truth.cascades[name].to_numpy()
        low, high = (found.cascades[f"{name}_{end}"].to_numpy() for end in ("low", "high"))
        assert np.mean((low <= true) & (true <= high)) > 0.9
        assert np.mean(high > low) > 0.9
    joined = truth.accounts.select(["root", "author", "carried"]).join(found.accounts, ["root", "author"])
    middle = joined["carried_mid"].to_numpy()
    true, low, high = (joined[name].to_numpy()[middle >= 5] for name in ("carried", "carried_low", "carried_high"))
    assert len(true) > 400
    assert 0.9 < np.mean((low <= true) & (true <= high)) < 1


def test_the_guessed_tree_is_outside_where_it_leans() -> None:
    random = np.random.default_rng(5)
    _, shown = plant("p", 400, random)
    built = build_cascades(shown)
    found = estimate_intervals(built).cascades.to_pylist()[0]
    assert measure_cascades(built).cascades["structural_virality"][0].as_py() < found["structural_virality_low"]


def test_sure_edges_give_ends_without_width() -> None:
    built = build_cascades(make_table("p", ["post", "p/0", "p/0", "p/2", "post"]))
    measures, found = measure_cascades(built), estimate_intervals(built)
    shape, ends = measures.cascades.to_pylist()[0], found.cascades.to_pylist()[0]
    for name in ("depth", "structural_virality"):
        assert [ends[f"{name}_{end}"] for end in ("low", "mid", "high")] == [pytest.approx(shape[name])] * 3
    rows = {row["author"]: row for row in found.accounts.to_pylist()}
    for row in measures.accounts.to_pylist():
        told = rows[row["author"]]
        assert [told[f"carried_{end}"] for end in ("low", "mid", "high")] == [row["carried"]] * 3
        assert told["share_mid"] == pytest.approx(row["share"])


def test_an_account_in_several_places_carries_each_repost_once() -> None:
    table = make_table("p", ["post", "p/0", "p/1", "p/2", None])
    author = pa.array(["a", "b", "a", "c", "d"])
    table = table.set_column(table.column_names.index("author"), "author", author)
    rows = {row["author"]: row for row in estimate_intervals(build_cascades(table)).accounts.to_pylist()}
    assert (rows["a"]["carried_low"], rows["a"]["carried_high"]) == (2, 3)  # b and c, and d at times
    assert rows["a"]["share_high"] == 1.0
    assert (rows["d"]["carried_low"], rows["d"]["carried_high"]) == (0, 0)


def test_a_repost_of_which_nothing_is_known_is_on_the_post_or_on_what_came_before() -> None:
    found = estimate_intervals(build_cascades(make_table("p", ["post", None])), draws=1000).cascades.to_pylist()[0]
    assert (found["depth_low"], found["depth_mid"], found["depth_high"]) == (1, 1, 2)
    assert estimate_intervals(build_cascades(make_table("p", [None]))).cascades["depth_high"].to_pylist() == [1]


def test_a_stated_parent_that_is_later_closes_no_circle() -> None:
    shown = make_table("p", ["p/3", None, None, None, "p/1"])
    built = build_cascades(shown)
    found = estimate_intervals(built, draws=500)
    assert found.cascades["depth_low"][0].as_py() >= 2
    assert found.cascades["depth_high"][0].as_py() <= 5
    assert pc.max(found.accounts["carried_high"]).as_py() <= 4


def test_the_same_seed_gives_the_same_ends_and_too_few_draws_are_refused() -> None:
    _, shown = plant("p", 80, np.random.default_rng(6))
    built = build_cascades(shown)
    first, again, other = (estimate_intervals(built, seed=seed) for seed in (1, 1, 2))
    assert first.accounts.equals(again.accounts)
    assert not first.accounts.equals(other.accounts)
    assert first.cascades["root"].to_pylist() == ["p"]
    with pytest.raises(BadInput, match="draws=10 are too few"):
        estimate_intervals(built, draws=10)


def test_nothing_is_measured_of_nothing() -> None:
    found = estimate_intervals(build_cascades(make_table("p", [])))
    assert (found.cascades.num_rows, found.accounts.num_rows) == (0, 0)
