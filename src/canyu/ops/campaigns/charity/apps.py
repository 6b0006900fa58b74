"""Registers the charity app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CharityConfig(AppConfig):
    """Pledges of campaigns, their payouts and stories."""

    name = "canyu.ops.campaigns.charity"
    label = "charity"
