"""The only place that changes scores; each change of a place has a number, in the order of commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from canyu.ops.campaigns.challenges import queries
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry
from canyu.ops.campaigns.challenges.rules import MOST_JURY, EntryState, Part, compute_score, to_us

AT_ONCE = 400
"""Rows in one query: SQLite takes no more variables on old systems."""


def give_points(challenge: Challenge, entry: Entry, points: int, now: datetime) -> None:
    """Set the jury's points of an entry; inside the transaction of who asks, the challenge locked."""
    entry.jury = max(0, min(points, MOST_JURY))
    save_counts(challenge, [entry], {entry.pk: now})


def count_votes(challenge: Challenge, votes: dict[int, int], now: datetime) -> None:
    """Add counted votes to entries, and put their entrants where they belong now; the challenge is locked."""
    entries = list(Entry.objects.filter(challenge=challenge, pk__in=votes))
    for entry in entries:
        entry.votes += votes[entry.pk]
    save_counts(challenge, entries, {entry.pk: now for entry in entries})


def save_counts(challenge: Challenge, entries: Sequence[Entry], reached: dict[int, datetime]) -> None:
    """Keep what was counted of entries; a score that changed was reached at the instant given for its entry."""
    rule = queries.load_rule(challenge)
    for entry in entries:
        score = compute_score(rule, {part: getattr(entry, part) for part in Part})
        if score != entry.score:
            entry.score, entry.reached_us = score, to_us(reached[entry.pk])
    Entry.objects.bulk_update(entries, [*Part, "score", "reached_us"], batch_size=AT_ONCE // 8)
    place_entrants(challenge, {entry.entrant_id for entry in entries})


def place_entrants(challenge: Challenge, ids: Collection[int]) -> None:
    """Give entrants the score and the instant of their best shown entry; each change takes the next number.

    The challenge is locked until the commit, so that numbers are seen in their order by whoever reads beside it.
    """
    wanted = sorted(ids)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        best: dict[int, tuple[int, int]] = {}
        shown = Entry.objects.filter(entrant_id__in=part, state=EntryState.SHOWN)
        for entrant_id, score, reached_us in shown.values_list("entrant_id", "score", "reached_us"):
            key = (-score, reached_us)
            best[entrant_id] = min(best.get(entrant_id, key), key)
        changed = []
        for entrant in Entrant.objects.filter(pk__in=part).order_by("pk"):
            found = best.get(entrant.pk)
            stand = (-found[0], found[1]) if found else (None, None)
            if stand != (entrant.score, entrant.reached_us):
                challenge.score_seq += 1
                entrant.score, entrant.reached_us = stand
                entrant.seq = challenge.score_seq
                changed.append(entrant)
        Entrant.objects.bulk_update(changed, ["score", "reached_us", "seq"], batch_size=AT_ONCE // 4)
        Challenge.objects.filter(pk=challenge.pk).update(score_seq=challenge.score_seq)


def lock_challenge(challenge_id: int) -> Challenge:
    """Return the challenge; whatever else changes it waits until the transaction ends."""
    return Challenge.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=challenge_id)
