"""Registers the posters app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class PostersConfig(AppConfig):
    """Designs of posters, which one a campaign shows, and the short links on them."""

    name = "canyu.ops.campaigns.posters"
    label = "posters"
