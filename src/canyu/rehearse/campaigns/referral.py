"""A poster referral: who joined shares a poster, friends scan it, some of them join and share in turn.

The K-factor of a generation is the mean number of new people that one of its people brings:
share odds x scans per poster x join odds. All three are planted per generation.
"""

from __future__ import annotations

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import Ints
from canyu.rehearse.blocks import Block, ObjectIs
from canyu.rehearse.campaigns.base import Campaign, own, post_words
from canyu.rehearse.commerce import ORDER_MINUTES, book_drives, follow_sales, order_after
from canyu.rehearse.market import POSITIVE
from canyu.rehearse.scene import Stage, follow

MOST_GENERATIONS = 40
POOL_PER_SEED = 14


def run_referral(stage: Stage) -> list[Block]:
    """Plant the referral tree, generation by generation, then what its people book and order."""
    campaign = Campaign(stage, "referral")
    seeds = campaign.count("seeds", least=5)
    pool = campaign.people(seeds * POOL_PER_SEED)
    time = campaign.draw_over_days(min(seeds, len(pool)), 5, 2.0)
    joined = own(campaign, stage.make(Verb.JOIN, campaign.seed(time, pool[:seeds])))
    blocks: list[Block] = []
    pool = pool[seeds:]
    for generation in range(MOST_GENERATIONS):
        _name(campaign, joined, "campaign")
        blocks += [joined, *_book_and_order(campaign, joined, generation)]
        campaign.add(f"generations/{generation}/people", len(joined))
        if not len(joined):
            break
        shares, scans, joined, pool = _invite(campaign, joined, generation, pool)
        blocks += [shares, scans]
    return blocks


def get_planted_k(settings: dict[str, object], generation: int) -> float:
    """Return the planted K-factor of one generation; the last one stated holds for all that follow."""
    scans = settings["scans_per_poster"]
    odds = (settings["share_odds"], settings["join_odds"])
    if not isinstance(scans, list) or not all(isinstance(odd, float) for odd in odds):
        raise TypeError("campaigns.yaml states the referral's odds as numbers and its scans as a list.")
    return float(np.prod([*odds, scans[min(generation, len(scans) - 1)]]))


def _invite(campaign: Campaign, joined: Block, generation: int, pool: Ints) -> tuple[Block, Block, Block, Ints]:
    stage, settings = campaign.stage, campaign.settings
    minutes = settings["step_hours"] * 60.0
    sharing = joined.select(stage.happens(settings["share_odds"], len(joined)))
    shares = _share(campaign, sharing, minutes / 3)
    mean = settings["scans_per_poster"][min(generation, len(settings["scans_per_poster"]) - 1)]
    rows = np.repeat(np.arange(len(shares)), stage.random.poisson(mean, len(shares)))
    people = stage.world.people.draw_evenly(stage.random, shares.market[rows])
    time = shares.time[rows] + stage.delay(len(rows), minutes, 0.9)
    scans = own(campaign, stage.make(Verb.SCAN, follow(shares, rows, time, people)))
    _name(campaign, scans, "poster")
    arrived = np.flatnonzero(stage.happens(settings["join_odds"], len(scans)))[: len(pool)]
    scans.actor[arrived] = pool[: len(arrived)]  # a person joins once: each newcomer is somebody new
    time = scans.time[arrived] + stage.delay(len(arrived), 4.0, 0.8)
    newcomers = own(campaign, stage.make(Verb.JOIN, follow(scans, arrived, time, scans.actor[arrived])))
    for name, block in (("posters", shares), ("scans", scans), ("newcomers", newcomers)):
        campaign.add(f"generations/{generation}/{name}", len(block))
    campaign.note(f"generations/{generation}/planted_k", get_planted_k(settings, generation))
    return shares, scans, newcomers, pool[len(arrived) :]


def _share(campaign: Campaign, sharing: Block, minutes: float) -> Block:
    time = sharing.time + campaign.stage.delay(len(sharing), minutes, 0.9)
    seed = follow(sharing, np.arange(len(sharing)), time, sharing.actor)
    seed.tone[:] = POSITIVE
    return _name(campaign, post_words(campaign, seed, "referral", verb=Verb.SHARE), "poster")


def _name(campaign: Campaign, block: Block, sort: str) -> Block:
    block.object_is, block.object_name = ObjectIs.NAMED, f"{sort}/{campaign.id}"
    return block


def _book_and_order(campaign: Campaign, joined: Block, generation: int) -> list[Block]:
    stage, settings = campaign.stage, campaign.settings
    drives = book_drives(stage, joined, settings["booking_odds"])
    cause = "campaign" if generation == 0 else "word_of_mouth"
    buyers = joined.select(stage.happens(settings["order_odds"], len(joined)))
    orders = order_after(stage, buyers, ORDER_MINUTES * 60 * 24, cause)
    campaign.add(f"generations/{generation}/orders", len(orders))
    campaign.add(f"orders_{cause}", len(orders))
    return [drives, orders, *follow_sales(stage, orders)]
