"""Who follows whom: people by planted communities, so that audiences overlap as topics and markets do; and KOLs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.rehearse.arrays import NONE, Codes, Flags, Floats, Ints
from canyu.rehearse.kols.cast import Cast, count_stride, list_topics
from canyu.rehearse.people import GOLDEN, People
from canyu.rehearse.plan import MarketPlan
from canyu.rehearse.settings import load_settings
from canyu.rehearse.streams import make_stream


@dataclass(frozen=True, slots=True)
class Audience:
    """People who follow account k: ``people[starts[k]:starts[k + 1]]``, ascending; accounts that follow it likewise.

    ``chances``: that the follower takes one post up, beside ``people`` and beside ``accounts``. ``weight``: how many
    real people each person of the graph stands for. ``followers``: what accounts show, bought ones included.
    """

    starts: Ints
    people: Ints
    chances: Floats
    edges: Floats
    """Running sums of ``chances``, 0 first: where who passes a post on is found."""
    account_starts: Ints
    accounts: Ints
    account_chances: Floats
    weight: float
    followers: Ints
    bought: Ints

    @property
    def sizes(self) -> Ints:
        """How many people of the graph follow each account."""
        return np.diff(self.starts)


def find_communities(people: Ints) -> Codes:
    """Return the community of each person (topic x communities per topic + number), always the same."""
    settings = load_settings("kols")
    shares = np.array([row["share"] for row in settings["topics"].values()], float)
    mixed = (people.astype(np.uint64) + np.uint64(7)) * GOLDEN
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    fraction = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
    topic = np.minimum(np.searchsorted(np.cumsum(shares / shares.sum()), fraction, side="right"), len(shares) - 1)
    group = (mixed % np.uint64(settings["communities"])).astype(np.int64)
    found: Codes = (topic * settings["communities"] + group).astype(np.int16)
    return found


def build_audience(plan: MarketPlan, cast: Cast, people: People) -> Audience:
    """Return who follows each account; equal plans give equal audiences."""
    random = make_stream((plan.seed, plan.year), "kol-audience", 0)
    found = _draw_people(random, plan, cast, people)
    sizes = np.array([len(one) for one in found])
    starts: Ints = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    joined: Ints = np.concatenate(found)
    of = np.repeat(np.arange(len(cast)), sizes)
    account_starts, accounts = _draw_accounts(random, cast, sizes)
    own = find_communities(joined) == cast.community[of]
    weight = count_stride(plan) / plan.scale
    real = np.round((sizes + random.uniform(-0.45, 0.45, len(cast))) * weight)
    bought = np.round(real * cast.bought_share / (1 - cast.bought_share)).astype(np.int64)
    chances = _draw_chances(random, cast.taken_up[of], own)
    return Audience(
        starts,
        joined,
        chances,
        np.concatenate([[0.0], np.cumsum(chances)]),
        account_starts,
        accounts,
        _draw_chances(
            random,
            cast.taken_up[np.repeat(np.arange(len(cast)), np.diff(account_starts))],
            np.zeros(len(accounts), np.bool_),
        ),
        weight,
        real.astype(np.int64) + bought,
        bought,
    )


def _draw_people(random: np.random.Generator, plan: MarketPlan, cast: Cast, people: People) -> list[Ints]:
    """Return the followers of each account, ascending: of its community, its topic, its market; shared fans first."""
    settings = load_settings("kols")
    pools = [_Pool(people, market, count_stride(plan)) for market in range(len(people.sizes))]
    found: list[Ints] = []
    for row in range(len(cast)):
        wanted = int(cast.wanted[row])
        parts: list[Ints] = []
        again = row > 0 and cast.kol[row] == cast.kol[row - 1]
        if again:
            first = found[row - 1]
            parts.append(_pick(random, first, min(len(first), round(settings["shared_fans"] * wanted))))
        rest = wanted - sum(len(part) for part in parts)
        second = int(cast.second_market[row])
        away = 0 if second == NONE else round(settings["second_market_share"] * rest)
        parts += pools[cast.market[row]].draw(random, int(cast.community[row]), rest - away)
        if away:
            parts += pools[second].draw(random, int(cast.community[row]), away)
        joined = np.sort(np.concatenate(parts))
        found.append(np.unique(joined) if again else joined)  # nobody is in two pools
    return found


class _Pool:
    """The people of one market in the graph, by community."""

    def __init__(self, people: People, market: int, stride: int) -> None:
        first = int(people.starts[market])
        everybody = np.arange(first, first + int(people.sizes[market]), stride, dtype=np.int64)
        settings = load_settings("kols")
        self._per_topic = settings["communities"]
        self._settings = settings
        community = find_communities(everybody)
        codes = range(len(list_topics()) * self._per_topic)
        self._of_community = [everybody[community == code] for code in codes]
        self._beside = [
            everybody[(community // self._per_topic == code // self._per_topic) & (community != code)] for code in codes
        ]
        self._of_others = [everybody[community // self._per_topic != topic] for topic in range(len(list_topics()))]

    def draw(self, random: np.random.Generator, community: int, count: int) -> list[Ints]:
        """Return ``count`` different people, or as many as the market has: most of one community."""
        settings = self._settings
        own, beside = self._of_community[community], self._beside[community]
        many = min(round(settings["own_community"] * count), int(settings["own_community_most"] * len(own)))
        some = min(round(settings["own_topic"] * count), int(settings["own_topic_most"] * len(beside)))
        others = self._of_others[community // self._per_topic]
        few = min(count - many - some, len(others))
        return [_pick(random, own, many), _pick(random, beside, some), _pick(random, others, few)]


def _pick(random: np.random.Generator, pool: Ints, count: int) -> Ints:
    return pool[random.choice(len(pool), count, replace=False, shuffle=False)] if count else pool[:0]


def _draw_accounts(random: np.random.Generator, cast: Cast, sizes: Ints) -> tuple[Ints, Ints]:
    """Return which accounts follow each one, on its platform: half of them chosen within the topic, by size."""
    mean = load_settings("kols")["follows_others"] / 2
    pairs: list[Ints] = []
    by_topic = cast.channel.astype(np.int64) * 1000 + cast.topic
    for groups in (cast.channel.astype(np.int64), by_topic):
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            follower = np.repeat(rows, random.poisson(mean, len(rows)))
            edges = np.cumsum(np.sqrt(sizes[rows]))
            followed = rows[np.searchsorted(edges, random.random(len(follower)) * edges[-1], side="right")]
            pairs.append((followed * len(cast) + follower)[cast.kol[followed] != cast.kol[follower]])
    kept = np.unique(np.concatenate(pairs))
    starts: Ints = np.searchsorted(kept // len(cast), np.arange(len(cast) + 1)).astype(np.int64)
    return starts, kept % len(cast)


def _draw_chances(random: np.random.Generator, mean: Floats, own: Flags) -> Floats:
    drawn = mean * np.where(own, 1.25, 0.7) * np.exp(random.normal(0.0, 0.3, len(mean)))
    chances: Floats = np.clip(drawn, 0.001, 0.8)
    return chances
