"""Ordinary days in the shops: visits and orders that no post and no campaign brought, and two planted effects on them.

While the brake rumour runs, the car's baseline orders fall by a known factor; in the regions of the geo experiment an
appliance sells more by a known lift, through orders that look like any other.
"""

from __future__ import annotations

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import Floats, Ints
from canyu.rehearse.blocks import Block, ObjectIs, Seed, fill
from canyu.rehearse.commerce import build_regions, follow_sales, make_orders
from canyu.rehearse.market import CN, NEUTRAL
from canyu.rehearse.scene import Stage, World
from canyu.rehearse.seasons import HOUR_MS
from canyu.rehearse.settings import load_settings

MIDDLE_OF_JULY = 196


def build_trade_rates(world: World) -> Floats:
    """Return expected baseline orders per day, market and product, for the whole year."""
    market, seasons = world.market, world.seasons
    share = np.array([row["share"] for row in market.markets])
    weight = (market.sold * market.sales[:, None] * share[None, :]).T
    rates: Floats = seasons.trade[:, :, None] * _build_lifecycle(world)[:, None, :] * weight[None]
    rates *= market.settings["volumes"]["orders"] * world.plan.scale / rates.sum()
    return rates


def trade(stage: Stage) -> list[Block]:
    """Return the visits and baseline orders of a part, with what follows the orders."""
    world, span = stage.world, stage.span
    rates = build_trade_rates(world)[span.first : span.last + 1]
    volumes = world.market.settings["volumes"]
    visits = stage.make(Verb.VISIT, _draw(stage, rates * (volumes["visits"] / volumes["orders"])))
    visits.channel = world.market.draw_shops(stage.random, visits.market)
    visits.object_is, visits.props = ObjectIs.PRODUCT, build_regions(stage, visits)
    orders = make_orders(stage, _draw(stage, dampen(world, span.first, rates)), "baseline", None)
    stage.tally.add("orders/baseline", len(orders))
    lifted = lift_regions(stage, orders)
    return [visits, orders, *follow_sales(stage, orders), lifted, *follow_sales(stage, lifted)]


def dampen(world: World, first: int, rates: Floats) -> Floats:
    """Return the rates with the rumour's planted loss: whole days from the day after it began."""
    settings = load_settings("campaigns")["rumour"]
    day = world.seasons.find_day(settings["start"]) + 1
    rows = [n for n in range(day - first, day - first + settings["hours"] // 24) if 0 <= n < len(rates)]
    if not rows:
        return rates
    product = world.market.find_product(settings["product"])
    changed = rates.copy()
    changed[rows, :, product] *= settings["sales_factor"]
    lost = float((rates - changed).sum())
    path = f"campaigns/{settings['id']}/"
    expected = world.tally.build_tree(path).get("expected_orders_lost_to_rumour", 0.0)
    world.tally.note(path + "expected_orders_lost_to_rumour", round(expected + lost, 3))
    return changed


def lift_regions(stage: Stage, orders: Block) -> Block:
    """Return the orders that the geo experiment brought on top of ``orders``; they carry no mark of it."""
    world, settings = stage.world, load_settings("campaigns")["geo"]
    start = world.seasons.find_moment(settings["start"])
    end = start + settings["days"] * 24 * HOUR_MS
    regions = world.people.find_regions(orders.actor, orders.market)
    treated = np.isin(regions, [world.market.regions.index(name) for name in settings["treated"]])
    product = world.market.find_product(settings["product"])
    held = (orders.product == product) & (orders.time >= start) & (orders.time < end) & (orders.market == CN)
    count = int(stage.random.poisson(settings["lift"], int((held & treated).sum())).sum())
    like = stage.random.choice(np.flatnonzero(held & treated), count) if count else np.empty(0, np.int64)
    nearby = orders.time[like] + stage.random.integers(-6 * HOUR_MS, 6 * HOUR_MS, count)
    seed = Seed(
        np.clip(nearby, start, end - 1),
        fill(count, CN),
        fill(count, 0),
        _draw_people_of(stage, settings["treated"], count),
        fill(count, product),
        fill(count, NEUTRAL),
    )
    block = make_orders(stage, seed, "campaign", None)
    block.cause_campaign = settings["id"]
    path = f"campaigns/{settings['id']}/"
    stage.tally.add(path + "baseline_orders_treated", int((held & treated).sum()))
    stage.tally.add(path + "baseline_orders_control", int((held & ~treated).sum()))
    stage.tally.add(path + "incremental_orders", len(block))
    stage.tally.add("orders/campaign", len(block))
    return block


def _build_lifecycle(world: World) -> Floats:
    """Return how well each product sells per day against its settled level: nothing before it is out.

    After its first day's four times it fades e-fold in ten days; what sells in summer peaks in the middle of July.
    """
    days = np.arange(len(world.seasons.days), dtype=float)
    found = np.ones((len(days), len(world.market.products)))
    for code, row in enumerate(world.market.products):
        if "out" in row:
            since = days - world.seasons.find_day(row["out"])
            found[:, code] = np.where(since < 0, 0.0, 1 + 3 * np.exp(-np.maximum(since, 0) / 10))
        found[:, code] *= 1 + row.get("summer", 0.0) * np.exp(-(((days - MIDDLE_OF_JULY) / 40) ** 2))
    return found


def _draw(stage: Stage, rates: Floats) -> Seed:
    counts = stage.random.poisson(rates).ravel()
    day, market, product = (np.repeat(axis.ravel(), counts) for axis in np.indices(rates.shape))
    markets = market.astype(np.int16)
    time = stage.world.seasons.draw_times(stage.random, day + stage.span.first, markets, "trade")
    people = stage.world.people.draw(stage.random, markets)
    count = len(time)
    return Seed(time, markets, fill(count, 0), people, product.astype(np.int16), fill(count, NEUTRAL))


def _draw_people_of(stage: Stage, regions: list[str], count: int) -> Ints:
    codes = [stage.world.market.regions.index(name) for name in regions]
    found: Ints = np.empty(0, np.int64)
    while len(found) < count:
        markets = fill(8 * count + 64, CN)
        people = stage.world.people.draw(stage.random, markets)
        there = np.isin(stage.world.people.find_regions(people, markets), codes)
        found = np.concatenate([found, people[there]])
    return found[:count]
