"""Loads the phrases of both languages into one pool of pieces and tables of where each sort begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from canyu.rehearse.arrays import NONE, Codes, Flags, Ints
from canyu.rehearse.market import KINDS, LANGUAGES, SOLD_KINDS, TONES, Market
from canyu.rehearse.settings import load_settings

TOPICS = (
    "livestream",
    "challenge",
    "referral",
    "kol",
    "rumour",
    "rebuttal",
    "rumour_answer",
    "statement",
    "coordinated",
    "drop",
    "cocreation",
)
NO_SLOT, SLOT_P, SLOT_Q, SLOT_CORE = 0, 1, 2, 3
SLOT_NAMES = {"p": SLOT_P, "q": SLOT_Q, "core": SLOT_CORE}
SLOT = re.compile(r"\{(p|q|core)\}")
NUMBERS_PER_TEMPLATE = 4


class Ranges:
    """A table of ranges: for each cell (a tuple of codes) where its pieces begin and how many there are."""

    def __init__(self, *shape: int) -> None:
        self.start: Ints = np.zeros(shape, np.int64)
        self.count: Ints = np.zeros(shape, np.int64)

    def put(self, cell: tuple[int, ...], start: int, count: int) -> None:
        """Set the range of one cell."""
        self.start[cell] = start
        self.count[cell] = count

    def draw(self, random: np.random.Generator, *cell: Codes | Ints) -> Ints:
        """Return one place of each row's cell; an empty cell is an error of the phrases."""
        counts = self.count[cell]
        if counts.size and counts.min() == 0:
            raise ValueError("The phrases have no words for something that the market plants.")
        found: Ints = self.start[cell] + (random.random(counts.shape) * counts).astype(np.int64)
        return found


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence in three literal pieces around at most two slots."""

    literals: tuple[str, str, str]
    slots: tuple[int, int]


def split_template(sentence: str) -> Template:
    """Cut a sentence at its slots.

    >>> split_template("{p}和{q}怎么选")
    Template(literals=('', '和', '怎么选'), slots=(1, 2))
    """
    parts = SLOT.split(sentence)
    if len(parts) > 5:
        raise ValueError(f"More than two slots in the phrase {sentence!r}.")
    literals, slots = parts[0::2], [SLOT_NAMES[name] for name in parts[1::2]]
    literals += [""] * (3 - len(literals))
    slots += [NO_SLOT] * (2 - len(slots))
    return Template((literals[0], literals[1], literals[2]), (slots[0], slots[1]))


class Names:
    """Finds which products a literal piece names, longest names first, with a boundary between letters and digits."""

    def __init__(self, market: Market) -> None:
        self._code = {
            name: code for code, row in enumerate(market.products) for names in row["names"].values() for name in names
        }
        longest_first = sorted(self._code, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(rf"(?<![A-Za-z0-9]){re.escape(n)}(?![A-Za-z0-9])" for n in longest_first))

    def find(self, piece: str) -> int:
        """Return the code of the product a piece names, NONE where it names none."""
        found = self._pattern.search(piece)
        return NONE if found is None else self._code[found.group()]


class PhraseTables:
    """Every piece of both languages, and for each sort of piece the ranges to draw from."""

    def __init__(self, market: Market) -> None:
        self.pieces: list[str] = [""]
        self.templates: list[Template] = []
        self.aspects: list[str] = []
        languages, kinds, tones = len(LANGUAGES), len(KINDS), len(TONES)
        self.openers = Ranges(languages)
        self.turns = Ranges(languages)
        self.joins = Ranges(languages)
        self.tails = Ranges(languages, tones)
        self.emoji = Ranges(languages, tones)
        self.names = Ranges(languages, len(market.products))
        self.hashtags = Ranges(languages, len(market.products))
        self.subjects = Ranges(languages, kinds)
        self.ironies = Ranges(languages, kinds)
        self.news = Ranges(languages, kinds)
        self.questions = Ranges(languages)
        self.compares = Ranges(languages, tones)
        self.reactions = Ranges(languages, tones)
        self.complaints = Ranges(languages)
        self.replies = Ranges(languages)
        self.topics = Ranges(languages, len(TOPICS), tones)
        self.cores = Ranges(languages, kinds, 32, tones)
        self.aspect_of: Ints = np.full((kinds, 32), NONE, np.int64)
        self.aspect_count: Ints = np.zeros(kinds, np.int64)
        for code, language in enumerate(LANGUAGES):
            self._load(code, load_settings(f"phrases/{language}"), market)
        self._tags: dict[str, int] = {}

    def find_tag(self, hashtag: str) -> int:
        """Return the place of a campaign's hashtag among the pieces; it is added the first time."""
        if hashtag not in self._tags:
            self._tags[hashtag] = self._add([f" {hashtag}"])[0]
        return self._tags[hashtag]

    def find_links(self, names: Names) -> Ints:
        """Return which product each piece names by itself, NONE where none."""
        links = np.array([names.find(piece) for piece in self.pieces])
        for product, start in np.ndenumerate(self.hashtags.start):
            links[start] = product[1]  # a product's own hashtag has no spaces: #小米SU7Ultra#
        return links

    def _load(self, code: int, phrases: dict[str, Any], market: Market) -> None:
        numbers = phrases["numbers"][:NUMBERS_PER_TEMPLATE]
        for name in ("openers", "turns", "joins"):
            getattr(self, name).put((code,), *self._add(phrases[name]))
        for name in ("questions", "complaints", "replies"):
            getattr(self, name).put((code,), *self._add_templates(phrases[name], numbers))
        for tone, word in enumerate(TONES):
            self.tails.put((code, tone), *self._add(phrases["tails"][word]))
            self.emoji.put((code, tone), *self._add(phrases["emoji"][word]))
            self.reactions.put((code, tone), *self._add_templates(phrases["reactions"][word], numbers))
            self.compares.put((code, tone), *self._add_templates(phrases["compares"].get(word, []), numbers))
            for topic, name in enumerate(TOPICS):
                sentences = phrases["campaigns"][name].get(word, [])
                self.topics.put((code, topic, tone), *self._add_templates(sentences, numbers))
        for kind, name in enumerate(KINDS):
            subjects = (phrases["subjects"]["any"] if kind < len(SOLD_KINDS) else []) + phrases["subjects"][name]
            self.subjects.put((code, kind), *self._add_templates(subjects, numbers))
            self.ironies.put((code, kind), *self._add_templates(phrases["ironies"][name], numbers))
            self.news.put((code, kind), *self._add_templates(phrases["news"][name], numbers))
            self._load_cores(code, kind, phrases)
        for product, row in enumerate(market.products):
            names = row["names"][LANGUAGES[code]]
            self.names.put((code, product), *self._add(names))
            tag = names[0].replace(" ", "")
            self.hashtags.put((code, product), *self._add([f" #{tag}#" if code == 0 else f" #{tag}"]))

    def _load_cores(self, code: int, kind: int, phrases: dict[str, Any]) -> None:
        found = dict(list_aspects(phrases, KINDS[kind]))
        known = [self.aspects[place] for place in self.aspect_of[kind, : self.aspect_count[kind]]]
        for aspect in known or found:
            if not known:
                self._add_aspect(kind, aspect)
            place = [self.aspects[n] for n in self.aspect_of[kind] if n >= 0].index(aspect)
            for tone, word in enumerate(TONES):
                self.cores.put((code, kind, place, tone), *self._add(found[aspect][word]))

    def _add_aspect(self, kind: int, aspect: str) -> None:
        if aspect not in self.aspects:
            self.aspects.append(aspect)
        self.aspect_of[kind, self.aspect_count[kind]] = self.aspects.index(aspect)
        self.aspect_count[kind] += 1

    def _add(self, pieces: list[str]) -> tuple[int, int]:
        start = len(self.pieces)
        self.pieces.extend(pieces)
        return start, len(pieces)

    def _add_templates(self, sentences: list[str], numbers: list[str]) -> tuple[int, int]:
        start = len(self.templates)
        for sentence in sentences:
            for number in numbers if "{n}" in sentence else [""]:
                self.templates.append(split_template(sentence.replace("{n}", number)))
        return start, len(self.templates) - start


def list_aspects(phrases: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield the aspects people speak of for one kind of product: its own, those it inherits, those all share."""
    cores = phrases["cores"]
    yield from cores.get(kind, {}).items()
    for other, aspects in phrases["inherits"].get(kind, {}).items():
        for aspect in aspects:
            yield aspect, cores[other][aspect]
    shared = ("price", "service", "delivery", "quality") if kind in SOLD_KINDS else ("service",)
    for aspect in shared:
        if kind != "founder":
            yield aspect, cores["shared"][aspect]


def pad_pieces(table: PhraseTables) -> tuple[Ints, Ints, Flags]:
    """Return literals (rows by 3) and slots (rows by 2) of every template, and whether a slot is the product's name.

    Literal pieces are added to the pool, so this is called once, when everything is loaded.
    """
    literals = np.array([[table._add([piece])[0] if piece else 0 for piece in t.literals] for t in table.templates])
    slots = np.array([t.slots for t in table.templates])
    return literals, slots, (slots == SLOT_P).any(axis=1)
