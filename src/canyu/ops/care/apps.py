"""Registers the care app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Cases, the promises they are judged by, who answers them, and what was told to whom."""

    name = "canyu.ops.care"
    label = "care"
