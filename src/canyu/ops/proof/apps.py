"""Registers the app of proof with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ProofConfig(AppConfig):
    """Claims, targets and scorecards."""

    name = "canyu.ops.proof"
    label = "proof"
