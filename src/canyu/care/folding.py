"""Many mentions, one case: texts that say nearly the same of one product within 24 hours belong together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)
"""At most so long after the case's latest mention."""

LEAST_SHARED = 0.6
"""Of the pairs of characters that either text has, so many are in both."""

_OUTSIDE = re.compile(r"https?://\S+|//@[^:：]*[:：]|@\S+|\[[^\[\]]{1,8}\]|[\W_]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """What somebody wrote: of which product, when, and for how many people to see."""

    id: str
    text: str
    product: str
    at: datetime
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Foldable:
    """An open case that mentions may join: its product, the texts it was made of, and its latest mention."""

    id: str
    product: str
    texts: tuple[str, ...]
    latest_at: datetime


def find_case(mention: Mention, cases: Iterable[Foldable]) -> Foldable | None:
    """Return the case that a mention joins: the one whose text is nearest among those that it may join, or None."""
    pairs = list_pairs(mention.text)
    best, best_shared = None, LEAST_SHARED
    for case in cases:
        if case.product != mention.product or not _is_near(case, mention):
            continue
        shared = max((_share(pairs, list_pairs(text)) for text in case.texts), default=0.0)
        if shared >= best_shared:
            best, best_shared = case, shared
    return best


def compare_texts(one: str, other: str) -> float:
    """Return how much two texts share, from 0 to 1: pairs of characters, without links, names, marks and width.

    >>> compare_texts("电池三天就坏了！", "电池三天就坏了 http://t.cn/abc"), compare_texts("电池坏了", "屏幕很好")
    (1.0, 0.0)
    """
    return _share(list_pairs(one), list_pairs(other))


def list_pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a text as it is compared; a text of one character is itself."""
    plain = _OUTSIDE.sub("", unicodedata.normalize("NFKC", text).casefold())
    return frozenset(plain[place : place + 2] for place in range(max(len(plain) - 1, min(len(plain), 1))))


def _is_near(case: Foldable, mention: Mention) -> bool:
    return abs(mention.at - case.latest_at) <= WINDOW


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    either = len(one | other)
    return len(one & other) / either if either else 0.0
