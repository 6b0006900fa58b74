"""Registers the console with Django and makes its translations ready."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig

from canyu.console.translations import compile_catalogues


class ConsoleConfig(AppConfig):
    """Layout, templates, static files and translations."""

    name = "canyu.console"
    label = "console"

    def __init__(self, *given: Any) -> None:
        """Compile translations that are newer than their compiled form, so that no install step can be forgotten.

        Here and not in ``ready``: models are loaded in between, and their texts would be read too early.
        """
        super().__init__(*given)
        compile_catalogues()
