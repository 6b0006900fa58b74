"""What a challenge tells the lake: who entered and who voted, in the transaction that keeps it."""

from __future__ import annotations

from datetime import datetime

from canyu.events import Event, Verb, make_event_id
from canyu.kit.jsonio import dump_json
from canyu.ops.campaigns.challenges.models import Entry, Vote
from canyu.ops.campaigns.models import Campaign, Member
from canyu.ops.campaigns.referral.events import SOURCE, name_event
from canyu.ops.outbox.actions import add_event


def name_entry(entry: Entry) -> str:
    """Return the id of an entry's event; a collected post is the post's own."""
    return entry.post or make_event_id(SOURCE, "submit", str(entry.challenge_id), entry.key)


def tell_entered(campaign: Campaign, entry: Entry, member: Member) -> None:
    """Tell that a member entered; neither the words nor the image leave the console."""
    props = {"way": entry.way, "entry": entry.pk}
    parent = name_event("join", member.code)
    _tell(campaign, Verb.SUBMIT, name_entry(entry), entry.submitted_at, actor=member.person, parent=parent, props=props)


def tell_voted(campaign: Campaign, vote: Vote) -> None:
    """Tell that somebody voted, and whether the vote is held."""
    event_id = make_event_id(SOURCE, "vote", str(vote.entry_id), vote.person)
    props = {"entry": vote.entry_id, "state": vote.state}
    _tell(campaign, Verb.VOTE, event_id, vote.at, actor=vote.person, parent=name_entry(vote.entry), props=props)


def _tell(campaign: Campaign, verb: Verb, event_id: str, at: datetime, **fields: object) -> None:
    props = dump_json(fields.pop("props"))
    place = {"campaign": campaign.slug, "object": f"challenge:{campaign.slug}", "channel": "site", "props": props}
    event = Event(event_id, str(verb), at, at, SOURCE, **place, **fields)  # type: ignore[arg-type]
    add_event(event, at)
