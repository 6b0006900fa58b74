"""The facts about alerts: the rules and routes that people keep, what fired, what was told and what is to be sent."""

from __future__ import annotations

from django.db import models

from canyu.listen.bursts import Severity


class State(models.TextChoices):
    """Where the team stands with an alert."""

    NEW = "new"
    SEEN = "seen"
    CLOSED = "closed"


class Sending(models.TextChoices):
    """Where a message stands on its way out."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Preset(models.TextChoices):
    """How sure and how large a rise must be."""

    DEFAULT = "default"
    SENSITIVE = "sensitive"
    CUSTOM = "custom"


class Watch(models.Model):
    """The one row of what holds for all alerts: settings, and what a check hands to the next one."""

    preset = models.CharField(max_length=12, choices=Preset.choices, default=Preset.DEFAULT)
    custom = models.JSONField(default=dict)
    memory = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True)
    checked_until = models.DateTimeField(null=True)
    checked = models.JSONField(default=dict)

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_alerts", "May read alerts and replays, and say what became of an alert"),
            ("manage_alerts", "May change the rules, routes and settings of alerts"),
        )


class Kind(models.TextChoices):
    """What an alert is about: a rise of counted posts, or one post that will go far."""

    BURST = "burst"
    FORECAST = "forecast"


class Addressed(models.Model):
    """What all rules and routes have in common: a team, the products meant (empty: all), quiet hours, on or off."""

    team = models.CharField(max_length=60)
    products = models.JSONField(default=list)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    time_zone = models.CharField(max_length=60)
    is_on = models.BooleanField(default=True)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """One table for each kind of rule and for routes, none for what they share."""

        abstract = True
        default_permissions = ()


class Selected(Addressed):
    """What selects series of counts: by product, by aspect and by sentiment."""

    aspects = models.JSONField(default=list)
    sentiments = models.JSONField(default=list)

    class Meta(Addressed.Meta):
        """No table of its own."""

        abstract = True


class AlertRule(Selected):
    """A rule that people wrote: at least so many posts in so many hours."""

    name = models.CharField(max_length=60, unique=True)
    at_least = models.PositiveIntegerField()
    hours = models.PositiveIntegerField(default=1)
    ratio = models.FloatField(null=True)
    severity = models.CharField(max_length=12, default=Severity.WARNING.value)


class AlarmRule(Addressed):
    """A rule on forecasts: a post passes so many reactions with at least this probability."""

    name = models.CharField(max_length=60, unique=True)
    passes = models.PositiveIntegerField()
    chance_percent = models.PositiveSmallIntegerField()
    severity = models.CharField(max_length=12, default=Severity.WARNING.value)

    class Meta(Addressed.Meta):
        """A table of its own."""

        abstract = False


class AlertRoute(Selected):
    """Which team hears of which alerts, and the names of the addresses that it is told at; never the addresses."""

    least_severity = models.CharField(max_length=12, default=Severity.NOTICE.value)
    addresses = models.JSONField(default=list)


class FiredAlert(models.Model):
    """One alert as the last check found it, and what the team did about it."""

    alert_id = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.BURST)
    facts = models.JSONField()
    product = models.CharField(max_length=200)
    severity = models.CharField(max_length=12)
    found = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    counted_until = models.DateTimeField()
    versions = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    changed_by = models.CharField(max_length=150, default="")
    changed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=2000, default="")

    class Meta:
        """Read by state and time."""

        default_permissions = ()
        indexes = (models.Index(fields=["state", "found"], name="alerts_by_state"),)


class Message(models.Model):
    """One message to one address: all that one check had to tell one team of one product."""

    team = models.CharField(max_length=60)
    address = models.CharField(max_length=60)
    alert_ids = models.JSONField()
    product = models.CharField(max_length=200)
    text = models.TextField()
    made_at = models.DateTimeField()
    sending = models.CharField(max_length=10, choices=Sending.choices, default=Sending.WAITING)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=40, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """Read by what is due."""

        default_permissions = ()
        indexes = (models.Index(fields=["sending", "due_at"], name="alerts_messages_due"),)
