"""The facts about charity: what is pledged, by which order, what was paid out, and the stories with their pictures.

Amounts are kept in the ledger; a gift and a payout name their rows there. Of who ordered there is
the lake's salted hash alone, by which an erasure finds the order's number.
"""

from __future__ import annotations

from django.db import models

from canyu.ops.campaigns.charity.rules import Basis, GiftState, StoryState


class Pledge(models.Model):
    """What a campaign gives, for what, to whom and up to how much; set in the draft, released with the campaign."""

    campaign = models.OneToOneField("campaigns.Campaign", models.CASCADE, related_name="pledge")
    basis = models.CharField(max_length=5, choices=[(one.value, one.name) for one in Basis])
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    cap_minor = models.BigIntegerField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recipient = models.CharField(max_length=200)
    recipient_number = models.CharField(max_length=60, default="")
    note_zh = models.CharField(max_length=1000)
    note_en = models.CharField(max_length=1000)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """One pledge per campaign."""

        default_permissions = ()


class Gift(models.Model):
    """What one order or entry brought; ``entry`` is its row in the ledger, empty where the cap was reached.

    ``giver``: who ordered, as the lake remembers who was erased (``canyu.events.suppression.hash_actor``), empty where
    nobody was named. Once they are erased it is empty, and ``order`` and ``event`` are keyed hashes.
    """

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="gifts")
    order = models.CharField(max_length=200)
    event = models.CharField(max_length=200)
    giver = models.CharField(max_length=32, default="")
    entry = models.CharField(max_length=60)
    order_minor = models.BigIntegerField(null=True)
    refunded_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=[(one.value, one.name) for one in GiftState])
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """An order gives once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["pledge", "order"], name="charity_gives_once"),)
        indexes = (
            models.Index(fields=["pledge", "event"], name="charity_by_event"),
            models.Index(fields=["pledge", "state", "at"], name="charity_by_state"),
            models.Index(fields=["giver"], name="charity_by_giver"),
        )


class GiftRefund(models.Model):
    """One refund of an order that gave, told once by its own id."""

    gift = models.ForeignKey(Gift, models.CASCADE, related_name="refunds")
    refund = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        """A refund counts once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["gift", "refund"], name="charity_refund_once"),)


class Payout(models.Model):
    """One transfer to the recipient; of the receipt its name and SHA-256 are kept, the file is the bookkeepers'."""

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="payouts")
    entry = models.CharField(max_length=60, unique=True)
    amount_minor = models.BigIntegerField()
    paid_on = models.DateField()
    receipt_name = models.CharField(max_length=200)
    receipt_hash = models.CharField(max_length=64)
    note = models.CharField(max_length=500, default="")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """A receipt pays once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["pledge", "receipt_hash"], name="charity_receipt_once"),)


class Story(models.Model):
    """What a part of the money did, in both languages; a second person shows it."""

    pledge = models.ForeignKey(Pledge, models.CASCADE, related_name="stories")
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120)
    text_zh = models.TextField()
    text_en = models.TextField()
    state = models.CharField(max_length=6, choices=[(one.value, one.name) for one in StoryState])
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()
    shown_by = models.CharField(max_length=150, default="")
    shown_at = models.DateTimeField(null=True)

    class Meta:
        """Read by pledge."""

        default_permissions = ()


class StoryEntry(models.Model):
    """One payout that a story tells of: a story's amount is the sum of these rows of the ledger."""

    story = models.ForeignKey(Story, models.CASCADE, related_name="entries")
    payout = models.OneToOneField(Payout, models.PROTECT, related_name="told_in")

    class Meta:
        """A payout is told in one story."""

        default_permissions = ()


class StoryPicture(models.Model):
    """One picture of a story; people are on it only with their consent, and it is gone when they withdraw it.

    ``person`` is the id by which the lake knows who is shown, where it does; ``consent`` says where the consent lies.
    """

    story = models.ForeignKey(Story, models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=32, unique=True)
    digest = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt_zh = models.CharField(max_length=200)
    alt_en = models.CharField(max_length=200)
    shows_people = models.BooleanField()
    person = models.CharField(max_length=200, default="")
    consent = models.CharField(max_length=500, default="")
    consent_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, default="")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        """Looked up by name."""

        default_permissions = ()
