"""The facts about corrections: what a post's sentiment really is, and the models that learnt from them."""

from __future__ import annotations

from django.db import models


class Sentiment(models.TextChoices):
    """The three labels, in the order of the keys 1, 2, 3."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Correction(models.Model):
    """What one person said of one post. The text is kept only while the correction stands."""

    event_id = models.TextField(db_index=True)
    text = models.TextField()
    given = models.CharField(max_length=12, blank=True)
    model_version = models.TextField(blank=True)
    label = models.CharField(max_length=12, choices=Sentiment.choices)
    who = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """One standing correction per post; the permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("correct_labels", "May correct the sentiment of posts and retrain the model"),
            ("activate_models", "May choose which model listens"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("event_id",), condition=models.Q(withdrawn_at=None), name="one_standing_correction_per_post"
            ),
        )


class RetrainedModel(models.Model):
    """One version that learnt from corrections; the version is empty while it is being made."""

    number = models.PositiveIntegerField(unique=True)
    version = models.CharField(max_length=100, blank=True)
    base_version = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    corrections = models.PositiveIntegerField()
    figures = models.JSONField(default=dict)
    folder = models.CharField(max_length=100)
    is_active = models.BooleanField(default=False)
    activated_by = models.CharField(max_length=150, blank=True)
    activated_at = models.DateTimeField(null=True)

    class Meta:
        """At most one is active; where none is, the shipped model is."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("is_active",), condition=models.Q(is_active=True), name="one_active_retrained_model"
            ),
        )
