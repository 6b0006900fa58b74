"""Registers the sources with Django."""

from __future__ import annotations

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Write keys, refused events, volumes and outbound webhooks."""

    name = "canyu.ops.sources"
    label = "sources"
