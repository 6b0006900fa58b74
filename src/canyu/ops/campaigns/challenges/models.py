"""The facts about challenges: what is counted, who entered what, how it was decided, who voted.

Persons are opaque ids: a member of the campaign, or the author of a collected post as the lake has them.
"""

from __future__ import annotations

from django.db import models

from canyu.ops.campaigns.challenges.rules import EntryState, VoteState, Way
from canyu.ops.campaigns.models import Campaign

MOST_ID = 200
"""Of a post or its author, as the lake names them."""


class Challenge(models.Model):
    """One hashtag challenge of a campaign.

    ``score_seq`` counts the changes of places: whoever knows the board up to one reads what came after it. ``mark`` is
    a name that no other challenge has, in this database or one made anew.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="challenge")
    hashtags = models.JSONField(default=list)
    rules_zh = models.TextField()
    rules_en = models.TextField()
    prizes_zh = models.TextField(default="")
    prizes_en = models.TextField(default="")
    market = models.CharField(max_length=40)
    zone = models.CharField(max_length=60)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    ways = models.JSONField(default=list)
    hosts = models.JSONField(default=list)
    most_entries_a_day = models.PositiveIntegerField()
    most_votes_a_day = models.PositiveIntegerField()
    is_decided_first = models.BooleanField(default=True)
    weights = models.JSONField(default=dict)
    rule_version = models.PositiveIntegerField(default=1)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()
    mark = models.CharField(max_length=16, unique=True)
    score_seq = models.BigIntegerField(default=0)

    class Meta:
        """The permissions are those of campaigns."""

        default_permissions = ()


class Entrant(models.Model):
    """One person in one challenge; score and instant are those of their best shown entry, null where none is shown."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="entrants")
    person = models.CharField(max_length=MOST_ID)
    name = models.CharField(max_length=40)
    score = models.BigIntegerField(null=True)
    reached_us = models.BigIntegerField(null=True)
    seq = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        """A person takes part once; the board is one index, in its own order."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["challenge", "person"], name="challenges_one_entrant"),)
        indexes = (
            models.Index(
                "challenge",
                models.F("score").desc(),
                "reached_us",
                "id",
                name="challenges_board",
                condition=models.Q(score__isnull=False),
            ),
            models.Index(fields=["challenge", "seq"], name="challenges_changes"),
        )


class Entry(models.Model):
    """One entry. ``key`` is the form's or the post's own name: the same one sent twice is one entry."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="entries")
    entrant = models.ForeignKey(Entrant, models.CASCADE, related_name="entries")
    key = models.CharField(max_length=MOST_ID)
    way = models.CharField(max_length=6, choices=[(one.value, one.name) for one in Way])
    text = models.CharField(max_length=2000, default="")
    link = models.CharField(max_length=500, default="")
    media = models.CharField(max_length=32, default="")
    post = models.CharField(max_length=MOST_ID, default="")
    channel = models.CharField(max_length=40, default="")
    state = models.CharField(max_length=9, choices=[(one.value, one.name) for one in EntryState])
    reason = models.CharField(max_length=10, default="")
    day = models.DateField()
    submitted_at = models.DateTimeField()
    votes = models.BigIntegerField(default=0)
    likes = models.BigIntegerField(default=0)
    reposts = models.BigIntegerField(default=0)
    comments = models.BigIntegerField(default=0)
    jury = models.BigIntegerField(default=0)
    score = models.BigIntegerField(default=0)
    reached_us = models.BigIntegerField()

    class Meta:
        """Each entry once; lists by state, newest first."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["challenge", "key"], name="challenges_entry_once"),)
        indexes = (
            models.Index(fields=["challenge", "state", "id"], name="challenges_entries_by_state"),
            models.Index(fields=["challenge", "day"], name="challenges_entries_by_day"),
            models.Index(fields=["challenge", "link"], name="challenges_links", condition=~models.Q(link="")),
            models.Index(fields=["post"], name="challenges_posts", condition=~models.Q(post="")),
        )


class EntryStep(models.Model):
    """One thing done to an entry: who, when, from which state to which, and why."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="steps")
    what = models.CharField(max_length=10)
    before = models.CharField(max_length=9)
    after = models.CharField(max_length=9)
    reason = models.CharField(max_length=10, default="")
    note = models.CharField(max_length=500, default="")
    who = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        """Read by entry, in order."""

        default_permissions = ()


class Vote(models.Model):
    """One vote of one person for one entry; ``network`` is a keyed fingerprint of where it came from."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="votes")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="cast")
    person = models.CharField(max_length=MOST_ID)
    network = models.CharField(max_length=24, default="")
    is_fresh = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=[(one.value, one.name) for one in VoteState])
    signs = models.JSONField(default=list)
    day = models.DateField()
    at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, default="")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, default="")

    class Meta:
        """One vote per person and entry."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["entry", "person"], name="challenges_one_vote"),)
        indexes = (
            models.Index(fields=["challenge", "person", "day"], name="challenges_votes_of_a_day"),
            models.Index(fields=["challenge", "day"], name="challenges_votes_by_day"),
            models.Index(fields=["entry", "network", "at"], name="challenges_votes_by_network"),
            models.Index(fields=["challenge", "entry"], name="challenges_held_votes", condition=models.Q(state="held")),
        )
