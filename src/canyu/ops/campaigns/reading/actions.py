"""The only place that moves bookmarks."""

from __future__ import annotations

from datetime import datetime

from canyu.ops.campaigns.reading.models import Bookmark
from canyu.ops.campaigns.reading.queries import News


def keep_place(news: News, now: datetime) -> None:
    """Say that everything up to here was taken in. Until then the same events are read again, which changes nothing."""
    place = {"lake": news.lake, "version": news.version, "read_at": now}
    Bookmark.objects.update_or_create(campaign=news.campaign, reader=news.reader, defaults=place)
