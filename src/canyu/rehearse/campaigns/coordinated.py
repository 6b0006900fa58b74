"""A coordinated group: the same few accounts post near copies within minutes of each other, again and again."""

from __future__ import annotations

import numpy as np

from canyu.rehearse.blocks import Block, fill
from canyu.rehearse.campaigns.base import Campaign, post_words
from canyu.rehearse.market import NEGATIVE
from canyu.rehearse.people import build_actors
from canyu.rehearse.scene import Stage
from canyu.rehearse.seasons import HOUR_MS, MINUTE_MS

FEWEST_ACCOUNTS = 12
TURNOUT = 0.9  # of the accounts post in each burst


def run_coordinated(stage: Stage) -> list[Block]:
    """Plant the group's bursts; the events carry no campaign, only the truth names the accounts."""
    campaign = Campaign(stage, "coordinated")
    settings = campaign.settings
    accounts = campaign.people(campaign.count("accounts", least=FEWEST_ACCOUNTS))
    bursts = campaign.start + np.arange(settings["bursts"]) * settings["burst_gap_hours"] * HOUR_MS
    present = stage.random.random((settings["bursts"], len(accounts))) < TURNOUT
    burst, account = np.nonzero(present)
    within = (stage.random.beta(1.2, 2.0, len(burst)) * settings["burst_minutes"] * MINUTE_MS).astype(np.int64)
    seed = campaign.seed(bursts[burst] + within, accounts[account], fill(len(burst), NEGATIVE))
    posts = post_words(campaign, seed, "coordinated", origin="coordinated")
    posts.campaign = None
    campaign.note("accounts", build_actors(accounts).to_pylist())
    campaign.note("bursts_ms", bursts.tolist())
    campaign.add("posts", len(posts))
    return [posts]
