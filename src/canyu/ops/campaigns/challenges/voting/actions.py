"""The only place that changes votes; one that something speaks against is held for a person, and dropped by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from canyu.ops.campaigns.challenges import events, queries
from canyu.ops.campaigns.challenges.actions import keep_consent
from canyu.ops.campaigns.challenges.errors import LimitReached, NotVotable
from canyu.ops.campaigns.challenges.models import Challenge, Entry, Vote
from canyu.ops.campaigns.challenges.rules import BURST, VoteState, find_day, judge_vote
from canyu.ops.campaigns.challenges.schemas import Asked
from canyu.ops.campaigns.challenges.scoring.actions import count_votes, lock_challenge
from canyu.ops.campaigns.errors import NotOpen, ReasonMissing
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class Voted:
    """A vote, and whether it was cast just now."""

    vote: Vote
    is_new: bool


def cast_vote(challenge: Challenge, entry_id: int, asked: Asked, now: datetime) -> Voted:
    """Keep a vote of a member; the same again is the same vote. One that something speaks against is held with reasons.

    Raises NotFound, NotOpen, ConsentMissing, NotVotable for one's own entry, or LimitReached with the next midnight.
    """
    with transaction.atomic():
        challenge = lock_challenge(challenge.pk)
        entry = queries.get_shown(challenge, entry_id)
        known = Vote.objects.filter(entry=entry, person=asked.person).first()
        if known is not None:
            return Voted(known, False)
        if not queries.is_open(challenge, now):
            raise NotOpen(_("The challenge takes no votes at present."), mend=_("See its page for when it is open."))
        member = keep_consent(challenge, asked, now)
        if entry.entrant.person == asked.person:
            raise NotVotable(_("This entry is your own."), mend=_("Vote for another one."))
        day = find_day(now, challenge.zone)
        if Vote.objects.filter(challenge=challenge, person=asked.person, day=day).count() >= challenge.most_votes_a_day:
            raise LimitReached(
                _("Today's limit of votes is reached: %s.") % challenge.most_votes_a_day,
                mend=queries.tell_reset(challenge, now),
            )
        vote = _keep_vote(entry, asked, day, is_fresh=member.joined_at > now - BURST, now=now)
        events.tell_voted(challenge.campaign, vote)
        if vote.state == VoteState.COUNTED:
            count_votes(challenge, {entry.pk: 1}, now)
    return Voted(vote, True)


def decide_votes(viewer: Person, entry: Entry, is_kept: bool, note: str, now: datetime) -> int:
    """Release or refuse all held votes of an entry, with a reason; returns how many. Raises ReasonMissing."""
    note = note.replace("\0", "").strip()[:500]
    if not note:
        raise ReasonMissing(_("A decision needs its reason."), mend=_("Write what you looked at."))
    with transaction.atomic():
        challenge = lock_challenge(entry.challenge_id)
        state = VoteState.COUNTED if is_kept else VoteState.REFUSED
        held = Vote.objects.filter(entry=entry, state=VoteState.HELD)
        decided = held.update(state=state, decided_by=viewer.username, decided_at=now, note=note)
        if decided and is_kept:
            count_votes(challenge, {entry.pk: decided}, now)
    return decided


def _keep_vote(entry: Entry, asked: Asked, day: date, *, is_fresh: bool, now: datetime) -> Vote:
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
