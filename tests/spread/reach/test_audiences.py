from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.reach import (
    ACCOUNT_SCHEMA,
    OVERLAP_SCHEMA,
    AudienceSketch,
    Basis,
    Range,
    count_overlaps,
    count_reach,
    estimate_overlaps,
    estimate_random_reach,
    estimate_sketched_reach,
    sketch_audience,
)

SMALL = {"a": ["p1", "p2", "p3"], "b": ["p2", "p3", "p4", "p5"], "c": ["p9"]}


def draw_audiences(seed: int) -> dict[str, list[int]]:
    random = np.random.default_rng(seed)
    sizes = {"a": 30_000, "b": 20_000, "c": 8_000}
    return {account: random.choice(60_000, size, replace=False).tolist() for account, size in sizes.items()}


def test_exact_reach_counts_each_person_once_and_says_what_the_sum_is() -> None:
    reach = count_reach(SMALL)
    assert (reach.unique, reach.low, reach.high, reach.followers_sum) == (6, 6, 6, 8)
    assert reach.basis is Basis.EXACT
    assert reach.repeated == pytest.approx(8 / 6)
    assert reach.table.schema == ACCOUNT_SCHEMA
    assert reach.table["adds"].to_pylist() == [3, 2, 1]


def test_sketches_of_small_audiences_are_exact() -> None:
    reach = estimate_sketched_reach({account: sketch_audience(ids) for account, ids in SMALL.items()})
    assert (reach.unique, reach.low, reach.high, reach.basis) == (6, 6, 6, Basis.EXACT)
    assert reach.table.equals(count_reach(SMALL).table)


def test_sketched_reach_has_the_truth_within_its_bounds_at_their_rate() -> None:
    hits = []
    for seed in range(20):
        audiences = draw_audiences(seed)
        reach = estimate_sketched_reach({account: sketch_audience(ids) for account, ids in audiences.items()})
        truth = count_reach(audiences).unique
        assert reach.basis is Basis.SKETCH
        assert reach.unique == pytest.approx(truth, rel=0.06)
        hits.append(reach.low <= truth <= reach.high)
    assert sum(hits) >= 17  # of 20 at 95.4 %: fewer has a chance of 1 in 500


def test_overlaps_of_sketches_hold_the_exact_ones() -> None:
    held, close = 0, 0
    for seed in range(10):
        audiences = draw_audiences(seed)
        exact = count_overlaps(audiences).to_pylist()
        found = estimate_overlaps({account: sketch_audience(ids) for account, ids in audiences.items()})
        assert found.schema == OVERLAP_SCHEMA
        for truth, row in zip(exact, found.to_pylist(), strict=True):
            assert (row["account_a"], row["account_b"], row["basis"]) == (
                truth["account_a"],
                truth["account_b"],
                "sketch",
            )
            held += row["shared_low"] <= truth["shared"] <= row["shared_high"]
            held += row["jaccard_low"] <= truth["jaccard"] <= row["jaccard_high"]
            close += abs(row["jaccard"] - truth["jaccard"]) < 0.03
    assert held >= 52  # of 60 at 95.4 %
    assert close == 30


def test_exact_overlaps_of_a_small_case() -> None:
    rows = count_overlaps(SMALL).to_pylist()
    assert [(row["account_a"], row["account_b"], row["shared"]) for row in rows] == [
        ("a", "b", 2),
        ("a", "c", 0),
        ("b", "c", 0),
    ]
    assert (rows[0]["jaccard"], rows[0]["share_of_a"], rows[0]["share_of_b"]) == (2 / 5, 2 / 3, 2 / 4)
    sketched = estimate_overlaps({account: sketch_audience(ids) for account, ids in SMALL.items()})
    assert sketched.equals(count_overlaps(SMALL))


def test_followers_drawn_at_random_overlap_as_the_formula_says() -> None:
    audiences = draw_audiences(5)
    sizes = {account: float(len(ids)) for account, ids in audiences.items()}
    reach = estimate_random_reach(sizes, Range(60_000, 50_000, 90_000))
    assert reach.unique == pytest.approx(60_000 * (1 - (1 / 2) * (2 / 3) * (52 / 60)))
    assert count_reach(audiences).unique == pytest.approx(reach.unique, rel=0.01)
    assert reach.low < reach.unique < reach.high < reach.followers_sum == 58_000
    assert sum(reach.table["adds"].to_pylist()) == pytest.approx(reach.unique)
    assert reach.basis is Basis.RANDOM


def test_an_account_of_everybody_reaches_everybody() -> None:
    assert estimate_random_reach({"a": 100, "b": 10}, Range.certain(100)).unique == 100


def test_more_followers_than_people_are_refused_by_name() -> None:
    with pytest.raises(BadInput, match="Account b: 101 followers"):
        estimate_random_reach({"a": 50, "b": 101}, Range(200, 100, 300))


def test_nobody_is_reached_by_no_account() -> None:
    for reach in (count_reach({}), estimate_sketched_reach({}), estimate_random_reach({}, Range.certain(10))):
        assert (reach.unique, reach.followers_sum, reach.repeated, len(reach.table)) == (0, 0, 0, 0)


def test_empty_audiences_share_nothing() -> None:
    row = estimate_overlaps({"a": sketch_audience([]), "b": sketch_audience([])}).to_pylist()[0]
    assert (row["jaccard"], row["shared"], row["share_of_a"]) == (0, 0, None)


def test_sketches_are_kept_as_bytes_and_do_not_depend_on_order() -> None:
    ids = draw_audiences(1)["a"]
    sketch = sketch_audience(pa.array(ids, pa.int64()))
    assert sketch_audience(ids[::-1] * 2).to_bytes() == sketch.to_bytes()
    assert AudienceSketch.from_bytes(sketch.to_bytes()).people == sketch.people
    assert len(sketch.to_bytes()) < 70_000


@pytest.mark.parametrize("stored", [b"", b"nothing", b"\xff" * 64])
def test_bytes_that_are_no_sketch_are_refused(stored: bytes) -> None:
    with pytest.raises(BadInput):
        AudienceSketch.from_bytes(stored)


@pytest.mark.parametrize("ids", [["a", 1], [1, None], ["a", None], [True], [1.5]])
def test_ids_of_two_types_or_missing_are_refused(ids: list[object]) -> None:
    with pytest.raises(BadInput, match="Row"):
        sketch_audience(ids)  # type: ignore[arg-type]
