"""The reach of a plan in people, from the board or from followers; one shape for both, so that the page is one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.ops.config import load_config
from canyu.ops.kols.planning.boards import Building
from canyu.ops.kols.planning.filling import Room, is_within, make_purse, make_room
from canyu.ops.kols.planning.plain import DEFAULT_PEOPLE, estimate_plain, estimate_together
from canyu.ops.kols.planning.schemas import Answer, Floats, PlanQuery, Roster
from canyu.spread.reach import Range
from canyu.spread.selection import BoardReach, ReachBoard

SWAPS_OF = 100  # chosen accounts that are told who would best take their place: as many as the page lists


@dataclass(frozen=True, slots=True)
class Ground:
    """What reach is counted on: a whole board with the roster's rows on it, or nothing but followers."""

    roster: Roster
    building: Building | None
    rows: NDArray[np.int64]
    """Rows of the roster whose reach is known: nodes of the graph, or accounts with a number of followers."""

    @property
    def board(self) -> ReachBoard | None:
        """The board, None where there is no graph or it is not built yet."""
        return None if self.building is None else self.building.board

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Which rows of the roster have a reach, bool, (accounts,)."""
        known = np.zeros(len(self.roster.table), bool)
        known[self.rows] = True
        return known


def find_ground(roster: Roster, building: Building | None) -> Ground:
    """Return what reach is counted on."""
    if building is None:
        followers = roster.table["followers"].is_valid().to_numpy(zero_copy_only=False)
        return Ground(roster, None, np.flatnonzero(followers))
    ids = roster.table["id"].to_pylist()
    rows = [row for row, name in enumerate(ids) if name not in building.missing] if building.board else []
    return Ground(roster, building, np.array(rows, np.int64))


def get_people(query: PlanQuery, building: Building | None) -> Range:
    """Return how many people the audience is: as the viewer says, as configured, or one per node of the graph."""
    if query.people is not None:
        return query.people
    configured = load_config().audience_people
    if configured:
        return Range.certain(float(configured))
    return DEFAULT_PEOPLE if building is None else Range.certain(float(max(building.graph.nodes, 1)))


def measure_plan(ground: Ground, query: PlanQuery, swaps_of: int = SWAPS_OF) -> Answer:
    """Return what the chosen of the query reach; keys that the roster has no more count nothing.

    ``swaps_of``: of how many of the chosen, from the first on, it says who would best take their place.
    """
    roster, board = ground.roster, ground.board
    chosen = np.array([roster.places[key] for key in query.chosen if key in roster.places], np.int64)
    people = get_people(query, ground.building)
    costs = roster.costs.astype(np.float64)
    if ground.building is not None and board is None:
        raise ValueError("the board is not whole yet: ask for a ground that is")
    if board is None:
        followers = roster.table["followers"].to_numpy().astype(np.float64)
        return estimate_plain(followers, chosen, people, query.seen, costs)
    known = chosen[ground.is_known[chosen]]
    ids = board.ids.take(pa.array(_find_places(ground, known)))
    found = board.measure(ids)
    answer = _scale(found, board, people, (chosen, known))
    gains = np.full(len(costs), np.nan)
    gains[ground.rows] = found.gains / board.worth * people.value
    swaps, changes = _find_swaps(ground, query, (chosen, known), board.measure_swaps(ids, swaps_of))
    return replace(answer, gains=gains, swaps=swaps, swap_changes=changes * (people.value / board.worth))


def measure_reach(ground: Ground, query: PlanQuery, rows: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return what some rows of the roster reach together: people, and the ends of the 95 % interval."""
    people, board = get_people(query, ground.building), ground.board
    if board is None:
        followers = ground.roster.table["followers"].to_numpy().astype(np.float64)
        return estimate_together(followers[rows], people, query.seen)
    known = rows[ground.is_known[rows]]
    counted = board.measure(board.ids.take(pa.array(_find_places(ground, known))))
    ends = tuple(np.array([end]) / board.worth for end in (counted.reach, counted.low, counted.high))
    value, low, high = combine_ranges(ends, people)
    return float(value[0]), float(low[0]), float(high[0])


def extend_plan(ground: Ground, query: PlanQuery, room: Room) -> list[int]:
    """Return keys to add, most new reach per cost first, until the target is reached or nobody more can be paid."""
    keys, board, people = ground.roster.keys, ground.board, get_people(query, ground.building)
    if board is None:
        return _extend_plain(ground, query, room, people)
    chosen = [ground.roster.places[key] for key in query.chosen if key in ground.roster.places]
    known = np.array([row for row in chosen if ground.is_known[row]], np.int64)
    ids = board.ids.take(pa.array(_find_places(ground, known)))
    target = query.target / people.value * board.worth if query.target else None
    added = board.find_places(board.extend(ids, make_purse(room, ground.rows), target))
    return [keys[ground.rows[place]] for place in added.tolist()]


def meet_minima(ground: Ground, query: PlanQuery) -> PlanQuery:
    """Return the query with the accounts added that its quotas ask for at least, most new reach per cost first."""
    room = make_room(ground.roster, query, ground.is_known)
    while (quota := room.find_unmet()) is not None:
        gains = np.nan_to_num(measure_plan(ground, query).gains)
        values = room.columns[quota.column]
        rows = [row for row in np.flatnonzero(room.allowed).tolist() if values[row] == quota.value and room.fits(row)]
        best = max(rows, key=lambda row: gains[row] / max(int(ground.roster.costs[row]), 1e-9))
        room.take(best)
        query = replace(query, chosen=(*query.chosen, ground.roster.keys[best]))
    return query


def _extend_plain(ground: Ground, query: PlanQuery, room: Room, people: Range) -> list[int]:
    """Under random overlap reach rises with the followers alone, so that nothing else counts."""
    roster = ground.roster
    followers = np.nan_to_num(roster.table["followers"].to_numpy().astype(np.float64))
    chosen = [roster.places[key] for key in query.chosen if key in roster.places]
    shown = float(followers[chosen].sum()) * query.seen.value / 100.0
    found: list[int] = []
    worth = followers / np.maximum(roster.costs, 1e-9)
    for row in np.argsort(-worth, kind="stable").tolist():
        if query.target and -people.value * np.expm1(-shown / people.value) >= query.target:
            break
        if followers[row] > 0 and room.fits(row):
            room.take(row)
            found.append(roster.keys[row])
            shown += float(followers[row]) * query.seen.value / 100.0
    return found


def _find_places(ground: Ground, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(ground.rows, rows)


def _scale(
    found: BoardReach, board: ReachBoard, people: Range, rows: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Answer:
    """Return the board's answer in people; a chosen account that is no node has no reach of its own known (NaN)."""
    chosen, known = rows
    places = np.flatnonzero(np.isin(chosen, known))

    def spread(values: Floats, usual: float = np.nan) -> Floats:
        whole = np.full(len(chosen), usual)
        whole[places] = values
        return whole

    def combine(value: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
        ends = combine_ranges((value / board.worth, low / board.worth, high / board.worth), people)
        return spread(ends[0]), spread(ends[1]), spread(ends[2])

    whole = combine_ranges(tuple(np.array([end]) / board.worth for end in (found.reach, found.low, found.high)), people)
    so_far = combine(found.so_far, found.so_far_low, found.so_far_high)
    alone = combine(found.alone, found.alone_low, found.alone_high)
    unique = combine(found.unique, found.unique_low, found.unique_high)
    return Answer(
        reach=float(whole[0][0]),
        low=float(whole[1][0]),
        high=float(whole[2][0]),
        people=people,
        reached_share=found.reach / board.worth,
        adds=spread(found.adds / board.worth * people.value),
        so_far=_carry(so_far[0]),
        so_far_low=_carry(so_far[1]),
        so_far_high=_carry(so_far[2]),
        alone=alone[0],
        alone_low=alone[1],
        alone_high=alone[2],
        unique=unique[0],
        unique_low=unique[1],
        unique_high=unique[2],
        shared=spread(found.shared),
        gains=np.zeros(0),
        swaps=np.zeros(0, np.int64),
        swap_changes=np.zeros(0),
        samples=found.samples,
        least_share=found.bound_share(1.0 / max(board.worth, 2.0)),
    )


def combine_ranges(shares: tuple[Floats, ...], people: Range) -> tuple[Floats, Floats, Floats]:
    """Return people from shares of an audience, with ends from both: value, low and high, each (n,).

    ``shares``: value, low, high. Both uncertainties are taken as independent and log-normal on either side, so that
    their widths add in squares; a share whose low end is 0 keeps 0, one of 0 has the ends of both together.
    """
    value, low, high = shares
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.hypot(np.log(value / low), np.log(people.value / people.low))
        above = np.hypot(np.log(high / value), np.log(people.high / people.value))
        lows = np.where((value > 0) & (low > 0), value * people.value * np.exp(-below), 0.0)
        highs = np.where(value > 0, value * people.value * np.exp(above), high * people.high)
    return value * people.value, lows, highs


def _carry(values: Floats) -> Floats:
    """Fill what is not known with what came before it."""
    found, last = values.copy(), 0.0
    for place, value in enumerate(values.tolist()):
        last = last if np.isnan(value) else value
        found[place] = last
    return found


def _find_swaps(
    ground: Ground, query: PlanQuery, chosen_rows: tuple[NDArray[np.int64], NDArray[np.int64]], changes: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Return for each chosen the row outside, no dearer, that best takes its place, and the change in nodes."""
    chosen, known = chosen_rows
    keys, costs = np.array(ground.roster.keys, np.int64), ground.roster.costs
    may = is_within(ground.roster, query) & ~np.isin(keys, query.chosen) & ~np.isin(keys, query.never)
    may_on_board, costs_on_board = may[ground.rows], costs[ground.rows]
    swaps, best_changes = np.full(len(chosen), -1, np.int64), np.zeros(len(chosen))
    places = {int(row): place for place, row in enumerate(chosen)}
    for at, row in enumerate(known[: len(changes)].tolist()):
        others = np.flatnonzero(may_on_board & (costs_on_board <= costs[row]))
        if len(others):
            best = int(others[int(np.argmax(changes[at, others]))])
            swaps[places[row]], best_changes[places[row]] = int(ground.rows[best]), changes[at, best]
    return swaps, best_changes
