"""The facts about drops: numbered units, who holds which, who waits, and payments that came too late."""

from __future__ import annotations

from django.db import models


class EntryMode(models.TextChoices):
    """How people come to a unit."""

    FIRST_COME = "first_come"
    QUEUE = "queue"
    LOTTERY = "lottery"


class DropState(models.TextChoices):
    """Where a drop stands."""

    DRAFT = "draft"
    RELEASED = "released"
    CLOSED = "closed"


class ClaimState(models.TextChoices):
    """Where a claim stands; held and sold ones have a serial of their own."""

    HELD = "held"
    SOLD = "sold"
    EXPIRED = "expired"
    RETURNED = "returned"


class Drop(models.Model):
    """One limited edition. ``quotas``: market -> units kept for it; the others share what is left.

    ``seed`` is secret until the draw; ``commitment`` is its digest, published with the release.
    """

    code = models.SlugField(max_length=60, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    campaign = models.CharField(max_length=120, blank=True, default="")
    units = models.PositiveIntegerField()
    quotas = models.JSONField(default=dict)
    per_person = models.PositiveIntegerField(default=1)
    price_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="CNY")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    entry = models.CharField(max_length=10, choices=EntryMode.choices, default=EntryMode.FIRST_COME)
    hold_minutes = models.PositiveIntegerField(default=15)
    seed = models.CharField(max_length=64, blank=True, default="")
    commitment = models.CharField(max_length=64, blank=True, default="")
    beacon = models.CharField(max_length=200, blank=True, default="")
    drawn_at = models.DateTimeField(null=True)
    drawn_entrants = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=DropState.choices, default=DropState.DRAFT)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    released_by = models.CharField(max_length=150, blank=True, default="")
    released_at = models.DateTimeField(null=True)

    class Meta:
        """The permissions are those of offers."""

        default_permissions = ()


class FreeUnit(models.Model):
    """One unit that nobody holds; the row goes with the claim and comes back, with its serial, when it lapses."""

    drop = models.ForeignKey(Drop, models.CASCADE, related_name="free_units")
    serial = models.PositiveIntegerField()

    class Meta:
        """A serial is free once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("drop", "serial"), name="one_free_unit_per_serial"),)


class Claim(models.Model):
    """One unit claimed by one person (an opaque id). ``key``: the client's own name for this claim.

    ``consent`` is the fingerprint of the text that they agreed to as they claimed, empty where a shop told no more.
    """

    drop = models.ForeignKey(Drop, models.CASCADE, related_name="claims")
    person = models.CharField(max_length=120)
    key = models.CharField(max_length=120)
    token = models.CharField(max_length=32, unique=True)
    market = models.CharField(max_length=40, blank=True, default="")
    serial = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=ClaimState.choices, default=ClaimState.HELD)
    claimed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    payment = models.CharField(max_length=120, blank=True, default="")
    consent = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        """A serial has one holder, a person's key one standing claim."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("drop", "serial"),
                condition=models.Q(state__in=("held", "sold")),
                name="one_holder_per_serial",
            ),
            models.UniqueConstraint(
                fields=("drop", "person", "key"),
                condition=models.Q(state__in=("held", "sold")),
                name="one_claim_per_person_and_key",
            ),
        )
        indexes = (
            models.Index(fields=["drop", "person"], name="drops_claims_by_person"),
            models.Index(fields=["state", "expires_at"], name="drops_claims_by_expiry"),
        )


class Entrant(models.Model):
    """One person who waits or takes part in a draw; ``rank`` is their place once it is drawn."""

    drop = models.ForeignKey(Drop, models.CASCADE, related_name="entrants")
    person = models.CharField(max_length=120)
    market = models.CharField(max_length=40, blank=True, default="")
    entered_at = models.DateTimeField()
    rank = models.PositiveIntegerField(null=True)
    is_served = models.BooleanField(default=False)
    consent = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        """A person takes part once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("drop", "person"), name="one_entry_per_person"),)
        indexes = (models.Index(fields=["drop", "is_served", "rank"], name="drops_entrants_by_rank"),)


class LatePayment(models.Model):
    """A payment for a unit that had gone by then: to be given back, never one more unit."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="late_payments")
    reference = models.CharField(max_length=120, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    came_at = models.DateTimeField()

    class Meta:
        """Each payment once."""

        default_permissions = ()


class ErasedGuest(models.Model):
    """Somebody who was erased, by a keyed hash: what their browser still holds does not bring them back."""

    digest = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()

    class Meta:
        """Each once; dropped when no cookie can be as old."""

        default_permissions = ()
