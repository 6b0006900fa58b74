"""The market that is rehearsed: its countries, channels, shops and products, as arrays to look up by code."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

import numpy as np

from canyu.rehearse.arrays import NONE, Codes, Floats, Ints
from canyu.rehearse.settings import load_settings

LANGUAGES = ("zh", "en")
TONES = ("negative", "neutral", "positive")
NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
CN = 0
KINDS = ("phone", "car", "tablet", "appliance", "software", "founder", "brand")
SOLD_KINDS = KINDS[:4]


class Market:
    """What ``market.yaml`` says, with each thing known by its place in the file (its code)."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] = load_settings("market")
        self.markets: list[dict[str, Any]] = self.settings["markets"]
        self.channels: list[dict[str, Any]] = self.settings["channels"]
        self.products: list[dict[str, Any]] = self.settings["products"]
        self.regions: list[str] = list(self.settings["regions"])

    @cached_property
    def channel_names(self) -> list[str]:
        """The channels people speak on, then those they only buy on, then those that only measure."""
        shops = [shop["id"] for group in self.settings["shops"].values() for shop in group]
        return list(dict.fromkeys([channel["id"] for channel in self.channels] + shops + ["baidu"]))

    @cached_property
    def utc_offset_h(self) -> Floats:
        """Hours ahead of UTC, per market; standard time all year."""
        return np.array([row["utc_offset_h"] for row in self.markets], float)

    @cached_property
    def language(self) -> Codes:
        """The language people write, per market."""
        return np.array([LANGUAGES.index(row["lang"]) for row in self.markets], np.int16)

    @cached_property
    def product_ids(self) -> list[str]:
        """Catalogue ids, per product."""
        return [row["id"] for row in self.products]

    @cached_property
    def kind(self) -> Codes:
        """The kind (place in ``KINDS``), per product."""
        return np.array([KINDS.index(row["kind"]) for row in self.products], np.int16)

    @cached_property
    def mix(self) -> Floats:
        """The planted shares of negative, neutral and positive posts, per product."""
        mix = np.array([row["mix"] for row in self.products], float)
        shares: Floats = mix / mix.sum(axis=1, keepdims=True)
        return shares

    @cached_property
    def sales(self) -> Floats:
        """The weight of its baseline orders, per product; 0 where the home brand does not sell it."""
        return np.array([row.get("sales", 0.0) for row in self.products], float)

    @cached_property
    def sold(self) -> Floats:
        """1 where a product is sold in a market, else 0: products by markets."""
        abroad = set(self.settings["sold_abroad"])
        rows = [[float(m == CN or row["kind"] in abroad) for m in range(len(self.markets))] for row in self.products]
        sold: Floats = np.array(rows) * (self.sales[:, None] > 0)
        return sold

    @cached_property
    def price(self) -> Ints:
        """The price in minor units of the market's money: products by markets."""
        yuan = np.array([row.get("price", 0) for row in self.products], float)
        rate = np.array([row["per_yuan"] for row in self.markets], float)
        minor: Ints = np.round(yuan[:, None] * rate[None, :]).astype(np.int64) * 100
        return minor

    @cached_property
    def rivals(self) -> Ints:
        """Up to four products a text may compare one with: products by 4."""
        table = np.full((len(self.products), 4), NONE, np.int64)
        for code, row in enumerate(self.products):
            named = [self.find_product(other) for other in self.settings["rivals"][row["kind"]] if other != row["id"]]
            table[code] = [named[place % len(named)] for place in range(4)]
        return table

    def find_product(self, product_id: str) -> int:
        """Return the code of a product."""
        return self.product_ids.index(product_id)

    def find_channel(self, name: str) -> int:
        """Return the code of a channel."""
        return self.channel_names.index(name)

    def get_channel_rate(self, name: str) -> Floats:
        """Return one planted rate per channel (0 on channels where nobody posts)."""
        rates = np.zeros(len(self.channel_names))
        rates[: len(self.channels)] = [row[name] for row in self.channels]
        return rates

    def list_cells(self) -> tuple[Codes, Codes, Floats]:
        """Return market, channel and share of all posts, one row per pair where people post."""
        rows = [
            (m, c, market["share"] * channel["share"])
            for m, market in enumerate(self.markets)
            for c, channel in enumerate(self.channels)
            if channel["where"] == ("cn" if market["id"] == "cn" else "abroad")
        ]
        markets, channels, shares = zip(*rows, strict=True)
        return np.array(markets, np.int16), np.array(channels, np.int16), np.array(shares) / sum(shares)

    def draw_shops(self, random: np.random.Generator, markets: Codes) -> Codes:
        """Return the channel on which each order or visit happens."""
        drawn = np.zeros(len(markets), np.int16)
        chance = random.random(len(markets))
        for where, rows in (("cn", markets == CN), ("abroad", markets != CN)):
            shops = self.settings["shops"][where]
            codes = np.array([self.find_channel(shop["id"]) for shop in shops], np.int16)
            edges = np.cumsum([shop["share"] for shop in shops])
            drawn[rows] = codes[np.minimum(np.searchsorted(edges, chance[rows], side="right"), len(codes) - 1)]
        return drawn


@cache
def load_market() -> Market:
    """Return the market; built once."""
    return Market()
