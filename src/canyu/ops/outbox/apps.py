"""Registers the outbox with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Events on their way from the console's database into the lake."""

    name = "canyu.ops.outbox"
    label = "outbox"
