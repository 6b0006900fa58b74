"""What people post of their own accord: how much, where, when, of what, and in which words."""

from __future__ import annotations

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import Codes, Floats, Ints
from canyu.rehearse.blocks import Block, Seed
from canyu.rehearse.grammar import Wanted, draw_styles, draw_tones
from canyu.rehearse.market import CN, TONES, Market
from canyu.rehearse.scene import Span, Stage, World
from canyu.rehearse.seasons import Seasons


def build_interest(market: Market, seasons: Seasons) -> Floats:
    """Return how much each product is spoken of per day, against its settled level: days by products.

    Before it comes out a product is nearly unknown, rumoured for sixty days, then talked of seven times as much on
    the first day, fading e-fold in six days.
    """
    days = np.arange(len(seasons.days), dtype=float)
    interest = np.ones((len(days), len(market.products)))
    for code, row in enumerate(market.products):
        if "out" in row:
            since = days - seasons.find_day(row["out"])
            before = 0.02 + 0.48 * np.clip(1 + since / 60, 0, 1)
            interest[:, code] = np.where(since < 0, before, 1 + 6 * np.exp(-np.maximum(since, 0) / 6))
    return interest


def build_posting_rates(world: World, span: Span) -> tuple[Floats, Codes, Codes]:
    """Return expected posts per day of the span, cell (market and channel) and product; and the cells' codes."""
    market, seasons = world.market, world.seasons
    markets, channels, shares = market.list_cells()
    talk = np.array([row["talk"] for row in market.products])
    abroad = market.settings["abroad_talk"]
    away = np.array([abroad.get(row["kind"], 1.0) for row in market.products])
    by_cell = shares[:, None] * talk[None, :] * np.where(markets[:, None] == CN, 1.0, away[None, :])
    rates = seasons.talk[:, markets, None] * build_interest(market, seasons)[:, None, :] * by_cell[None]
    rates *= market.settings["volumes"]["posts"] * world.plan.scale / rates.sum()
    return rates[span.first : span.last + 1], markets, channels


def write_posts(stage: Stage) -> Block:
    """Return the organic posts of a part, with their words."""
    world, random = stage.world, stage.random
    rates, markets, channels = build_posting_rates(world, stage.span)
    counts = random.poisson(rates)
    day, cell, product = (np.repeat(axis, counts.ravel()) for axis in _unravel(counts.shape))
    market = markets[cell]
    time = world.seasons.draw_times(random, day + stage.span.first, market, "talk")
    tone = draw_tones(random, world.market.mix[product])
    actor = world.people.draw(random, market)
    block = stage.make(Verb.POST, Seed(time, market, channels[cell], actor, product.astype(np.int16), tone))
    style = draw_styles(random, block.tone, world.market)
    language = world.market.language[block.market]
    block.texts = world.phrases.write(random, Wanted(language, block.product, block.tone, style))
    count_tones(stage, "sentiment/{}/organic_posts", block)
    return block


def count_tones(stage: Stage, path: str, block: Block) -> None:
    """Count a block's tones under a path whose ``{}`` is the product."""
    for code, name in enumerate(stage.world.market.product_ids):
        rows = block.product == code
        if rows.any():
            stage.tally.add_codes(path.format(name.replace("/", ":")) + "/{}", block.tone[rows], TONES)


def _unravel(shape: tuple[int, ...]) -> list[Ints]:
    return [axis.ravel() for axis in np.indices(shape)]
