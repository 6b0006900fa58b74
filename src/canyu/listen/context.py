"""From the aliases of a catalogue to patterns: what to look for, and what each find says for or against a link."""

from __future__ import annotations

import unicodedata
from collections import deque
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from canyu.events.catalogue import Alias, Boundary, Catalogue
from canyu.listen.folds import fold_text
from canyu.listen.kernels.linking import (
    ALIAS,
    BLOCK,
    CONFIRM,
    CONTEXT,
    DIGIT,
    LETTER,
    PLANES,
    SEPARATOR,
    Automaton,
    Rules,
    fill_edges,
)

SEPARATORS = " \t\u00a0-_·・‧•‑–"
MAX_SYMBOLS = 63
START, END = 1, 2
CHECKS = {Boundary.BOTH: START | END, Boundary.START: START, Boundary.END: END, Boundary.NONE: 0}
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "IDEOGRAPHIC")

Key = tuple[tuple[int, ...], int, int]
"""A pattern: its code points without separators, the gap bits, the boundary checks."""


@dataclass(slots=True)
class Patterns:
    """Patterns and their uses, gathered from a catalogue's aliases before they are compiled."""

    uses: dict[Key, list[tuple[int, int]]] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    groups: dict[frozenset[int], int] = field(default_factory=dict)

    def add(self, text: str, boundary: Boundary, use: tuple[int, int]) -> None:
        """Add one way that ``text`` is used; an empty or overlong one (over 63 symbols) finds nothing."""
        key = make_key(text, boundary)
        if 0 < len(key[0]) <= MAX_SYMBOLS:
            uses = self.uses.setdefault(key, [])
            if use not in uses:
                uses.append(use)

    def add_group(self, words: list[str]) -> int:
        """Return the number of the group of context words, -1 for none; each word becomes a pattern."""
        if not words:
            return -1
        numbers = []
        for word in words:
            number = self.words.setdefault(word, len(self.words))
            self.add(word, Boundary.BOTH, (CONTEXT, number))
            numbers.append(number)
        return self.groups.setdefault(frozenset(numbers), len(self.groups))


def compile_catalogue(catalogue: Catalogue) -> tuple[Automaton, Rules, list[Alias]]:
    """Return the automaton and rules of a catalogue, and its aliases in the order the rules number them.

    Entries are numbered in the order of their sorted ids, so that sorted numbers are sorted ids.
    """
    patterns = Patterns()
    numbers = {entry_id: number for number, entry_id in enumerate(sorted(catalogue.by_id))}
    aliases: list[Alias] = []
    entries: list[int] = []
    groups: list[tuple[int, int]] = []
    for entry in catalogue.entries:
        for alias in entry.aliases:
            groups.append(add_alias(patterns, alias, len(aliases)))
            aliases.append(alias)
            entries.append(numbers[entry.id])
    brands = [numbers[catalogue.by_id[entry_id].brand] for entry_id in sorted(catalogue.by_id)]
    return compile_patterns(patterns), build_rules(patterns, aliases, groups, entries, brands), aliases


def add_alias(patterns: Patterns, alias: Alias, number: int) -> tuple[int, int]:
    """Add an alias with its contexts; return its groups of needed and of unwanted words."""
    patterns.add(alias.text, alias.boundary, (ALIAS, number))
    for words, kind in ((alias.unless, BLOCK), (alias.needs, CONFIRM)):
        for word in words:
            if "~" in word:
                patterns.add(word.replace("~", alias.text), alias.boundary, (kind, number))
    near = [[word for word in words if "~" not in word] for words in (alias.needs, alias.unless)]
    return patterns.add_group(near[0]), patterns.add_group(near[1])


def build_rules(
    patterns: Patterns, aliases: list[Alias], groups: list[tuple[int, int]], entries: list[int], brands: list[int]
) -> Rules:
    """Return what each alias asks of its surroundings, as arrays."""
    member = np.zeros((max(len(patterns.groups), 1), max(len(patterns.words), 1)), np.uint8)
    for words, group in patterns.groups.items():
        member[group, list(words)] = 1
    return Rules(
        needs=np.array([needs for needs, _ in groups], np.int32),
        unless=np.array([unless for _, unless in groups], np.int32),
        is_free=np.array([not (alias.needs or alias.unless) for alias in aliases], np.uint8),
        must=np.array([bool(alias.needs) for alias in aliases], np.uint8),
        window=np.array([alias.window for alias in aliases], np.int32),
        entry=np.array(entries, np.int32),
        brand=np.array(brands, np.int32),
        member=member,
    )


def make_key(text: str, boundary: Boundary) -> Key:
    """Return the pattern of a text: a separator may stand where it has one, and where the script changes.

    >>> signs, gaps, _ = make_key("小米15 Pro", Boundary.BOTH)
    >>> "".join(map(chr, signs)), f"{gaps:b}"
    ('小米15pro', '10100')
    """
    classes = classify_signs()
    signs: list[int] = []
    may_split: list[bool] = []
    gap = False
    for code in map(ord, fold_text(text)):
        if chr(code) in SEPARATORS:
            gap = bool(signs)
            continue
        if code >= PLANES:
            return (), 0, 0  # beyond the table: such a pattern could not be found
        may_split.append(gap or (bool(signs) and classes[signs[-1]] != classes[code]))
        signs.append(code)
        gap = False
    # Bit g: before the g-th symbol from the end (bit 0: before the last one); the first symbol has no gap before it.
    gaps = sum(1 << place for place, split in enumerate(reversed(may_split[1:])) if split)
    return tuple(signs), gaps, CHECKS[boundary]


@cache
def classify_signs() -> NDArray[np.uint8]:
    """Return the class of each code point: 1 a letter of a script that spaces its words, 2 a digit, 0 others."""
    classes = np.zeros(PLANES, np.uint8)
    for code in range(PLANES):
        sign = chr(code)
        if sign.isdigit():
            classes[code] = DIGIT
        elif sign.isalpha() and not unicodedata.name(sign, "CJK").startswith(UNSPACED):
            classes[code] = LETTER
    return classes


def compile_patterns(patterns: Patterns) -> Automaton:
    """Return the Aho-Corasick automaton of the patterns (failure links by breadth first, as in the paper)."""
    keys = list(patterns.uses)
    alphabet = sorted({code for signs, _, _ in keys for code in signs})
    symbol_of = np.zeros(PLANES, np.uint16)
    symbol_of[alphabet] = np.arange(SEPARATOR + 1, SEPARATOR + 1 + len(alphabet))
    symbol_of[[ord(sign) for sign in SEPARATORS]] = SEPARATOR
    children: list[dict[int, int]] = [{}]
    ends: list[list[int]] = [[]]
    for number, (signs, _, _) in enumerate(keys):
        state = 0
        for code in signs:
            symbol = int(symbol_of[code])
            if symbol not in children[state]:
                children[state][symbol] = len(children)
                children.append({})
                ends.append([])
            state = children[state][symbol]
        ends[state].append(number)
    fail, output_link = link_failures(children, [bool(end) for end in ends])
    return pack_automaton(patterns, symbol_of, children, ends, (fail, output_link))


def link_failures(children: list[dict[int, int]], is_end: list[bool]) -> tuple[list[int], list[int]]:
    """Return each state's failure link and its next shorter state at which a pattern ends (0: none)."""
    fail = [0] * len(children)
    output_link = [0] * len(children)
    queue = deque(children[0].values())
    while queue:
        state = queue.popleft()
        for symbol, child in children[state].items():
            queue.append(child)
            back = fail[state]
            while back and symbol not in children[back]:
                back = fail[back]
            fail[child] = children[back].get(symbol, 0)
            output_link[child] = fail[child] if is_end[fail[child]] else output_link[fail[child]]
    return fail, output_link


def pack_automaton(
    patterns: Patterns,
    symbol_of: NDArray[np.uint16],
    children: list[dict[int, int]],
    ends: list[list[int]],
    links: tuple[list[int], list[int]],
) -> Automaton:
    """Return the trie and its links as arrays, the edges hashed at a load of at most a half."""
    n_symbols = int(symbol_of.max()) + 1
    root = np.zeros(max(n_symbols, SEPARATOR + 1), np.int32)
    for symbol, child in children[0].items():
        root[symbol] = child
    edges = [
        (state * len(root) + symbol, child)
        for state in range(1, len(children))
        for symbol, child in children[state].items()
    ]
    slots = 1 << (2 * len(edges) + 1).bit_length()
    keys, values = np.full(slots, -1, np.int64), np.zeros(slots, np.int32)
    fill_edges(
        keys, values, np.array([edge[0] for edge in edges], np.int64), np.array([edge[1] for edge in edges], np.int32)
    )
    sibling = np.full(len(patterns.uses), -1, np.int32)
    for numbers in ends:
        sibling[numbers[:-1]] = numbers[1:]
    uses = [use for found in patterns.uses.values() for use in found]
    return Automaton(
        symbol_of=symbol_of,
        sign_class=classify_signs(),
        root=root,
        keys=keys,
        values=values,
        fail=np.array(links[0], np.int32),
        pattern_at=np.array([numbers[0] if numbers else -1 for numbers in ends], np.int32),
        output_link=np.array(links[1], np.int32),
        sibling=sibling,
        length=np.array([len(signs) for signs, _, _ in patterns.uses], np.int32),
        gaps=np.array([gaps for _, gaps, _ in patterns.uses], np.uint64),
        boundary=np.array([check for _, _, check in patterns.uses], np.uint8),
        use_start=np.cumsum([0, *(len(found) for found in patterns.uses.values())], dtype=np.int32),
        use_kind=np.array([kind for kind, _ in uses], np.uint8),
        use_target=np.array([target for _, target in uses], np.int32),
    )
