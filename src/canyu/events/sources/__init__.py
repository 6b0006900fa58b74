"""What a brand may lawfully read of its own accord: folders, feeds, signed deliveries, official interfaces."""

from canyu.events.sources.errors import QuotaSpent, SourceFailure
from canyu.events.sources.feed import FeedReading, FeedWish, collect_feed
from canyu.events.sources.folder import FolderWatch, Way
from canyu.events.sources.intake import Delivery, Taken, build_mapping, take_body, take_rows
from canyu.events.sources.notebook import Notebook, find_state_folder
from canyu.events.sources.paging import Collected, Errand, Mark, Page, PagedSource, collect_pages
from canyu.events.sources.quota import Allowance, Ledger, Period
from canyu.events.sources.reddit import Reddit, RedditKeys, RedditWish
from canyu.events.sources.web import Web
from canyu.events.sources.weibo import Weibo, WeiboList, WeiboWish
from canyu.events.sources.x import X, XWish
from canyu.events.sources.youtube import YouTube, YouTubeWish

__all__ = [
    "Allowance",
    "Collected",
    "Delivery",
    "Errand",
    "FeedReading",
    "FeedWish",
    "FolderWatch",
    "Ledger",
    "Mark",
    "Notebook",
    "Page",
    "PagedSource",
    "Period",
    "QuotaSpent",
    "Reddit",
    "RedditKeys",
    "RedditWish",
    "SourceFailure",
    "Taken",
    "Way",
    "Web",
    "Weibo",
    "WeiboList",
    "WeiboWish",
    "X",
    "XWish",
    "YouTube",
    "YouTubeWish",
    "build_mapping",
    "collect_feed",
    "collect_pages",
    "find_state_folder",
    "take_body",
    "take_rows",
]
