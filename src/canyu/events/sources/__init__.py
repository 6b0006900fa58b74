"""What a brand may lawfully read of its own accord: folders, feeds, signed deliveries, official interfaces."""

from canyu.events.sources.errors import QuotaSpent, SourceFailure
from canyu.events.sources.feed import FeedReading, FeedWish, collect_feed
from canyu.events.sources.folder import FolderWatch, Way
from canyu.events.sources.intake import Delivery, Taken, build_mapping, take_body, take_rows
from canyu.events.sources.notebook import Notebook, find_state_folder

__all__ = [
    "Delivery",
    "FeedReading",
    "FeedWish",
    "FolderWatch",
    "Notebook",
    "QuotaSpent",
    "SourceFailure",
    "Taken",
    "Way",
    "build_mapping",
    "collect_feed",
    "find_state_folder",
    "take_body",
    "take_rows",
]
