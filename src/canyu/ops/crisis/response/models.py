"""The facts about what was done in a crisis beside statements; what was planned is kept as it was, and never edited."""

from __future__ import annotations

from django.db import models

from canyu.ops.crisis.models import Run
from canyu.ops.kols.models import Plan
from canyu.ops.offers.models import Offer


class RebuttalPlan(models.Model):
    """A plan of the KOL room that was made against the rumour of a run; people as they were foreseen.

    ``asked``: what it was asked for (budget as it was typed, hours until the deadline and until the accounts speak, the
    market, the keys of accounts that must be in), and how many ``carriers`` it was set against, who are not named.
    ``saved``: people who would have heard the rumour and hear from us first, with the 95 % interval; ``alone`` and
    ``against``: whom it reaches without us, and in spite of us.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="rebuttals")
    plan = models.OneToOneField(Plan, models.PROTECT, related_name="rebuttal")
    asked = models.JSONField()
    saved = models.FloatField()
    saved_low = models.FloatField()
    saved_high = models.FloatField()
    alone = models.FloatField()
    against = models.FloatField()
    guarantee = models.FloatField()
    """At least this share of what the best choice saves."""
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """Read with its run."""

        default_permissions = ()


class GoodwillKind(models.TextChoices):
    """What people get."""

    WARRANTY = "warranty"
    VOUCHER = "voucher"


class Goodwill(models.Model):
    """An offer to people who bought something between two days. There is nothing here that they could have to do.

    Caps, codes and what was used are the offer's, in the ledger. ``words_zh`` and ``words_en``: what people are told,
    checked before it was kept. ``months``: by how many the warranty is longer.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="goodwill")
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="goodwill")
    kind = models.CharField(max_length=8, choices=GoodwillKind.choices)
    months = models.PositiveIntegerField(default=0)
    product = models.CharField(max_length=200)
    bought_from = models.DateField()
    bought_until = models.DateField()
    words_zh = models.TextField()
    words_en = models.TextField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """Whatever the code above believes: the days stand in order, and a warranty says by how much it is longer."""

        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(bought_from__lte=models.F("bought_until")), name="crisis_goodwill_days"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=GoodwillKind.VOUCHER, months=0)
                | models.Q(kind=GoodwillKind.WARRANTY, months__gt=0),
                name="crisis_goodwill_months",
            ),
        )


class Lessons(models.Model):
    """What was learnt, as somebody wrote it down; a later text stands beside the earlier ones."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="lessons")
    text = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        """Read with its run."""

        default_permissions = ()
