"""A readable name for a topic: its own hashtag, or the longest phrase that its posts share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain
from math import sqrt

TAG = re.compile(r"[#＃]([^#＃\n]{2,40})[#＃]")
NOISE = re.compile(r"https?://\S+|@[^\s:：,，]+|[#＃]")
RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z0-9][A-Za-z0-9'.-]*(?: [A-Za-z0-9][A-Za-z0-9'.-]*)*")
LOOSE = set("的了是在和也就都不很我你他她它们这那有与及或被把让又还为以于上中下等个吗吧呢啊对将从到")
LOOSE_WORDS = {"a", "an", "and", "are", "as", "at", "be", "by", "for", "i", "in", "is", "it", "its", "of", "on", "or"}
LOOSE_WORDS |= {"that", "the", "this", "to", "was", "we", "with", "you"}
TAG_SHARE = 0.2
"""Of a topic's posts, from which a hashtag may name it."""
TAG_OWN = 0.3
"""Of a hashtag's posts that lie in the topic, from which it may name it: a campaign's lie everywhere."""
PHRASE_SHARE, PHRASE_TEXTS, PHRASE_SIGNS = 0.25, 12, 120
SHORTEST, LONGEST, WORDS = 2, 10, 3
MAX_PHRASES = 8

Run = tuple[int, str | tuple[str, ...], Sequence[int]]
"""Number of the text, a run by its units, and the places in it that are looked at."""


def find_tags(text: str) -> set[str]:
    """Return the hashtags of a post, without their signs.

    >>> sorted(find_tags("#小米发布会# 来了 #小米YU7#"))
    ['小米YU7', '小米发布会']
    """
    return {found.strip() for found in TAG.findall(text) if found.strip()} if "#" in text or "＃" in text else set()


def find_phrases(texts: Sequence[str]) -> list[str]:
    """Return the phrases that the texts share, the most telling first.

    Runs of 2 to 10 characters (or 1 to 3 words) that a quarter of the texts use, closed: a run that nearly always
    stands within one longer run is only a part of it, which finds the borders of phrases without a dictionary.

    >>> find_phrases(["小米汽车发布会定档", "今晚小米汽车发布会", "看小米汽车发布会了吗"])
    ['小米汽车发布会']
    """
    heads = [NOISE.sub(" ", text)[:PHRASE_SIGNS] for text in texts[:PHRASE_TEXTS]]
    frequent = count_runs(heads, max(2, round(PHRASE_SHARE * len(heads))))
    part_of: dict[str, int] = {}
    for run, count in frequent.items():
        for part in (run[1:], run[:-1]) if not run.isascii() else (run.partition(" ")[2], run.rpartition(" ")[0]):
            part_of[part] = max(part_of.get(part, 0), count)
    closed = [run for run, count in frequent.items() if part_of.get(run, 0) < 0.8 * count and not is_loose(run)]
    first = heads[0].lower() if heads else ""
    place = {run: first.find(run) % (PHRASE_SIGNS + 1) for run in closed}  # absent is last
    ranked = sorted(closed, key=lambda run: (-frequent[run] * sqrt(measure(run)), place[run], run))
    kept: list[str] = []
    told: set[str] = set()
    for run in ranked:
        pairs = {run[at : at + 2] for at in range(len(run) - 1)}
        if 2 * len(pairs & told) < len(pairs):  # else it is mostly a part of one before, or of its continuation
            kept.append(run)
            told |= pairs
    return kept[:MAX_PHRASES]


def count_runs(heads: Sequence[str], least: int) -> dict[str, int]:
    """Return the runs that ``least`` texts use, and how many do.

    A run is only looked at where both runs of one unit less are frequent (Agrawal and Srikant 1994).
    """
    alive: list[Run] = [
        (text, run, range(len(run))) for text, head in enumerate(heads) for run in map(split_run, RUN.findall(head))
    ]
    frequent: dict[str, int] = {}
    for size in range(1, LONGEST + 1):
        by_text: list[set[str | tuple[str, ...]]] = [set() for _ in heads]
        for text, run, starts in alive:
            by_text[text].update([run[at : at + size] for at in starts])
        counts = Counter(chain.from_iterable(by_text))
        good = {found: count for found, count in counts.items() if count >= least}
        for found, count in good.items():
            if isinstance(found, tuple):
                frequent[" ".join(found)] = count
            elif size >= SHORTEST:
                frequent[found] = count
        alive = list(grow_runs(alive, good, size))
    return frequent


def grow_runs(alive: Iterable[Run], good: Container[str | tuple[str, ...]], size: int) -> Iterator[Run]:
    """Return the runs with the places where one unit more may be frequent still; a Latin one ends at three words."""
    for text, run, starts in alive:
        if isinstance(run, tuple) and size >= WORDS:
            continue
        last = len(run) - size
        kept = [
            at for at in starts if at < last and run[at : at + size] in good and run[at + 1 : at + 1 + size] in good
        ]
        if kept:
            yield text, run, kept


def split_run(run: str) -> str | tuple[str, ...]:
    """Return a run by its units: a Chinese one as it is, a Latin one as words."""
    return tuple(run.lower().split(" ")) if run.isascii() else run


def is_loose(run: str) -> bool:
    """Whether a run begins or ends with a word that binds others, or is too short to say anything."""
    if run.isascii():
        words = run.split(" ")
        return words[0] in LOOSE_WORDS or words[-1] in LOOSE_WORDS or len(run) < 3 or run.isdigit()
    return run[0] in LOOSE or run[-1] in LOOSE


def measure(run: str) -> int:
    """Return how much a run says: its characters, or twice its words other than those that bind."""
    return 2 * sum(word not in LOOSE_WORDS for word in run.split(" ")) if run.isascii() else len(run)


def choose_label(tags: Counter[str], all_tags: Counter[str], posts: int, phrases: Sequence[str]) -> str:
    """Return the topic's name: the hashtag most of its posts carry, if it is its own; else its first phrase."""
    own = [tag for tag, count in tags.items() if count >= TAG_SHARE * posts and count >= TAG_OWN * all_tags[tag]]
    if own:
        return min(own, key=lambda tag: (-tags[tag], tag))
    if phrases:
        return " · ".join(phrases[:2]) if measure(phrases[0]) < 4 else phrases[0]
    return min(tags, key=lambda tag: (-tags[tag], tag), default="")
