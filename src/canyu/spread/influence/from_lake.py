"""A graph of influence learned from a lake, kept with what it was computed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from canyu.events import Lake, Verb
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.version import __version__
from canyu.kit.words import Words
from canyu.spread.cascades.from_events import read_reposts
from canyu.spread.cascades.how import WAYS, How
from canyu.spread.cascades.rebuild import build_cascades
from canyu.spread.graphs import Graph, build_graph, save_graph
from canyu.spread.influence.learning import DEFAULTS, Learned, LearnSettings, learn_influence

ABOUT, DELAYS, ARCS = "about.json", "delays.json", "arcs.parquet"
KIND = "canyu learned influence"
SPREADING = [str(Verb.POST), str(Verb.REPOST)]
NEEDED = ("id", "type", "parent", "actor", "text", "time")


@dataclass(frozen=True, slots=True)
class LakePart:
    """Which events are learned from: posts and reposts from ``first`` (aware, included) to ``end`` (not included).

    None is no limit; ``channel`` "" is every channel.
    """

    first: datetime | None = None
    end: datetime | None = None
    channel: str = ""


WHOLE = LakePart()


def read_lake_cascades(lake: Lake, part: LakePart = WHOLE, *, version: int | None = None) -> pa.Table:
    """Return who took part in each cascade of a lake, and when: the table that ``read_cascades`` takes.

    A post begins a cascade, also one that nobody passed on: there its readers did not follow. A parent is stated
    where the events state it (confidence 1), null where the tree had to guess.
    """
    events = lake.scan("events", version=version)
    kept = events.filter(events.type.isin(SPREADING))
    if part.channel:
        kept = kept.filter(kept.channel == part.channel)
    if part.first is not None:
        kept = kept.filter(kept.time >= part.first)
    if part.end is not None:
        kept = kept.filter(kept.time < part.end)
    return make_cascade_table(kept.select(*NEEDED).to_pyarrow())


def make_cascade_table(events: pa.Table) -> pa.Table:
    """Return posts and reposts (columns id, type, parent, actor, text, time) as cascade, user, time and parent."""
    found = build_cascades(read_reposts(events.filter(pc.is_in(events["type"], pa.array(SPREADING)))))
    named = (found.authors >= 0) & (found.rows >= 0)
    nodes = np.flatnonzero(named)
    is_stated = found.how == WAYS.index(How.STATED)
    above = found.parent[nodes]
    parents = np.where((above >= 0) & is_stated[nodes], found.authors[above], -1)
    accounts = found.fields.accounts.cast(pa.string())
    edges = found.fields.times[found.rows[nodes]]
    return pa.table(
        {
            "cascade": pa.array(found.cascade_of[nodes], pa.int64()),
            "user": accounts.take(pa.array(found.authors[nodes])),
            "time": pa.array(edges).cast(pa.timestamp("us", "UTC")),
            "parent": accounts.take(pa.array(parents, mask=parents < 0)),
        }
    )


def learn_from_lake(
    lake: Lake,
    part: LakePart = WHOLE,
    follows: pa.Table | None = None,
    settings: LearnSettings = DEFAULTS,
) -> tuple[Learned, dict[str, Any]]:
    """Learn influence from a lake; returns it and what it was computed on: the lake's version, the part, the figures.

    Raises BadInput where the part has no post or repost, or no arc was ever tried.
    """
    versions = lake.versions()
    table = read_lake_cascades(lake, part, version=versions.get("events"))
    if not table.num_rows:
        raise BadInput(
            Words("湖里这一段没有帖子或转发。", "There is no post or repost in that part of the lake."),
            mend=Words("请放宽日期或渠道。", "Widen the days or the channel."),
        )
    learned = learn_influence(table, follows, settings)
    about = {
        "kind": KIND,
        "canyu": __version__,
        "made": get_now().isoformat(),
        "lake_versions": versions,
        "from": None if part.first is None else part.first.isoformat(),
        "until": None if part.end is None else part.end.isoformat(),
        "channel": part.channel,
        "hold_out": settings.hold_out,
        "fewest_stated": settings.fewest,
        **learned.describe(),
    }
    return learned, about


def save_learned(learned: Learned, about: dict[str, Any], folder: Path) -> Graph:
    """Keep a learned graph in a new folder, with about.json, delays.json and arcs.parquet in it; returns the graph.

    ``open_graph`` opens it. It appears when it is whole; raises BadInput where there is one already.
    """
    graph = build_graph(learned.fit.table, "source", "target", probability="probability")
    save_graph(graph, folder, partial(_write_beside, learned, about))
    return graph


def read_about(folder: Path) -> dict[str, Any]:
    """Return what a learned graph was computed on; raises NotFound where the folder holds none."""
    try:
        found = parse_json((folder / ABOUT).read_bytes())
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or found.get("kind") != KIND:
        raise NotFound(
            Words(f"{folder} 不是由湖学出的影响图。", f"{folder} is no graph learned from a lake."),
            mend=Words("请用 canyu spread learn 生成。", "Make one with canyu spread learn."),
        )
    return found


def is_stale(folder: Path, lake: Lake) -> bool:
    """Say whether the lake's events have changed since a graph was learned: added to, or somebody erased.

    A graph names accounts; one who was erased from the lake stands in it until it is learned again.
    """
    learned_on: object = read_about(folder)["lake_versions"].get("events")
    return learned_on != lake.version("events")


def _write_beside(learned: Learned, about: dict[str, Any], folder: Path) -> None:
    (folder / ABOUT).write_text(dump_json(about) + "\n", "utf-8")
    delays = learned.delays
    told: dict[str, Any] = {"family": None}
    table = learned.fit.table
    if delays is not None:
        told = {
            "family": str(delays.family),
            "scope": str(delays.scope),
            "median_s" if delays.sigma else "mean_s": float(np.median(delays.centres)),
            "sigma": delays.sigma,
            "held_out": None if delays.held_out is None else delays.held_out.to_pylist(),
        }
        table = table.append_column("delay_s", pa.array(delays.centres))
    (folder / DELAYS).write_text(dump_json(told) + "\n", "utf-8")
    pq.write_table(table, folder / ARCS, compression="zstd")
