"""What is read off a post and its first reactions: masked texts for the grams, and a table of numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.listen.rumours.cues import REACTION_CUES, TEXT_CUES, count_cue, match_cue, unpack_texts
from canyu.listen.rumours.fields import NO_TIME, Posts, Reactions
from canyu.listen.text import PackedTexts, pack_texts

WINDOW_MINUTES = 60.0
MARKS_MINUTES = (10.0, 30.0, 60.0)
READ_REACTIONS = 200  # the first of each post whose words are read
SHRINK = 5.0  # reactions of the average post that each share starts from
URL = r"https?://[!-~]+|t\.cn/[!-~]+"
MASKED_URL = "∎"  # a short link counts up with time: it would tell the year
SHARES = {  # of the early reactions to the posts of CED, 2026-11: where a share starts from
    "doubt": 0.009,
    "denial": 0.009,
    "confirmation": 0.003,
    "question": 0.054,
    "alarm": 0.013,
    "anger": 0.011,
    "grief": 0.034,
    "surprise": 0.023,
    "joy": 0.083,
    "blank": 0.367,
}
TEXT_NAMES = ("characters", *TEXT_CUES, "has_url", "pictures")
PROFILE_NAMES = ("followers", "friends", "followers_per_friend", "messages", "is_verified", "has_description")
REACTION_NAMES = (
    *(f"share_{name}" for name in REACTION_CUES),
    "share_direct",
    "reaction_characters",
    "authors_per_reaction",
    *(f"reactions_{mark:.0f}" for mark in MARKS_MINUTES),
)


@dataclass(frozen=True, slots=True)
class Features:
    """Per post: both masked texts packed, and the numbers (NaN: missing), each block float64 of shape (n, names)."""

    source: PackedTexts
    reactions: PackedTexts
    text: NDArray[np.float64]
    profile: NDArray[np.float64]
    spread: NDArray[np.float64]

    @property
    def has_profile(self) -> NDArray[np.bool_]:
        """Whether anything is known of who posted it."""
        return np.asarray(~np.isnan(self.profile).all(axis=1))

    @property
    def has_reactions(self) -> NDArray[np.bool_]:
        """Whether any reaction was seen in the window."""
        return np.asarray(~np.isnan(self.spread).all(axis=1))


def compute_features(posts: Posts, reactions: Reactions, now: int) -> Features:
    """Read the posts and the reactions of their first hour; ``now`` in microseconds says which windows are over."""
    early = reactions.select(reactions.minutes <= WINDOW_MINUTES)
    folded = pa.array(unpack_texts(posts.packed), pa.large_string())
    return Features(
        source=mask_texts(folded),
        reactions=mask_texts(join_reactions(early, len(posts))),
        text=_count_text(posts, folded),
        profile=_read_profile(posts),
        spread=_measure_spread(posts, early, now),
    )


def mask_texts(folded: pa.Array) -> PackedTexts:
    """Pack folded texts with every digit as 0 and every link as one mark: neither may tell when it was written.

    >>> packed = mask_texts(pa.array(["2013年见http://t.cn/zY1"]))
    >>> "".join(map(chr, packed.codes))
    '0000年见∎'
    """
    packed = pack_texts(pc.replace_substring_regex(folded, URL, MASKED_URL))
    is_digit = (packed.codes >= ord("0")) & (packed.codes <= ord("9"))
    return PackedTexts(np.where(is_digit, np.int32(ord("0")), packed.codes), packed.offsets)


def join_reactions(early: Reactions, count: int) -> pa.Array:
    """Return the words of the first reactions of each post as one folded text, a line each; blank ones left out."""
    lines: list[list[str]] = [[] for _ in range(count)]
    said = early.select(~early.is_blank)
    for post, text in zip(said.post.tolist(), said.folded.to_pylist(), strict=True):
        if len(lines[post]) < READ_REACTIONS:
            lines[post].append(text)
    return pa.array(["\n".join(texts) for texts in lines], pa.large_string())


def _count_text(posts: Posts, folded: pa.Array) -> NDArray[np.float64]:
    columns = [np.log1p(np.diff(posts.packed.offsets).astype(np.float64))]
    columns += [np.log1p(count_cue(folded, pattern)) for pattern in TEXT_CUES.values()]
    columns += [posts.numbers["has_url"], np.minimum(posts.numbers["pictures"], 3.0)]
    return np.column_stack(columns)


def _read_profile(posts: Posts) -> NDArray[np.float64]:
    numbers = posts.numbers
    followers, friends = np.log1p(numbers["followers"]), np.log1p(numbers["friends"])
    rest = [np.log1p(numbers["messages"]), numbers["is_verified"], numbers["has_description"]]
    return np.column_stack([followers, friends, followers - friends, *rest])


def _measure_spread(posts: Posts, early: Reactions, now: int) -> NDArray[np.float64]:
    """Return shares, lengths and counts of the early reactions; a count is missing while its window is open."""
    count = len(posts)
    total = np.bincount(early.post, minlength=count).astype(np.float64)
    columns = []
    for name, pattern in REACTION_CUES.items():
        hits = np.bincount(early.post, match_cue(early.folded, pattern).astype(np.float64), count)
        columns.append((hits + SHRINK * SHARES[name]) / (total + SHRINK))
    filled = np.maximum(total, 1.0)
    columns.append(np.bincount(early.post, early.direct, count) / filled)
    characters = pc.utf8_length(early.folded).to_numpy(zero_copy_only=False).astype(np.float64)
    columns.append(np.log1p(np.bincount(early.post, characters, count) / filled))
    columns.append(_count_authors(early, count) / filled)
    age = np.where(posts.times == NO_TIME, np.inf, (now - posts.times.astype(np.float64)) / 60e6)
    for mark in MARKS_MINUTES:
        seen = np.log1p(np.bincount(early.post, early.minutes <= mark, count))
        columns.append(np.where(age >= mark, seen, np.nan))
    table = np.column_stack(columns)
    table[total == 0] = np.nan
    return table


def _count_authors(early: Reactions, count: int) -> NDArray[np.float64]:
    """Return how many different authors reacted to each post; NaN where one of them is unknown."""
    if not len(early):
        return np.zeros(count)
    pairs = np.unique(np.stack([early.post, early.actors]), axis=1)
    authors = np.bincount(pairs[0], minlength=count).astype(np.float64)
    authors[np.unique(early.post[early.actors < 0])] = np.nan
    return authors
