"""Small worlds told as events, many in one lake: each is a market or an object of its own, and nothing comes in order.

A source tells late, twice and not at all: events arrive in another order than they happened, some are told again, and
on some days the source was down.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from canyu.events import EVENT_SCHEMA
from canyu.rehearse.arrays import Flags, Floats, Ints
from canyu.rehearse.worlds.buyers import BuyersWorld
from canyu.rehearse.worlds.crowds import draw_sharing
from canyu.rehearse.worlds.paths import PathWorld

FIRST_DAY = date(2025, 3, 3)
TOLD_TWICE = 0.02
_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_BEGIN = int(datetime(2025, 3, 2, 16, tzinfo=UTC).timestamp()) * 1_000_000  # the first day begins in Shanghai


def name_world(number: int) -> str:
    """Return how a world is called in its lake."""
    return f"w{number:03}"


def tell_events(chance: np.random.Generator, columns: dict[str, Any]) -> pa.Table:
    """Return events of these columns (``time`` in microseconds from the first day): late, shuffled, some twice.

    ``type`` and others may be one text for all. Equal ids are told twice; a lake counts them once.
    """
    count = len(columns["time"])
    order = chance.permutation(np.concatenate([np.arange(count), np.flatnonzero(chance.random(count) < TOLD_TWICE)]))
    times = np.asarray(columns["time"], np.int64) + _BEGIN
    late = times + (chance.exponential(6.0, count) * _HOUR).astype(np.int64)
    whole = {"source": "shop", "props": '{"simulated":true}'} | columns | {"time": times, "received": late}
    arrays = []
    for field in EVENT_SCHEMA:
        given = whole.get(field.name)
        column = [given] * count if given is None or isinstance(given, str) else given
        arrays.append(pa.array(column).cast(field.type).take(pa.array(order)))
    return pa.Table.from_arrays(arrays, schema=EVENT_SCHEMA)


def tell_sharing(chance: np.random.Generator, worlds: int, influence: float) -> tuple[pa.Table, list[float]]:
    """Tell share trees, a market per world: who shares and who joins through it in a week; and the K-factors."""
    rows: dict[str, list[Any]] = {name: [] for name in ("id", "type", "time", "market", "actor", "parent", "object")}
    planted = []
    for number in range(worlds):
        world, market = draw_sharing(chance, influence), name_world(number)
        planted.append(world.planted)
        for sharer, joiners in enumerate(world.joiners.tolist()):
            share, shared = f"{market}-s{sharer}", int(chance.integers(10 * _DAY))
            _add(rows, share, ("share", shared, market, f"{market}-p{sharer}", None, "campaign/x"))
            for joiner in range(joiners):
                joined = shared + int(chance.integers(_HOUR, 7 * _DAY))
                _add(rows, f"{share}-j{joiner}", ("join", joined, market, f"{share}-q{joiner}", share, "campaign/x"))
    _add(rows, "end", ("view", 40 * _DAY, "end", "nobody", None, "campaign/x"))  # the data go on: every window is over
    return tell_events(chance, rows), planted


def tell_funnels(chance: np.random.Generator, worlds: int) -> tuple[pa.Table, list[float]]:
    """Tell people who see, click and order, a market per world; and the planted share that goes the whole way."""
    rows: dict[str, list[Any]] = {name: [] for name in ("id", "type", "time", "market", "actor", "object")}
    planted = []
    for number in range(worlds):
        market, odds = name_world(number), chance.uniform(0.3, 0.8, 2)
        planted.append(float(odds.prod()))
        for person in range(int(chance.integers(60, 160))):
            at = int(chance.integers(10 * _DAY))
            steps = 1 + int((chance.random(2) < odds).cumprod().sum())
            for step, kind in enumerate(("view", "click", "order")[:steps]):
                name = f"{market}-f{person}"
                _add(rows, f"{name}-{kind}", (kind, at, market, name, "su7"))
                at += int(chance.integers(_HOUR, _DAY * (step + 1)))
    _add(rows, "end", ("view", 40 * _DAY, "end", "nobody", "su7"))
    return tell_events(chance, rows), planted


def tell_panels(chance: np.random.Generator, panels: list[Floats], is_down: Flags) -> pa.Table:
    """Tell one order per unit and day whose amount is the panel's cell: an object per panel, a market per unit.

    Nothing is told of the days on which the source ``is_down``. Amounts are in minor units, a hundredth of the cell's.
    """
    columns: dict[str, list[Any]] = {name: [] for name in ("id", "time", "market", "object", "value")}
    for number, values in enumerate(panels):
        units, days = np.nonzero(np.broadcast_to(~is_down, values.shape))
        columns["id"] += [f"{name_world(number)}-{unit}-{day}" for unit, day in zip(units, days, strict=True)]
        columns["time"] += (days * _DAY + chance.integers(_DAY, size=len(days))).tolist()
        columns["market"] += [f"m{unit:02}" for unit in units]
        columns["object"] += [name_world(number)] * len(days)
        columns["value"] += np.rint(100 * values[units, days]).astype(np.int64).tolist()
    return tell_events(chance, columns | {"type": "order", "currency": "CNY", "actor": "till"})


def tell_returning(chance: np.random.Generator, worlds: int, kind: str) -> tuple[pa.Table, list[float]]:
    """Tell people who do something in the first week and, with a planted share, in the second; a market per world."""
    rows: dict[str, list[Any]] = {name: [] for name in ("id", "type", "time", "market", "actor", "object")}
    planted = []
    for number in range(worlds):
        market, share = name_world(number), float(chance.uniform(0.1, 0.7))
        planted.append(share)
        for person in range(int(chance.integers(60, 160))):
            actor = f"{market}-r{person}"
            _add(rows, f"{actor}-a", (kind, int(chance.integers(7 * _DAY)), market, actor, "su7"))
            if chance.random() < share:
                _add(rows, f"{actor}-b", (kind, int(chance.integers(7 * _DAY, 14 * _DAY)), market, actor, "su7"))
    _add(rows, "end", ("view", 40 * _DAY, "end", "nobody", "su7"))
    return tell_events(chance, rows), planted


def tell_journeys(chance: np.random.Generator, worlds: list[PathWorld]) -> pa.Table:
    """Tell journeys, a market per world: a click a day along each path, and an hour after the last one the order."""
    rows: dict[str, list[Any]] = {name: [] for name in ("id", "type", "time", "market", "actor", "object", "channel")}
    for number, world in enumerate(worlds):
        market, person = name_world(number), 0
        for path, won, lost in zip(world.paths, *world.drawn, strict=True):
            for place in range(int(won + lost)):
                actor, at = f"{market}-j{person}", int(chance.integers(5 * _DAY, 10 * _DAY))
                for step, channel in enumerate(path):
                    _add(rows, f"{actor}-{step}", ("click", at + step * _DAY, market, actor, "su7", channel))
                if place < won:
                    ordered = at + (len(path) - 1) * _DAY + _HOUR
                    _add(rows, f"{actor}-o", ("order", ordered, market, actor, "su7", "site"))
                person += 1
        for other in range(world.dark):  # came by talk: no touch
            at = int(chance.integers(5 * _DAY, 14 * _DAY))
            _add(rows, f"{market}-d{other}", ("order", at, market, f"{market}-d{other}", "su7", "site"))
    return tell_events(chance, rows)


def tell_buyers(chance: np.random.Generator, world: BuyersWorld, days_per_unit: int) -> pa.Table:
    """Tell customers' orders up to one last day: first and last as drawn, to the day, and those between by chance."""
    rows: dict[str, list[Any]] = {name: [] for name in ("id", "type", "time", "market", "actor", "object")}
    end = round(days_per_unit * float(world.known.max()))
    for person, (repeats, last, known) in enumerate(zip(world.repeats, world.last, world.known, strict=True)):
        first, length = end - round(days_per_unit * known), round(days_per_unit * last)
        between = chance.choice(np.arange(1, max(length, 2)), max(0, min(int(repeats) - 1, length - 1)), replace=False)
        days = [0, *sorted(between.tolist()), *([max(length, 1)] if repeats else [])]
        for number, day in enumerate(days):
            actor = f"b{person}"
            _add(rows, f"{actor}-{number}", ("order", (first + day) * _DAY + 12 * _HOUR, "cn", actor, "su7"))
    count = len(rows["time"])
    return tell_events(chance, rows | {"value": [1000] * count, "currency": "CNY"})


def tell_experiment(chance: np.random.Generator, name: str, arms: dict[str, Ints]) -> pa.Table:
    """Tell an experiment whose arms' people order so often: one exposure each, and their orders in the week after."""
    rows: dict[str, list[Any]] = {key: [] for key in ("id", "type", "time", "market", "actor", "object")}
    for arm, orders in arms.items():
        for person, count in enumerate(orders.tolist()):
            actor, seen = f"{name}-{arm}-{person}", int(chance.integers(_HOUR, 5 * _DAY))
            _add(rows, f"{actor}-v", ("view", seen, "cn", actor, f"experiment:{name}/{arm}"))
            for number in range(count):
                at = seen + int(chance.integers(1, 7 * _DAY))
                _add(rows, f"{actor}-o{number}", ("order", at, "cn", actor, "su7"))
    _add(rows, f"{name}-end", ("view", 20 * _DAY, "cn", "nobody", "su7"))
    return tell_events(chance, rows)


def get_day(number: int) -> date:
    """Return a day of the told worlds."""
    return FIRST_DAY + timedelta(days=number)


def _add(rows: dict[str, list[Any]], name: str, rest: tuple[Any, ...]) -> None:
    for column, value in zip(rows.values(), (name, *rest), strict=True):
        column.append(value)
