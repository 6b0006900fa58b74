"""Registers the campaigns app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Campaigns from the plan to the close, and their referral."""

    name = "canyu.ops.campaigns"
    label = "campaigns"
