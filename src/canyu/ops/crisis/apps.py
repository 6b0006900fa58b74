"""Registers the crisis room with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CrisisConfig(AppConfig):
    """Runs of a playbook against one case, and the statements that answer claims."""

    name = "canyu.ops.crisis"
    label = "crisis"
