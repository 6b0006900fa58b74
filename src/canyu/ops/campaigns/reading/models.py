"""The facts about reading: up to which version of which lake a reader has taken a campaign's events in."""

from __future__ import annotations

from django.db import models


class Bookmark(models.Model):
    """Where one reader of one campaign stopped; it moves only after what was read has been kept."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="+")
    reader = models.CharField(max_length=20)
    lake = models.CharField(max_length=32)
    version = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        """A reader has one place in each campaign."""

        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["campaign", "reader"], name="reading_one_place"),)
