"""The facts about offers: what was defined and released, the codes given out, and what orders used."""

from __future__ import annotations

from django.db import models


class OfferState(models.TextChoices):
    """Where an offer stands; only a released one is used."""

    DRAFT = "draft"
    RELEASED = "released"
    CLOSED = "closed"


class CodeKind(models.TextChoices):
    """One code for everybody, one per person, or one that an order brought about."""

    CAMPAIGN = "campaign"
    PERSONAL = "personal"
    ENTITLEMENT = "entitlement"


class CodeState(models.TextChoices):
    """Whether a code may be used."""

    ACTIVE = "active"
    VOID = "void"


class RedemptionState(models.TextChoices):
    """Where an order's use of offers stands."""

    HELD = "held"
    REDEEMED = "redeemed"
    REVERSED = "reversed"
    RELEASED = "released"


class Offer(models.Model):
    """One offer. ``rules``: effect, conditions and bundle as a file for ``canyu quote`` has them, as JSON.

    Limits (budget in minor units, uses in all, uses per person) are None where there is none; what is left of them is
    in the ledger. ``triggers``: buying one of these products gives an entitlement, in the notation of a kept list.
    """

    key = models.CharField(max_length=80, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    campaign = models.CharField(max_length=120, blank=True, default="")
    kind = models.CharField(max_length=12)
    rules = models.TextField()
    currency = models.CharField(max_length=3)
    budget_minor = models.BigIntegerField(null=True)
    uses = models.BigIntegerField(null=True)
    person_uses = models.PositiveIntegerField(null=True)
    triggers = models.TextField(blank=True, default="")
    valid_days = models.PositiveIntegerField(null=True)
    keeps_on_refund = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=OfferState.choices, default=OfferState.DRAFT)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    released_by = models.CharField(max_length=150, blank=True, default="")
    released_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        """The permissions that the pages and the API ask for."""

        default_permissions = ()
        permissions = (
            ("view_offers", "May read offers, their use and quotes"),
            ("manage_offers", "May define offers and make codes"),
            ("release_offers", "May release what somebody else has defined"),
            ("redeem_offers", "May use and give back offers for an order"),
        )
        indexes = (models.Index(fields=["state", "kind"], name="offers_by_state"),)


class Code(models.Model):
    """One code; of the code itself only an HMAC is kept. ``person``: an opaque id, empty for a campaign code."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=CodeKind.choices)
    batch = models.CharField(max_length=40, blank=True, default="")
    serial = models.PositiveIntegerField(default=0)
    person = models.CharField(max_length=200, blank=True, default="")
    uses = models.BigIntegerField(null=True)
    order = models.CharField(max_length=120, blank=True, default="")
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=CodeState.choices, default=CodeState.ACTIVE)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    void_reason = models.CharField(max_length=60, blank=True, default="")
    clawed_minor = models.BigIntegerField(default=0)

    class Meta:
        """An order brings about one code of an offer."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("offer", "order"), condition=~models.Q(order=""), name="one_code_per_offer_and_order"
            ),
        )
        indexes = (
            models.Index(fields=["offer", "batch", "serial"], name="offers_codes_by_batch"),
            models.Index(fields=["person"], name="offers_codes_by_person"),
            models.Index(fields=["order"], name="offers_codes_by_order"),
        )


class Redemption(models.Model):
    """What one order used: the order is the key that makes it idempotent; ``digest`` is that of what was asked.

    Once its person was erased, ``order`` is what ``canyu.ops.order_names`` puts in its place, and ``digest`` is empty.
    """

    order = models.CharField(max_length=120, unique=True)
    digest = models.CharField(max_length=64)
    answer = models.TextField()
    state = models.CharField(max_length=8, choices=RedemptionState.choices)
    attempt = models.PositiveIntegerField(default=1)
    person = models.CharField(max_length=200, blank=True, default="")
    market = models.CharField(max_length=40, blank=True, default="")
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """Read by person and by time."""

        default_permissions = ()
        indexes = (
            models.Index(fields=["person"], name="offers_uses_by_person"),
            models.Index(fields=["made_at"], name="offers_uses_by_time"),
        )


class RedemptionLine(models.Model):
    """One offer that an order used; ``transfers``: the ledger's rows of it, to be reversed with it.

    ``returned_minor``: what of the discount went back with parts of the order.
    """

    redemption = models.ForeignKey(Redemption, models.CASCADE, related_name="lines")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="lines")
    code = models.ForeignKey(Code, models.PROTECT, null=True, related_name="lines")
    discount_minor = models.BigIntegerField()
    unused_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    transfers = models.JSONField(default=list)

    class Meta:
        """Several offers per order, each once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("redemption", "offer", "code"), name="one_line_per_offer"),)


class PartRefund(models.Model):
    """One refund of a part of an order, told once by its own id."""

    redemption = models.ForeignKey(Redemption, models.CASCADE, related_name="refunds")
    refund = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        """A refund counts once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("redemption", "refund"), name="one_part_refund"),)
