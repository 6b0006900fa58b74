"""A limited drop: far more claims than units, granted by order of arrival, never one too many."""

from __future__ import annotations

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import Flags, Ints
from canyu.rehearse.blocks import Block, ObjectIs, Props
from canyu.rehearse.campaigns.base import Campaign, own, post_words
from canyu.rehearse.cascades import spread_posts
from canyu.rehearse.commerce import follow_sales, order_after
from canyu.rehearse.grammar import draw_tones
from canyu.rehearse.market import CN
from canyu.rehearse.scene import Stage
from canyu.rehearse.seasons import HOUR_MS

RUSH_S = 45.0
PAY_MINUTES = 6.0


def run_drop(stage: Stage) -> list[Block]:
    """Plant the rush: the first ``units`` different people are granted one each, the rest are refused."""
    campaign = Campaign(stage, "drop")
    random = stage.random
    count = campaign.count("attempts", least=50)
    time = np.sort(campaign.start + (random.exponential(RUSH_S, count) * 1000).astype(np.int64))
    actor = stage.world.people.draw_evenly(random, np.full(count, CN, np.int16))
    claims = own(campaign, stage.make(Verb.CLAIM, campaign.seed(time, actor)))
    claims.object_is, claims.object_name = ObjectIs.NAMED, f"drop/{campaign.id}"
    granted = _grant(claims.actor, campaign.count("units", least=5))
    claims.props = Props([{"granted": False}, {"granted": True}], granted.astype(np.int64))
    winners = claims.select(granted)
    buyers = winners.select(stage.happens(campaign.settings["order_odds"], len(winners)))
    orders = order_after(stage, buyers, PAY_MINUTES, "campaign")
    posts = _post(campaign)
    spread = spread_posts(stage, posts, campaign.rates())
    campaign.add("claims", len(claims))
    campaign.add("units_granted", int(granted.sum()))
    campaign.add("incremental_orders", len(orders))
    return [claims, orders, *follow_sales(stage, orders), posts, *spread.blocks]


def _grant(actors: Ints, units: int) -> Flags:
    """Return which claims are granted: each person's first, in order of arrival, until none is left."""
    _, first = np.unique(actors, return_index=True)
    granted = np.zeros(len(actors), bool)
    granted[np.sort(first)[:units]] = True
    return granted


def _post(campaign: Campaign) -> Block:
    random = campaign.stage.random
    count = campaign.count("posts", least=10)
    time = campaign.start + (random.gamma(1.4, 5.0, count) * HOUR_MS).astype(np.int64)
    tone = draw_tones(random, campaign.mix(count))
    people = campaign.stage.world.people.draw(random, np.full(count, CN, np.int16))
    return post_words(campaign, campaign.seed(time, people, tone), "drop")
