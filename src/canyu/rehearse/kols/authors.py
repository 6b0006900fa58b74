"""KOLs in the events: the posts with the greatest influence become theirs, and their audience passes them on.

Both change actors alone and draw from a stream of their own: counts, times and every other draw stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from canyu.rehearse.arrays import Codes, Floats, Ints
from canyu.rehearse.blocks import Block
from canyu.rehearse.kols.audience import Audience
from canyu.rehearse.kols.cast import Cast
from canyu.rehearse.market import KINDS
from canyu.rehearse.people import FIRST_KOL, People
from canyu.rehearse.settings import load_settings

if TYPE_CHECKING:
    from canyu.rehearse.scene import Stage

MATCH_SIGMA = 0.5  # how loosely the most influential posts go to the largest of the KOLs that post


@dataclass(frozen=True)
class Kols:
    """The accounts of a market and who follows them."""

    cast: Cast
    audience: Audience
    _writers: dict[tuple[int, int, int], tuple[Ints, Floats]] = field(default_factory=dict)

    def choose(self, random: np.random.Generator, kind: int, market: int, channel: int, count: int) -> Ints:
        """Return ``count`` accounts of a market and channel by audience, those of the product's topic far likelier.

        Empty where the market has none on the channel.
        """
        rows, edges = self._find_writers(kind, market, channel)
        if not len(rows):
            return rows
        found: Ints = rows[np.searchsorted(edges, random.random(count) * edges[-1], side="right")]
        return found

    def choose_distinct(self, random: np.random.Generator, channel: int, kind: int, count: int) -> Ints:
        """Return up to ``count`` different accounts of the home market on a channel, as ``choose`` weighs them."""
        rows, edges = self._find_writers(kind, 0, channel)
        weights = np.diff(edges, prepend=0.0)
        count = min(count, len(rows))
        return rows[random.choice(len(rows), count, replace=False, p=weights / weights.sum())] if count else rows

    def _find_writers(self, kind: int, market: int, channel: int) -> tuple[Ints, Floats]:
        key = (kind, market, channel)
        if key not in self._writers:
            settings, cast = load_settings("kols"), self.cast
            rows = np.flatnonzero((cast.market == market) & (cast.channel == channel))
            about = np.array([KINDS[kind] in row["about"] for row in settings["topics"].values()])
            weights = self.audience.sizes[rows] * np.where(about[cast.topic[rows]], settings["topic_weight"], 1.0)
            self._writers[key] = (rows, np.cumsum(weights))
        return self._writers[key]


def give_posts(stage: Stage, posts: Block, influence: Floats) -> Block:
    """Return the posts, the most influential share of them by KOLs of their market and channel.

    KOLs are drawn in proportion to their audience; of those drawn, the larger write the posts of greater influence.
    """
    kols, market = stage.world.kols, stage.world.market
    count = round(load_settings("kols")["given_posts"] * len(posts))
    rows = np.argsort(-influence, kind="stable")[:count]
    kind = market.kind[posts.product[rows]]
    cell = (kind.astype(np.int64) * 1000 + posts.market[rows]) * 1000 + posts.channel[rows]
    actor = posts.actor.copy()
    for code in np.unique(cell):
        own = rows[cell == code]  # the greatest influence first
        what, where = divmod(int(code), 1_000_000)
        chosen = kols.choose(stage.aside, what, *divmod(where, 1000), len(own))
        if len(chosen):
            size = np.log(kols.audience.sizes[chosen]) + stage.aside.normal(0.0, MATCH_SIGMA, len(chosen))
            actor[own] = FIRST_KOL - chosen[np.argsort(-size, kind="stable")]
    given = actor != posts.actor
    stage.tally.add("kols/posts", int(given.sum()))
    return replace(posts, actor=actor)


def redirect_reposters(stage: Stage, carriers: Ints, market: Codes, drawn: Ints) -> Ints:
    """Return who passes on, where a carrier is a KOL mostly of its audience, at times a KOL who follows it.

    ``carriers``: the actor of what each repost answers; ``drawn``: who would have passed it on. The person drawn
    decides whom of the audience it is: somebody as active, those likelier who take more up.
    """
    of_kol = np.flatnonzero(carriers <= FIRST_KOL)
    if not len(of_kol):
        return drawn
    settings, audience, people = load_settings("kols"), stage.world.kols.audience, stage.world.people
    kol = FIRST_KOL - carriers[of_kol]
    chance = stage.aside.random(len(of_kol))
    found = drawn.copy()
    fan = _find_alike(audience, people, kol, market[of_kol], drawn[of_kol])
    lives_there = (fan >= people.starts[market[of_kol]]) & (
        fan < people.starts[market[of_kol]] + people.sizes[market[of_kol]]
    )
    is_loyal = (chance < settings["loyal"]) & lives_there
    found[of_kol[is_loyal]] = fan[is_loyal]
    many = np.diff(audience.account_starts)[kol]
    by_kol = (chance >= 1 - settings["passed_by_kol"]) & (many > 0)
    place = audience.account_starts[kol] + (stage.aside.random(len(kol)) * many).astype(np.int64)
    found[of_kol[by_kol]] = FIRST_KOL - audience.accounts[place[by_kol]]
    stage.tally.add("kols/reposts_by_audience", int(is_loyal.sum()))
    stage.tally.add("kols/reposts_by_kols", int(by_kol.sum()))
    return found


def _find_alike(audience: Audience, people: People, kol: Ints, market: Codes, drawn: Ints) -> Ints:
    rank = (drawn - people.starts[market]) / people.sizes[market]
    rank = np.clip(rank, 0.0, 0.999_999)  # a reposter who is a KOL has no rank
    first, last = audience.starts[kol], audience.starts[kol + 1]
    edges = audience.edges
    place = np.searchsorted(edges, edges[first] + rank * (edges[last] - edges[first]), side="right") - 1
    return audience.people[np.clip(place, first, last - 1)]
