"""Registers the fans app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class FansConfig(AppConfig):
    """People outside the team: identifiers, merges, consents and requests."""

    name = "canyu.ops.fans"
    label = "fans"
