"""Registers the ledger with Django."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The ledger beside the rooms that use it, and its auditor's pages."""

    name = "canyu.ops.ledger"
    label = "ledger"
