"""The figures above a table of findings: how many posts were counted, and what share of them has the finding."""

from __future__ import annotations

from dataclasses import dataclass

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.figure import Figure, Proof
from canyu.measure.intervals import compute_share_interval

POSTS = Words("帖子", "Posts")
NO_POSTS = Words("期间内没有帖子。", "No post in the period.")


@dataclass(frozen=True, slots=True)
class Counts:
    """A number of posts, and that number with copies left out."""

    every: int
    once: int


def make_posts_figure(posts: Counts, proof: Proof) -> Figure:
    """Return how many posts were counted."""
    return Figure("posts", POSTS, posts.every, Words("条", "posts"), proof, once=posts.once)


def make_share_figure(label: Words, part: Counts, whole: Counts, proof: Proof) -> Figure:
    """Return the share without copies in per cent, with Wilson's interval; missing where nothing was counted.

    Copies are no second opinion: with them the interval would be too narrow.
    """
    if not whole.once:
        return Figure("share", label, None, Words("%", "%"), proof, missing=NO_POSTS)
    low, high = compute_share_interval(part.once, whole.once)
    return Figure("share", label, 100 * part.once / whole.once, Words("%", "%"), proof, (100 * low, 100 * high))


def say_with_copies(part: Counts, whole: Counts) -> Words | None:
    """Return the share of every post, copies among them, in words; None where nothing was counted.

    >>> say_with_copies(Counts(3, 2), Counts(4, 3)).en
    '75% with copies'
    """
    if not whole.every:
        return None
    low, high = compute_share_interval(part.every, whole.every)
    share = format_number(100 * part.every / whole.every, "en", (100 * low, 100 * high))
    return Words(f"未去重 {share}%", f"{share}% with copies")
