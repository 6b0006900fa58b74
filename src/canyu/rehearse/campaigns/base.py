"""What every campaign starts from: its settings as codes and moments, and posts with its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import Codes, Floats, Ints
from canyu.rehearse.blocks import Block, Seed, fill
from canyu.rehearse.cascades import SpreadRates
from canyu.rehearse.grammar import Style, Wanted, repeat_mix
from canyu.rehearse.market import CN, NEUTRAL
from canyu.rehearse.scene import Stage
from canyu.rehearse.seasons import DAY_MS
from canyu.rehearse.settings import load_settings


@dataclass(frozen=True)
class Campaign:
    """One campaign at work: the stage it plays on and what ``campaigns.yaml`` says of it."""

    stage: Stage
    name: str

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Its entry in the file."""
        found: dict[str, Any] = load_settings("campaigns")[self.name]
        return found

    @property
    def id(self) -> str:
        """The id its events carry."""
        return str(self.settings["id"])

    @cached_property
    def start(self) -> int:
        """When it starts, in milliseconds."""
        return self.stage.world.seasons.find_moment(self.settings["start"])

    @property
    def product(self) -> int:
        """The code of its product."""
        return self.stage.world.market.find_product(self.settings["product"])

    @property
    def channel(self) -> int:
        """The code of its channel."""
        return self.stage.world.market.find_channel(self.settings["channel"])

    @property
    def hashtag(self) -> tuple[str, str] | None:
        """Its hashtag in Chinese and English."""
        tag = self.settings.get("hashtag")
        return None if tag is None else (tag["zh"], tag["en"])

    def count(self, name: str, *, least: int = 1) -> int:
        """Return how many of one of its sizes are planted at the plan's scale."""
        return self.stage.world.plan.count_of_campaign(self.settings[name], least=least)

    def note(self, name: str, fact: Any) -> None:
        """State one planted fact in the truth."""
        self.stage.tally.note(f"campaigns/{self.id}/{name}", fact)

    def add(self, name: str, count: int) -> None:
        """Count something that was planted."""
        self.stage.tally.add(f"campaigns/{self.id}/{name}", count)

    def seed(self, time: Ints, actor: Ints, tone: Codes | None = None) -> Seed:
        """Return rows on its channel, in China, about its product."""
        count = len(time)
        tones = fill(count, NEUTRAL) if tone is None else tone
        return Seed(time, fill(count, CN), fill(count, self.channel), actor, fill(count, self.product), tones)

    def draw_over_days(self, count: int, days: int, fade_days: float) -> Ints:
        """Return times over the campaign's days, fading e-fold in ``fade_days``, by people's waking hours."""
        weights = np.exp(-np.arange(days) / fade_days)
        edges = np.cumsum(weights / weights.sum())
        day = np.minimum(np.searchsorted(edges, self.stage.random.random(count), side="right"), days - 1)
        first = self.stage.world.seasons.find_day(self.settings["start"])
        times = self.stage.world.seasons.draw_times(self.stage.random, day + first, fill(count, CN), "talk")
        return np.where(times < self.start, times + DAY_MS, times)

    def mix(self, count: int) -> Floats:
        """Return its shares of tones, once per row."""
        return repeat_mix(self.settings["mix"], count)

    def people(self, count: int) -> Ints:
        """Return different people of China, or everybody where there are fewer."""
        return self.stage.world.people.draw_distinct(self.stage.random, CN, count)

    def rates(self) -> SpreadRates:
        """Return how its posts spread: its own means where it states them, else those of ordinary days."""
        rates = SpreadRates.of_market(self.stage.world.market)
        if "root_reposts" in self.settings:
            rates = rates.with_reposts(self.settings["root_reposts"], self.settings["later_reposts"])
        return rates


def own(campaign: Campaign, block: Block, origin: str = "campaign") -> Block:
    """Mark a block as the campaign's; returns it."""
    block.campaign, block.origin = campaign.id, origin
    return block


def post_words(
    campaign: Campaign, seed: Seed, topic: str, *, verb: Verb = Verb.POST, origin: str = "campaign"
) -> Block:
    """Return posts (or another verb with words) about one of the grammar's topics, with the campaign's hashtag."""
    stage = campaign.stage
    block = own(campaign, stage.make(verb, seed), origin)
    language = stage.world.market.language[block.market]
    style = fill(len(block), int(Style.CAMPAIGN))
    wanted = Wanted(language, block.product, block.tone, style, topic, campaign.hashtag)
    block.texts = stage.world.phrases.write(stage.random, wanted)
    return block
