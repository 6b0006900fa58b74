"""What the engine says of waves and rumours, for the plan of an address; the viewer comes first."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from canyu.ops.kols.models import Account, Booking, BookingState
from canyu.ops.kols.planning import engine
from canyu.ops.kols.planning.answers import Ground
from canyu.ops.kols.planning.carriers import Spreaders, find_newest, list_spreaders
from canyu.ops.kols.planning.filling import is_within, narrow_roster
from canyu.ops.kols.planning.option_rules import RumourChoice, WavesChoice
from canyu.ops.kols.planning.options import RumourAsked, RumourFound, Seen, WavesAsked, WavesFound
from canyu.ops.kols.planning.schemas import PlanQuery, Roster
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person

Found = TypeVar("Found")
OUT = (BookingState.POSTED, BookingState.CHECKED, BookingState.PAID)


@dataclass(frozen=True, slots=True)
class Carriers:
    """Who spreads a rumour: nodes of the graph with hours each, names that are none, and how many the lake added."""

    known: tuple[tuple[str, float], ...]
    unknown: tuple[str, ...]
    from_lake: int


@dataclass(frozen=True, slots=True)
class History:
    """What happened of a saved plan: since when, and what the engine reads; ``missing`` posted but are no nodes."""

    began_at: datetime
    seen: Seen
    missing: int


def ask_waves(ground: Ground, query: PlanQuery, choice: WavesChoice, seen: Seen | None = None) -> Future[WavesFound]:
    """Return the waves as they will be; the ground has a whole board.

    Of the accounts in the plan each is used, for what they cost together; else the engine chooses within the budget.
    """
    if choice.is_anew:
        asked = WavesAsked(choice.list_hours(float(choice.start_h or 0)), query.budget_minor, seen)
        return engine.ask_waves(_make_choosing(ground), _narrow(ground, _find_allowed(ground, query)), query, asked)
    rows = np.zeros(len(ground.roster.table), bool)
    rows[[ground.roster.places[key] for key in query.chosen if key in ground.roster.places]] = True
    roster = _narrow(ground, rows)
    plain = replace(query, quotas=(), must=(), never=())
    asked = WavesAsked(choice.list_hours(), int(roster.costs.sum()))
    return engine.ask_waves(_make_choosing(ground), roster, plain, asked)


def ask_blockers(ground: Ground, query: PlanQuery, choice: RumourChoice, carriers: Carriers) -> Future[RumourFound]:
    """Return whom to set against the rumour as it will be; who spreads it is not among them."""
    names = {name for name, _ in carriers.known}
    ids = np.array(ground.roster.table["id"].to_pylist(), object)
    rows = _find_allowed(ground, query) & np.array([name not in names for name in ids], bool)
    asked = RumourAsked(carriers.known, float(choice.delay_h), choice.is_first, query.budget_minor)
    return engine.ask_blockers(_make_choosing(ground), _narrow(ground, rows), query, asked)


def find_carriers(viewer: Person, ground: Ground, choice: RumourChoice) -> Carriers:  # noqa: ARG001 - reads take the viewer first
    """Return who spreads the rumour: actors that are nodes, handles of the roster, or ids of posts in the lake.

    A post stands for everybody who reposted it. Hours count up to the newest event of the lake.
    """
    names = list(choice.names)
    handles = dict(Account.objects.filter(handle__in=names).exclude(actor="").values_list("handle", "actor"))
    typed = {name: handles.get(name, name) for name in names}
    is_node = _find_nodes(ground, list(typed.values()))
    hours = {actor: float(choice.age_h) for name, actor in typed.items() if actor in is_node}
    posts = [name for name, actor in typed.items() if actor not in is_node]
    lake = find_lake()
    spread: Spreaders = {}
    unknown = set(posts)
    if lake is not None and posts:
        newest = find_newest(lake)
        for name in posts:
            found = list_spreaders(lake, [name])
            unknown -= {name} if found else set()
            spread |= {actor: time for actor, time in found.items() if actor not in spread}
        known = _find_nodes(ground, list(spread))
        for actor, time in spread.items():
            if actor in known and newest is not None:
                hours[actor] = max((newest - time) / timedelta(hours=1), 0.0)
    return Carriers(tuple(sorted(hours.items())), tuple(name for name in names if name in unknown), len(spread))


def find_history(viewer: Person, ground: Ground, plan_id: int, now: datetime) -> History | None:  # noqa: ARG001 - reads take the viewer first
    """Return what happened of a plan: its posts, who reposted them by now, and what they cost; None before the first.

    Accounts erased since are not told of; what they cost still counts.
    """
    bookings = list(Booking.objects.filter(plan=plan_id, state__in=OUT).select_related("account"))
    out = [(one, one.posted_at) for one in bookings if one.posted_at is not None]
    if not out:
        return None
    began = min(posted_at for _, posted_at in out)
    told = {one.account.actor: posted_at for one, posted_at in out if one.account is not None}
    posted = tuple(sorted((actor, (at - began) / timedelta(hours=1)) for actor, at in told.items() if actor))
    known = _find_nodes(ground, [actor for actor, _ in posted])
    lake, posts = find_lake(), [one.post_id for one, _ in out if one.post_id]
    spread = list_spreaders(lake, posts, began) if lake is not None and posts else {}
    # whole hours, the one that runs included: what is worked out in the background is then asked for again as the same
    now_h = float(ceil(max((now - began) / timedelta(hours=1), 0.0)))
    reached = tuple(
        sorted(
            (actor, max((time - began) / timedelta(hours=1), 0.0))
            for actor, time in spread.items()
            if actor not in told and time <= now
        )
    )
    seen = Seen(now_h, posted, reached, sum(one.price_minor for one, _ in out))
    return History(began, seen, len(posted) - len(known))


def _make_choosing(ground: Ground) -> engine.Choosing:
    building = ground.building
    if building is None:
        raise ValueError("there is no graph: ask for a ground that has one")
    return engine.Choosing(building.graph, building.conditions, building.key, lambda: 0.0)


def _find_allowed(ground: Ground, query: PlanQuery) -> NDArray[np.bool_]:
    keys = np.array(ground.roster.keys, np.int64)
    return np.asarray(is_within(ground.roster, query) | np.isin(keys, query.must), bool)


def _narrow(ground: Ground, rows: NDArray[np.bool_]) -> Roster:
    return narrow_roster(ground.roster, np.flatnonzero(rows & ground.is_known))


def _find_nodes(ground: Ground, ids: list[str]) -> set[str]:
    building = ground.building
    return set() if building is None else engine.find_nodes(building.graph, ids)
