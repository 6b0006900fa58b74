"""Registers the app of what is done in a crisis with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """Rebuttal plans, goodwill offers and lessons of runs."""

    name = "canyu.ops.crisis.response"
    label = "crisis_response"
