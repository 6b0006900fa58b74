"""Registers the studies with Django."""

from __future__ import annotations

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    """Saved questions and designs, with their history."""

    name = "canyu.ops.studies"
    label = "studies"
