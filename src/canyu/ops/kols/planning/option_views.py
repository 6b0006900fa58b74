"""What the pages of waves and rumours show, ready to be written out; no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.ops.kols.planning.answers import Ground, combine_ranges, get_people
from canyu.ops.kols.planning.options import Ends, RumourFound, WavesFound
from canyu.ops.kols.planning.schemas import Floats, PlanQuery
from canyu.ops.kols.planning.views import Person, name_person

NAMED = 12  # accounts of a wave that are named; the file holds them all


@dataclass(frozen=True, slots=True)
class WaveRow:
    """One wave as a row: who posts, for how much, what it adds and what all up to it reach; people with their ends."""

    number: int
    hour_h: float
    cost_minor: int
    budget_minor: int
    persons: list[Person]
    more: int
    adds: Ends
    so_far: Ends | None


@dataclass(frozen=True, slots=True)
class RumourRow:
    """The accounts to set against a rumour and what they change, in people."""

    persons: list[Person]
    cost_minor: int
    saved: Ends
    alone: float
    against: float
    least: float
    most: float


def list_waves(ground: Ground, query: PlanQuery, found: WavesFound) -> list[WaveRow]:
    """Return the waves in people."""
    rows = []
    for number, wave in enumerate(found.waves):
        persons = name_persons(ground, query, wave.keys[:NAMED])
        adds = scale_ends(ground, query, wave.adds)
        so_far = scale_ends(ground, query, found.so_far[number]) if found.so_far else None
        left = len(wave.keys) - len(persons)
        rows.append(WaveRow(number + 1, wave.hour_h, wave.cost, wave.budget, persons, left, adds, so_far))
    return rows


def describe_rumour(ground: Ground, query: PlanQuery, found: RumourFound) -> RumourRow:
    """Return the answer to a rumour in people."""
    people = get_people(query, ground.building).value
    persons = name_persons(ground, query, found.keys)
    cost = sum(person.cost_minor for person in persons)
    saved = scale_ends(ground, query, found.saved)
    ends = (found.alone, found.against, found.least, found.most)
    alone, against, least, most = (end * people for end in ends)
    return RumourRow(persons, cost, saved, alone, against, least, most)


def title_waves(rows: Sequence[WaveRow]) -> Words:
    """Return what is seen in the table of waves."""
    filled = [row for row in rows if row.persons]
    if not filled:
        return Words("没有一波能请到人", "No wave can pay for anybody")
    first = filled[0]
    adds = [format_number(round(first.adds[0]), language, first.adds[1:]) for language in ("zh", "en")]
    whole = sum(row.adds[0] for row in rows)
    share = round(100.0 * first.adds[0] / whole) if whole > 0 else 0
    return Words(
        f"第 {first.number} 波触达 {adds[0]} 人，占全部的 {share}%",
        f"Wave {first.number} reaches {adds[1]} people, {share}% of all",
    )


def name_persons(ground: Ground, query: PlanQuery, keys: Sequence[int]) -> list[Person]:
    """Return accounts as rows name them; keys that the roster has no more are left out."""
    places = ground.roster.places
    return [name_person(ground.roster, places[key], query.currency) for key in keys if key in places]


def scale_ends(ground: Ground, query: PlanQuery, share: Ends) -> Ends:
    """Return a share of the audience in people, with the ends of chance and of the audience's size together."""
    shares: tuple[Floats, ...] = tuple(np.array([end]) for end in share)
    value, low, high = combine_ranges(shares, get_people(query, ground.building))
    return float(value[0]), float(low[0]), float(high[0])
