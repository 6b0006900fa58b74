"""Who the people are that a plan reaches: by where they are, and by the accounts' platforms and markets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.measure.channels import get_channel_label
from canyu.measure.kept import Kept
from canyu.measure.markets import get_market_label
from canyu.ops.kols.planning import engine
from canyu.ops.kols.planning.answers import Ground, combine_ranges, get_people, measure_reach
from canyu.ops.kols.planning.homes import Homes, find_homes
from canyu.ops.kols.planning.options import Ends
from canyu.ops.kols.planning.schemas import PlanQuery, Roster
from canyu.spread.influence.intervals import compute_wilson

SAMPLES = 200_000  # of all markets together, shared out by their people
LEAST_SAMPLES = 10_000  # of a market, so that the smallest has an interval too
NO_MARKET = Words("未写市场", "no market stated")
_COUNTED = Kept(32)


@dataclass(frozen=True, slots=True)
class Part:
    """People of one market: how many there are, and how many of them the plan reaches, with the ends."""

    label: Words
    people: float
    reach: Ends
    share: float


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts of one platform or market: cost in minor units, whom they reach together, and whom nobody else does."""

    value: str
    label: Words
    accounts: int
    cost_minor: int
    reach: Ends
    only: float


@dataclass(frozen=True, slots=True)
class Audience:
    """All that is known of whom a plan reaches; without ``homes`` nothing is known of where the people are."""

    homes: Homes | None
    parts: tuple[Part, ...]
    unknown: int
    """Nodes of which no market is known."""
    markets: tuple[Group, ...]
    platforms: tuple[Group, ...]
    samples: int


def describe_audience(ground: Ground, query: PlanQuery) -> Audience:
    """Return whom the plan reaches; people whose market is known are counted on sets of their own market."""
    building = ground.building
    homes = None if building is None else find_homes(building.about)
    parts, samples = ((), 0) if homes is None else _count_parts(ground, query, homes)
    unknown = 0 if building is None else building.graph.nodes - (homes.known if homes else 0)
    markets, platforms = (_list_groups(ground, query, column) for column in ("market", "platform"))
    return Audience(homes, parts, unknown, markets, platforms, samples)


def _count_parts(ground: Ground, query: PlanQuery, homes: Homes) -> tuple[tuple[Part, ...], int]:
    building = ground.building
    if building is None or building.accounts is None:
        return (), 0
    nodes = homes.people
    samples = np.where(nodes > 0, np.maximum(SAMPLES * nodes // max(homes.known, 1), LEAST_SAMPLES), 0)
    wanted = _list_wanted(ground, query)
    key = (building.key, homes.version, tuple(wanted))
    hits: NDArray[np.int64] | None = _COUNTED.find(key)
    if hits is None:
        counting = engine.Counting(building.graph, building.accounts, building.conditions)
        hits = engine.count_hits_by_part(counting, wanted, homes.numbers, samples)
        _COUNTED.keep(key, hits)
    people, scale = get_people(query, building), nodes / max(building.graph.nodes, 1)
    drawn = np.maximum(samples, 1).astype(np.float64)
    lows, highs = compute_wilson(hits / drawn, drawn)
    whole = combine_ranges((hits / drawn * scale, lows * scale, highs * scale), people)
    found = [
        Part(
            get_market_label(homes.markets[place]),
            float(scale[place] * people.value),
            (float(whole[0][place]), float(whole[1][place]), float(whole[2][place])),
            float(hits[place] / drawn[place]),
        )
        for place in np.argsort(-nodes, kind="stable").tolist()
        if nodes[place]
    ]
    return tuple(found), int(samples.sum())


def _list_wanted(ground: Ground, query: PlanQuery) -> list[str]:
    names = ground.roster.table["id"].to_pylist()
    rows = [ground.roster.places[key] for key in query.chosen if key in ground.roster.places]
    return [names[row] for row in rows if ground.is_known[row]]


def _list_groups(ground: Ground, query: PlanQuery, column: str) -> tuple[Group, ...]:
    """Return the accounts of the plan by a column, the dearest group first; one of two markets stands in both."""
    roster = ground.roster
    rows = np.array([roster.places[key] for key in query.chosen if key in roster.places], np.int64)
    values = [_list_values(roster, row, column) for row in rows.tolist()]
    whole = measure_reach(ground, query, rows)[0]
    found = []
    for value in dict.fromkeys(value for some in values for value in some):
        is_own = np.array([value in some for some in values], bool)
        found.append(
            Group(
                value,
                _name_group(column, value),
                int(is_own.sum()),
                int(roster.costs[rows[is_own]].sum()),
                measure_reach(ground, query, rows[is_own]),
                max(whole - measure_reach(ground, query, rows[~is_own])[0], 0.0),
            )
        )
    return tuple(sorted(found, key=lambda group: -group.cost_minor))


def _list_values(roster: Roster, row: int, column: str) -> list[str]:
    if column == "market":
        return roster.markets[row] or [""]
    return [roster.rows[row][column] or ""]


def _name_group(column: str, value: str) -> Words:
    if column == "platform":
        return get_channel_label(value)
    return get_market_label(value) if value else NO_MARKET
