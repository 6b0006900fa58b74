"""Where the people of a graph are: the market that most of their own events in the lake came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.events import Lake
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.kols.planning.graphs import OpenGraph
from canyu.ops.lakes import find_lake

_HOMES = Kept(2)


@dataclass(frozen=True, slots=True)
class Homes:
    """The market of each node as a number, -1 where no event of it is in the lake, int32, (nodes,), by name."""

    markets: tuple[str, ...]
    numbers: NDArray[np.int32]
    version: int

    @property
    def people(self) -> NDArray[np.int64]:
        """How many nodes each market has, int64, (markets,)."""
        return np.bincount(self.numbers[self.numbers >= 0], minlength=len(self.markets)).astype(np.int64)

    @property
    def known(self) -> int:
        """Of how many nodes the market is known."""
        return int((self.numbers >= 0).sum())


def find_homes(about: OpenGraph) -> Homes | None:
    """Return where the people of a graph are, None where the lake knows of none of them; kept per data version."""
    lake = find_lake()
    version = None if lake is None else lake.version()
    if lake is None or version is None:
        return None
    key = (identify_lake(lake), version, about.key)
    found: Homes | None = _HOMES.find(key)
    if found is None:
        found = _read_homes(lake, version, about)
        _HOMES.keep(key, found)
    return found if found.known else None


def _read_homes(lake: Lake, version: int, about: OpenGraph) -> Homes:
    events = lake.scan("events", version=version)
    told = events.filter(events.actor.notnull(), events.market.notnull())
    counts = told.group_by("actor", "market").aggregate(n=told.count())
    rows = lake.engine.run(counts.order_by(counts.actor, counts.n.desc(), counts.market))
    nodes = about.graph.find_nodes(rows["actor"].combine_chunks()) if _is_text(about) else _find_numbers(about, rows)
    markets = rows["market"].combine_chunks().dictionary_encode()
    known = np.flatnonzero(nodes >= 0)
    first = known[np.unique(nodes[known], return_index=True)[1]]  # the market of most events stands first
    numbers = np.full(about.graph.nodes, -1, np.int32)
    numbers[nodes[first]] = markets.indices.to_numpy(False)[first]
    return Homes(tuple(markets.dictionary.to_pylist()), numbers, version)


def _is_text(about: OpenGraph) -> bool:
    return not pa.types.is_integer(about.graph.ids.type)


def _find_numbers(about: OpenGraph, rows: pa.Table) -> NDArray[np.int64]:
    """Return the nodes of actors in a graph of numbers; an actor that is no number is none."""
    actors = rows["actor"].combine_chunks()
    is_number = pc.match_substring_regex(actors, r"^\d{1,18}$")
    texts = pc.if_else(is_number, actors, "-1")
    return np.where(is_number.to_numpy(False), about.graph.find_nodes(texts.cast(pa.int64())), -1)
