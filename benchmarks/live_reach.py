"""Reach while a plan is changed by hand: the board against scipy.sparse and Python sets, on the same sets.

A made graph of 60,000 people who follow some of 3,200 accounts (sizes log-normal) and a few of each other; one answer
is what a page shows after one account was added: reach, what each chosen one adds and alone reaches, and what each of
the others would add. CPU milliseconds of one thread.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from canyu.spread.graphs import Graph, build_graph
from canyu.spread.selection import Draw, build_board
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.sampling import ReverseSampler

PEOPLE, ACCOUNTS = 60_000, 3_200
CHANCES = {"uniform": 0.15}  # large sets: many accounts reach nearly everybody
Answer = Callable[[list[int]], int]


def make_market(seed: int) -> Graph:
    rng = np.random.default_rng(seed)
    sizes = np.minimum(rng.lognormal(5.0, 1.3, ACCOUNTS), PEOPLE / 4).astype(int) + 1
    heads = [rng.choice(PEOPLE, size, replace=False) + ACCOUNTS for size in sizes]
    tails = np.repeat(np.arange(ACCOUNTS), sizes)
    friends = rng.integers(0, PEOPLE, (2, PEOPLE * 5)) + ACCOUNTS
    arcs = {"src": np.concatenate([tails, friends[0]]), "dst": np.concatenate([*heads, friends[1]])}
    return build_graph(pa.table(arcs), "src", "dst")


def time_each(answer: Callable[[list[int]], Any], steps: list[list[int]]) -> tuple[NDArray[np.float64], list[Any]]:
    times, answers = [], []
    for chosen in steps:
        began = time.process_time()
        answers.append(answer(chosen))
        times.append((time.process_time() - began) * 1000)
    return np.array(times), answers


def run(graph: Graph, model: str, given: argparse.Namespace) -> dict[str, Any]:
    ids = pa.array(range(ACCOUNTS))
    nodes = graph.find_nodes(ids)
    sampler = ReverseSampler(graph, read_arcs(graph, model, CHANCES.get(model)), np.zeros(0), 7)
    build_board(sampler, nodes, ids, Draw(1_000)).measure(ids[:2])  # kernels from their cache, as in any second run
    began = time.process_time()
    board = build_board(sampler, nodes, ids, Draw(given.samples))
    build_s = time.process_time() - began
    order = np.random.default_rng(1).permutation(ACCOUNTS)[: given.chosen].tolist()
    steps = [order[: size + 1] for size in range(given.chosen)]
    times, answers = time_each(lambda chosen: board.measure(pa.array(chosen)), steps)
    ask_scipy, ask_sets, matrix_mb = make_peers(sampler, nodes, given.samples)
    by_scipy, found = time_each(ask_scipy, steps[::8] + steps[-1:])
    by_sets, counted = time_each(ask_sets, steps[-1:])
    assert [answer.hits for answer in answers[::8] + answers[-1:]] == found
    assert answers[-1].hits == counted[-1]
    ours = float(np.median(times))
    return {
        "name": "live_reach",
        "setting": f"{model}: {ACCOUNTS} accounts, {graph.nodes} nodes, {graph.arcs} arcs, {given.samples} sets",
        "unit": "CPU ms, one thread",
        "build_s": round(build_s, 2),
        "board_mb": round(board.bytes / 1e6, 1),
        "scipy_sparse_mb": round(matrix_mb, 1),
        "answer_p50": round(ours, 2),
        "answer_p95": round(float(np.quantile(times, 0.95)), 2),
        "scipy_sparse_p50": round(float(np.median(by_scipy)), 2),
        "python_sets_p50": round(float(np.median(by_sets)), 2),
        "ratio_to_scipy_sparse": round(float(np.median(by_scipy)) / ours, 1),
        "ratio_to_python_sets": round(float(np.median(by_sets)) / ours, 1),
        "is_same": True,
    }


def make_peers(sampler: ReverseSampler, nodes: NDArray[np.int64], samples: int) -> tuple[Answer, Answer, float]:
    """Return the same answer by scipy.sparse and by sets, each without who could replace whom, and scipy's memory."""
    members, begins = sampler.draw_part(Draw().stream, 0, samples)
    place_of = np.full(sampler.arcs.starts.size - 1, -1, np.int64)
    place_of[nodes] = np.arange(ACCOUNTS)
    rows = place_of[members]
    numbers = np.repeat(np.arange(samples), np.diff(begins))[rows >= 0]
    rows = rows[rows >= 0]
    matrix = sparse.csr_array((np.ones(len(rows), np.int32), (rows, numbers)), shape=(ACCOUNTS, samples))
    own = [set(matrix.indices[matrix.indptr[at] : matrix.indptr[at + 1]].tolist()) for at in range(ACCOUNTS)]

    def ask_scipy(chosen: list[int]) -> int:
        held = matrix[chosen]
        met = np.asarray(held.sum(axis=0)).ravel()
        _gains, _unique = matrix @ (met == 0).astype(np.int32), held @ (met == 1).astype(np.int32)
        return int((met > 0).sum())

    def ask_sets(chosen: list[int]) -> int:
        met: set[int] = set().union(*(own[one] for one in chosen))
        _gains = [len(held - met) for held in own]
        return len(met)

    return ask_scipy, ask_sets, sum(part.nbytes for part in (matrix.data, matrix.indices, matrix.indptr)) / 1e6


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--samples", type=int, default=200_000)
    reader.add_argument("--chosen", type=int, default=40, help="accounts that are added one after another")
    given = reader.parse_args()
    graph = make_market(3)
    for model in ("wc", "uniform"):
        sys.stdout.write(json.dumps(run(graph, model, given)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
