"""A co-creation season: people contribute ideas for the system, others vote for them."""

from __future__ import annotations

import numpy as np

from canyu.events import Verb
from canyu.rehearse.blocks import Block, ObjectIs
from canyu.rehearse.campaigns.base import Campaign, own, post_words
from canyu.rehearse.grammar import draw_tones
from canyu.rehearse.market import CN
from canyu.rehearse.scene import Stage, follow


def run_cocreation(stage: Stage) -> list[Block]:
    """Plant contributions with words, and the votes on them."""
    campaign = Campaign(stage, "cocreation")
    settings, random = campaign.settings, stage.random
    count = campaign.count("contributions", least=10)
    time = campaign.draw_over_days(count, settings["days"], float(settings["days"]))
    people = stage.world.people.draw(random, np.full(count, CN, np.int16))
    tone = draw_tones(random, campaign.mix(count))
    ideas = post_words(campaign, campaign.seed(time, people, tone), "cocreation", verb=Verb.CONTRIBUTE)
    ideas.object_is = ObjectIs.PRODUCT
    rows = np.repeat(np.arange(len(ideas)), random.poisson(settings["votes_per_contribution"], len(ideas)))
    voted = ideas.time[rows] + stage.delay(len(rows), 900.0, 1.2)
    voters = stage.world.people.draw(random, ideas.market[rows])
    votes = own(campaign, stage.make(Verb.VOTE, follow(ideas, rows, voted, voters)))
    campaign.add("contributions", len(ideas))
    campaign.add("votes", len(votes))
    return [ideas, votes]
