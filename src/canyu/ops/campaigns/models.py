"""The facts about campaigns and referral: plans and their steps; who joined through whom, what is owed for it.

Persons are opaque ids. Contacts, devices, payments and addresses are kept as keyed fingerprints only.
"""

from __future__ import annotations

from django.db import models

from canyu.ops.campaigns.referral.rules import EdgeState, RewardState, Side, SignalKind, Touch
from canyu.ops.campaigns.rules import CampaignState


class Campaign(models.Model):
    """One plan by the 3-3 rule, from the draft to the close; people's names are usernames of the console."""

    slug = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    owner = models.CharField(max_length=150)
    state = models.CharField(max_length=8, choices=[(one.value, one.name) for one in CampaignState])
    state_at = models.DateTimeField()
    strategy_hit = models.TextField(default="")
    strategy_fans = models.TextField(default="")
    strategy_media = models.TextField(default="")
    tactic_node = models.TextField(default="")
    tactic_interaction = models.TextField(default="")
    tactic_spread = models.TextField(default="")
    title_zh = models.CharField(max_length=80, default="")
    title_en = models.CharField(max_length=120, default="")
    copy_zh = models.TextField(default="")
    copy_en = models.TextField(default="")
    goals = models.JSONField(default=dict)
    markets = models.JSONField(default=list)
    channels = models.JSONField(default=list)
    budget_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    released_by = models.CharField(max_length=150, default="")

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_campaigns", "May read campaigns, their share trees and rewards"),
            ("manage_campaigns", "May plan campaigns and decide on held shares"),
            ("release_campaigns", "May release what somebody else has planned"),
        )
        indexes = (models.Index(fields=["state", "state_at"], name="campaigns_by_state"),)


class CampaignStep(models.Model):
    """One thing done to a campaign: who, when, and from which state to which."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    before = models.CharField(max_length=8)
    after = models.CharField(max_length=8)
    what = models.CharField(max_length=20)
    who = models.CharField(max_length=150)
    at = models.DateTimeField()
    note = models.CharField(max_length=2000, default="")

    class Meta:
        """Read by campaign, in order."""

        default_permissions = ()


class CopyAnswer(models.Model):
    """Why a finding of the check of advertising law does not keep the copy from going out."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=24)
    term = models.CharField(max_length=200)
    reason = models.CharField(max_length=1000)
    who = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        """One answer per finding; another text is another finding."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["campaign", "key"], name="campaigns_one_answer"),)


class ReferralRule(models.Model):
    """How a campaign rewards referral; amounts are minor units, or hundredths of a percent where ``is_percent``."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="referral")
    touch = models.CharField(max_length=5, choices=[(one.value, one.name) for one in Touch], default=Touch.LAST)
    cause = models.CharField(max_length=5, default="order")
    is_percent = models.BooleanField(default=False)
    levels = models.JSONField(default=list)
    invitee_amount = models.BigIntegerField(default=0)
    tiers = models.JSONField(default=list)
    is_every_order = models.BooleanField(default=False)
    pending_days = models.PositiveIntegerField(default=14)
    most_joins_an_hour = models.PositiveIntegerField(default=20)
    acknowledged_by = models.CharField(max_length=150, default="")
    acknowledged_at = models.DateTimeField(null=True)
    statement = models.CharField(max_length=1000, default="")
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """One rule per campaign."""

        default_permissions = ()


class Member(models.Model):
    """One person in one campaign, with a share code; ``parent`` is who brought them, set once, on joining."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="members")
    person = models.CharField(max_length=100)
    code = models.CharField(max_length=16, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    generation = models.PositiveIntegerField(default=0)
    joined_at = models.DateTimeField()
    clicks = models.PositiveIntegerField(default=0)
    visits = models.PositiveIntegerField(default=0)

    class Meta:
        """A person joins a campaign once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["campaign", "person"], name="referral_joins_once"),)
        indexes = (models.Index(fields=["campaign", "generation"], name="referral_by_generation"),)


class Consent(models.Model):
    """What a member agreed to: which text (by its fingerprint), in which language, when."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20)
    text = models.CharField(max_length=32)
    language = models.CharField(max_length=10)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """Read by member."""

        default_permissions = ()


class Signal(models.Model):
    """One keyed fingerprint of a member."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=8, choices=[(one.value, one.name) for one in SignalKind])
    digest = models.CharField(max_length=32)

    class Meta:
        """Looked up by fingerprint."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["member", "kind", "digest"], name="referral_signal_once"),)
        indexes = (models.Index(fields=["campaign", "kind", "digest"], name="referral_by_signal"),)


class Edge(models.Model):
    """One member bringing, or trying to bring, one person; kept whatever the verdict."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="edges")
    inviter = models.ForeignKey(Member, models.PROTECT, related_name="brought")
    invitee = models.ForeignKey(Member, models.PROTECT, related_name="brought_by")
    is_tree = models.BooleanField()
    first_touch = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    last_touch = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=[(one.value, one.name) for one in EdgeState])
    reasons = models.JSONField(default=list)
    made_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, default="")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=1000, default="")

    class Meta:
        """A pair is one edge however often it is tried."""

        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["inviter", "invitee"], name="referral_one_edge"),
            models.UniqueConstraint(fields=["invitee"], condition=models.Q(is_tree=True), name="referral_one_parent"),
        )
        indexes = (models.Index(fields=["campaign", "state", "made_at"], name="referral_edges_due"),)


class Sale(models.Model):
    """One order of a member, told once by its own id; ``event`` is its event where the lake had it first.

    Where the person was erased, both are what ``canyu.ops.order_names`` puts in their place.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="sales")
    order = models.CharField(max_length=100)
    event = models.CharField(max_length=100, default="")
    member = models.ForeignKey(Member, models.PROTECT, related_name="sales")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    ordered_at = models.DateTimeField()
    refunded_minor = models.BigIntegerField(default=0)
    is_refunded = models.BooleanField(default=False)

    class Meta:
        """An order counts once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["campaign", "order"], name="referral_order_once"),)


class Refund(models.Model):
    """One refund of a sale, told once by its own id; without an amount it is the whole order."""

    sale = models.ForeignKey(Sale, models.CASCADE, related_name="refunds")
    refund = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        """A refund counts once."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["sale", "refund"], name="referral_refund_once"),)


class Reward(models.Model):
    """What one member is owed for one cause; the ledger keeps the money under ``key``.

    ``returned_minor`` is what went back with parts of the order; the two together are what was given at first.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rewards")
    key = models.CharField(max_length=32, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="rewards")
    edge = models.ForeignKey(Edge, models.PROTECT, related_name="rewards")
    sale = models.ForeignKey(Sale, models.PROTECT, null=True, related_name="rewards")
    side = models.CharField(max_length=8, choices=[(one.value, one.name) for one in Side])
    level = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    attempt = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=[(one.value, one.name) for one in RewardState])
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """Read by what is due."""

        default_permissions = ()
        indexes = (models.Index(fields=["state", "due_at"], name="referral_rewards_due"),)


class BrakeCount(models.Model):
    """How often one network has done one thing in one hour; ``name`` is a keyed hash, dropped when the hour is over."""

    name = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField()

    class Meta:
        """Dropped by time."""

        default_permissions = ()
        indexes = (models.Index(fields=["ends_at"], name="campaigns_brakes_by_end"),)
