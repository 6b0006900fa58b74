"""Words that several records of the catalogue share."""

from __future__ import annotations

from canyu.kit.words import Words

POSTS = Words("条", "posts")
PER_CENT = Words("%", "%")
POINTS = Words("分", "points")
PEOPLE = Words("人", "people")
ORDERS = Words("单", "orders")
A_DAY = Words("条/天", "posts a day")

ONE_POST = Words("一条帖子", "one post")
ONE_PERSON = Words("一个人", "one person")
ONE_ORDER = Words("一个订单号", "one order number")
ONE_SHARE = Words("一次分享", "one share")
ONE_CASE = Words("一个投诉", "one complaint")
ONE_BUCKET = Words("一次测量", "one measured value")

INSIGHT = Words("社媒洞察", "social insight")
GROWTH = Words("增长", "growth")
COMMERCE = Words("销售运营", "commerce")
SERVICE = Words("客户服务", "customer care")
COMMUNITY = Words("社区运营", "community")

ONCE = Words(
    "去重值：与此前 30 天内某帖相同或几乎相同的帖子不计。",
    "Without copies: posts that say the same, or nearly, as one of the 30 days before are left out.",
)
IDENTIFIED = Words(
    "只统计有标识的人；没有标识的不在其中，因此是下限。",
    "Counts people with an id only: what nobody identified is not in it, so this is a lower bound.",
)
NO_CAUSE = Words("这是相关，不是因果。", "This is no causal effect.")
FOLLOWED = Words(
    "只计跟踪期已满的：跟踪期未满的还不知结果。",
    "Counts only those whose follow-up is complete; of the others the end is not known yet.",
)
EVENT_DIMENSIONS = ("day", "week", "month", "channel", "market", "campaign", "source")
"""Dimensions of every metric over events."""
BUYER_DIMENSIONS = (*EVENT_DIMENSIONS, "object", "age_band", "gender", "price_segment", "region")
"""Dimensions that orders know: their props tell of the buyer."""
EVENT_FILTERS = ("channel", "market", "campaign", "object")
SPOKEN_FILTERS = ("brand", "channel", "market", "without", "is_once")
