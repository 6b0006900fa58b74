"""Registers the lives app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class LivesConfig(AppConfig):
    """Live sessions, their minutes, marks and clips."""

    name = "canyu.ops.campaigns.lives"
    label = "lives"
