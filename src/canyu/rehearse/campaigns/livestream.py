"""A launch livestream: viewers join, talk and, when orders open, buy within minutes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import NONE, Codes, Ints
from canyu.rehearse.blocks import Block, ObjectIs, Props, Seed, fill, nobody
from canyu.rehearse.campaigns.base import Campaign, own, post_words
from canyu.rehearse.cascades import spread_posts
from canyu.rehearse.commerce import Conversion, follow_sales, make_orders, sell_by_mouth
from canyu.rehearse.grammar import draw_tones
from canyu.rehearse.market import CN, NEUTRAL
from canyu.rehearse.people import BRAND_AUTO
from canyu.rehearse.scene import Stage, follow
from canyu.rehearse.seasons import HOUR_MS, MINUTE_MS

ANNOUNCED_BEFORE_MS = 26 * HOUR_MS
SHOW_MS = 3 * HOUR_MS
TEN_MINUTES_MS = 10 * MINUTE_MS


def run_livestream(stage: Stage) -> list[Block]:
    """Plant the launch: exactly the stated orders fall into the ten minutes after orders open."""
    campaign = Campaign(stage, "livestream")
    opening = campaign.start + campaign.settings["orders_open_after_minutes"] * MINUTE_MS
    announced = campaign.seed(np.array([campaign.start - ANNOUNCED_BEFORE_MS]), np.array([BRAND_AUTO]))
    notice = post_words(campaign, announced, "livestream")
    viewers = _join(campaign, notice)
    remarks = _remark(campaign, notice)
    orders = _order(campaign, viewers.select(viewers.time < opening), opening)
    posts = _post(campaign)
    spread = spread_posts(stage, posts, campaign.rates())
    sales = sell_by_mouth(stage, spread.contents, Conversion.of_market(stage.world.market))
    campaign.note("orders_open_ms", opening)
    campaign.note("orders_first_10_minutes", int((orders.time < opening + TEN_MINUTES_MS).sum()))
    campaign.add("viewers", len(viewers))
    campaign.add("incremental_orders", len(orders))
    events = [notice, viewers, remarks, orders, *follow_sales(stage, orders), posts, *spread.blocks, *sales]
    return [*events, _count_viewers(campaign, viewers)]


def _join(campaign: Campaign, notice: Block) -> Block:
    people = campaign.people(campaign.count("viewers", least=40))
    random = campaign.stage.random
    came = campaign.start + (random.beta(1.3, 3.0, len(people)) * SHOW_MS).astype(np.int64)
    rows = np.zeros(len(people), np.int64)
    block = own(campaign, campaign.stage.make(Verb.JOIN, follow(notice, rows, came, people)))
    block.object_is, block.object_name = ObjectIs.NAMED, f"livestream/{campaign.id}"
    return block


def _count_viewers(campaign: Campaign, viewers: Block) -> Block:
    """Return how many watch at each minute, as the platform would tell: a feed that fails for a while tells 0."""
    stage, settings = campaign.stage, campaign.settings
    stay = stage.random.gamma(2.0, settings["stay_minutes"] / 2.0, len(viewers)) * MINUTE_MS
    moments: Ints = campaign.start + np.arange(0, SHOW_MS, MINUTE_MS, dtype=np.int64)
    here = np.searchsorted(np.sort(viewers.time), moments, side="right")
    watching = here - np.searchsorted(np.sort(viewers.time + stay.astype(np.int64)), moments, side="right")
    first, last = settings["feed_fails_minutes"]
    count, is_told = len(moments), np.ones(len(moments), bool)
    is_told[first:last] = False
    seed = Seed(
        moments, fill(count, CN), fill(count, campaign.channel), nobody(count), fill(count, NONE), fill(count, NEUTRAL)
    )
    block = own(campaign, stage.make(Verb.OBSERVE, seed))
    block.object_is, block.object_name = ObjectIs.NAMED, f"livestream/{campaign.id}"
    block.value = np.where(is_told, watching, 0).astype(np.int64)
    # a true 0, of a minute in which really nobody watched, says so
    told_zero = is_told & (watching == 0)
    block.props = Props([{"metric": "viewers"}, {"metric": "viewers", "is_zero": True}], told_zero.astype(np.int64))
    campaign.note("feed_fails_minutes", last - first)
    campaign.note("peak_viewers", int(watching[is_told].max()))
    return block


def _remark(campaign: Campaign, notice: Block) -> Block:
    stage = campaign.stage
    count = campaign.count("remarks")
    said = campaign.start + (stage.random.beta(2.0, 2.2, count) * SHOW_MS).astype(np.int64)
    rows = np.zeros(count, np.int64)
    seed = follow(notice, rows, said, stage.world.people.draw(stage.random, notice.market[rows]))
    tone = draw_tones(stage.random, campaign.mix(count))
    return post_words(campaign, _with_tone(seed, tone), "livestream", verb=Verb.COMMENT)


def _order(campaign: Campaign, present: Block, opening: int) -> Block:
    random = campaign.stage.random
    quick, slow = campaign.count("orders_10_minutes"), campaign.count("orders_rest_of_evening")
    chosen = random.choice(len(present), min(quick + slow, len(present)), replace=False)
    after: Ints = np.concatenate(
        [
            random.beta(1.0, 2.4, quick) * TEN_MINUTES_MS,
            TEN_MINUTES_MS + random.beta(1.0, 3.0, slow) * SHOW_MS,
        ]
    ).astype(np.int64)
    time = opening + np.maximum(after[: len(chosen)], 200)
    seed = follow(present, chosen, time, present.actor[chosen])
    orders = make_orders(campaign.stage, seed, "campaign", campaign.id)
    campaign.stage.tally.add("orders/campaign", len(orders))
    return orders


def _post(campaign: Campaign) -> Block:
    random = campaign.stage.random
    count = campaign.count("posts")
    time = campaign.start + (random.gamma(1.6, 4.0, count) * HOUR_MS).astype(np.int64)
    tone = draw_tones(random, campaign.mix(count))
    seed = campaign.seed(time, campaign.stage.world.people.draw(random, np.zeros(count, np.int16)), tone)
    return post_words(campaign, seed, "livestream")


def _with_tone(seed: Seed, tone: Codes) -> Seed:
    return replace(seed, tone=tone)
