"""Registers the app of knowledge with Django."""

from __future__ import annotations

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Articles in versions, and talks with the assistant."""

    name = "canyu.ops.knowledge"
    label = "knowledge"
