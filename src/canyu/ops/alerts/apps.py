"""Registers the alerts app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, the rules and routes about them, and what was sent."""

    name = "canyu.ops.alerts"
    label = "alerts"
