"""Exact Markov chain and Shapley's value against the packages that people use, on the 10,000 public paths.

    python benchmarks/attribution.py --paths channelattribution_Data.csv

One JSON line per question. The peers (ChannelAttribution, GPL-3; marketing-attribution-models) run in the same process
where they are installed, else the line says that they are absent. ChannelAttribution simulates 2,000,000 paths: its
error is then 0.1 % on large and 2 % on small channels; ours has none.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

from canyu.kit.jsonio import dump_json
from canyu.measure.attribution.markov import compute_markov
from canyu.measure.attribution.rules import Rule, credit_touches, weigh_touches
from canyu.measure.attribution.shapley import cover_paths, solve_game
from canyu.measure.journeys import Journeys, make_journeys

PATHS = Path(__file__).parents[2] / "shared" / "scenarios" / "measure-data" / "channelattribution_Data.csv"
SIMULATED = 2_000_000
PLAYERS = 8


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--paths", type=Path, default=PATHS)
    given = parser.parse_args()
    if not given.paths.is_file():
        print(
            dump_json({"benchmark": "attribution", "note": f"no public paths at {given.paths}: nothing was measured"})
        )
        return
    with given.paths.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    columns = ("total_conversions", "total_conversion_value", "total_null")
    paths = make_journeys([row["path"].split(" > ") for row in rows], *([float(r[c]) for r in rows] for c in columns))
    few = keep_channels(rows)
    tell("markov", lambda: compute_markov(paths), simulate_peer(rows), "ChannelAttribution")
    tell("markov, order 3", lambda: compute_markov(paths, 3), None, "")
    tell("shapley, 8 channels, all sets", lambda: solve_game(cover_paths(few)), solve_peer(few), "mam")
    tell(
        "shapley, 8 channels, equal split",
        lambda: credit_touches(few, weigh_touches(few, Rule.SHAPLEY), few.conversions),
        None,
        "",
    )


def keep_channels(rows: list[dict[str, str]]) -> Journeys:
    """Return the paths cut to the 8 channels with most touches."""
    counts: dict[str, int] = {}
    split = [row["path"].split(" > ") for row in rows]
    for path in split:
        for name in path:
            counts[name] = counts.get(name, 0) + 1
    kept = set(sorted(counts, key=lambda name: -counts[name])[:PLAYERS])
    cut = [[name for name in path if name in kept] for path in split]
    chosen = [place for place, path in enumerate(cut) if path]
    return make_journeys(
        [cut[place] for place in chosen], [float(rows[place]["total_conversions"]) for place in chosen]
    )


def simulate_peer(rows: list[dict[str, str]]) -> Callable[[], Any] | None:
    if importlib.util.find_spec("ChannelAttribution") is None:
        return None
    import pandas
    from ChannelAttribution import markov_model

    frame = pandas.DataFrame(rows)
    for name in ("total_conversions", "total_conversion_value", "total_null"):
        frame[name] = frame[name].astype(float)
    named = ("path", "total_conversions", "total_conversion_value", "total_null")
    more = {"order": 1, "nsim_start": SIMULATED, "max_nsim": SIMULATED, "ncore": 1, "verbose": False}
    return lambda: markov_model(frame, *named[:2], var_value=named[2], var_null=named[3], **more)


def solve_peer(paths: Journeys) -> Callable[[], Any] | None:
    if importlib.util.find_spec("mam") is None:
        return None
    import pandas
    from mam.attribution import MAM

    names = [[paths.names[c] for c in paths.codes[a:b]] for a, b in zip(paths.offsets, paths.offsets[1:], strict=False)]
    frame = pandas.DataFrame({"path": [" > ".join(path) for path in names], "conversions": paths.conversions})
    frame = frame[frame["conversions"] > 0].assign(has_transaction=True)
    peer = MAM(
        frame, channels_colname="path", group_channels=False, conversion_value="conversions", path_separator=" > "
    )
    return lambda: peer.attribution_shapley(size=PLAYERS, order=False, values_col="conv_rate")


def tell(question: str, ours: Callable[[], Any], peer: Callable[[], Any] | None, name: str) -> None:
    line: dict[str, Any] = {
        "benchmark": "attribution",
        "question": question,
        "ours_s": min(spend(ours) for _ in range(3)),
    }
    if name:
        line["peer"] = name
        line["peer_s"] = None if peer is None else spend(peer)
        line["ratio"] = None if peer is None else round(line["peer_s"] / line["ours_s"], 1)
        line |= {} if peer else {"note": f"{name} is not installed: not compared"}
    print(dump_json(line), flush=True)


def spend(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of all threads."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 4)


if __name__ == "__main__":
    main()
