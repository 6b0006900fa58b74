"""Plays the year, part by part: every component on a stage of its own, so that none disturbs another's chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from canyu.rehearse.blocks import Block
from canyu.rehearse.boards import observe
from canyu.rehearse.campaigns import CAMPAIGNS
from canyu.rehearse.cascades import SpreadRates, draw_influence, spread_posts
from canyu.rehearse.commerce import Conversion, sell_by_mouth
from canyu.rehearse.kols import build_follows, build_roster, give_posts, observe_kols
from canyu.rehearse.plan import MarketPlan
from canyu.rehearse.posting import write_posts
from canyu.rehearse.scene import Span, Stage, World, list_spans
from canyu.rehearse.settings import load_settings
from canyu.rehearse.tables import LABELS_SCHEMA, ORDERS_SCHEMA, Part, build_part
from canyu.rehearse.trade import trade
from canyu.rehearse.truth import build_truth, count_part


@dataclass(frozen=True, slots=True)
class RehearsalResult:
    """A rehearsal in memory: all its events, labels, causes of orders, KOLs, who follows them, and the truth."""

    plan: MarketPlan
    events: pa.Table
    labels: pa.Table
    orders: pa.Table
    kols: pa.Table
    follows: pa.Table
    truth: dict[str, Any]


def rehearse_market(plan: MarketPlan) -> RehearsalResult:
    """Play a year and return it in memory: for small scales; ``write_market`` keeps memory bounded at any scale.

    >>> rehearse_market(MarketPlan(scale=1e-5, seed=1)).truth["kind"]
    'canyu rehearsal'
    """
    world = World(plan)
    parts = list(play_parts(world))
    return RehearsalResult(
        plan,
        pa.concat_tables([part.events for part in parts]),
        pa.concat_tables([part.labels for part in parts], promote_options="none")
        if parts
        else LABELS_SCHEMA.empty_table(),
        pa.concat_tables([part.orders for part in parts]) if parts else ORDERS_SCHEMA.empty_table(),
        build_roster(world),
        build_follows(world),
        build_truth(world, {}),
    )


def play_parts(world: World) -> Iterator[Part]:
    """Yield the year's parts in order; each holds what began in its days, whole cascades and sales included.

    The world's tally is complete when the last part was taken.
    """
    for span in list_spans(world):
        part = build_part(Stage(world, span, "arrival"), _play(world, span))
        count_part(world, part)
        yield part


def _play(world: World, span: Span) -> list[Block]:
    posts = write_posts(Stage(world, span, "posting"))
    cascades, rates = Stage(world, span, "cascades"), SpreadRates.of_market(world.market)
    influence = draw_influence(cascades, rates, len(posts))
    posts = give_posts(cascades, posts, influence)
    spread = spread_posts(cascades, posts, rates, rates.root_reposts[posts.channel] * influence)
    commerce = Stage(world, span, "commerce")
    blocks = [posts, *spread.blocks]
    blocks += sell_by_mouth(commerce, spread.contents, Conversion.of_market(world.market))
    blocks += trade(Stage(world, span, "trade"))
    blocks += observe(Stage(world, span, "boards"))
    for name, run in CAMPAIGNS.items():
        day = world.seasons.find_day(load_settings("campaigns")[name]["start"])
        if span.holds(day):
            blocks += run(Stage(world, span, name))
    blocks += observe_kols(Stage(world, span, "kols"))  # last: receiving draws block by block
    return blocks
