"""How posts travel: reposts as a branching process with planted rates, then comments, likes and views on each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import NONE, Codes, Floats
from canyu.rehearse.blocks import Block, ObjectIs, Texts, join_contents
from canyu.rehearse.grammar import Style, Wanted, draw_answer_styles, draw_tones
from canyu.rehearse.kols.authors import redirect_reposters
from canyu.rehearse.market import Market
from canyu.rehearse.posting import count_tones
from canyu.rehearse.scene import Stage, follow

STEP_SIGMA = 1.2
ANSWER_SIGMA = 1.4
RUMOUR_ORIGINS = ("rumour", "rebuttal", "statement")
ANSWER_MINUTES = {Verb.COMMENT: 55.0, Verb.LIKE: 75.0, Verb.VIEW: 90.0}


@dataclass(frozen=True, slots=True)
class SpreadRates:
    """The planted rates of spreading, one entry per channel."""

    root_reposts: Floats
    later_reposts: Floats
    depth: Floats
    delay_minutes: Floats
    comments: Floats
    likes: Floats
    views: Floats
    influence_sigma: float

    @classmethod
    def of_market(cls, market: Market) -> SpreadRates:
        """Return the rates of ordinary days."""
        names = ("root_reposts", "later_reposts", "depth", "delay_minutes", "comments", "likes", "views")
        rates = {name: market.get_channel_rate(name) for name in names}
        return cls(**rates, influence_sigma=float(market.settings["influence_sigma"]))

    def with_reposts(self, root: float, later: float) -> SpreadRates:
        """Return the same rates with a campaign's own means of reposts, on every channel."""
        like = np.ones_like(self.root_reposts)
        return replace(self, root_reposts=root * like, later_reposts=later * like, depth=np.maximum(self.depth, 8))


@dataclass(frozen=True, slots=True)
class Spread:
    """What came of some posts: the posts and their reposts as one block without words, and all blocks to write."""

    contents: Block
    blocks: list[Block]


def spread_posts(stage: Stage, posts: Block, rates: SpreadRates, root_mean: Floats | None = None) -> Spread:
    """Return everything that posts set off; ``root_mean`` overrides the mean reposts of each original.

    The offspring of an original are Poisson with mean ``root_reposts`` times its writer's influence (log-normal, mean
    1), those of a repost Poisson with mean ``later_reposts``, down to the channel's depth.
    """
    if root_mean is None:
        root_mean = rates.root_reposts[posts.channel] * draw_influence(stage, rates, len(posts))
    reposts = _pass_on(stage, posts, rates, root_mean)
    contents = join_contents([posts, *reposts])
    answers = [
        _comment(stage, contents, rates.comments[contents.channel]),
        _react(stage, contents, Verb.LIKE, rates.likes[contents.channel]),
        _react(stage, contents, Verb.VIEW, rates.views[contents.channel]),
    ]
    return Spread(contents, [*reposts, *answers])


def draw_influence(stage: Stage, rates: SpreadRates, count: int) -> Floats:
    """Return the influence of each original's writer: log-normal, mean 1."""
    sigma = rates.influence_sigma
    drawn: Floats = np.exp(stage.random.normal(-0.5 * sigma * sigma, sigma, count))
    return drawn


def _pass_on(stage: Stage, posts: Block, rates: SpreadRates, mean: Floats) -> list[Block]:
    found: list[Block] = []
    generation, depth = posts, 1
    while len(generation) and depth <= rates.depth.max():
        may = rates.depth[generation.channel] >= depth
        drawn = stage.random.poisson(mean * may)
        rows = np.repeat(np.arange(len(generation)), drawn)
        delay = stage.delay(len(rows), rates.delay_minutes[generation.channel[rows]], STEP_SIGMA)
        people = stage.world.people.draw(stage.random, generation.market[rows])
        people = redirect_reposters(stage, generation.actor[rows], generation.market[rows], people)
        block = stage.make(Verb.REPOST, follow(generation, rows, generation.time[rows] + delay, people))
        block.campaign, block.origin = posts.campaign, posts.origin
        _count_generation(stage, generation.select(may), block, is_root=depth == 1)
        if len(block):
            add_words(stage, block)
            found.append(block)
        generation, depth = block, depth + 1
        mean = rates.later_reposts[generation.channel]
    return found


def _count_generation(stage: Stage, carriers: Block, children: Block, *, is_root: bool) -> None:
    names = stage.world.market.channel_names
    path = f"branching/{carriers.campaign or 'organic'}/{{}}/"
    stage.tally.add_codes(path + ("roots" if is_root else "carriers"), carriers.channel, names)
    stage.tally.add_codes(path + ("reposts_of_roots" if is_root else "reposts_of_reposts"), children.channel, names)


def add_words(stage: Stage, block: Block) -> None:
    """Give the planted share of reposts a few words; the others pass on in silence."""
    spoken = np.flatnonzero(stage.happens(stage.world.market.settings["repost_with_words"], len(block)))
    block.tone = _answer_tone(stage, block.tone, block.product)
    block.texts = _write_answers(stage, block.take(spoken), 0.10, 0.65)
    block.texts_at = np.full(len(block), NONE, np.int64)
    block.texts_at[spoken] = np.arange(len(spoken))


def _comment(stage: Stage, contents: Block, mean: Floats) -> Block:
    block = _answer(stage, contents, Verb.COMMENT, mean)
    block.tone = _answer_tone(stage, block.tone, block.product)
    block.texts = _write_answers(stage, block, stage.world.market.settings["comment_with_name"], 0.35)
    count_tones(stage, "sentiment/{}/comments", block)
    return block


def _react(stage: Stage, contents: Block, verb: Verb, mean: Floats) -> Block:
    block = _answer(stage, contents, verb, mean)
    block.object_is = ObjectIs.PARENT if verb == Verb.VIEW else ObjectIs.NOTHING
    return block


def _answer(stage: Stage, contents: Block, verb: Verb, mean: Floats) -> Block:
    rows = np.repeat(np.arange(len(contents)), stage.random.poisson(mean))
    time = contents.time[rows] + stage.delay(len(rows), ANSWER_MINUTES[verb], ANSWER_SIGMA)
    people = stage.world.people.draw(stage.random, contents.market[rows])
    block = stage.make(verb, follow(contents, rows, time, people))
    block.campaign, block.origin = contents.campaign, contents.origin
    return block


def _answer_tone(stage: Stage, above: Codes, product: Codes) -> Codes:
    """Return the tone of answers: as what they answer with the planted odds, else by the product's own mix."""
    own = draw_tones(stage.random, stage.world.market.mix[product])
    follows = stage.happens(stage.world.market.settings["comment_follows"], len(above))
    return np.where(follows, above, own).astype(np.int16)


def _write_answers(stage: Stage, block: Block, named: float, reaction: float) -> Texts:
    language = stage.world.market.language[block.market]
    if block.origin in RUMOUR_ORIGINS:
        style = np.full(len(block), int(Style.ANSWER), np.int16)
        wanted = Wanted(language, block.product, block.tone, style, "rumour_answer")
        return stage.world.phrases.write(stage.random, wanted)
    style = draw_answer_styles(stage.random, block.tone, named, reaction)
    return stage.world.phrases.write(stage.random, Wanted(language, block.product, block.tone, style))
