"""What people buy: visits and orders of ordinary days, orders that follow a post, and what comes after a sale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import NONE, Floats, Ints
from canyu.rehearse.blocks import Block, ObjectIs, Props, Seed
from canyu.rehearse.grammar import Style, Wanted, draw_tones
from canyu.rehearse.market import NEGATIVE, NEUTRAL, SOLD_KINDS, TONES, Market
from canyu.rehearse.people import AGENTS, FIRST_AGENT
from canyu.rehearse.scene import Stage, follow

DISCOUNTS = np.array([1.0, 1.0, 1.0, 0.95, 0.9])
CLICK_MINUTES, ORDER_MINUTES, BOOK_MINUTES = 140.0, 25.0, 12.0
STARS = np.array([[1, 1, 2, 2], [3, 3, 4, 3], [5, 5, 4, 5]])
RATED_WITH_WORDS = 0.7


@dataclass(frozen=True, slots=True)
class Conversion:
    """How posts become orders: mean clicks per content and channel; odds of an order per kind and tone."""

    clicks: Floats
    odds: Floats

    @classmethod
    def of_market(cls, market: Market) -> Conversion:
        """Return the rates of ordinary days."""
        by_kind = market.settings["conversion"]
        odds = [[by_kind[kind][tone] for tone in TONES] for kind in SOLD_KINDS]
        return cls(market.get_channel_rate("clicks"), np.array(odds))

    @classmethod
    def flat(cls, market: Market, clicks: float, odds: float) -> Conversion:
        """Return a campaign's own rates, the same on every channel and for every tone."""
        shape = (len(SOLD_KINDS), len(TONES))
        return cls(np.full(len(market.channel_names), clicks), np.full(shape, odds))


def sell_by_mouth(stage: Stage, contents: Block, conversion: Conversion) -> list[Block]:
    """Return the clicks on contents, the orders and test drives that follow them, and what comes after the sale.

    Each order's chain of parents (order, click, post or repost) says what caused it.
    """
    market = stage.world.market
    sold = market.sold[contents.product, contents.market] > 0
    mean = conversion.clicks[contents.channel] * sold
    rows = np.repeat(np.arange(len(contents)), stage.random.poisson(mean))
    people = stage.world.people.draw(stage.random, contents.market[rows])
    time = contents.time[rows] + stage.delay(len(rows), CLICK_MINUTES, 1.3)
    clicks = stage.make(Verb.CLICK, follow(contents, rows, time, people))
    clicks.object_is, clicks.campaign = ObjectIs.PRODUCT, contents.campaign
    label = contents.campaign or "organic"
    stage.tally.add_codes(f"word_of_mouth/{label}/{{}}/clicks", clicks.channel, market.channel_names)
    odds = conversion.odds[np.minimum(market.kind[clicks.product], len(SOLD_KINDS) - 1), clicks.tone]
    bought = stage.happens(odds, len(clicks))
    stage.tally.add_codes(f"word_of_mouth/{label}/{{}}/orders", clicks.channel[bought], market.channel_names)
    orders = order_after(stage, clicks.select(bought), ORDER_MINUTES, "word_of_mouth")
    is_car = market.kind[clicks.product] == SOLD_KINDS.index("car")
    drives = book_drives(stage, clicks.select(is_car), market.settings["drive_booking"])
    return [clicks, drives, orders, *follow_sales(stage, orders)]


def book_drives(stage: Stage, above: Block, odds: float) -> Block:
    """Return the test drives that are booked after some events."""
    chosen = above.select(stage.happens(odds, len(above)))
    time = chosen.time + stage.delay(len(chosen), BOOK_MINUTES, 1.0)
    block = stage.make(Verb.BOOK, follow(chosen, np.arange(len(chosen)), time, chosen.actor))
    block.object_is, block.campaign = ObjectIs.PRODUCT, above.campaign
    return block


def order_after(stage: Stage, above: Block, minutes: float, cause: str) -> Block:
    """Return one order per event above, by the same person, soon after it."""
    time = above.time + stage.delay(len(above), minutes, 1.1)
    seed = follow(above, np.arange(len(above)), time, above.actor)
    block = make_orders(stage, seed, cause, above.campaign)
    stage.tally.add(f"orders/{cause}", len(block))
    return block


def make_orders(stage: Stage, seed: Seed, cause: str, campaign: str | None) -> Block:
    """Return orders with amounts, shops and the buyer's region; counts them by product."""
    market = stage.world.market
    block = stage.make(Verb.ORDER, seed)
    block.channel = market.draw_shops(stage.random, block.market)
    price = market.price[block.product, block.market]
    block.value = np.round(price * stage.random.choice(DISCOUNTS, len(block))).astype(np.int64)
    block.object_is, block.has_money = ObjectIs.PRODUCT, True
    block.cause, block.campaign = cause, campaign
    block.props = build_regions(stage, block)
    stage.tally.add_codes("products/{}/orders", block.product, _list_paths(market))
    stage.tally.add_codes("regions/{}/orders", block.props.places[block.props.places >= 0], market.regions)
    return block


def build_regions(stage: Stage, block: Block) -> Props:
    """Return the region of each event's person as a property; none outside China."""
    choices: list[dict[str, Any]] = [{"region": name} for name in stage.world.market.regions]
    return Props(choices, stage.world.people.find_regions(block.actor, block.market))


def follow_sales(stage: Stage, orders: Block) -> list[Block]:
    """Return refunds, ratings and complaints of orders by the planted odds of each kind, and the brand's answers."""
    settings = stage.world.market.settings["after_sale"]
    refunds = _happen_after(stage, orders, Verb.REFUND)
    kept = np.searchsorted(orders.serial, refunds.parent)
    refunds.value, refunds.has_money = _get_values(orders)[kept], True
    ratings = _rate(stage, _happen_after(stage, orders, Verb.RATE))
    complaints = _complain(stage, _happen_after(stage, orders, Verb.COMPLAIN))
    for block in (refunds, ratings, complaints):
        _count_after_sale(stage, block)
    _count_after_sale(stage, orders)
    replies = _reply(stage, complaints, settings)
    return [refunds, ratings, complaints, *replies]


def _happen_after(stage: Stage, orders: Block, verb: Verb) -> Block:
    settings = stage.world.market.settings["after_sale"]
    odds = np.array([settings[verb.value][kind] for kind in SOLD_KINDS])[stage.world.market.kind[orders.product]]
    chosen = orders.select(stage.happens(odds, len(orders)))
    time = chosen.time + stage.delay(len(chosen), settings[f"{verb.value}_days"] * 1440.0, 0.7)
    block = stage.make(verb, follow(chosen, np.arange(len(chosen)), time, chosen.actor))
    block.object_is, block.campaign = ObjectIs.PRODUCT, orders.campaign
    return block


def _count_after_sale(stage: Stage, block: Block) -> None:
    kinds = stage.world.market.kind[block.product]
    stage.tally.add_codes(f"after_sale/{{}}/{block.verb.value}", kinds, [*SOLD_KINDS, "", "", ""])


def _rate(stage: Stage, block: Block) -> Block:
    random, market = stage.random, stage.world.market
    block.tone = draw_tones(random, market.mix[block.product])
    block.value = STARS[block.tone, random.integers(0, STARS.shape[1], len(block))].astype(np.int64)
    spoken = np.flatnonzero(stage.happens(RATED_WITH_WORDS, len(block)))
    style = np.where(stage.happens(0.5, len(spoken)), int(Style.PLAIN), int(Style.BARE)).astype(np.int16)
    wanted = Wanted(market.language[block.market[spoken]], block.product[spoken], block.tone[spoken], style)
    block.texts = stage.world.phrases.write(random, wanted)
    block.texts_at = np.full(len(block), NONE, np.int64)
    block.texts_at[spoken] = np.arange(len(spoken))
    return block


def _complain(stage: Stage, block: Block) -> Block:
    block.tone = np.full(len(block), NEGATIVE, np.int16)
    return _speak(stage, block, Style.COMPLAINT)


def _speak(stage: Stage, block: Block, style: Style) -> Block:
    language = stage.world.market.language[block.market]
    styles = np.full(len(block), int(style), np.int16)
    block.texts = stage.world.phrases.write(stage.random, Wanted(language, block.product, block.tone, styles))
    return block


def _reply(stage: Stage, complaints: Block, settings: dict[str, Any]) -> list[Block]:
    answered = complaints.select(stage.happens(settings["reply"], len(complaints)))
    agents = FIRST_AGENT - stage.random.integers(0, AGENTS, len(answered))
    time = answered.time + stage.delay(len(answered), settings["reply_minutes"], 0.9)
    replies = stage.make(Verb.REPLY, follow(answered, np.arange(len(answered)), time, agents))
    replies.tone = np.full(len(replies), NEUTRAL, np.int16)
    replies = _speak(stage, replies, Style.REPLY)
    kept = np.searchsorted(answered.serial, replies.parent)
    solved = stage.happens(settings["resolve"], len(replies))
    later = replies.time + stage.delay(len(replies), settings["resolve_hours"] * 60.0, 0.8)
    seed = follow(answered, kept[solved], later[solved], replies.actor[solved])
    resolved = stage.make(Verb.RESOLVE, seed)
    stage.tally.add("after_sale/replies", len(replies))
    stage.tally.add("after_sale/resolves", len(resolved))
    return [replies, resolved]


def _get_values(block: Block) -> Ints:
    return np.zeros(len(block), np.int64) if block.value is None else block.value


def _list_paths(market: Market) -> list[str]:
    return [name.replace("/", ":") for name in market.product_ids]
