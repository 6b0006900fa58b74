"""Makes texts by the hundred thousand from pieces, and keeps for each what its writer meant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.rehearse.arrays import NONE, Codes, Floats, Ints
from canyu.rehearse.blocks import Texts
from canyu.rehearse.market import NEGATIVE, POSITIVE, TONES, Market, load_market
from canyu.rehearse.phrasebook import SLOT_CORE, SLOT_P, SLOT_Q, TOPICS, Names, PhraseTables, Ranges, pad_pieces

PIECES = 12  # opener, three literals around two slots, core, turn, second core, tail, emoji, hashtag
OPENER, FIRST, SLOT_A, MIDDLE, SLOT_B, LAST, CORE, TURN, SECOND, TAIL, EMOJI, HASHTAG = range(PIECES)
LINK_SLOTS = 3
TOPIC_ASPECTS = dict.fromkeys(("rumour", "rebuttal", "rumour_answer", "statement"), "brakes")


class Style(IntEnum):
    """How a text is built."""

    PLAIN = 0
    MIXED = 1
    IRONY = 2
    NEWS = 3
    QUESTION = 4
    COMPARE = 5
    BARE = 6  # an aspect without a name
    REACTION = 7
    COMPLAINT = 8
    REPLY = 9
    CAMPAIGN = 10
    ANSWER = 11  # an answer to a campaign's or a rumour's post


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said, row by row: in which language, of which product, with which feeling, in which style."""

    language: Codes
    product: Codes
    tone: Codes
    style: Codes
    topic: str = ""
    hashtag: tuple[str, str] | None = None
    """A campaign's hashtag in Chinese and in English, put on most of its texts."""


class Phrasebook:
    """The grammar, ready to draw from."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.tables = PhraseTables(market)
        self._literals, self._slots, self._has_name = pad_pieces(self.tables)
        self._names = Names(market)
        self._links = self.tables.find_links(self._names)
        self._pool = pa.array(self.tables.pieces)

    @property
    def aspects(self) -> list[str]:
        """Every aspect, by code."""
        return self.tables.aspects

    def write(self, random: np.random.Generator, wanted: Wanted) -> Texts:
        """Return one text per row, with its labels; a row's sentiment is the tone that was asked for."""
        pieces = np.zeros((len(wanted.tone), PIECES), np.int64)
        aspect = np.full(len(wanted.tone), NONE, np.int64)
        links = np.full((len(wanted.tone), LINK_SLOTS), NONE, np.int64)
        for style in np.unique(wanted.style):
            rows = np.flatnonzero(wanted.style == style)
            sheet = _Sheet(self, random, wanted, rows, Style(style))
            sheet.fill()
            pieces[rows], aspect[rows], links[rows, :2] = sheet.pieces, sheet.aspect, sheet.links
        links[:, 2] = self._find_link_of_literals(pieces)
        strings = pc.binary_join_element_wise(*(self._pool.take(pa.array(pieces[:, n])) for n in range(PIECES)), "")
        return Texts(strings, wanted.language, wanted.tone, aspect.astype(np.int16), wanted.style, links)

    def find_tags(self, hashtag: tuple[str, str]) -> Ints:
        """Return the pieces of a campaign's hashtag, by language."""
        found = np.array([self.tables.find_tag(tag) for tag in hashtag])
        if len(self.tables.pieces) > len(self._pool):
            self._pool = pa.array(self.tables.pieces)
            self._links = self.tables.find_links(self._names)
        return found

    def _find_link_of_literals(self, pieces: Ints) -> Ints:
        named = self._links[pieces]
        named[:, [SLOT_A, SLOT_B]] = NONE  # counted as the product and the rival
        found: Ints = named.max(axis=1)
        return found


class _Sheet:
    """The rows of one style while their pieces are chosen."""

    def __init__(self, book: Phrasebook, random: np.random.Generator, wanted: Wanted, rows: Ints, style: Style) -> None:
        self.book, self.tables, self.random = book, book.tables, random
        self.wanted, self.style = wanted, style
        self.language, self.product = wanted.language[rows], wanted.product[rows]
        self.tone = wanted.tone[rows]
        self.kind = book.market.kind[self.product]
        self.count = len(rows)
        self.pieces: Ints = np.zeros((self.count, PIECES), np.int64)
        self.place: Ints = np.zeros(self.count, np.int64)
        self.aspect: Ints = np.full(self.count, NONE, np.int64)
        self.links: Ints = np.full((self.count, 2), NONE, np.int64)

    def fill(self) -> None:
        """Choose every piece."""
        if self.style in (Style.PLAIN, Style.MIXED, Style.COMPARE, Style.BARE, Style.COMPLAINT):
            self._choose_core()
        if self.style != Style.BARE:
            self._choose_template()
        if self.wanted.topic in TOPIC_ASPECTS:
            self.aspect[:] = self.tables.aspects.index(TOPIC_ASPECTS[self.wanted.topic])
        if self.style == Style.MIXED:
            self._turn()
        elif self.style == Style.PLAIN:
            self._join()
        self._dress()

    def _choose_core(self) -> None:
        counts = self.tables.aspect_count[self.kind]
        self.place = (self.random.random(self.count) * counts).astype(np.int64)
        self.pieces[:, CORE] = self.tables.cores.draw(self.random, self.language, self.kind, self.place, self.tone)
        self.aspect = self.tables.aspect_of[self.kind, self.place]

    def _draw_other_aspect(self) -> Ints:
        counts = self.tables.aspect_count[self.kind]
        step = 1 + (self.random.random(self.count) * (counts - 1)).astype(np.int64)
        found: Ints = (self.place + step) % counts
        return found

    def _choose_template(self) -> None:
        template = self._list_templates()
        literals, slots = self.book._literals[template], self.book._slots[template]
        self.pieces[:, [FIRST, MIDDLE, LAST]] = literals
        rival = self.book.market.rivals[self.product, self.random.integers(0, 4, self.count)]
        for place, piece in ((0, SLOT_A), (1, SLOT_B)):
            slot = slots[:, place]
            for code, product in ((SLOT_P, self.product), (SLOT_Q, rival)):
                rows = np.flatnonzero(slot == code)
                self.pieces[rows, piece] = self.tables.names.draw(self.random, self.language[rows], product[rows])
                self.links[rows, code - SLOT_P] = product[rows]
            rows = np.flatnonzero(slot == SLOT_CORE)
            self.pieces[rows, piece] = self.pieces[rows, CORE]
            self.pieces[rows, CORE] = 0

    def _list_templates(self) -> Ints:
        tables, random, language = self.tables, self.random, self.language
        by_kind: dict[Style, Ranges] = {
            Style.PLAIN: tables.subjects,
            Style.MIXED: tables.subjects,
            Style.IRONY: tables.ironies,
            Style.NEWS: tables.news,
        }
        by_tone = {Style.COMPARE: tables.compares, Style.REACTION: tables.reactions}
        by_language = {
            Style.QUESTION: tables.questions,
            Style.COMPLAINT: tables.complaints,
            Style.REPLY: tables.replies,
        }
        if self.style in by_kind:
            return by_kind[self.style].draw(random, language, self.kind)
        if self.style in by_tone:
            return by_tone[self.style].draw(random, language, self.tone)
        if self.style in by_language:
            return by_language[self.style].draw(random, language)
        topic = np.full(self.count, TOPICS.index(self.wanted.topic), np.int64)
        return tables.topics.draw(random, language, topic, self.tone)

    def _turn(self) -> None:
        """Say the opposite of something else first: the last word is what the writer feels."""
        self.pieces[:, SECOND] = self.pieces[:, CORE]
        other = np.where(self.tone == POSITIVE, NEGATIVE, POSITIVE)
        place = self._draw_other_aspect()
        self.pieces[:, CORE] = self.tables.cores.draw(self.random, self.language, self.kind, place, other)
        self.pieces[:, TURN] = self.tables.turns.draw(self.random, self.language)

    def _join(self) -> None:
        rows = self._choose(0.35)
        place = self._draw_other_aspect()[rows]
        language, kind, tone = self.language[rows], self.kind[rows], self.tone[rows]
        self.pieces[rows, TURN] = self.tables.joins.draw(self.random, language)
        self.pieces[rows, SECOND] = self.tables.cores.draw(self.random, language, kind, place, tone)

    def _dress(self) -> None:
        """Add what stands around the words: opener, tail, emoji, hashtag."""
        tables = self.tables
        odds = DRESS[self.style]
        for piece, table, by_tone in (
            (OPENER, tables.openers, False),
            (TAIL, tables.tails, True),
            (EMOJI, tables.emoji, True),
        ):
            rows = self._choose(odds[piece])
            cell = (self.language[rows], self.tone[rows]) if by_tone else (self.language[rows],)
            self.pieces[rows, piece] = table.draw(self.random, *cell)
        rows = self._choose(odds[HASHTAG])
        if self.wanted.hashtag is not None:
            self.pieces[rows, HASHTAG] = self.book.find_tags(self.wanted.hashtag)[self.language[rows]]
        else:
            self.pieces[rows, HASHTAG] = tables.hashtags.draw(self.random, self.language[rows], self.product[rows])

    def _choose(self, odds: float) -> Ints:
        return np.flatnonzero(self.random.random(self.count) < odds)


def _dress_odds(opener: float, tail: float, emoji: float, hashtag: float) -> dict[int, float]:
    return {OPENER: opener, TAIL: tail, EMOJI: emoji, HASHTAG: hashtag}


DRESS: dict[Style, dict[int, float]] = {
    Style.PLAIN: _dress_odds(0.30, 0.70, 0.35, 0.20),
    Style.MIXED: _dress_odds(0.30, 0.60, 0.30, 0.15),
    Style.IRONY: _dress_odds(0.10, 0.0, 0.0, 0.15),
    Style.NEWS: _dress_odds(0.0, 0.0, 0.0, 0.30),
    Style.QUESTION: _dress_odds(0.20, 0.0, 0.30, 0.10),
    Style.COMPARE: _dress_odds(0.20, 0.60, 0.30, 0.10),
    Style.BARE: _dress_odds(0.10, 0.60, 0.30, 0.0),
    Style.REACTION: _dress_odds(0.0, 0.0, 0.35, 0.0),
    Style.COMPLAINT: _dress_odds(0.0, 0.0, 0.10, 0.10),
    Style.REPLY: _dress_odds(0.0, 0.0, 0.0, 0.0),
    Style.CAMPAIGN: _dress_odds(0.15, 0.0, 0.40, 0.75),
    Style.ANSWER: _dress_odds(0.0, 0.0, 0.35, 0.04),
}
"""The odds of each dressing, per style."""


def draw_styles(random: np.random.Generator, tone: Codes, market: Market) -> Codes:
    """Return a style for each post of its own: mostly plain, with the planted shares of the others."""
    shares = market.settings["styles"]
    chance = random.random(len(tone))
    style = np.full(len(tone), int(Style.PLAIN), np.int16)
    below = np.zeros(len(tone))
    for name, by_tone in shares.items():
        share = np.array([by_tone[word] for word in TONES])[tone]
        style[(chance >= below) & (chance < below + share)] = Style[name.upper()]
        below += share
    return style


def draw_answer_styles(random: np.random.Generator, tone: Codes, named: float, reaction: float) -> Codes:
    """Return a style for each answer: by name, a mere reaction, or an aspect without a name."""
    chance = random.random(len(tone))
    style = np.where(chance < named, Style.PLAIN, np.where(chance < named + reaction, Style.REACTION, Style.BARE))
    return style.astype(np.int16)


def draw_tones(random: np.random.Generator, shares: Floats) -> Codes:
    """Return a tone for each row of shares (negative, neutral, positive)."""
    edges = np.cumsum(shares, axis=1)
    chance = random.random(len(shares))[:, None]
    tones: Codes = np.minimum((chance >= edges).sum(axis=1), POSITIVE).astype(np.int16)
    return tones


def repeat_mix(mix: dict[str, float], count: int) -> Floats:
    """Return a campaign's shares of tones, once per row."""
    return np.repeat([[mix[word] for word in TONES]], count, axis=0)


@cache
def load_phrasebook() -> Phrasebook:
    """Return the grammar; built once."""
    return Phrasebook(load_market())
