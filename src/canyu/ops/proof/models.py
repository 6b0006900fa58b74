"""The facts about proof: files of claims with their checks, targets with their history, and mails of the scorecard."""

from __future__ import annotations

from django.db import models


class RunState(models.TextChoices):
    """Where a check stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Rhythm(models.TextChoices):
    """How often: a scorecard is of a week or of a month."""

    WEEK = "week"
    MONTH = "month"


class Letter(models.TextChoices):
    """Where one mail to one recipient stands; unclear: the server was talking to us when it ended."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCLEAR = "unclear"


class ClaimsFile(models.Model):
    """One file of claims as it stands, with the texts of the lift designs that it names."""

    name = models.CharField(max_length=60, unique=True)
    text = models.TextField()
    designs = models.JSONField(default=dict)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_proof", "May read the scorecard, its targets and the verdicts on claims"),
            ("manage_proof", "May keep files of claims, have them checked, and send the scorecard by mail"),
            ("set_targets", "May set the targets of the scorecard"),
        )


class ClaimsRun(models.Model):
    """One check of a file, or the replay of an earlier one (``of``); ``found`` is told in both languages."""

    file = models.ForeignKey(ClaimsFile, models.CASCADE, related_name="runs")
    of = models.ForeignKey("self", models.CASCADE, null=True, related_name="replays")
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    run_at = models.DateTimeField(null=True)
    found = models.JSONField(default=dict)
    fault = models.JSONField(null=True)

    class Meta:
        """One run of a file waits at a time, so that a double click checks once."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["file"], condition=models.Q(state="waiting"), name="claims_one_run_at_a_time"
            ),
        )


class Target(models.Model):
    """What a metric is to be in a week or a month from a day on; without a value it has none from then on.

    Rows are never changed: the history stays, and an older card keeps the target that it had.
    """

    metric = models.CharField(max_length=60)
    rhythm = models.CharField(max_length=5, choices=Rhythm.choices)
    value = models.FloatField(null=True)
    since = models.DateField()
    owner = models.CharField(max_length=80)
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField()

    class Meta:
        """Read by metric and day."""

        default_permissions = ()
        indexes = (models.Index(fields=["rhythm", "metric", "since"], name="targets_by_metric"),)


class Schedule(models.Model):
    """When the scorecard goes out: weekly on a weekday (0: Monday) or monthly on a day, at an hour of a zone."""

    rhythm = models.CharField(max_length=5, choices=Rhythm.choices)
    day = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    zone = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    recipients = models.JSONField()
    by = models.CharField(max_length=20)
    is_on = models.BooleanField(default=True)
    next_due = models.DateTimeField(db_index=True)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """No permissions of its own."""

        default_permissions = ()


class Mailing(models.Model):
    """One mail of a schedule's due time to one recipient, and what became of it."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="mailings")
    due_at = models.DateTimeField()
    recipient = models.CharField(max_length=254)
    state = models.CharField(max_length=8, choices=Letter.choices, default=Letter.WAITING)
    next_try = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    fault = models.JSONField(default=dict)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """A due time reaches a recipient once."""

        default_permissions = ()
        indexes = (models.Index(fields=["state", "next_try"], name="scorecard_mails_due"),)
        constraints = (
            models.UniqueConstraint(fields=["schedule", "due_at", "recipient"], name="scorecard_mails_once"),
        )
