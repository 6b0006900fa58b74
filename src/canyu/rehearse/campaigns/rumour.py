"""A rumour about brakes: it grows, the brand states the facts, and opinion turns at a planted pace."""

from __future__ import annotations

import numpy as np

from canyu.rehearse.arrays import Floats, Ints
from canyu.rehearse.blocks import Block
from canyu.rehearse.campaigns.base import Campaign, post_words
from canyu.rehearse.campaigns.great_cascade import run_great_cascade
from canyu.rehearse.cascades import spread_posts
from canyu.rehearse.market import CN, NEGATIVE, NEUTRAL, POSITIVE
from canyu.rehearse.people import BRAND_AUTO
from canyu.rehearse.scene import Stage
from canyu.rehearse.seasons import HOUR_MS, MINUTE_MS

STATEMENT_REPOSTS = 1_200.0  # whole size
BIN_HOURS = 6


def run_rumour(stage: Stage) -> list[Block]:
    """Plant rumour posts (near copies of a few sentences), the statement, rebuttals, and how all of them spread."""
    campaign = Campaign(stage, "rumour")
    random = stage.random
    hours = _draw_hours(campaign, campaign.count("posts", least=60))
    time = campaign.start + (hours * HOUR_MS).astype(np.int64)
    negative = random.random(len(hours)) < get_negative_share(campaign.settings, hours)
    tone = np.where(negative, NEGATIVE, np.where(random.random(len(hours)) < 0.5, NEUTRAL, POSITIVE))
    actor = stage.world.people.draw(random, np.full(len(hours), CN, np.int16))
    seed = campaign.seed(time, actor, tone.astype(np.int16))
    rumours = post_words(campaign, seed.take(negative), "rumour", origin="rumour")
    rebuttals = post_words(campaign, seed.take(~negative), "rebuttal", origin="rebuttal")
    blocks = [rumours, rebuttals]
    for posts in (rumours, rebuttals):
        blocks += spread_posts(stage, posts, campaign.rates()).blocks
    blocks += run_great_cascade(campaign, rumours)
    _note_turn(campaign, hours, negative)
    return blocks + _state(campaign)


def get_negative_share(settings: dict[str, float], hours: Floats) -> Floats:
    """Return the planted share of negative posts, hours after the rumour began.

    Before the statement it is ``negative_before``; after it the part above ``negative_floor`` halves in each
    ``turn_half_life_hours``.
    """
    after = np.maximum(hours - settings["statement_after_hours"], 0.0)
    above = settings["negative_before"] - settings["negative_floor"]
    share: Floats = settings["negative_floor"] + above * 0.5 ** (after / settings["turn_half_life_hours"])
    return share


def _draw_hours(campaign: Campaign, count: int) -> Floats:
    """Draw from a rate that grows e-fold in ``growth_hours`` to the peak and then halves in ``fade_hours``."""
    settings = campaign.settings
    minutes: Ints = np.arange(settings["hours"] * 60)
    from_peak = minutes / 60.0 - settings["peak_after_hours"]
    rate = np.where(
        from_peak < 0, np.exp(from_peak / settings["growth_hours"]), 0.5 ** (from_peak / settings["fade_hours"])
    )
    edges = np.cumsum(rate / rate.sum())
    drawn = np.minimum(np.searchsorted(edges, campaign.stage.random.random(count)), len(minutes) - 1)
    found: Floats = (drawn + campaign.stage.random.random(count)) / 60.0
    return found


def _state(campaign: Campaign) -> list[Block]:
    stage = campaign.stage
    moment = campaign.start + campaign.settings["statement_after_hours"] * HOUR_MS + MINUTE_MS
    seed = campaign.seed(np.array([moment]), np.array([BRAND_AUTO]))
    statement = post_words(campaign, seed, "statement", origin="statement")
    reach = np.array([max(3.0, STATEMENT_REPOSTS * stage.world.plan.campaign_share)])
    campaign.note("statement_ms", moment)
    return [statement, *spread_posts(stage, statement, campaign.rates(), reach).blocks]


def _note_turn(campaign: Campaign, hours: Floats, negative: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> None:
    bins = (hours // BIN_HOURS).astype(np.int64)
    most = int(campaign.settings["hours"] // BIN_HOURS)
    posts = np.bincount(bins, minlength=most).tolist()
    bad = np.bincount(bins[negative], minlength=most).tolist()
    campaign.note("turn", {"bin_hours": BIN_HOURS, "posts": posts, "negative": bad})
    campaign.add("rumour_posts", int(negative.sum()))
    campaign.add("rebuttal_posts", int((~negative).sum()))
