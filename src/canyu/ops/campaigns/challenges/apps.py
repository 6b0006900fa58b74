"""Registers the challenges app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    """Hashtag challenges, their entries and votes."""

    name = "canyu.ops.campaigns.challenges"
    label = "challenges"
