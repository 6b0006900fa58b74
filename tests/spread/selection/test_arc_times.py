"""How long messages take: against formulas, also where an arc is known not to have passed anything for a while."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from canyu.spread.graphs import build_graph
from canyu.spread.influence import Delays, Family, Scope
from canyu.spread.kernels.delays import EXPONENTIAL, LOG_NORMAL, compute_share_by, draw_delay
from canyu.spread.selection import Rumour, Timing, make_timing, select_blockers, simulate_blocking
from canyu.spread.selection.budgets import Limits


@pytest.mark.parametrize("age", [0.0, 0.3, 2.0, 9.0])
@pytest.mark.parametrize("family", [EXPONENTIAL, LOG_NORMAL])
def test_delays_left_after_waiting_are_those_of_the_distribution(family: int, age: float) -> None:
    states = np.arange(20_000).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    drawn = np.sort([draw_delay(family, 0.9, 1.4, age, state) for state in states])
    over = compute_share_by(family, np.array([0.9]), 1.4, np.concatenate([[age], age + drawn]))
    expected = (over[1:] - over[0]) / (1.0 - over[0])
    seen = (np.arange(len(drawn)) + 0.5) / len(drawn)
    assert np.abs(expected - seen).max() < 0.0137  # Kolmogorov and Smirnov at one in a thousand


def make_fork() -> tuple[pa.Table, Rumour]:
    return pa.table({"a": ["r", "s"], "b": ["v", "v"], "p": [0.7, 1.0]}), Rumour(pa.array(["r"]))


def test_who_comes_first_of_two_exponential_delays() -> None:
    """Saved where the rumour passes and ours, a delay late, is faster: p exp(-delay / mean) / 2."""
    arcs, rumour = make_fork()
    graph, timing = build_graph(arcs, "a", "b", probability="p"), Timing(np.inf, 2.0, family=Family.EXPONENTIAL)
    accounts = pa.table({"id": ["s"], "cost": [1]})
    expected = 0.7 * math.exp(-0.5 / 2.0) / 2.0
    found = select_blockers(graph, rumour, accounts, Limits(1), timing=timing, delay_h=0.5, samples=200_000)
    assert found.spread == pytest.approx(expected, abs=0.004)
    played = simulate_blocking(graph, rumour, pa.array(["s"]), runs=100_000, timing=timing, delay_h=0.5)
    assert played.mean == pytest.approx(expected, abs=0.006)
    assert played.alone == pytest.approx(0.7, abs=0.006)


@pytest.mark.parametrize("model", ["ic", "lt"])
def test_an_arc_that_has_waited_is_less_likely_to_pass(model: str) -> None:
    """p (1 - F) / (1 - p F); under lt the other arc into the node has waited in the denominator too."""
    arcs = pa.table({"a": ["r", "t"], "b": ["v", "v"], "p": [0.7, 0.2]})
    graph, timing = build_graph(arcs, "a", "b", probability="p"), Timing(np.inf, 1.0, 1.2)
    over = compute_share_by(LOG_NORMAL, np.array([1.0]), 1.2, np.array([3.0, 0.5]))
    rumour = Rumour(pa.array(["r", "t"]), np.array([3.0, 0.5]))
    played = simulate_blocking(graph, rumour, pa.array([], pa.string()), model, 100_000, timing=timing)
    if model == "ic":
        passes = [p * (1 - f) / (1 - p * f) for p, f in zip((0.7, 0.2), over, strict=True)]
        expected = 1 - (1 - passes[0]) * (1 - passes[1])
    else:
        expected = (0.7 * (1 - over[0]) + 0.2 * (1 - over[1])) / (1 - 0.7 * over[0] - 0.2 * over[1])
    assert played.alone == pytest.approx(expected, abs=0.006)


def test_a_step_that_is_over_has_failed() -> None:
    graph = build_graph(pa.table({"a": ["r"], "b": ["v"]}), "a", "b")
    for age, alone in ((0.5, 1.0), (1.0, 0.0)):
        played = simulate_blocking(graph, Rumour(pa.array(["r"]), np.array([age])), pa.array(["v"]), "wc", 5)
        assert played.alone == alone
        assert played.mean == alone  # v itself speaks at once


def test_fitted_delays_become_the_timing_of_a_graph() -> None:
    graph = build_graph(pa.table({"a": ["x", "y", "z"], "b": ["v", "v", "v"], "p": [0.1, 0.2, 0.3]}), "a", "b")
    arcs = pa.table({"source": ["y", "x", "q"], "target": ["v", "v", "v"]})
    each = Delays(Family.LOG_NORMAL, Scope.ARC, np.array([7200.0, 3600.0, 10800.0]), 1.1)
    timing = make_timing(graph, each, arcs, 72.0)
    names = graph.ids.take(pa.array(graph.in_tails)).to_pylist()
    assert dict(zip(names, timing.centres_h.tolist(), strict=True)) == {"x": 1.0, "y": 2.0, "z": 2.0}
    assert (timing.family, timing.sigma, timing.deadline_h) == (Family.LOG_NORMAL, 1.1, 72.0)
    alike = make_timing(graph, Delays(Family.EXPONENTIAL, Scope.ALL, np.full(3, 1800.0), 0.0), arcs, 72.0)
    assert (alike.family, np.unique(alike.centres_h).tolist()) == (Family.EXPONENTIAL, [0.5])
