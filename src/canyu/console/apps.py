"""Registers the console with Django and makes its translations ready."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Layout, templates, static files and translations."""

    name = "canyu.console"
    label = "console"

    def ready(self) -> None:
        """Compile translations that are newer than their compiled form, so that no install step can be forgotten."""
        from canyu.console.translations import compile_catalogues

        compile_catalogues()
