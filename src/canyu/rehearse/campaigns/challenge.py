"""A hashtag challenge: people post an entry, submit it, others vote, and the best of it sells."""

from __future__ import annotations

import numpy as np

from canyu.events import Verb
from canyu.rehearse.blocks import Block, ObjectIs
from canyu.rehearse.campaigns.base import Campaign, own, post_words
from canyu.rehearse.cascades import spread_posts
from canyu.rehearse.commerce import Conversion, sell_by_mouth
from canyu.rehearse.grammar import draw_tones
from canyu.rehearse.scene import Stage, follow


def run_challenge(stage: Stage) -> list[Block]:
    """Plant the challenge: entries, votes, their spread, and orders that follow a click on an entry."""
    campaign = Campaign(stage, "challenge")
    settings = campaign.settings
    people = campaign.people(campaign.count("entries", least=10))
    time = campaign.draw_over_days(len(people), settings["days"], settings["days"] / 2)
    tone = draw_tones(stage.random, campaign.mix(len(people)))
    posts = post_words(campaign, campaign.seed(time, people, tone), "challenge")
    entries = _submit(campaign, posts)
    votes = _vote(campaign, entries)
    spread = spread_posts(stage, posts, campaign.rates())
    conversion = Conversion.flat(stage.world.market, settings["clicks"], settings["conversion"])
    sales = sell_by_mouth(stage, spread.contents, conversion)
    campaign.add("entries", len(entries))
    campaign.add("votes", len(votes))
    return [posts, entries, votes, *spread.blocks, *sales]


def _submit(campaign: Campaign, posts: Block) -> Block:
    rows = np.arange(len(posts))
    time = posts.time + campaign.stage.delay(len(posts), 3.0, 0.6)
    block = own(campaign, campaign.stage.make(Verb.SUBMIT, follow(posts, rows, time, posts.actor)))
    block.object_is, block.object_name = ObjectIs.NAMED, f"challenge/{campaign.id}"
    return block


def _vote(campaign: Campaign, entries: Block) -> Block:
    stage = campaign.stage
    rows = np.repeat(np.arange(len(entries)), stage.random.poisson(campaign.settings["votes_per_entry"], len(entries)))
    time = entries.time[rows] + stage.delay(len(rows), 600.0, 1.2)
    people = stage.world.people.draw(stage.random, entries.market[rows])
    return own(campaign, stage.make(Verb.VOTE, follow(entries, rows, time, people)))
