"""Registers the reading app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ReadingConfig(AppConfig):
    """How far each reader of a campaign has read the lake."""

    name = "canyu.ops.campaigns.reading"
    label = "reading"
