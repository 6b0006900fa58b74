"""The facts about live sessions: what was planned and stated, when it ran, what was said of its minutes and clips.

Who watched and who ordered stays in the lake.
"""

from __future__ import annotations

from django.db import models

from canyu.ops.campaigns.lives.rules import Host, LiveState, MarkKind, Metric, Scope, Source


class Session(models.Model):
    """One live session of a campaign; its window of attribution is stated before it starts, and fixed from then on."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="lives")
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120)
    host = models.CharField(max_length=7, choices=[(one.value, one.name) for one in Host])
    host_name = models.CharField(max_length=120, default="")
    kol = models.ForeignKey("kols.Kol", models.SET_NULL, null=True, related_name="+")
    platforms = models.JSONField(default=list)
    zone = models.CharField(max_length=60)
    planned_start = models.DateTimeField()
    planned_end = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=150, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, default="")
    window_minutes = models.PositiveIntegerField()
    tail_minutes = models.PositiveIntegerField()
    scope = models.CharField(max_length=8, choices=[(one.value, one.name) for one in Scope])
    baseline_days = models.PositiveIntegerField()
    products = models.JSONField(default=list)
    links = models.JSONField(default=list)
    lake_object = models.CharField(max_length=200, default="")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """Read by time."""

        default_permissions = ()
        indexes = (models.Index(fields=["-planned_start"], name="lives_by_start"),)

    @property
    def state(self) -> LiveState:
        """Where it stands."""
        if self.ended_at is not None:
            return LiveState.ENDED
        return LiveState.LIVE if self.started_at is not None else LiveState.PLANNED

    @property
    def host_said(self) -> str:
        """Who is on screen; empty where the KOL was forgotten."""
        return self.host_name or (self.kol.name if self.kol else "")

    @property
    def object_name(self) -> str:
        """The object of its events in the lake: its own name there, or what the set-up gives."""
        return self.lake_object or f"live/{self.pk}"


class MinuteReading(models.Model):
    """What somebody said of one minute of one platform; without a value they said that they do not know."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="readings")
    platform = models.CharField(max_length=40)
    metric = models.CharField(max_length=12, choices=[(one.value, one.name) for one in Metric])
    minute = models.DateTimeField()
    value = models.BigIntegerField(null=True)
    source = models.CharField(max_length=4, choices=[(one.value, one.name) for one in Source])
    told_by = models.CharField(max_length=150)
    told_at = models.DateTimeField()

    class Meta:
        """A source says one thing of a minute: what it said last."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["session", "platform", "metric", "minute", "source"], name="lives_one_reading"
            ),
        )


class Mark(models.Model):
    """Something that happened at an instant; the first that opens orders opens the stated window."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=5, choices=[(one.value, one.name) for one in MarkKind])
    at = models.DateTimeField()
    label = models.CharField(max_length=80, default="")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """One mark of a kind at an instant."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["session", "kind", "at"], name="lives_one_mark"),)


class Clip(models.Model):
    """One recording of a session, or of a part of it, that goes on being played."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="clips")
    title = models.CharField(max_length=120)
    platform = models.CharField(max_length=40)
    url = models.CharField(max_length=500, default="")
    is_replay = models.BooleanField(default=False)
    published_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """A title stands once per platform."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["session", "platform", "title"], name="lives_one_clip"),)

    @property
    def object_name(self) -> str:
        """What events of the lake call it, beside its address."""
        return f"clip/{self.pk}"


class ClipPlays(models.Model):
    """How often a clip had been played in all by a moment."""

    clip = models.ForeignKey(Clip, models.CASCADE, related_name="plays")
    at = models.DateTimeField()
    plays = models.BigIntegerField()
    source = models.CharField(max_length=4, choices=[(one.value, one.name) for one in Source])
    told_by = models.CharField(max_length=150)
    told_at = models.DateTimeField()

    class Meta:
        """One count at a moment."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["clip", "at"], name="lives_one_count"),)
