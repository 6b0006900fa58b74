"""Registers the drops app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class DropsConfig(AppConfig):
    """Limited editions, who claimed their units and who waits for one."""

    name = "canyu.ops.offers.drops"
    label = "drops"
