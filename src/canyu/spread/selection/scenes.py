"""Two messages on one graph as the compiled code reads it: what passes which, given what has passed already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.blocking import World, find_reachable
from canyu.spread.kernels.delays import compute_share_by
from canyu.spread.kernels.graphs import order_arcs
from canyu.spread.kernels.rivals import Ground
from canyu.spread.kernels.samples import BY_DEGREE, CONSTANT, SORTED, WALK, Arcs
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.rumours import BlockingOptions, Goal, Rumour, read_ages
from canyu.spread.selection.seeds import refuse
from canyu.spread.selection.timing import Timing, check_timing, find_family

Real = NDArray[np.float64]
HOURLY = Timing(np.inf, 1.0)
"""Every step takes an hour."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A graph with a rumour on it.

    ``values``: what saving (or reaching) each node is worth, 0 for carriers and for whom no rumour could reach where
    the goal is to save, (nodes,); ``worth``: all of it. ``is_alike``: every arc passes both messages alike.
    """

    graph: Graph
    world: World
    ground: Ground
    values: Real
    worth: float
    goal: Goal
    is_alike: bool


@dataclass(frozen=True, slots=True)
class _Chances:
    """By incoming arc: the probability that it passes the rumour from now on, and that it passes ours."""

    arcs: Arcs
    rumour: Real
    own: Real
    is_aged: bool


def read_scene(graph: Graph, rumour: Rumour, model: str, options: BlockingOptions) -> Scene:
    """Return the scene; raises BadInput where the graph lacks what the model asks for, or a number is out of range."""
    timing, ages = options.get("timing", HOURLY), read_ages(graph, rumour)
    centres = check_timing(graph, timing)
    limits = _read_numbers(options)
    goal = _read_goal(options)
    chances = _read_chances(graph, ages, model, options)
    is_alike = limits["effect"] == 1.0
    world = _make_world(graph, chances, timing, is_alike=is_alike)
    world = world._replace(ages=ages, delay=limits["delay_h"], until=float(timing.deadline_h))
    numbers = order_arcs(graph.in_tails, graph.out_starts)
    values = _read_values(graph, options)
    is_person = ages < 0.0
    if goal is Goal.SAVED:
        carriers = np.flatnonzero(ages >= 0.0).astype(np.int32)
        is_person &= find_reachable(graph.out_starts, graph.out_heads, (chances.rumour > 0.0)[numbers], carriers)
    values = np.where(is_person, values, 0.0)
    ground = Ground(
        graph.out_starts,
        graph.out_heads,
        numbers,
        graph.in_starts,
        chances.arcs.kind == WALK,
        chances.rumour,
        chances.own,
        find_family(timing),
        centres,
        timing.sigma,
        ages,
        values,
        limits["delay_h"],
        float(timing.deadline_h),
    )
    return Scene(graph, world, ground, values, float(values.sum()), goal, is_alike)


def _read_numbers(options: BlockingOptions) -> dict[str, float]:
    found = {
        "delay_h": float(options.get("delay_h", 0.0)),
        "effect": float(options.get("effect", 1.0)),
    }
    for name, value in found.items():
        if not 0.0 <= value < np.inf:
            raise refuse(name, value, f"{name} >= 0")
    return found


def _read_goal(options: BlockingOptions) -> Goal:
    try:
        return Goal(options.get("goal", Goal.SAVED))
    except ValueError:
        raise refuse("goal", options.get("goal"), ", ".join(Goal)) from None


def _read_values(graph: Graph, options: BlockingOptions) -> Real:
    values = options.get("values")
    if values is None:
        return np.ones(graph.nodes)
    if len(values) != graph.nodes or not np.all(np.isfinite(values) & (values >= 0.0)):
        raise BadInput(
            Words("values 要给每个节点一个不小于 0 的数。", "values must be one number from 0 up per node."),
            mend=Words(f"共 {graph.nodes:,} 个节点。", f"There are {graph.nodes:,} nodes."),
        )
    return values.astype(np.float64)


def _read_chances(graph: Graph, ages: Real, model: str, options: BlockingOptions) -> _Chances:
    """Return probabilities given that no arc of a carrier has passed anything yet (docs/spread/blocking.md)."""
    arcs = read_arcs(graph, model, options.get("probability"))
    heads = np.repeat(np.arange(graph.nodes), np.diff(graph.in_starts))
    if arcs.kind == CONSTANT:
        plain = np.full(graph.arcs, arcs.chance)
    elif arcs.kind == BY_DEGREE or not len(arcs.chances):
        plain = 1.0 / np.diff(graph.in_starts)[heads]
    else:
        plain = arcs.chances.astype(np.float64)
    timing, effect = options.get("timing", HOURLY), options.get("effect", 1.0)
    tail_ages = ages[graph.in_tails]
    over = plain * compute_share_by(find_family(timing), check_timing(graph, timing), timing.sigma, tail_ages)
    if arcs.kind == WALK:
        if effect != 1.0:
            raise BadInput(
                Words("lt 模型下两种消息的传播力相同。", "under lt an arc passes both messages alike."),
                mend=Words("请去掉 effect，或改用 ic、wc、uniform。", "Leave effect out, or take ic, wc or uniform."),
            )
        past: Real = np.bincount(heads, over, minlength=graph.nodes).astype(np.float64)[heads]
    else:
        past = over
    rumour = np.where(past > 0.0, np.maximum(plain - over, 0.0) / np.maximum(1.0 - past, 1e-12), plain)
    own = np.where(tail_ages < 0.0, np.minimum(effect * plain, 1.0), 0.0)
    return _Chances(arcs, rumour, own, bool(over.any()))


def _make_world(graph: Graph, chances: _Chances, timing: Timing, *, is_alike: bool) -> World:
    """Return the world without its times; where both messages pass alike and nothing has passed, arcs stay as read."""
    none, empty = np.zeros(0, np.float32), np.zeros(0)
    centres = check_timing(graph, timing)
    times = (find_family(timing), centres, timing.sigma, empty, 0.0, np.inf)
    every = np.arange(graph.arcs, dtype=np.int32)
    if is_alike and not chances.is_aged:
        return World(chances.arcs._replace(tails=every), graph.in_tails, none, none, *times)
    if chances.arcs.kind == WALK:
        walk = chances.arcs._replace(tails=every, chances=chances.rumour.astype(np.float32))
        return World(walk, graph.in_tails, none, none, *times)
    likelier = chances.rumour if is_alike else np.maximum(chances.rumour, chances.own)
    heads = np.repeat(np.arange(graph.nodes), np.diff(graph.in_starts))
    order = np.lexsort((-likelier, heads))
    order = order[likelier[order] > 0.0]
    starts = np.zeros(graph.nodes + 1, np.int64)
    np.cumsum(np.bincount(heads[order], minlength=graph.nodes), out=starts[1:])
    likelier = likelier[order]
    arcs = Arcs(SORTED, starts, every[: len(order)], likelier.astype(np.float32), 0.0, np.zeros(1))
    rumour, own = none, none
    if not is_alike:
        rumour, own = ((one[order] / likelier).astype(np.float32) for one in (chances.rumour, chances.own))
    centres = centres[order] if len(centres) > 1 else centres
    return World(arcs, graph.in_tails[order], rumour, own, times[0], centres, *times[2:])
