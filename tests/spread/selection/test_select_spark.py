"""Seeds and plans chosen on sets that Spark's workers drew are those of one machine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from canyu.spread.graphs import Graph, build_graph
from canyu.spread.selection import (
    Limits,
    PlanOptions,
    Selection,
    Timing,
    Wave,
    WaveOptions,
    explain,
    explain_plan,
    plan_waves,
    select,
    select_within,
)

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


def make_kols(graph: Graph) -> pa.Table:
    rng = np.random.default_rng(18)
    chosen = np.sort(rng.choice(graph.nodes, 300, replace=False))
    prices, places = rng.integers(10, 90, 300), rng.choice(["weibo", "douyin"], 300)
    return pa.table({"id": graph.ids.take(pa.array(chosen)), "cost": prices, "platform": places})


@pytest.mark.parametrize(
    "options", [{"samples": 50_000}, {"samples": 40_000, "timing": Timing(24.0, 2.0, 1.5)}, {}], ids=str
)
def test_a_choice_within_a_budget_is_the_same_on_spark(session: object, options: PlanOptions) -> None:
    graph = make_dense()
    accounts, limits = make_kols(graph), Limits(300, {"platform": {"weibo": 3}}, least={"platform": {"douyin": 2}})
    plain: PlanOptions = {**options, "seed": 5}
    here = select_within(graph, accounts, limits, **plain)
    on_spark: PlanOptions = {**plain, "spark": session}
    assert tell(select_within(graph, accounts, limits, **on_spark)) == tell(here)
    assert tell(select_within(graph, accounts, limits, **{**options, "seed": 6})) != tell(here)
    reasons = [explain(graph, here.seeds, accounts, **{**one, "samples": 40_000}) for one in (plain, on_spark)]
    assert reasons[0].equals(reasons[1])


def test_a_plan_in_waves_is_the_same_on_spark(session: object) -> None:
    graph = make_dense()
    accounts, limits = make_kols(graph), Limits(300)
    waves = (Wave(0.0, share=0.5), Wave(12.0, share=0.5))
    plain: WaveOptions = {"seed": 5, "samples": 20_000, "timing": Timing(24.0, 2.0, 1.5)}
    on_spark: WaveOptions = {**plain, "spark": session}
    here, there = (plan_waves(graph, accounts, limits, waves, **one) for one in (plain, on_spark))
    assert there.seeds.equals(here.seeds)
    assert (there.spread, there.lower, there.upper, there.ratio) == (here.spread, here.lower, here.upper, here.ratio)
    again = [explain_plan(graph, accounts, here, limits, **one) for one in (plain, on_spark)]
    assert again[0].equals(again[1])


def test_odd_graphs_run_on_spark_too(session: object) -> None:
    lonely = build_graph(pa.table({"a": [1, 2, 3], "b": [1, 2, 3]}), "a", "b")
    empty = build_graph(pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.int64())}), "a", "b")
    far = build_graph(pa.table({"a": [2**62, 2**62], "b": [-5, -5]}), "a", "b")  # the arc stands twice
    assert len(select(lonely, 2, spark=session, samples=3000).seeds) == 2
    assert select(empty, 3, spark=session).seeds.to_pylist() == []
    assert select(lonely, 0, spark=session).seeds.to_pylist() == []
    assert select(far, 1, spark=session, samples=3000).seeds.to_pylist() == [2**62]
    assert sorted(select(far, 9, spark=session).seeds.to_pylist()) == [-5, 2**62]
    nobody = pa.table({"id": pa.array([], pa.int64()), "cost": pa.array([], pa.int64())})
    assert select_within(far, nobody, Limits(5), spark=session).seeds.to_pylist() == []
