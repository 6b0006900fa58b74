"""A voucher for car buyers: claimed, redeemed with an order; a known share would have bought without it."""

from __future__ import annotations

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import Ints
from canyu.rehearse.blocks import Block, ObjectIs
from canyu.rehearse.campaigns.base import Campaign, own
from canyu.rehearse.commerce import follow_sales, order_after
from canyu.rehearse.scene import Stage, follow


def run_bundle(stage: Stage) -> list[Block]:
    """Plant claims, redemptions and orders; only the truth tells which orders the voucher brought."""
    campaign = Campaign(stage, "bundle")
    settings = campaign.settings
    people = campaign.people(campaign.count("claims", least=10))
    time = campaign.draw_over_days(len(people), settings["days"], settings["days"] / 2)
    claims = _name(campaign, own(campaign, stage.make(Verb.CLAIM, campaign.seed(time, people))))
    used = claims.select(stage.happens(settings["redeem_odds"], len(claims)))
    later = used.time + stage.delay(len(used), 3 * 1440.0, 0.8)
    seed = follow(used, np.arange(len(used)), later, used.actor)
    redeemed = _name(campaign, own(campaign, stage.make(Verb.REDEEM, seed)))
    redeemed.value, redeemed.has_money = _repeat(settings["voucher_minor"], len(redeemed)), True
    anyway = stage.happens(settings["would_have_bought"], len(redeemed))
    brought = order_after(stage, redeemed.select(~anyway), 1.0, "campaign")
    would = order_after(stage, redeemed.select(anyway), 1.0, "baseline")
    campaign.add("claims", len(claims))
    campaign.add("redeemed", len(redeemed))
    campaign.add("incremental_orders", len(brought))
    campaign.add("orders_that_would_have_come", len(would))
    return [claims, redeemed, brought, would, *follow_sales(stage, brought), *follow_sales(stage, would)]


def _name(campaign: Campaign, block: Block) -> Block:
    block.object_is, block.object_name = ObjectIs.NAMED, f"voucher/{campaign.id}"
    return block


def _repeat(value: int, count: int) -> Ints:
    return np.full(count, value, np.int64)
