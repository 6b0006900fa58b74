"""The facts about campaigns: the plan, the answers to its copy's findings, each step; and referral's, below it."""

from __future__ import annotations

from django.db import models

from canyu.ops.campaigns.referral.models import Consent, Edge, Member, ReferralRule, Refund, Reward, Sale, Signal
from canyu.ops.campaigns.rules import CampaignState

__all__ = [
    "Campaign",
    "CampaignStep",
    "Consent",
    "CopyAnswer",
    "Edge",
    "Member",
    "ReferralRule",
    "Refund",
    "Reward",
    "Sale",
    "Signal",
]


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
