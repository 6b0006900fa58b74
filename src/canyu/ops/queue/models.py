"""The facts about what comes round again; jobs are the rows of django-tasks-db."""

from __future__ import annotations

from django.db import models


class RoundRow(models.Model):
    """One thing that comes round: when next, who is at it, and how the last times went.

    ``taken_by`` names one taking, never two, and is empty between them; ``faults`` counts those since the last success.
    """

    name = models.CharField(max_length=60, primary_key=True)
    next_at = models.DateTimeField()
    taken_by = models.CharField(max_length=80, default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=200, default="")
    fault_at = models.DateTimeField(null=True)
    faults = models.PositiveIntegerField(default=0)

    class Meta:
        """The permissions that the page asks for."""

        default_permissions = ()
        permissions = (
            ("view_queue", "May see what is done beside the pages, and what failed"),
            ("manage_queue", "May have a job tried again that was given up"),
        )
