"""Seeds and their certificate: CPU seconds and spread beside those measured of the C++ references, by one yardstick.

The references' figures are CPU seconds of a busier machine, on which cynetdiff played 5,545 cascades a CPU second
(NetHEPT, weighted cascade, the 50 largest accounts). It is timed here too, before and after each of ours: ``pace`` is
how much faster this machine is now, and our seconds times it are what they would be there (``normalised_s``).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from canyu.spread.graphs import Graph
from canyu.spread.selection import Options, rounds, select, simulate
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.sampling import ReverseSampler
from simulate import SEEDS, find_largest, load, time_cynetdiff

YARDSTICK = 5_545.0
JUDGED = 1_000_000  # sets on which two choices are compared
TRIES, LONG_S = 5, 3.0  # the median of five, or of fewer where they take long
CELLS: dict[tuple[str, str, int], dict[str, float | None]] = {  # CPU seconds at eps 0.1; spread and seconds of IMM
    ("NetHEPT", "wc", 50): {"opim_c": 0.093, "subsim": 0.111, "imm_spread": 964, "imm_s": 1.3},
    ("NetHEPT", "wc", 500): {"opim_c": 0.111, "subsim": 0.115, "imm_spread": 3964, "imm_s": 2.8},
    ("NetHEPT", "uniform", 50): {"opim_c": 0.289, "subsim": 0.215, "imm_spread": 970, "imm_s": 6.0},
    ("NetHEPT", "uniform", 500): {"opim_c": 0.888, "subsim": 0.738, "imm_spread": 1986, "imm_s": 20.1},
    ("Epinions", "wc", 50): {"opim_c": 0.152, "subsim": 0.070, "hist": 0.070, "imm_spread": 16752, "imm_s": 4.1},
    ("Epinions", "wc", 500): {"opim_c": 0.263, "subsim": 0.112, "hist": 0.061, "imm_spread": 32813, "imm_s": 21.7},
    ("Epinions", "uniform", 50): {"opim_c": 7.20, "subsim": 2.21, "hist": 0.31},
    ("Epinions", "uniform", 500): {"opim_c": 23.0, "subsim": 7.30, "hist": 0.65},
}
CHANCES = {"NetHEPT": 0.1, "Epinions": 0.01}


def run(graph: Graph, name: str, model: str, k: int, pace: Callable[[], float], *, is_quick: bool) -> dict[str, Any]:
    options = Options(is_quick=is_quick)
    if model == "uniform":
        options["probability"] = CHANCES[name]
    times: list[float] = []
    paces = [pace()]
    while not times or (len(times) < TRIES and sum(times) < LONG_S):
        began = time.process_time()
        found = select(graph, k, model, **options)
        times.append(time.process_time() - began)
        paces.append(pace())
    options.pop("is_quick")
    judged = simulate(graph, found.seeds, model, 2_000 if name == "NetHEPT" else 300, 99, **options)
    return {
        "cpu_s": round(float(np.median(times)), 3),
        "pace": round(float(np.median(paces)), 2),
        "normalised_s": round(float(np.median(times) * np.median(paces)), 3),
        "samples": found.samples[0],
        "ratio_proved": round(found.ratio, 3),
        "spread": round(judged.mean, 1),
        "interval": [round(judged.low, 1), round(judged.high, 1)],
        "source": found.source,
    }


def compare_tenfold(graph: Graph, setting: str, model: str, k: int, seed: int) -> dict[str, Any]:
    """Return what settled seeds miss, in per cent, against ten times the sets, on sets that neither was chosen on.

    Where ten times as many are more than the engine ever draws: what the seeds of a tenth, or somewhat more as rounds
    fall, miss against the settled.
    """
    options = Options() if model == "wc" else Options(probability=CHANCES[setting.split()[0]])
    settled = select(graph, k, model, seed=seed, **options)
    drawn, most = settled.samples[0], rounds.MOST_SAMPLES
    is_tenth = 10 * drawn > most
    rounds.MOST_SAMPLES = drawn // 5 if is_tenth else most  # a round is the last where twice its sets were too many
    try:
        other = select(graph, k, model, seed=seed, **(options if is_tenth else options | {"samples": 10 * drawn}))
    finally:
        rounds.MOST_SAMPLES = most
    few, many = (other, settled) if is_tenth else (settled, other)
    sampler = ReverseSampler(graph, read_arcs(graph, model, options.get("probability")), np.zeros(0), seed + 1_000)
    marks = np.zeros(graph.nodes, np.uint8)
    for bit, found in enumerate((few, many)):
        marks[graph.find_nodes(found.seeds)] |= np.uint8(1 << bit)
    hits = sampler.count(1, JUDGED, marks, 2)
    return {
        "name": "select_seeds",
        "setting": setting,
        "seed": seed,
        "sets": [few.samples[0], many.samples[0]],
        "missing_percent": round(100.0 * float(1 - hits[0] / hits[1]), 3),
    }


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--only", default="", help="settings whose name holds this")
    reader.add_argument("--tenfold", default=0, type=int, help="compare with ten times the sets, with so many seeds")
    given = reader.parse_args()
    graphs = {name: load(name) for name in ("NetHEPT", "Epinions")}
    for name, model, k in CELLS if given.tenfold else ():
        if given.only not in f"{name} {model} {k}":
            continue
        for seed in range(7, 7 + given.tenfold):
            told = compare_tenfold(graphs[name], f"{name} {model} {k}", model, k, seed)
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
    if given.tenfold:
        return
    seeds = find_largest(graphs["NetHEPT"], SEEDS)
    for model in ("wc", "uniform"):  # kernels from their cache, as in any second run
        select(graphs["NetHEPT"], 5, model, probability=0.1)

    def pace() -> float:
        return time_cynetdiff(graphs["NetHEPT"], seeds, 400)[0] / YARDSTICK

    for (name, model, k), known in CELLS.items():
        setting = f"{name} {model} {k}"
        if given.only not in setting:
            continue
        quick, whole = (run(graphs[name], name, model, k, pace, is_quick=is_quick) for is_quick in (True, False))
        line: dict[str, Any] = {"name": "select_seeds", "setting": setting, "unit": "CPU s, one core"}
        line |= {"at_eps": quick, "settled": whole}
        for peer in ("opim_c", "subsim", "hist"):
            if known.get(peer):
                line[f"ratio_to_{peer}"] = round(float(known[peer] or 0) / quick["normalised_s"], 1)
        if known.get("imm_spread"):
            line["of_imm_spread"] = round(whole["spread"] / float(known["imm_spread"] or 1), 4)
            line["of_imm_seconds"] = round(whole["normalised_s"] / float(known["imm_s"] or 1), 2)
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
