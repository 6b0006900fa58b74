"""What people say: volume, share of voice, sentiment, messages, engagement, reach."""

from __future__ import annotations

import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.kit.words import Words
from canyu.measure.catalogue.metric import Method, Metric, Theme, always
from canyu.measure.catalogue.query import MetricQuery
from canyu.measure.catalogue.reckoning import (
    tell_a_day,
    tell_count,
    tell_engagement,
    tell_net,
    tell_share,
)
from canyu.measure.catalogue.rows import aggregate, keep_events, keep_told
from canyu.measure.catalogue.view import View
from canyu.measure.catalogue.words import (
    A_DAY,
    EVENT_DIMENSIONS,
    EVENT_FILTERS,
    IDENTIFIED,
    INSIGHT,
    ONE_PERSON,
    ONE_POST,
    PEOPLE,
    PER_CENT,
    POINTS,
    POSTS,
    SPOKEN_FILTERS,
)

TOLD = ("day", "week", "month", "channel", "market")
REACHED = (
    Verb.VIEW,
    Verb.REPOST,
    Verb.COMMENT,
    Verb.LIKE,
    Verb.CLICK,
    Verb.SCAN,
    Verb.VISIT,
    Verb.VOTE,
    Verb.JOIN,
)
"""What shows that something reached a person."""
PASSED_ON = Words(
    "关键信息由匹配得出，反对、否认与询问它的帖子不算传达。",
    "Messages are matched; posts against it, that deny it or ask about it carry none of it.",
)


def choose_mentions(query: MetricQuery) -> str:
    """Return the table of who is spoken of where a brand matters, else that of all scored posts."""
    return "mentions" if query.brand or {"brand", "link"} & set(query.by) else "scores"


def keep_spoken(rows: ir.Table, view: View) -> ir.Table:
    """Return scored posts of the period, once for each brand, or for each entry where asked by it."""
    told = keep_told(rows, view)
    if "brand" not in rows.columns:
        return told
    told = told if "link" in view.by else told.filter(told.is_first_of_brand)
    return told.filter(told.brand == view.query.brand) if view.query.brand else told


def count_spoken(rows: ir.Table, view: View) -> ir.Table:
    """Count the posts."""
    told = view.add_dimensions(keep_spoken(rows, view))
    return aggregate(told, view, value=told.count(), rows=told.count())


def count_spoken_once(rows: ir.Table, view: View) -> ir.Table:
    """Count the posts that copy no earlier one."""
    told = view.add_dimensions(keep_spoken(rows, view))
    once = ~told.is_copy.fill_null(False)
    return aggregate(told, view, value=once.sum().fill_null(0), rows=told.count())


def count_own_posts(rows: ir.Table, view: View) -> ir.Table:
    """Count the posts of people's own: no repost, no comment."""
    spoken = keep_spoken(rows, view)
    told = view.add_dimensions(spoken.filter(spoken.type == str(Verb.POST)))
    return aggregate(told, view, value=told.count(), rows=told.count())


def count_share(mentions: ir.Table, view: View) -> ir.Table:
    """Count the mentions of the brand and of all brands, or of those named beside it."""
    told = keep_told(mentions, view)
    told = told.filter(told.is_first_of_brand)
    if view.query.rivals:
        told = told.filter(told.brand.isin((view.query.brand, *view.query.rivals)))
    told = view.add_dimensions(told)
    part = (told.brand == view.query.brand).sum().fill_null(0)
    return aggregate(told, view, part=part, whole=told.count(), rows=told.count())


def count_moods(rows: ir.Table, view: View) -> ir.Table:
    """Count the posts by sentiment."""
    spoken = keep_spoken(rows, view)
    told = view.add_dimensions(spoken.filter(spoken.sentiment.notnull()))
    return aggregate(
        told,
        view,
        positive=(told.sentiment == "positive").sum().fill_null(0),
        negative=(told.sentiment == "negative").sum().fill_null(0),
        whole=told.count(),
        rows=told.count(),
    )


def count_opinions(opinions: ir.Table, view: View) -> ir.Table:
    """Count what is said of aspects, by polarity."""
    told = keep_told(opinions, view)
    if view.query.brand:
        told = told.filter(told.brand == view.query.brand)
    elif "link" not in view.by:
        told = told.filter(told.is_first_of_aspect)
    told = view.add_dimensions(told)
    return aggregate(
        told,
        view,
        positive=(told.polarity > 0).sum().fill_null(0),
        negative=(told.polarity < 0).sum().fill_null(0),
        whole=told.count(),
        rows=told.count(),
    )


def count_carried(scores: ir.Table, view: View) -> ir.Table:
    """Count the posts of the brand that carry the message, and all of the brand."""
    told = keep_told(scores, view)
    told = view.add_dimensions(told.filter(told.links.contains(view.query.brand)))
    part = told.storylines.contains(view.query.message).fill_null(False).sum().fill_null(0)
    return aggregate(told, view, part=part, whole=told.count(), rows=told.count())


def sum_reactions(engagement: ir.Table, view: View) -> ir.Table:
    """Add up what the posts of the period set off."""
    told = keep_told(engagement, view)
    told = told.filter(told.brands.contains(view.query.brand)) if view.query.brand else told
    told = view.add_dimensions(told)
    return aggregate(told, view, value=told.total.sum().fill_null(0), rows=told.count())


def count_reached(events: ir.Table, view: View) -> ir.Table:
    """Count the different people whom an event shows as reached."""
    rows = keep_events(events, view, *REACHED)
    rows = view.add_dimensions(rows.filter(rows.actor.notnull()))
    return aggregate(rows, view, value=rows.actor.nunique(), rows=rows.count())


METRICS = (
    Metric(
        "volume",
        Theme.VOICE,
        Words("声量", "Volume"),
        Words(
            "期间内提及该品牌（含其产品、功能、人物）的帖子数；一条帖子提到多次只算一次。未选品牌时为全部已评分的帖子数。",
            "Posts of the period that mention the brand, its products, features or people; a post counts once however "
            "often it names them. Without a brand: all scored posts.",
        ),
        POSTS,
        ONE_POST,
        Method.NONE,
        choose_mentions,
        count_spoken,
        tell_count,
        (*TOLD, "brand", "link", "sentiment", "type"),
        SPOKEN_FILTERS,
        INSIGHT,
        has_model=True,
    ),
    Metric(
        "volume_once",
        Theme.VOICE,
        Words("去重声量", "Volume without copies"),
        Words(
            "声量，但与此前 30 天内某帖相同或几乎相同的帖子不计。",
            "Volume, where posts that say the same, or nearly, as one of the 30 days before are left out.",
        ),
        POSTS,
        ONE_POST,
        Method.NONE,
        choose_mentions,
        count_spoken_once,
        tell_count,
        (*TOLD, "brand", "link", "sentiment", "type"),
        ("brand", "channel", "market", "without"),
        INSIGHT,
        has_model=True,
    ),
    Metric(
        "ugc_a_day",
        Theme.VOICE,
        Words("日均用户原创", "User posts a day"),
        Words(
            "期间内用户原创的、提及该品牌的帖子数（不含转发与评论）÷ 有数据的天数。品牌官方账号的帖子按 without 剔除。",
            "Original posts of the period that mention the brand, no reposts or comments, ÷ days with data. Posts of "
            "the brand's own accounts are left out by naming these.",
        ),
        A_DAY,
        ONE_POST,
        Method.NONE,
        choose_mentions,
        count_own_posts,
        tell_a_day,
        (*TOLD, "brand", "link"),
        SPOKEN_FILTERS,
        INSIGHT,
        has_model=True,
    ),
    Metric(
        "share_of_voice",
        Theme.VOICE,
        Words("声量份额", "Share of voice"),
        Words(
            "提及该品牌的帖数 ÷ 目录中各品牌被提及次数之和 × 100；一帖提到两个品牌，各算一次。区间为 Wilson 95% 区间。",
            "Mentions of the brand ÷ mentions of all brands in the catalogue × 100; a post that names two brands "
            "counts once for each. Interval: Wilson's 95% interval.",
        ),
        PER_CENT,
        Words("一帖提到的一个品牌", "one brand in one post"),
        Method.WILSON,
        always("mentions"),
        count_share,
        tell_share,
        TOLD,
        (*SPOKEN_FILTERS, "rivals"),
        INSIGHT,
        needs=("brand",),
        has_model=True,
    ),
    Metric(
        "net_sentiment",
        Theme.VOICE,
        Words("净情感度", "Net sentiment"),
        Words(
            "（正面帖数 − 负面帖数）÷ 已判定情感的帖数 × 100。区间为 Tango 95% 得分区间。",
            "(Positive posts − negative posts) ÷ posts with a sentiment × 100. Interval: Tango's 95% score interval.",
        ),
        POINTS,
        ONE_POST,
        Method.TANGO,
        choose_mentions,
        count_moods,
        tell_net,
        (*TOLD, "brand", "link", "type"),
        SPOKEN_FILTERS,
        INSIGHT,
        has_model=True,
    ),
    Metric(
        "aspect_sentiment",
        Theme.VOICE,
        Words("方面情感", "Aspect sentiment"),
        Words(
            "（正面评价 − 负面评价）÷ 全部评价 × 100。一条评价是一帖对一个产品的一个方面所说的；"
            "未选品牌也不按产品看时，一帖对一个方面只算一次。",
            "(Positive − negative opinions) ÷ all opinions × 100. One opinion is what a post says of one aspect of one "
            "product; without a brand, and not by product, a post counts once for each aspect.",
        ),
        POINTS,
        Words("一帖对一个方面的评价", "one post's opinion of one aspect"),
        Method.TANGO,
        always("opinions"),
        count_opinions,
        tell_net,
        (*TOLD, "brand", "link", "aspect"),
        SPOKEN_FILTERS,
        INSIGHT,
        has_model=True,
    ),
    Metric(
        "message_pull_through",
        Theme.VOICE,
        Words("信息传达率", "Message pull-through"),
        Words(
            "提及该品牌的帖子中，带有所选关键信息的占比。品牌官方账号的帖子按 without 剔除。",
            "The share of posts that mention the brand which carry the key message. Posts of the brand's own accounts "
            "are left out by naming these.",
        ),
        PER_CENT,
        ONE_POST,
        Method.WILSON,
        always("scores"),
        count_carried,
        tell_share,
        TOLD,
        (*SPOKEN_FILTERS, "message"),
        INSIGHT,
        needs=("brand", "message"),
        caveats=(PASSED_ON,),
        has_model=True,
    ),
    Metric(
        "engagement",
        Theme.VOICE,
        Words("互动量", "Engagement"),
        Words(
            "期间内发布的帖子引发的转发、评论与点赞之和，取来源所报数与所见数中较大者。",
            "Reposts, comments and likes of the posts published in the period; per post the larger of what the source "
            "states and what was seen.",
        ),
        Words("次", "actions"),
        ONE_POST,
        Method.NONE,
        always("engagement"),
        sum_reactions,
        tell_engagement,
        TOLD,
        ("brand", "channel", "market"),
        INSIGHT,
        has_model=True,
    ),
    Metric(
        "reach",
        Theme.VOICE,
        Words("触达人数", "Reach"),
        Words(
            "期间内有记录看过、转发、评论、点赞、点击、扫码、到访、投票或加入的不同的人数。",
            "Different people whom an event of the period shows as reached: they saw, reposted, commented, liked, "
            "clicked, scanned, visited, voted or joined.",
        ),
        PEOPLE,
        ONE_PERSON,
        Method.NONE,
        always("events"),
        count_reached,
        tell_count,
        EVENT_DIMENSIONS,
        EVENT_FILTERS,
        INSIGHT,
        basis=tuple(str(verb) for verb in REACHED),
        caveats=(IDENTIFIED,),
    ),
)
