"""Registers the offers app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """Offers, their codes and redemptions."""

    name = "canyu.ops.offers"
    label = "offers"
