"""Whom to ask for a rebuttal: people still to come hang on those seen, and read whom people seen there read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs.graph import join_arcs
from canyu.spread.rebuttal.cases import TIE_SCHEMA, Case
from canyu.spread.rebuttal.habits import CED_HABITS, Habits
from canyu.spread.selection import Limits, Rumour, Selection, Timing, select_blockers

FEWEST_SEEN = 10
Real = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Situation:
    """When a rebuttal is planned, and what is assumed of it.

    ``age_h``: hours of the cascade that are seen; ``delay_h``: until the accounts speak; ``reads``: the chance that
    who reads an account reads its rebuttal, and then does not pass the rumour on; ``to_come``: how many people are
    expected after ``age_h``, and ``to_come_range`` the 80 % interval of that, None where it is sure. ``habits``: what
    carriers still draw. ``ties``: TIE_SCHEMA, who was known to read whom, in order of time; rows from the moment of
    the plan on are not read.
    """

    to_come: float
    age_h: float = 2.0
    delay_h: float = 1.0
    reads: float = 0.5
    habits: Habits = CED_HABITS
    ties: pa.Table = field(default_factory=TIE_SCHEMA.empty_table)
    to_come_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Voices:
    """Whom each of ``count`` people could hear a rebuttal from: one row per person and account, sorted by person."""

    count: int
    people: Whole
    accounts: pa.Array

    def pick(self, chosen: pa.Array, reads: float) -> tuple[Whole, Real]:
        """Return where each person's chosen accounts begin, (count + 1,), and the chance of reading each."""
        kept = self.people[pc.is_in(self.accounts, chosen).to_numpy(False)] if len(chosen) else self.people[:0]
        return np.searchsorted(kept, np.arange(self.count + 1)).astype(np.int64), np.full(len(kept), reads)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Kinds of people still to come: on whom each hangs (a node, -1 the post), how many, and whom they hear from."""

    carriers: Whole
    values: Real
    voices: Voices


@dataclass(frozen=True, slots=True)
class Board:
    """A case at the moment of the plan: ``seen`` reactions, whom every node heard from, and who is still to come."""

    case: Case
    situation: Situation
    seen: int
    voices: Voices
    ahead: Ahead

    @property
    def waited_h(self) -> Real:
        """For how long whom each kind of people hangs on has carried the rumour, (kinds,)."""
        carriers = self.ahead.carriers
        since = np.where(carriers >= 0, self.case.times_h[carriers], 0.0)
        return np.asarray(self.situation.age_h - since)


@dataclass(frozen=True, slots=True)
class Plan:
    """The chosen accounts, what they cost, and the ``selection`` that says, with its proof, how many people it saves.

    ``share``: of the people to come. It all holds for the model of the situation; ``replay_plan`` judges it.
    """

    chosen: pa.Array
    cost: int
    share: float
    selection: Selection


def set_board(case: Case, situation: Situation) -> Board:
    """Return the case at the moment of the plan; raises BadInput below ten reactions or where a number is no such."""
    seen = case.count_seen(situation.age_h)
    check_situation(situation, seen)
    voices = list_voices(case, situation)
    return Board(case, situation, seen, voices, look_ahead(case, situation, seen, voices))


def list_voices(case: Case, situation: Situation) -> Voices:
    """Return the accounts that each node could hear a rebuttal from: whom it answered, and its ties before the plan."""
    count, width = len(case.people), max(len(case.accounts), 1)
    above = np.where(case.parents >= 0, case.people[case.parents], case.author)
    answered = np.flatnonzero(above >= 0)
    moment = pa.scalar(case.posted + timedelta(hours=situation.age_h), pa.timestamp("us", "UTC"))
    ties = situation.ties
    ties = ties.slice(0, int(np.searchsorted(ties["time"].cast(pa.int64()).to_numpy(), moment.value)))
    targets = pc.fill_null(pc.index_in(ties["target"], case.accounts), -1).to_numpy()
    ties, targets = ties.filter(pa.array(targets >= 0)), targets[targets >= 0]
    order = np.argsort(targets, kind="stable")
    starts = np.searchsorted(targets[order], np.arange(width + 1))
    counts = (starts[1:] - starts[:-1])[case.people]
    first = np.repeat(starts[case.people] - np.cumsum(counts) + counts, counts)
    rows = order[first + np.arange(counts.sum())]
    named = [case.accounts.take(pa.array(above[answered])), ties["source"].combine_chunks().take(pa.array(rows))]
    codes = pa.concat_arrays([one.cast(pa.string()) for one in named]).dictionary_encode()
    nodes = np.concatenate([answered, np.repeat(np.arange(count), counts)])
    names = max(len(codes.dictionary), 1)
    found, name = np.divmod(np.unique(nodes * np.int64(names) + codes.indices.to_numpy(False)), names)
    accounts = codes.dictionary.take(pa.array(name))
    is_other = pc.not_equal(accounts, case.accounts.take(pa.array(case.people[found]))).to_numpy(False)
    return Voices(count, found[is_other], accounts.filter(pa.array(is_other)))


def look_ahead(case: Case, situation: Situation, seen: int, voices: Voices) -> Ahead:
    """Return who is still to come.

    Below each carrier as many as carriers like it drew (``Habits``), each like one of those whom it has drawn; the
    rest of ``to_come`` hang on the post, each like one of those who do.
    """
    parents = case.parents[:seen].astype(np.int64)
    direct = np.bincount(parents[parents >= 0], minlength=seen)
    expected = situation.habits.expect(direct, 1.0 - case.times_h[:seen] / situation.age_h)
    idle = np.flatnonzero(direct == 0)
    on_post = max(int((parents < 0).sum()), 1)
    rest = max(situation.to_come - float(expected.sum()), 0.0)
    values = np.where(parents >= 0, expected[parents] / np.maximum(direct, 1)[parents], rest / on_post)
    is_seen = voices.people < seen
    own = case.accounts.take(pa.array(case.people[idle])).cast(pa.string())
    accounts = pa.concat_arrays([voices.accounts.filter(pa.array(is_seen)), own])
    people = np.concatenate([voices.people[is_seen], seen + np.arange(len(idle))])
    heard = Voices(seen + len(idle), people, accounts)
    return Ahead(np.concatenate([parents, idle]), np.concatenate([values, expected[idle]]), heard)


def plan_rebuttal(board: Board, accounts: pa.Table, limits: Limits, seed: int = 7) -> Plan:
    """Choose accounts within the budget whose rebuttal saves most of the people still to come, with a proof.

    ``accounts`` and ``limits`` as in ``select_within``, ids as texts. An account that nobody seen is known to read
    saves nobody. Raises BadInput as ``select_blockers`` does.
    """
    situation, ahead = board.situation, board.ahead
    ids = accounts["id"].combine_chunks().cast(pa.string())
    listed = accounts.set_column(accounts.column_names.index("id"), "id", ids)
    kinds = len(ahead.values)
    carriers = pa.array(["\x00post", *(f"\x00carrier {node}" for node in range(board.seen))], pa.string())
    comers = pa.array([f"\x00person {kind}" for kind in range(kinds)], pa.string())
    speaking = pc.fill_null(pc.index_in(ahead.voices.accounts, ids), -1).to_numpy(False)
    is_had = speaking >= 0
    first = 1 + board.seen
    tails = np.concatenate([ahead.carriers + 1, first + kinds + speaking[is_had]]).astype(np.int32)
    heads = np.concatenate([first + np.arange(kinds), first + ahead.voices.people[is_had]]).astype(np.int32)
    chances = np.full(len(tails), situation.reads, np.float32)
    chances[:kinds] = 1.0
    graph = join_arcs(pa.concat_arrays([carriers, comers, ids]), tails, heads, chances)
    ages = np.concatenate([[situation.age_h], situation.age_h - board.case.times_h[: board.seen]])
    values = np.zeros(graph.nodes)
    values[first : first + kinds] = ahead.values
    habits = situation.habits
    timing = Timing(np.inf, habits.median_h, habits.sigma)
    found = select_blockers(
        graph,
        Rumour(carriers, ages),
        listed,
        limits,
        timing=timing,
        delay_h=situation.delay_h,
        values=values,
        seed=seed,
    )
    prices = dict(zip(ids.to_pylist(), accounts["cost"].to_pylist(), strict=True))
    cost = sum(prices[one] for one in found.seeds.to_pylist())
    return Plan(found.seeds, cost, found.spread / max(float(values.sum()), 1e-9), found)


def check_situation(situation: Situation, seen: int) -> None:
    """Raise BadInput where too little is seen or a number is out of its range."""
    if seen < FEWEST_SEEN:
        raise BadInput(
            Words(f"到此时只有 {seen} 条转发。", f"reactions seen by then: {seen}, too few."),
            mend=Words(f"请等到至少 {FEWEST_SEEN} 条。", f"Wait until there are {FEWEST_SEEN}."),
        )
    told = {
        "delay_h": (situation.delay_h, situation.delay_h >= 0.0),
        "reads": (situation.reads, 0.0 <= situation.reads <= 1.0),
        "to_come": (situation.to_come, situation.to_come >= 0.0),
    }
    for name, (value, fits) in told.items():
        if not fits:
            raise BadInput(
                Words(f"{name} 不能是 {value}。", f"{name} cannot be {value}."),
                mend=Words("reads 是 0 到 1，其余不小于 0。", "reads lies between 0 and 1, the others from 0 up."),
            )
