"""Plans in waves, and the same anew from what happened, against every way the arcs can fall."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.spread.graphs import Graph, build_graph
from canyu.spread.selection import Happened, Limits, Plan, Timing, Wave, WaveOptions, explain_plan, plan_waves, replan
from exact_plans import Exact, list_choices, make_exact
from exact_spread import list_heads, make_graph

NODES, DELTA = 6, 0.1
WAVES = (Wave(0.0, share=0.5), Wave(1.0, share=0.5))


def measure_at(exact: Exact, hours: dict[int, float]) -> float:
    """Return what accounts reach that post at these hours."""
    posts = exact.posts.copy()
    posts[list(hours)] = list(hours.values())
    return replace(exact, posts=posts).measure(hours)


def list_hours(graph: Graph, plan: Plan) -> list[dict[int, float]]:
    """Return who posts when, wave by wave."""
    return [
        dict(zip(graph.find_nodes(wave.selection.seeds).tolist(), wave.hours_h.tolist(), strict=True))
        for wave in plan.waves
    ]


def test_each_wave_and_the_whole_plan_are_bounded_as_often_as_they_say() -> None:
    rng = np.random.default_rng(51)
    broken = loose = 0
    shares = []
    for number in range(60):
        graph = make_graph(rng, NODES, int(rng.integers(4, 8)))
        accounts = pa.table({"id": list(range(NODES)), "cost": rng.integers(2, 7, NODES).tolist()})
        delays = rng.choice([0.5, 1.0], graph.arcs)
        exact = make_exact(graph, "ic", delays, 2.0)
        plan = plan_waves(
            graph, accounts, Limits(16), WAVES, model="ic", timing=Timing(2.0, delays), seed=number, delta=DELTA,
            samples=400,
        )  # fmt: skip
        first, second = list_hours(graph, plan)
        assert not set(first) & set(second)
        assert (set(first.values()) <= {0.0}, set(second.values()) <= {1.0}) == (True, True)
        reached, whole = measure_at(exact, first), measure_at(exact, first | second)
        best_first = exact.find_best(list_choices(accounts, Limits(8)))
        left = list_choices(accounts, Limits(plan.waves[1].budget, never=tuple(first)))
        best_second = max(measure_at(exact, first | dict.fromkeys(one, 1.0)) for one in left) - reached
        chosen = [wave.selection for wave in plan.waves]
        broken += not (
            chosen[0].lower <= reached + 1e-9
            and best_first <= chosen[0].upper + 1e-9
            and chosen[1].lower <= whole - reached + 1e-9
            and best_second <= chosen[1].upper + 1e-9
        )
        halves = list_choices(accounts, Limits(8))
        best = max(
            measure_at(exact, dict.fromkeys(late, 1.0) | dict.fromkeys(early, 0.0))
            for early in halves for late in halves if not set(early) & set(late)
        )  # fmt: skip
        loose += not (plan.ratio <= whole / best + 1e-9 and plan.lower <= whole + 1e-9 and best <= plan.upper + 1e-9)
        assert plan.spread == pytest.approx(whole, abs=0.05)
        shares.append(whole / best)
    assert broken <= 60 * DELTA
    assert loose <= 60 * DELTA
    assert np.mean(shares) >= 0.95


@pytest.mark.parametrize("model", ["ic", "wc", "lt"])
def test_a_new_plan_counts_on_what_was_seen(model: str) -> None:
    """In every world that agrees with what was seen until hour 1.5, what a new account adds by hour 4 is known."""
    rng = np.random.default_rng(52)
    pending = 0
    for number in range(25):
        graph = make_graph(rng, NODES, 9, probability="p" if model == "ic" else "")
        delays = rng.choice([1.0, 2.0], graph.arcs)
        exact = make_exact(graph, model, delays, 4.0)
        true = exact.times[rng.choice(len(exact.chances), p=exact.chances / exact.chances.sum()), 0]
        seen = np.where(true <= 1.5, true, np.inf)
        is_alike = (np.where(exact.times[:, 0] <= 1.5, exact.times[:, 0], np.inf) == seen).all(axis=1)
        left = exact.chances[is_alike]
        exact = replace(exact, chances=left / left.sum(), times=exact.times[is_alike])
        reached = {node: float(seen[node]) for node in range(1, NODES) if seen[node] < np.inf}
        if len(reached) == NODES - 1:
            continue
        accounts = pa.table({"id": list(range(NODES)), "cost": [1] * NODES})
        plan = replan(
            graph, accounts, Limits(3), (Wave(0.0, amount=1), Wave(2.0, amount=1)), Happened(1.5, {0: 0.0}, reached, 1),
            model=model, timing=Timing(4.0, delays), seed=number, samples=40_000,
        )  # fmt: skip
        before = measure_at(exact, {0: 0.0})
        adds = {node: measure_at(exact, {0: 0.0, node: 2.0}) - before for node in range(1, NODES)}
        assert len(plan.waves) == 1
        chosen = list_hours(graph, plan)[0]
        assert 0 not in chosen
        added = adds[next(iter(chosen))] if chosen else 0.0
        assert added == pytest.approx(max(adds.values()), abs=0.05)
        assert plan.spread == pytest.approx(added, abs=0.05)
        pending += before > 1 + len(reached) + 0.1
    assert pending >= 5  # cases in which what has begun goes on


@dataclass(frozen=True)
class Seen:
    """What can still come where node 0 posted at hour 0 and who was reached by hour 1.5 is known.

    ``chances``: of each way the arcs can fall that agrees with it, (ways,); ``times``: how long it then takes each to
    reach each; ``tries``: each way that the second tries of node 0's arcs can fall.
    """

    graph: Graph
    delays: NDArray[np.float64]
    chances: NDArray[np.float64]
    times: NDArray[np.float64]
    hours: NDArray[np.float64]
    tries: list[tuple[float, dict[int, float]]]

    def measure_more(self, nodes: tuple[int, ...]) -> float:
        """Return whom posts at hour 2 reach by hour 4 who are not reached in any case."""
        comes, total = self.times[:, 0] <= 4.0, 0.0
        for chance, tried in self.tries if 0 in nodes else [(1.0, {})]:
            by = np.zeros_like(comes)
            for first, delay in [*((node, 0.0) for node in nodes if self.hours[node] == np.inf), *tried.items()]:
                by |= 2.0 + delay + self.times[:, first] <= 4.0
            total += chance * float(self.chances @ (by & ~comes).sum(axis=1))
        return total


def see(rng: np.random.Generator, model: str) -> Seen:
    """Let a graph's arcs fall, and look at what node 0 has reached at hour 1.5."""
    graph = make_graph(rng, NODES, 9, probability="p" if model == "ic" else "")
    delays = rng.choice([1.0, 2.0], graph.arcs)
    exact = make_exact(graph, model, delays, 4.0)
    true = exact.times[rng.choice(len(exact.chances), p=exact.chances / exact.chances.sum()), 0]
    hours = np.where(true <= 1.5, true, np.inf)
    is_alike = (np.where(exact.times[:, 0] <= 1.5, exact.times[:, 0], np.inf) == hours).all(axis=1)
    left = exact.chances[is_alike]
    return Seen(graph, delays, left / left.sum(), exact.times[is_alike], hours, list_tries(graph, model, delays))


def list_tries(graph: Graph, model: str, delays: NDArray[np.float64]) -> list[tuple[float, dict[int, float]]]:
    """Return each way the second tries of node 0's arcs can fall: its probability, and whom they reach after how long.

    Under lt nobody is tried again.
    """
    degrees, heads = np.diff(graph.in_starts), list_heads(graph)
    found: list[tuple[float, dict[int, float]]] = [(1.0, {})]
    for arc in np.flatnonzero(graph.in_tails == 0).tolist() if model != "lt" else []:
        chance = float(graph.chances[arc]) if model == "ic" else 1.0 / float(degrees[heads[arc]])
        works = {int(heads[arc]): float(delays[arc])}
        found = [(one * chance, met | works) for one, met in found] + [
            (one * (1.0 - chance), met) for one, met in found
        ]
    return found


@pytest.mark.parametrize("model", ["ic", "wc", "lt"])
def test_who_posts_again_reaches_as_many_more_as_in_every_world(model: str) -> None:
    """A new post tries each reader of node 0 anew; whom its first post still reaches is reached in any case.

    Under lt who does not follow it does not follow its second post either, and who does is reached by the first.
    """
    rng = np.random.default_rng(53)
    again = 0
    for number in range(16):
        seen = see(rng, model)
        reached = {node: float(seen.hours[node]) for node in range(1, NODES) if seen.hours[node] < np.inf}
        if len(reached) == NODES - 1:
            continue
        accounts = pa.table({"id": [0, NODES - 1], "cost": [1, 1]})
        plan = replan(
            seen.graph, accounts, Limits(3), (Wave(0.0, amount=1), Wave(2.0, amount=2)),
            Happened(1.5, {0: 0.0}, reached, 1, again=(0,)),
            model=model, timing=Timing(4.0, seen.delays), seed=number, samples=40_000,
        )  # fmt: skip
        chosen = tuple(sorted(list_hours(seen.graph, plan)[0]))
        assert plan.spread == pytest.approx(seen.measure_more(chosen), abs=0.05)
        assert plan.spread == pytest.approx(seen.measure_more((0, NODES - 1)), abs=0.05)
        again += 0 in chosen
    assert again >= 3 if model != "lt" else again == 0


def make_stars() -> tuple[Graph, pa.Table]:
    rows = [
        (hub, f"{hub}{number}") for hub, size in (("x", 10), ("y", 7), ("z", 5), ("w", 1)) for number in range(size)
    ]
    graph = build_graph(pa.table({"a": [row[0] for row in rows], "b": [row[1] for row in rows]}), "a", "b")
    table = {"id": ["x", "y", "z", "w"], "cost": [60, 30, 30, 20], "market": ["CN", "CN", "CN", "SG"]}
    return graph, pa.table({**table, "start_h": [0.0, 0.0, 30.0, 0.0]})


def test_money_that_a_wave_leaves_goes_to_the_next_and_later_accounts_post_later() -> None:
    graph, accounts = make_stars()
    waves = (Wave(0.0, share=0.5), Wave(24.0, share=0.5))
    plan = plan_waves(graph, accounts, Limits(100, never=("w",)), waves, timing=Timing(72.0, 1.0))
    assert [wave.budget for wave in plan.waves] == [50, 70]
    assert list_hours(graph, plan)[0] == {graph.find_nodes(pa.array(["y"]))[0]: 0.0}
    assert plan.waves[1].selection.seeds.to_pylist() == ["x"]
    assert plan.cost == 90
    assert plan.spread == pytest.approx(19.0, rel=0.03)
    plan = plan_waves(graph, accounts, Limits(60, never=("x",)), waves, timing=Timing(72.0, 1.0))
    hours = dict(zip(plan.seeds.to_pylist(), np.concatenate([wave.hours_h for wave in plan.waves]), strict=True))
    assert hours == {"y": 0.0, "z": 30.0}


def test_quotas_hold_for_all_waves_and_what_is_owed_is_bought_in_the_last() -> None:
    graph, accounts = make_stars()
    waves = (Wave(0.0, amount=60), Wave(24.0, amount=20))
    plan = plan_waves(graph, accounts, Limits(80, {"market": {"CN": 1}}, least={"market": {"SG": 1}}), waves)
    assert [wave.selection.seeds.to_pylist() for wave in plan.waves] == [["x"], ["w"]]
    plan = plan_waves(
        graph, accounts, Limits(70, least={"market": {"SG": 1}}), (Wave(0.0, amount=60), Wave(9.0, amount=10))
    )
    assert sorted(plan.seeds.to_pylist()) == ["w", "y"]  # x would leave too little for what is owed
    plan = plan_waves(graph, accounts, Limits(100, must=("w",)), waves)
    assert plan.waves[0].selection.seeds.to_pylist()[0] == "w"


def test_a_wave_that_can_pay_for_nobody_is_empty() -> None:
    graph, accounts = make_stars()
    plan = plan_waves(graph, accounts, Limits(60, never=("z",)), (Wave(0.0, amount=10), Wave(24.0, amount=50)))
    assert [wave.selection.seeds.to_pylist() for wave in plan.waves] == [[], ["x"]]
    assert (plan.waves[0].selection.upper, plan.waves[0].selection.ratio) == (0.0, 1.0)
    assert plan.ratio == pytest.approx(plan.waves[1].selection.ratio)


def test_accounts_that_posted_are_not_used_again_and_count_for_quotas_and_money() -> None:
    graph, accounts = make_stars()
    waves = (Wave(0.0, share=0.5), Wave(24.0, share=0.5))
    limits = Limits(100, {"market": {"CN": 2}}, ("y",), least={"market": {"CN": 2}})
    happened = Happened(20.0, {"y": 0.0}, {"x0": 3.0, "x1": None}, spent=35)
    plan = replan(graph, accounts, limits, waves, happened, timing=Timing(72.0, 1.0))
    assert [wave.budget for wave in plan.waves] == [65]
    assert plan.seeds.to_pylist() == ["x"]
    assert plan.spread == pytest.approx(9.0, rel=0.03)  # of eleven, two are reached already
    reasons = explain_plan(graph, accounts, plan, limits, happened, timing=Timing(72.0, 1.0)).to_pylist()
    assert [(row["id"], row["wave"], row["hour_h"], row["replacement"]) for row in reasons] == [("x", 1, 24.0, "z")]
    assert reasons[0]["unique"] == pytest.approx(9.0, rel=0.03)


def test_who_posts_again_is_paid_again_and_counts_once_for_quotas() -> None:
    graph, accounts = make_stars()
    waves = (Wave(0.0, share=0.5), Wave(24.0, share=0.5))
    limits = Limits(100, {"market": {"CN": 1}}, ("y",), least={"market": {"CN": 1}})
    seen = {f"y{number}": 1.0 for number in range(5)}
    options: WaveOptions = {"timing": Timing(72.0, 1.0), "model": "uniform", "probability": 0.9}
    happened = Happened(20.0, {"y": 0.0}, seen, spent=30)
    plan = replan(graph, accounts, limits, waves, happened, **options)
    assert plan.seeds.to_pylist() == ["w"]  # of market CN there is one already
    happened = Happened(20.0, {"y": 0.0}, seen, spent=30, again=("y",))
    plan = replan(graph, accounts, limits, waves, happened, **options)
    assert (sorted(plan.seeds.to_pylist()), plan.cost) == (["w", "y"], 50)
    assert plan.spread == pytest.approx(1.9 + 2 * 0.9, rel=0.03)  # of y's readers two are left
    reasons = explain_plan(graph, accounts, plan, limits, happened, **options).to_pylist()
    assert {row["id"]: row["cost"] for row in reasons} == {"w": 20, "y": 30}


def test_who_was_only_reached_may_be_paid_where_that_is_asked() -> None:
    graph = build_graph(pa.table({"a": ["x", "k", "k", "z"], "b": ["k", "1", "2", "3"]}), "a", "b")
    accounts = pa.table({"id": ["k", "z"], "cost": [5, 5]})
    waves = (Wave(0.0, amount=5), Wave(9.0, amount=5))
    chance: WaveOptions = {"model": "uniform", "probability": 0.9}
    for again, wanted in (((), "z"), (("k",), "k")):
        happened = Happened(8.0, {}, {"x": 0.0, "k": 1.0, "3": None}, spent=5, again=again)
        assert replan(graph, accounts, Limits(10), waves, happened, **chance).seeds.to_pylist()[:1] == [wanted]


def test_when_the_money_is_gone_the_rest_of_the_plan_is_empty() -> None:
    graph, accounts = make_stars()
    waves = (Wave(0.0, share=0.5), Wave(24.0, share=0.5))
    plan = replan(graph, accounts, Limits(100), waves, Happened(20.0, {"x": 0.0, "y": 0.0}, {}, spent=90))
    assert (plan.seeds.to_pylist(), plan.spread, plan.ratio) == ([], 0.0, 1.0)


def test_every_account_of_a_plan_is_explained_in_its_own_wave() -> None:
    graph, accounts = make_stars()
    limits, waves = Limits(110), (Wave(0.0, share=0.5), Wave(24.0, share=0.5))
    plan = plan_waves(graph, accounts, limits, waves, timing=Timing(25.0, 2.0))
    reasons = {
        row["id"]: row for row in explain_plan(graph, accounts, plan, limits, timing=Timing(25.0, 2.0)).to_pylist()
    }
    assert list(reasons) == plan.seeds.to_pylist()
    for row in reasons.values():  # who posts at hour 24 reaches nobody else by hour 25
        size = {"x": 10, "y": 7, "z": 5, "w": 1}[row["id"]]
        assert row["unique"] == pytest.approx(size + 1.0 if row["hour_h"] == 0.0 else 1.0, rel=0.06)


def test_one_seed_gives_one_plan_on_one_thread_and_on_two() -> None:
    graph, accounts = make_stars()
    plans = [
        plan_waves(graph, accounts, Limits(110), WAVES, timing=Timing(9.0, 1.0, 1.0), workers=workers, samples=9000)
        for workers in (1, 2)
    ]
    assert plans[0].seeds.equals(plans[1].seeds)
    assert (plans[0].spread, plans[0].ratio) == (plans[1].spread, plans[1].ratio)


@pytest.mark.parametrize(
    ("waves", "told"),
    [
        ((), "there are no waves"),
        ((Wave(5.0, share=0.5), Wave(5.0, share=0.5)), "the wave at hour 5 is not later"),
        ((Wave(-1.0, share=0.5),), "the wave at hour -1 is not later"),
        ((Wave(0.0, share=0.5), Wave(80.0, share=0.5)), "the wave at hour 80 is after the deadline of 72"),
        ((Wave(0.0),), "the wave at hour 0 has no part"),
        ((Wave(0.0, share=0.5, amount=5),), "the wave at hour 0 has no part"),
        ((Wave(0.0, share=0.5), Wave(1.0, share=0.6)), "the waves are 110 of 100"),
        (
            (Wave(0.0, amount=10), Wave(1.0, amount=90)),
            "the accounts that must be in cost 20, the wave at hour 0 has 10",
        ),
    ],
)
def test_waves_that_cannot_be_are_named(waves: tuple[Wave, ...], told: str) -> None:
    graph, accounts = make_stars()
    with pytest.raises(BadInput, match=told):
        plan_waves(graph, accounts, Limits(100, must=("w",)), waves, timing=Timing(72.0, 1.0))


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (Happened(30.0), "no wave is left after hour 30"),
        (Happened(5.0, {"q": 1.0}), "the graph has no node q"),
        (Happened(5.0, {"x": 6.0}), "x stands at hour 6, after now, 5"),
        (Happened(5.0, {}, {"x0": 6.0}), "x0 stands at hour 6, after now, 5"),
        (Happened(5.0, spent=101), "101 of 100 are spent"),
        (Happened(-5.0), "the hour or what was spent is wrong"),
        (Happened(5.0, {"x": 1.0}, again=("y",)), "y has neither posted nor been reached"),
    ],
)
def test_what_cannot_have_happened_is_named(happened: Happened, told: str) -> None:
    graph, accounts = make_stars()
    with pytest.raises(BadInput, match=told):
        replan(graph, accounts, Limits(100), (Wave(0.0, share=0.5), Wave(24.0, share=0.5)), happened)


def test_where_everybody_is_reached_nothing_is_planned() -> None:
    graph = build_graph(pa.table({"a": ["x"], "b": ["y"]}), "a", "b")
    accounts = pa.table({"id": ["y"], "cost": [1]})
    with pytest.raises(BadInput, match="nobody is left to be reached"):
        replan(graph, accounts, Limits(9), WAVES, Happened(0.0, {"x": 0.0}, {"y": 0.0}))


@pytest.mark.parametrize("model", ["ic", "wc", "uniform"])
def test_a_second_post_tries_everybody_anew(model: str) -> None:
    arcs = pa.table({"a": ["x"] * 4 + ["y"], "b": ["p", "q", "r", "s", "t"], "p": [0.5] * 4 + [1.0]})
    graph = build_graph(arcs, "a", "b", probability="p" if model == "ic" else "")
    if model == "wc":  # two arcs into each of p to s, so that each works with a half
        twice = pa.table({"a": ["x"] * 4 + ["z"] * 4 + ["y"], "b": [*"pqrs", *"pqrs", "t"]})
        graph = build_graph(twice, "a", "b")
    accounts = pa.table({"id": ["x", "y"], "cost": [10, 10]})
    options = {"model": model, "timing": Timing(30.0, 1.0), "samples": 20_000} | (
        {"probability": 0.5} if model == "uniform" else {}
    )
    waves = (Wave(0.0, amount=10), Wave(10.0, amount=10))
    happened = Happened(10.0, {"x": 0.0}, {"p": 1.0, "t": None}, spent=10)
    once = replan(graph, accounts, Limits(20), waves, happened, **options)
    assert once.seeds.to_pylist() == ["y"]
    again = replan(graph, accounts, Limits(20), waves, replace(happened, again=("x",)), **options)
    assert again.seeds.to_pylist() == ["x"]  # three people left at a half each, against y alone
    assert again.spread == pytest.approx(1.5, abs=0.05)
    assert [wave.hours_h.tolist() for wave in again.waves] == [[10.0]]
    reasons = explain_plan(graph, accounts, again, Limits(20), replace(happened, again=("x",)), **options)
    assert reasons.select(["id", "cost", "hour_h"]).to_pylist() == [{"id": "x", "cost": 10, "hour_h": 10.0}]
    assert reasons["unique"].to_pylist() == [pytest.approx(1.5, abs=0.05)]


def test_a_second_post_keeps_each_arcs_own_delay() -> None:
    graph = build_graph(pa.table({"a": ["x", "x", "y"], "b": ["p", "q", "q"]}), "a", "b")
    delays = np.where(graph.ids.take(pa.array(graph.in_tails)).to_numpy(False) == "y", 9.0, 3.0)
    accounts, waves = pa.table({"id": ["x"], "cost": [5]}), (Wave(0.0, amount=5), Wave(4.0, amount=5))
    happened = Happened(4.0, {"x": 0.0}, spent=5, again=("x",))
    options = {"model": "uniform", "probability": 1.0, "samples": 4000}
    found = replan(graph, accounts, Limits(10), waves, happened, timing=Timing(7.0, delays), **options)
    assert (found.seeds.to_pylist(), found.spread) == (["x"], pytest.approx(2.0, abs=0.03))
    late = replan(graph, accounts, Limits(10), waves, happened, timing=Timing(6.9, delays), **options)
    assert late.seeds.to_pylist() == []
