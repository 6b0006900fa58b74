"""The KOL accounts as arrays: platform, market, topic, followers, price; drawn once from a stream of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from canyu.rehearse.arrays import NONE, Codes, Flags, Floats, Ints
from canyu.rehearse.market import CN, Market
from canyu.rehearse.people import FIRST_KOL
from canyu.rehearse.plan import MarketPlan
from canyu.rehearse.settings import load_settings
from canyu.rehearse.streams import make_stream

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Cast:
    """Accounts, one entry of each array per account; those of one KOL stand beside each other.

    Codes are places in the market's lists and in ``kols.yaml``; NONE where there is none.
    """

    kol: Ints
    kind: Codes
    market: Codes
    second_market: Codes
    channel: Codes
    topic: Codes
    second_topic: Codes
    community: Codes
    wanted: Ints
    """How many people of the panel are to follow it."""
    taken_up: Floats
    """The mean chance that a follower takes one post up."""
    growth: Floats
    """Accounts by months: the growth of log followers."""
    is_buyer: Flags
    buys_in: Codes
    """The month, from 0, by whose end the bought followers are there."""
    bought_share: Floats
    """The part of what it shows at the year's end that is nobody."""
    price_noise: Floats

    def __len__(self) -> int:
        return len(self.kol)

    @property
    def actors(self) -> Ints:
        """Their numbers as actors of events."""
        return FIRST_KOL - np.arange(len(self), dtype=np.int64)


def count_stride(plan: MarketPlan) -> int:
    """Return of how many people one is in the follower graph: all of them up to the panel's scale."""
    panel: float = load_settings("kols")["panel_scale"]
    return max(1, round(plan.scale / panel))


def list_topics() -> list[str]:
    """Return the topics in the order of their codes."""
    return list(load_settings("kols")["topics"])


def build_cast(plan: MarketPlan, market: Market) -> Cast:
    """Return every account of a plan's market; equal plans give equal casts, and no other stream is touched."""
    settings = load_settings("kols")
    random = make_stream((plan.seed, plan.year), "kol-cast", 0)
    stride = count_stride(plan)
    count = max(settings["fewest"], round(settings["accounts"] * plan.scale / stride))
    shares = settings["accounts_per_kol"]
    kols = round(count / sum((n + 1) * share for n, share in enumerate(shares)))
    home = _draw(random, [row["share"] for row in market.markets], kols)
    kol, channel = _draw_platforms(random, market, home, shares)
    person = {
        "kind": _draw(random, list(settings["kinds"].values()), kols),
        "topic": _draw(random, [row["share"] for row in settings["topics"].values()], kols),
        "group": random.integers(0, settings["communities"], kols).astype(np.int16),
        "size": random.normal(0.0, 1.0, kols),
    }
    size = 0.8 * person["size"][kol] + 0.6 * random.normal(0.0, 1.0, len(kol))
    drawn: dict[str, Any] = {name: values[kol] for name, values in person.items() if name != "size"}
    group, topic = drawn.pop("group"), drawn["topic"]
    rows = len(kol)
    second = _draw(random, [row["share"] for row in settings["topics"].values()], rows)
    has_second = (random.random(rows) < 0.5) & (second != topic)
    weight = stride / plan.scale
    people = market.settings["volumes"]["people"] * np.array([row["share"] for row in market.markets])
    shown = _size_audiences(market, size, drawn["kind"], channel, home[kol])
    most = np.maximum(settings["largest_share"] * people[home[kol]] / weight, 1.0)
    growth = settings["growth_per_month"]
    rising = random.normal(growth["mean"], growth["sigma"], (rows, 1))
    buyers = _choose_buyers(random, shown, max(settings["bought"]["least"], round(settings["bought"]["share"] * rows)))
    names = [settings["taken_up"].get(name, 0.0) for name in market.channel_names]
    return Cast(
        kol=kol,
        market=home[kol],
        second_market=_draw_second_markets(random, market, home[kol]),
        channel=channel,
        second_topic=np.where(has_second, second, NONE).astype(np.int16),
        community=(topic * settings["communities"] + group).astype(np.int16),
        wanted=np.clip(np.round(shown / weight), 1, most).astype(np.int64),
        taken_up=np.array(names)[channel] * np.exp(random.normal(0.0, settings["taken_up_sigma"], rows)),
        growth=rising + random.normal(0.0, growth["noise"], (rows, MONTHS)),
        is_buyer=buyers,
        buys_in=np.where(buyers, random.integers(2, MONTHS - 1, rows), NONE).astype(np.int16),
        bought_share=np.where(buyers, random.uniform(settings["bought"]["from"], settings["bought"]["to"], rows), 0.0),
        price_noise=np.exp(random.normal(0.0, settings["price"]["sigma"], rows)),
        **drawn,
    )


def _draw(random: np.random.Generator, shares: list[float], count: int) -> Codes:
    edges = np.cumsum(np.array(shares, float) / sum(shares))
    return np.minimum(np.searchsorted(edges, random.random(count), side="right"), len(shares) - 1).astype(np.int16)


def _draw_platforms(
    random: np.random.Generator, market: Market, home: Codes, shares: list[float]
) -> tuple[Ints, Codes]:
    """Return each account's KOL and channel: as many different platforms of the KOL's market as it has accounts.

    The largest of log share plus Gumbel noise are a draw without replacement (Efraimidis and Spirakis, 2006).
    """
    sized = load_settings("kols")["platforms"]
    keys = np.full((len(home), len(market.channel_names)), -np.inf)
    for code, row in enumerate(market.channels):
        is_there = (home == CN) == (row["where"] == "cn")
        if row["id"] in sized:
            keys[is_there, code] = np.log(row["share"])
    keys += random.gumbel(size=keys.shape)
    order = np.argsort(-keys, axis=1, kind="stable")
    wanted = np.minimum(_draw(random, shares, len(home)) + 1, np.isfinite(keys).sum(axis=1))
    kol = np.repeat(np.arange(len(home)), wanted)
    place = np.arange(len(kol)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    return kol, order[kol, place].astype(np.int16)


def _draw_second_markets(random: np.random.Generator, market: Market, home: Codes) -> Codes:
    abroad = np.arange(1, len(market.markets))
    other = abroad[random.integers(0, len(abroad), len(home))]
    has = (home != CN) & (other != home) & (random.random(len(home)) < load_settings("kols")["second_market"])
    return np.where(has, other, NONE).astype(np.int16)


def _size_audiences(market: Market, size: Floats, kind: Codes, channel: Codes, home: Codes) -> Floats:
    settings = load_settings("kols")
    of_kind = np.array([settings["kind_size"][name] for name in settings["kinds"]])
    of_platform = np.array([settings["platforms"].get(name, 1.0) for name in market.channel_names])
    of_market = np.where(home == CN, 1.0, settings["abroad_size"])
    median: float = settings["followers_median"]
    shown: Floats = np.exp(settings["followers_sigma"] * size) * of_kind[kind] * of_platform[channel] * of_market
    return median * shown


def _choose_buyers(random: np.random.Generator, shown: Floats, count: int) -> Flags:
    """Return who bought followers: some of the middle third in size, where it is worth a buyer's while."""
    order = np.argsort(shown, kind="stable")
    middle = order[len(order) // 2 : len(order) * 5 // 6]
    chosen = random.choice(middle, min(count, len(middle)), replace=False)
    flags: Flags = np.zeros(len(shown), np.bool_)
    flags[chosen] = True
    return flags
