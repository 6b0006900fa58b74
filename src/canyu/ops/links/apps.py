"""Registers the short links with Django."""

from __future__ import annotations

from django.apps import AppConfig


class LinksConfig(AppConfig):
    """Short links and their counts."""

    name = "canyu.ops.links"
    label = "links"
