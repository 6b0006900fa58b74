"""Registers the people app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts, roles and permissions."""

    name = "canyu.ops.people"
    label = "people"
