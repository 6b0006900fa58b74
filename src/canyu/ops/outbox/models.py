"""The facts of the outbox: events that the lake does not have yet."""

from __future__ import annotations

from django.db import models


class WaitingEvent(models.Model):
    """One event on its way; the row goes once the lake has the event."""

    event_id = models.CharField(max_length=64, unique=True)
    event = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        """Sent in the order in which they were made."""

        default_permissions = ()
