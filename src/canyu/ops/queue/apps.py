"""Registers the app of the queue with Django."""

from __future__ import annotations

from django.apps import AppConfig


class QueueConfig(AppConfig):
    """Jobs and rounds."""

    name = "canyu.ops.queue"
    label = "queue"
