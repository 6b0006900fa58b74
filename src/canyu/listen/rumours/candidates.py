"""From scored posts to a queue for people: one entry per claim, with the evidence beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.listen.kernels.copies import find_copies
from canyu.listen.rumours.claims import Claim, find_claim
from canyu.listen.rumours.cues import Stance, find_stances
from canyu.listen.rumours.fields import Posts, Reactions
from canyu.listen.rumours.views import Precision, View
from canyu.listen.sentiment import compute_sigmoid

MOST_QUOTES = 5  # of each stance
LONGEST_QUOTE = 140
MOST_LOG_ODDS = 7.0  # one in a thousand: more certainty some 2,700 held-out posts cannot show
HOUR = 3_600_000_000  # in microseconds
REASONS = {
    "words_of_post": Words("帖子的用词", "the words of the post"),
    "signs": Words("帖子的形式", "the form of the post"),
    "author": Words("发帖人的资料", "what is known of the author"),
    "words_of_reactions": Words("最初反应的用词", "the words of the first reactions"),
    "spread": Words("最初反应的数量与态度", "the number and stance of the first reactions"),
}
"""What may speak for or against a rumour, in words for people; the keys of ``Candidate.reasons``."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody answered: ``event_id`` (None where none came) and ``row`` in the table of reactions."""

    stance: Stance
    event_id: str | None
    row: int
    text: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Who posted it, as far as it came; None where unknown."""

    actor: str | None
    followers: int | None
    is_verified: bool | None
    has_description: bool | None
    has_url: bool | None
    pictures: int | None


@dataclass(frozen=True, slots=True)
class Spread:
    """How far it went until now: counts over all copies; ``per_hour`` within the last hour; shares of reactions."""

    reactions: int
    first_hour: int
    per_hour: int
    doubt: float | None
    denial: float | None
    confirmation: float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One claim to look at. ``probability`` is calibrated on public rumours of 2010-2014; it accuses nobody.

    ``posts``: ids of all its copies among the posts, the first by time first; ``lead``: the one that was scored
    highest. ``copies``: their number, or the size that the caller knew. ``log_odds`` by group of signs in ``reasons``.
    """

    rank: int
    lead: str
    posts: tuple[str, ...]
    copies: int
    claim: Claim
    probability: float
    view: View
    expected: Precision
    reasons: dict[str, float]
    quotes: tuple[Quote, ...]
    source: Source
    spread: Spread


@dataclass(frozen=True, slots=True)
class Scored:
    """Posts with their log-odds; ``groups`` says per group of signs what it added. One row per post."""

    posts: Posts
    reactions: Reactions
    reaction_ids: pa.ChunkedArray | None
    reaction_texts: pa.ChunkedArray | None
    now: int
    views: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    groups: dict[str, NDArray[np.float64]]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The calibrated probability of each post, at the share of rumours of the public set."""
        return compute_sigmoid(np.clip(self.log_odds, -MOST_LOG_ODDS, MOST_LOG_ODDS))


def build_candidates(
    scored: Scored, keep: NDArray[np.int64], thresholds: tuple[Precision | None, ...], *, shift: float
) -> list[Candidate]:
    """Return one candidate per group of copies with a claim among the rows ``keep``, the likeliest first.

    All copies among the posts count as its posts, also those below the threshold. ``shift`` is added to the log-odds
    of the probability shown, for another share of rumours.
    """
    groups = scored.posts.clusters
    if groups is None:
        groups = find_copies(scored.posts.packed.codes, scored.posts.packed.offsets)
    members = _gather(groups, np.unique(groups[keep]))
    starts = np.searchsorted(scored.reactions.post, np.arange(len(scored.posts) + 1))
    found: list[Candidate] = []
    taken: set[int] = set()
    for row in keep[np.lexsort((keep, -scored.log_odds[keep]))].tolist():
        group = int(groups[row])
        claim = None if group in taken else find_claim(scored.posts.texts[row])
        expected = thresholds[scored.views[row]]
        if claim is None or expected is None:
            continue
        taken.add(group)
        found.append(_build(scored, row, members[group], starts, (len(found) + 1, claim, expected, shift)))
    return found


def _gather(groups: NDArray[np.int64], wanted: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    rows = np.flatnonzero(np.isin(groups, wanted))
    rows = rows[np.argsort(groups[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(groups[rows])) + 1
    return {int(groups[part[0]]): part for part in np.split(rows, cuts) if part.size}


def _build(
    scored: Scored,
    row: int,
    members: NDArray[np.int64],
    starts: NDArray[np.int64],
    found: tuple[int, Claim, Precision, float],
) -> Candidate:
    rank, claim, expected, shift = found
    posts = scored.posts
    ordered = members[np.lexsort((members, posts.times[members]))]
    answers = np.concatenate([np.arange(starts[member], starts[member + 1]) for member in ordered])
    stances = find_stances(scored.reactions.folded.take(pa.array(answers)))
    odds = np.clip(scored.log_odds[row : row + 1], -MOST_LOG_ODDS, MOST_LOG_ODDS) + shift
    return Candidate(
        rank=rank,
        lead=posts.ids[row],
        posts=tuple(posts.ids[member] for member in ordered.tolist()),
        copies=max(len(members), int(posts.sizes[members].max())),
        claim=claim,
        probability=float(compute_sigmoid(odds)[0]),
        view=View(int(scored.views[row])),
        expected=expected,
        reasons={name: round(float(values[row]), 3) for name, values in scored.groups.items()},
        quotes=_quote(scored, answers, stances),
        source=_describe_source(posts, row),
        spread=_describe_spread(scored, answers, stances),
    )


def _quote(scored: Scored, answers: NDArray[np.int64], stances: NDArray[np.str_]) -> tuple[Quote, ...]:
    """Return the first reactions of each stance: denials, doubts, confirmations."""
    quotes = []
    reactions = scored.reactions
    for stance in Stance:
        chosen = answers[stances == stance]
        for place in chosen[np.lexsort((chosen, reactions.times[chosen]))][:MOST_QUOTES].tolist():
            row = int(reactions.rows[place])
            name = None if scored.reaction_ids is None else scored.reaction_ids[row].as_py()
            text = "" if scored.reaction_texts is None else (scored.reaction_texts[row].as_py() or "")[:LONGEST_QUOTE]
            time = datetime.fromtimestamp(reactions.times[place] / 1e6, UTC)
            quotes.append(Quote(stance, name, row, text, time))
    return tuple(quotes)


def _describe_source(posts: Posts, row: int) -> Source:
    numbers = {name: values[row] for name, values in posts.numbers.items()}

    def whole(name: str) -> int | None:
        return None if np.isnan(numbers[name]) else int(numbers[name])

    def truth(name: str) -> bool | None:
        return None if np.isnan(numbers[name]) else bool(numbers[name])

    flags = (truth("is_verified"), truth("has_description"), truth("has_url"))
    return Source(posts.actors[row], whole("followers"), *flags, whole("pictures"))


def _describe_spread(scored: Scored, answers: NDArray[np.int64], stances: NDArray[np.str_]) -> Spread:
    reactions = scored.reactions
    recent = int((reactions.times[answers] > scored.now - HOUR).sum())
    first = int((reactions.minutes[answers] <= 60).sum())
    shares = [
        float((stances == kind).mean()) if answers.size else None
        for kind in (Stance.DOUBT, Stance.DENIAL, Stance.CONFIRMATION)
    ]
    return Spread(int(answers.size), first, recent, *shares)
