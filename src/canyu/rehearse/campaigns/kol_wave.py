"""A wave of creators (KOLs) who test a product, each with a planted reach; every post states that it is paid."""

from __future__ import annotations

import numpy as np

from canyu.rehearse.arrays import Codes, Floats, Ints
from canyu.rehearse.blocks import Block, Props
from canyu.rehearse.campaigns.base import Campaign, post_words
from canyu.rehearse.cascades import spread_posts
from canyu.rehearse.commerce import Conversion, sell_by_mouth
from canyu.rehearse.grammar import draw_tones
from canyu.rehearse.people import FIRST_KOL, build_actors
from canyu.rehearse.scene import Stage

CHANNELS = ("weibo", "douyin", "bilibili", "xiaohongshu")
FEWEST_KOLS = 8


def run_kol_wave(stage: Stage) -> list[Block]:
    """Plant the wave: paid posts, their spread by each creator's own reach, and orders that follow."""
    campaign = Campaign(stage, "kol_wave")
    settings = campaign.settings
    people = campaign.people(campaign.count("kols", least=FEWEST_KOLS))
    reach = _draw_reach(campaign, len(people))
    on = np.array([stage.world.market.find_channel(name) for name in CHANNELS], np.int16)[
        np.arange(len(people)) % len(CHANNELS)
    ]
    kols = _cast_kols(campaign, people, on, reach)
    who: Ints = np.repeat(np.arange(len(kols)), settings["posts_per_kol"])
    channel = on[who]
    time = campaign.draw_over_days(len(who), settings["days"], settings["days"] / 3)
    tone = draw_tones(stage.random, campaign.mix(len(who)))
    seed = campaign.seed(time, kols[who], tone)
    seed.channel[:] = channel
    posts = post_words(campaign, seed, "kol")
    posts.props = Props([{"sponsored": True, "disclosure": "广告"}], np.zeros(len(posts), np.int64))
    rates = campaign.rates().with_reposts(0.0, settings["later_reposts"])
    spread = spread_posts(stage, posts, rates, reach[who])
    conversion = Conversion.flat(stage.world.market, settings["clicks"], settings["conversion"])
    sales = sell_by_mouth(stage, spread.contents, conversion)
    _note_kols(campaign, kols, reach, spread.blocks)
    return [posts, *spread.blocks, *sales]


def _cast_kols(campaign: Campaign, people: Ints, channel: Codes, reach: Floats) -> Ints:
    """Return who the creators are: accounts of each channel, the larger audience to the larger reach.

    Where a channel has too few accounts an ordinary person stays in the part.
    """
    stage, found = campaign.stage, people.copy()
    kols = stage.world.kols
    for code in np.unique(channel):
        rows = np.flatnonzero(channel == code)
        kind = int(stage.world.market.kind[campaign.product])
        chosen = kols.choose_distinct(stage.aside, int(code), kind, len(rows))
        best = rows[np.argsort(-reach[rows], kind="stable")][: len(chosen)]
        found[best] = FIRST_KOL - chosen[np.argsort(-kols.audience.sizes[chosen], kind="stable")]
    return found


def _draw_reach(campaign: Campaign, count: int) -> Floats:
    settings, plan = campaign.settings, campaign.stage.world.plan
    whole = settings["reach_median"] * np.exp(campaign.stage.random.normal(0.0, settings["reach_sigma"], count))
    reach: Floats = whole * plan.campaign_share * settings["kols"] / count
    return reach


def _note_kols(campaign: Campaign, kols: Ints, reach: Floats, blocks: list[Block]) -> None:
    names = build_actors(kols).to_pylist()
    planted = {name: round(float(mean), 6) for name, mean in zip(names, reach, strict=True)}
    campaign.note("planted_reposts_per_post", planted)
    campaign.note("posts_per_kol", campaign.settings["posts_per_kol"])
    campaign.add("reposts", sum(len(block) for block in blocks if block.verb == "repost"))
