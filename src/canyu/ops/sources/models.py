"""The facts about sources: who may send, what was refused, how much came, and whom we tell."""

from __future__ import annotations

from django.db import models


class WriteKey(models.Model):
    """One source and its key, kept as a hash. The name is the events' source in the lake and never changes."""

    name = models.CharField(max_length=64, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    former_hash = models.CharField(max_length=64, blank=True, db_index=True)
    former_until = models.DateTimeField(null=True)
    market = models.CharField(max_length=16, blank=True)
    channel = models.CharField(max_length=64, blank=True)
    origins = models.JSONField(default=list)
    per_minute = models.PositiveIntegerField(default=0)
    names = models.JSONField(default=dict)
    is_on = models.BooleanField(default=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_sources", "May see sources, their volumes and why events were refused"),
            ("manage_sources", "May make and change write keys, read and retry refused events, and set webhooks"),
        )


class QuarantinedEvent(models.Model):
    """One event that could not enter the lake, as it came, until it is mended, erased or too old."""

    refused_id = models.CharField(max_length=32, unique=True)
    source = models.CharField(max_length=64)
    received = models.DateTimeField(db_index=True)
    row = models.PositiveIntegerField()
    field = models.CharField(max_length=100)
    reason = models.CharField(max_length=40)
    message = models.JSONField()
    mend = models.JSONField()
    raw = models.TextField()
    dialect = models.CharField(max_length=10)
    call = models.CharField(max_length=10, blank=True)
    actor = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        """Read by source and reason, newest first."""

        default_permissions = ()
        indexes = (models.Index(fields=["source", "reason", "received"], name="quarantine_by_reason"),)


class SourceHour(models.Model):
    """What became of one source's events that were carried in one hour (UTC)."""

    source = models.CharField(max_length=64)
    hour = models.DateTimeField()
    sent = models.PositiveBigIntegerField(default=0)
    kept = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    left_out = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row per source and hour."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("source", "hour"), name="one_row_per_source_and_hour"),)


class CountedSegment(models.Model):
    """A segment of the inbox whose events were counted: carried again after a kill, it is not counted again."""

    name = models.CharField(max_length=80, unique=True)
    counted_at = models.DateTimeField(db_index=True)

    class Meta:
        """Nobody reads these but the carrier."""

        default_permissions = ()


class Subscription(models.Model):
    """One address that is told of events or alerts; its secret is derived from the server's key and ``turn``."""

    name = models.CharField(max_length=60, unique=True)
    url = models.URLField(max_length=500)
    kinds = models.JSONField(default=list)
    turn = models.PositiveIntegerField(default=1)
    is_on = models.BooleanField(default=True)
    skipped = models.PositiveBigIntegerField(default=0)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """Managed with the sources."""

        default_permissions = ()


class Sending(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


class Delivery(models.Model):
    """One CloudEvent on its way to one subscription."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)
    body = models.TextField()
    actor = models.CharField(max_length=64, blank=True, db_index=True)
    state = models.CharField(max_length=8, choices=Sending.choices, default=Sending.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    status = models.PositiveIntegerField(null=True)
    fault = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """One delivery of an event to each subscription; read by what is due."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("subscription", "event_id"), name="one_delivery_per_event"),)
        indexes = (models.Index(fields=["state", "due_at"], name="deliveries_due"),)
