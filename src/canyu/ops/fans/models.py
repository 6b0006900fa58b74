"""The facts about fans: identifiers and what ties them, merges, consents, requests and receipts of erasure.

Nothing here is edited away: a tie is cut by another row, a merge is undone by another row, a consent is withdrawn by
another row. Which fan an identifier belongs to follows from the ties that stand. Erasing a person drops all of it.
"""

from __future__ import annotations

from django.db import models

from canyu.ops.fans.identity.grouping import Rule
from canyu.ops.fans.rules import IdKind, Purpose
from canyu.ops.fans.subject.rules import Stand, Wish


class Turn(models.Model):
    """The one row that whoever changes who is one person locks first; up to which version of which lake links count."""

    lake = models.CharField(max_length=32, default="")
    version = models.BigIntegerField(null=True)

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_fans", "May look a person up and read what is held of them"),
            ("manage_fans", "May tie and part identifiers, note consents, and answer people's requests"),
            ("release_erasure", "May release an erasure that somebody else asked for"),
        )


class Fan(models.Model):
    """One person, by a number that means nothing elsewhere; without identifiers where another fan has taken them in."""

    key = models.CharField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        """Found by key."""

        default_permissions = ()


class Identifier(models.Model):
    """One identifier, opaque or a keyed hash; ``fan`` follows from the ties, ``home`` is who it would be alone."""

    kind = models.CharField(max_length=8, choices=[(one.value, one.name) for one in IdKind])
    value = models.CharField(max_length=200)
    home = models.OneToOneField(Fan, models.PROTECT, related_name="+")
    fan = models.ForeignKey(Fan, models.PROTECT, related_name="identifiers")
    made_at = models.DateTimeField()

    class Meta:
        """An identifier is kept once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["kind", "value"], name="fans_one_identifier"),)


class Link(models.Model):
    """What was said once: of ``before`` that it is ``after``; ``evidence`` is the event's id or staff's reason."""

    before = models.ForeignKey(Identifier, models.CASCADE, related_name="links_after")
    after = models.ForeignKey(Identifier, models.CASCADE, related_name="links_before")
    rule = models.CharField(max_length=8, choices=[(one.value, one.name) for one in Rule])
    evidence = models.CharField(max_length=300)
    who = models.CharField(max_length=150)
    said_at = models.DateTimeField()
    kept_at = models.DateTimeField()

    class Meta:
        """The same said twice is one link."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["before", "after", "rule"], name="fans_one_link"),)


class Merge(models.Model):
    """One change of who is one person: these identifiers went from one fan to another, by a link or by its undoing.

    ``moved`` and ``stayed`` are numbers of identifiers: those that went, and those that ``into`` had before.
    """

    source = models.ForeignKey(Fan, models.CASCADE, related_name="merges_out")
    into = models.ForeignKey(Fan, models.CASCADE, related_name="merges_in")
    moved = models.JSONField()
    stayed = models.JSONField()
    link = models.ForeignKey(Link, models.CASCADE, null=True, related_name="+")
    undoes = models.ForeignKey("self", models.CASCADE, null=True, related_name="undone_by")
    reason = models.CharField(max_length=300)
    who = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        """Read by fan, in order."""

        default_permissions = ()


class Cut(models.Model):
    """A link that counts no more, since staff undid the merge that it made."""

    link = models.OneToOneField(Link, models.CASCADE, related_name="cut")
    undoes = models.ForeignKey(Merge, models.CASCADE, related_name="cuts")
    at = models.DateTimeField()

    class Meta:
        """A link is cut once."""

        default_permissions = ()


class Dismissal(models.Model):
    """Staff looked at two identifiers that something weak suggests are one person, and said no."""

    identifier = models.ForeignKey(Identifier, models.CASCADE, related_name="dismissals")
    other = models.CharField(max_length=200)
    who = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        """A pair is dismissed once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["identifier", "other"], name="fans_dismissed_once"),)


class ConsentGiven(models.Model):
    """One decision of a person on one purpose: given or withdrawn, to which text, in which language, where and when.

    It hangs on the identifier with which it was told, so that it goes with it when two people are parted.
    """

    identifier = models.ForeignKey(Identifier, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=16, choices=[(one.value, one.name) for one in Purpose])
    is_given = models.BooleanField()
    is_guardian = models.BooleanField(default=False)
    text = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    channel = models.CharField(max_length=64)
    at = models.DateTimeField()
    kept_by = models.CharField(max_length=150)
    kept_at = models.DateTimeField()

    class Meta:
        """Read by person and purpose, in order."""

        default_permissions = ()
        indexes = (models.Index(fields=["identifier", "purpose", "at"], name="fans_consents_in_order"),)


class AgeTold(models.Model):
    """What was told of a person's age: below fourteen, or not."""

    identifier = models.ForeignKey(Identifier, models.CASCADE, related_name="ages")
    is_minor = models.BooleanField()
    who = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        """The newest one holds."""

        default_permissions = ()


class Request(models.Model):
    """One wish of one person; ``fan`` is their number and stays when they are erased, the words of it go."""

    fan = models.CharField(max_length=32, db_index=True)
    wish = models.CharField(max_length=8, choices=[(one.value, one.name) for one in Wish])
    stand = models.CharField(max_length=8, choices=[(one.value, one.name) for one in Stand], default=Stand.OPEN)
    channel = models.CharField(max_length=40)
    note = models.CharField(max_length=1000, default="")
    asked_by = models.CharField(max_length=150)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    released_by = models.CharField(max_length=150, default="")
    released_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    tally = models.JSONField(default=dict)

    class Meta:
        """Read by what is due; one open wish of a kind per person."""

        default_permissions = ()
        indexes = (models.Index(fields=["stand", "due_at"], name="fans_requests_due"),)
        constraints = (
            models.UniqueConstraint(
                fields=["fan", "wish"],
                condition=models.Q(stand__in=("open", "ready", "released", "running", "wiped")),
                name="fans_one_open_request",
            ),
        )


class RequestStep(models.Model):
    """One thing done to a request: who, when, from where to where."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="steps")
    before = models.CharField(max_length=8, default="")
    after = models.CharField(max_length=8)
    who = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        """Read by request, in order."""

        default_permissions = ()


class Receipt(models.Model):
    """The proof of one erasure, chained to the one before by its digest; ``document`` is what anybody may keep."""

    number = models.CharField(max_length=24, unique=True)
    request = models.OneToOneField(Request, models.PROTECT, related_name="receipt")
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    document = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        """Never changed."""

        default_permissions = ()
