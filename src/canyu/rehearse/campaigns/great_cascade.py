"""One rumour post that goes round the country, with the KOLs who carried it known: for who reads a cascade's tree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import Codes, Floats, Ints
from canyu.rehearse.blocks import Block, join_contents
from canyu.rehearse.campaigns.base import Campaign, own
from canyu.rehearse.cascades import STEP_SIGMA, SpreadRates, add_words
from canyu.rehearse.kols.authors import redirect_reposters
from canyu.rehearse.market import CN
from canyu.rehearse.people import FIRST_KOL, build_actors
from canyu.rehearse.scene import Stage, follow
from canyu.rehearse.seasons import HOUR_MS

FEWEST_CARRIERS = 3
FIRST_HOURS = 6  # the post that goes round is one of these hours
LEVELS = 14


def run_great_cascade(campaign: Campaign, rumours: Block) -> list[Block]:
    """Plant the reposts of one early rumour post: KOLs pass it on to each other and to their audiences.

    It has a stage of its own: all else is as it would be without it. The truth names the carriers and what each set
    off; the branching rates and counts of the truth leave it out.
    """
    stage = Stage(campaign.stage.world, campaign.stage.span, "great_cascade")
    settings = campaign.settings["great_cascade"]
    wanted = min(settings["at_most"], stage.world.plan.count_of_campaign(settings["reposts"]))
    early = np.flatnonzero(rumours.time >= campaign.start)
    root = early[np.argmin(np.abs(rumours.time[early] - campaign.start - FIRST_HOURS * HOUR_MS))]
    source = replace(rumours.take(np.array([root])), texts=None, texts_at=None)
    carriers = _pass_to_kols(campaign, stage, source, settings["kols"])
    heads = join_contents([source, *carriers])
    first = _reach_audiences(stage, heads, wanted, settings)
    blocks = [*carriers, first]
    generation = first
    for _ in range(LEVELS):
        rows = np.repeat(np.arange(len(generation)), stage.random.poisson(settings["later"], len(generation)))
        if not len(rows):
            break
        generation = _repost(stage, generation, rows)
        blocks.append(generation)
    for block in blocks:
        own(campaign, block, "rumour")
        add_words(stage, block)
    direct = np.bincount(np.searchsorted(heads.serial, first.parent, sorter=np.argsort(heads.serial)), minlength=1)
    order = np.argsort(heads.serial)
    _note(campaign, heads.take(order), direct, sum(len(block) for block in blocks))
    return blocks


def _pass_to_kols(campaign: Campaign, stage: Stage, source: Block, count: int) -> list[Block]:
    """Return the reposts by KOLs of the channel: a third of those left take it from those who have it, in turns."""
    kind = int(stage.world.market.kind[campaign.product])
    chosen = stage.world.kols.choose_distinct(stage.random, campaign.channel, kind, count)
    chosen = chosen[np.argsort(stage.world.kols.audience.sizes[chosen], kind="stable")]  # the largest come last
    blocks: list[Block] = []
    have = source
    while len(chosen):
        turn = max(FEWEST_CARRIERS, len(chosen) // 3)
        rows = stage.random.integers(0, len(have), min(turn, len(chosen)))
        block = _repost(stage, have, rows, FIRST_KOL - chosen[: len(rows)])
        chosen, have = chosen[len(rows) :], block
        blocks.append(block)
        if not len(block):
            break
    return blocks


def _reach_audiences(stage: Stage, heads: Block, wanted: int, settings: dict[str, float]) -> Block:
    """Return the reposts that the post itself and each KOL set off, a KOL's by the root of its audience."""
    sizes = stage.world.kols.audience.sizes
    weights: Floats = np.empty(len(heads))
    weights[0] = settings["by_root"]
    of_kols = np.sqrt(sizes[FIRST_KOL - heads.actor[1:]].astype(np.float64))
    weights[1:] = settings["by_kols"] * of_kols / max(of_kols.sum(), 1.0)
    count = round(wanted * (1 - settings["later"]))
    return _repost(stage, heads, np.sort(stage.random.choice(len(heads), count, p=weights / weights.sum())))


def _repost(stage: Stage, above: Block, rows: Ints, actors: Ints | None = None) -> Block:
    delay = stage.delay(
        len(rows), SpreadRates.of_market(stage.world.market).delay_minutes[above.channel[rows]], STEP_SIGMA
    )
    if actors is None:
        market: Codes = np.full(len(rows), CN, np.int16)
        drawn = stage.world.people.draw(stage.random, market)
        actors = redirect_reposters(stage, above.actor[rows], market, drawn)
    return stage.make(Verb.REPOST, follow(above, rows, above.time[rows] + delay, actors))


def _note(campaign: Campaign, heads: Block, direct: Ints, reposts: int) -> None:
    names = build_actors(heads.actor).to_pylist()
    root, carriers = int(np.argmin(heads.time)), {}
    for place, name in enumerate(names):
        if place != root:
            carriers[name] = int(direct[place]) if place < len(direct) else 0
    campaign.note("great_cascade_starts_ms", int(heads.time[root]))
    campaign.note("great_cascade", {"root_actor": names[root], "reposts": reposts, "carriers": carriers})
