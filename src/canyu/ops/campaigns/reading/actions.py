"""The only place that moves bookmarks."""

from __future__ import annotations

from datetime import datetime

from canyu.ops.campaigns.reading.models import Bookmark
from canyu.ops.campaigns.reading.queries import Stretch


def keep_place(read: Stretch, now: datetime) -> None:
    """Say that everything up to here was taken in. Until then the same events are read again, which changes nothing."""
    place = {"lake": read.lake, "version": read.until, "read_at": now}
    Bookmark.objects.update_or_create(campaign=read.campaign, reader=read.reader, defaults=place)
