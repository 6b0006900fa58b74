"""Registers the labels app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class LabelsConfig(AppConfig):
    """Corrections of sentiment, and the models retrained from them."""

    name = "canyu.ops.labels"
    label = "labels"
