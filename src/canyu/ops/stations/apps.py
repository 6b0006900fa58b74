"""Registers the app of stations with Django."""

from __future__ import annotations

from django.apps import AppConfig


class StationsConfig(AppConfig):
    """Service stations, benches, bookings and reminders."""

    name = "canyu.ops.stations"
    label = "stations"
