"""The only place that changes scores and votes; each change of a place has a number, in the order of commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from canyu.ops.campaigns.challenges import events, queries
from canyu.ops.campaigns.challenges.errors import LimitReached, NotVotable
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry, Vote
from canyu.ops.campaigns.challenges.rules import (
    BURST,
    MOST_JURY,
    EntryState,
    Part,
    VoteState,
    compute_score,
    find_day,
    judge_vote,
    to_us,
)
from canyu.ops.campaigns.challenges.schemas import Asked
from canyu.ops.campaigns.errors import NotOpen, ReasonMissing
from canyu.ops.campaigns.models import Member

AT_ONCE = 400
"""Rows in one query: SQLite takes no more variables on old systems."""


@dataclass(frozen=True, slots=True)
class Voted:
    """A vote, and whether it was cast just now."""

    vote: Vote
    is_new: bool


def cast_vote(challenge: Challenge, entry_id: int, asked: Asked, now: datetime) -> Voted:
    """Keep a vote of a member; the same again is the same vote. One that something speaks against is held with reasons.

    Raises NotFound, NotOpen, NotVotable for one's own entry, or LimitReached with the instant of the next day.
    """
    with transaction.atomic():
        challenge = lock_challenge(challenge.pk)
        entry = queries.get_shown(challenge, entry_id)
        known = Vote.objects.filter(entry=entry, person=asked.person).first()
        if known is not None:
            return Voted(known, False)
        if not queries.is_open(challenge, now):
            raise NotOpen(_("The challenge takes no votes at present."), mend=_("See its page for when it is open."))
        if entry.entrant.person == asked.person:
            raise NotVotable(_("This entry is your own."), mend=_("Vote for another one."))
        day = find_day(now, challenge.zone)
        if Vote.objects.filter(challenge=challenge, person=asked.person, day=day).count() >= challenge.most_votes_a_day:
            raise LimitReached(
                _("You have given your %s votes of today.") % challenge.most_votes_a_day,
                mend=queries.tell_reset(challenge, now),
            )
        vote = _keep_vote(entry, asked, day, now)
        events.tell_voted(challenge.campaign, vote)
        if vote.state == VoteState.COUNTED:
            count_votes(challenge, {entry.pk: 1}, now)
    return Voted(vote, True)


def decide_votes(who: str, challenge: Challenge, entry_id: int, is_kept: bool, note: str, now: datetime) -> int:
    """Release or refuse all held votes of an entry, with a reason; returns how many. Raises NotFound or ReasonMissing."""
    note = note.strip()[:500]
    if not note:
        raise ReasonMissing(_("A decision needs its reason."), mend=_("Write what you looked at."))
    with transaction.atomic():
        challenge = lock_challenge(challenge.pk)
        entry = queries.get_entry(challenge, entry_id)
        state = VoteState.COUNTED if is_kept else VoteState.REFUSED
        held = Vote.objects.filter(entry=entry, state=VoteState.HELD)
        decided = held.update(state=state, decided_by=who, decided_at=now, note=note)
        if decided and is_kept:
            count_votes(challenge, {entry.pk: decided}, now)
    return decided


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


def forget_voter(person: str, nobody: str) -> int:
    """Put a nameless mark in place of a voter; what was counted stays. Returns how many votes."""
    return Vote.objects.filter(person=person).update(person=nobody, network="")


def _keep_vote(entry: Entry, asked: Asked, day: object, now: datetime) -> Vote:
    joined = Member.objects.filter(campaign=entry.challenge.campaign, person=asked.person).values_list("joined_at")
    is_fresh = bool(joined) and joined[0][0] > now - BURST
    near = Vote.objects.filter(entry=entry, network=asked.network, at__gt=now - BURST)
    marks = list(near.values_list("is_fresh", flat=True)) if asked.network else []
    signs = judge_vote(len(marks), sum(marks), is_fresh)
    return Vote.objects.create(
        challenge=entry.challenge,
        entry=entry,
        person=asked.person,
        network=asked.network,
        is_fresh=is_fresh,
        state=VoteState.HELD if signs else VoteState.COUNTED,
        signs=[sign.value for sign in signs],
        day=day,
        at=now,
    )
