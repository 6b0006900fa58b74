"""The facts about short links: where each leads, and how often it was followed, by whom or what."""

from __future__ import annotations

from django.db import models


class ShortLink(models.Model):
    """One link ``/l/<code>``. ``parent`` is the event that made it, such as a person's share."""

    code = models.CharField(max_length=64, unique=True)
    target = models.URLField(max_length=2000)
    title = models.CharField(max_length=200, blank=True)
    campaign = models.CharField(max_length=200, blank=True)
    market = models.CharField(max_length=16, blank=True)
    channel = models.CharField(max_length=64, blank=True)
    parent = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)
    is_on = models.BooleanField(default=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_index=True)
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        """The permissions that the pages ask for."""

        default_permissions = ()
        permissions = (
            ("view_links", "May see short links and their counts"),
            ("manage_links", "May make short links and switch them off"),
        )


class LinkDay(models.Model):
    """How often a link was followed on one day (UTC), by outcome: click, scan, or why it was not counted as one."""

    code = models.CharField(max_length=64)
    day = models.DateField()
    outcome = models.CharField(max_length=20)
    n = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row per link, day and outcome."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("code", "day", "outcome"), name="one_row_per_link_and_day"),)
