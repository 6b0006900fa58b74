"""Seeds chosen on sets that Spark's workers drew are those of one machine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from canyu.spread.graphs import Graph, build_graph
from canyu.spread.selection import Selection, select

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),  # no pandas is used here
]


@pytest.fixture(scope="module")
def session() -> Iterator[object]:
    from canyu.engine.spark import SparkEngine

    return SparkEngine("local[2]").session


def make_dense() -> Graph:
    rng = np.random.default_rng(17)
    a, b = rng.zipf(1.5, 12_000) % 2000, rng.integers(0, 2000, 12_000)
    table = pa.table({"a": [f"账号{n}" for n in a], "b": [f"账号{n}" for n in b]})
    return build_graph(table, "a", "b", is_undirected=True)


def tell(found: Selection) -> tuple[object, ...]:
    return (
        found.seeds.to_pylist(), str(found.gains), found.spread, found.lower, found.upper, found.samples, found.rounds
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("wc", {"samples": 50_000}),
        (
            "uniform",
            {"probability": 0.035, "is_quick": True, "epsilon": 0.005},
        ),  # sets are large: they end at sentinels
        ("wc", {}),
    ],
)
def test_spark_gives_the_same_seeds_and_bounds_as_one_machine(
    session: object, model: str, options: dict[str, object]
) -> None:
    graph = make_dense()
    here = select(graph, 6, model, seed=5, **options)  # type: ignore[arg-type]  # by name
    there = select(graph, 6, model, seed=5, spark=session, **options)  # type: ignore[arg-type]
    assert tell(there) == tell(here)
    assert tell(select(graph, 6, model, seed=6, **options)) != tell(here)  # type: ignore[arg-type]


def test_odd_graphs_run_on_spark_too(session: object) -> None:
    lonely = build_graph(pa.table({"a": [1, 2, 3], "b": [1, 2, 3]}), "a", "b")
    empty = build_graph(pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.int64())}), "a", "b")
    far = build_graph(pa.table({"a": [2**62, 2**62], "b": [-5, -5]}), "a", "b")  # the arc stands twice
    assert len(select(lonely, 2, spark=session, samples=3000).seeds) == 2
    assert select(empty, 3, spark=session).seeds.to_pylist() == []
    assert select(lonely, 0, spark=session).seeds.to_pylist() == []
    assert select(far, 1, spark=session, samples=3000).seeds.to_pylist() == [2**62]
    assert sorted(select(far, 9, spark=session).seeds.to_pylist()) == [-5, 2**62]
