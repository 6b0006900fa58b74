"""Registers the KOLs app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class KolsConfig(AppConfig):
    """The roster of KOLs, plans for choosing them, and bookings."""

    name = "canyu.ops.kols"
    label = "kols"
