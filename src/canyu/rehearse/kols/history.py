"""How accounts grew: followers at each month's end, as facts observed from outside, with the jumps of those who buy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import NONE, Ints
from canyu.rehearse.blocks import Block, ObjectIs, Props, Seed, fill, nobody
from canyu.rehearse.kols.cast import MONTHS
from canyu.rehearse.market import NEUTRAL
from canyu.rehearse.seasons import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from canyu.rehearse.kols.authors import Kols
    from canyu.rehearse.scene import Stage


def build_history(kols: Kols) -> Ints:
    """Return followers at the end of each month, accounts by 12; the last column is what the roster shows."""
    cast, audience = kols.cast, kols.audience
    later = np.cumsum(cast.growth[:, :0:-1], axis=1)[:, ::-1]  # growth from each month's end to the year's
    real = (audience.followers - audience.bought)[:, None] * np.exp(-np.hstack([later, np.zeros((len(cast), 1))]))
    has_bought = cast.is_buyer[:, None] & (np.arange(MONTHS)[None, :] >= cast.buys_in[:, None])
    shown: Ints = np.round(real).astype(np.int64) + np.where(has_bought, audience.bought[:, None], 0)
    return shown


def observe_kols(stage: Stage) -> list[Block]:
    """Return the followers of every account, observed at each month's end within the part."""
    seasons, kols = stage.world.seasons, stage.world.kols
    last = {day.month: number for number, day in enumerate(seasons.days)}
    months = [month for month in range(1, MONTHS + 1) if stage.span.holds(last[month])]
    if not months:
        return []
    history, cast = build_history(kols), kols.cast
    blocks = []
    for month in months:
        count = len(cast)
        moment = seasons.start_ms + last[month] * DAY_MS + 22 * HOUR_MS
        time = moment + stage.random.integers(0, HOUR_MS, count)
        empty = fill(count, NONE)
        block = stage.make(
            Verb.OBSERVE, Seed(time, cast.market, cast.channel, nobody(count), empty, fill(count, NEUTRAL))
        )
        block.value, block.object_is, block.accounts = history[:, month - 1].copy(), ObjectIs.ACCOUNT, cast.actors
        block.props = Props([{"metric": "followers"}], np.zeros(count, np.int64))
        blocks.append(block)
    return blocks
