"""What each figure and picture is, in words that a person can check; the same text stands in the reference pages.

Figures are metrics of the catalogue: their words stand there.
"""

from __future__ import annotations

from canyu.kit.words import Words
from canyu.measure.catalogue.registry import METRICS
from canyu.measure.catalogue.words import ONCE


def _tell_once(definition: Words) -> Words:
    """Return a definition with what its value without copies is."""
    return Words(definition.zh + ONCE.zh, f"{definition.en} {ONCE.en}")


DEFINITIONS: dict[str, Words] = {
    **{name: METRICS[name].definition for name in ("board_minutes", "engagement")},
    **{name: _tell_once(METRICS[name].definition) for name in ("volume", "net_sentiment", "share_of_voice")},
    "volume_by_day": Words(
        "每天的提及帖数（按品牌所在时区的日）。当天没有任何已评分的数据时留空，不记为 0。",
        "Posts per day of the brand's own zone. A day without any scored data at all is left out, not drawn as 0.",
    ),
    "sentiment_by_day": Words(
        "每天的净情感度及其 95% 区间（Tango 1998）；没有已判定情感的帖子时留空。",
        "Net sentiment per day with its 95% interval (Tango 1998); left out where no post of the day has a sentiment.",
    ),
    "products": Words(
        "期间内提及各产品、功能、人物的帖子数与其净情感度。",
        "Posts of the period that mention each product, feature or person, with their net sentiment.",
    ),
    "posts": Words(
        "期间内发布、引发互动最多的帖子（转发 + 评论 + 点赞）。",
        "Posts published in the period that set off most (reposts + comments + likes).",
    ),
    "channels": Words(
        "期间内各渠道的提及帖数与净情感度。", "Posts of the period per channel, with their net sentiment."
    ),
}

SUBTITLES: dict[str, Words] = {
    "volume_by_day": Words("每日帖数", "Posts per day"),
    "sentiment_by_day": Words(
        "每日净情感度（−100 到 100）与 95% 区间", "Net sentiment per day (−100 to 100) with its 95% interval"
    ),
    "share_of_voice": Words("各品牌提及占比 %", "Share of all brand mentions, %"),
    "products": Words("提及帖数与净情感度", "Posts that mention it, and net sentiment"),
    "channels": Words("各渠道帖数与净情感度", "Posts per channel, and net sentiment"),
    "board_minutes": Words("热搜在榜分钟数", "Minutes on hot lists"),
    "posts": Words("转发、评论、点赞之和最高的帖子", "Posts by reposts, comments and likes"),
}

FIGURES = ("volume", "net_sentiment", "share_of_voice", "board_minutes", "engagement")
"""Metrics of the catalogue that the overview shows."""
LABELS: dict[str, Words] = {name: METRICS[name].label for name in FIGURES}
UNITS: dict[str, Words] = {name: METRICS[name].unit for name in FIGURES}

COLUMNS: dict[str, Words] = {
    "day": Words("日期", "Day"),
    "posts": Words("帖数", "Posts"),
    "net": Words("净情感度", "Net sentiment"),
    "low": Words("区间下限", "Interval from"),
    "high": Words("区间上限", "Interval to"),
    "positive": Words("正面", "Positive"),
    "neutral": Words("中性", "Neutral"),
    "negative": Words("负面", "Negative"),
    "id": Words("标识", "Id"),
    "label_zh": Words("名称", "Name (Chinese)"),
    "label_en": Words("英文名称", "Name"),
    "mentions": Words("提及", "Mentions"),
    "share": Words("份额 %", "Share %"),
    "is_chosen": Words("所选品牌", "Chosen brand"),
    "minutes": Words("分钟", "Minutes"),
    "spells": Words("在榜次数", "Spells"),
    "titles": Words("词条数", "Entries"),
    "channel": Words("渠道", "Channel"),
    "time": Words("时间", "Time"),
    "text": Words("正文", "Text"),
    "reposts": Words("转发", "Reposts"),
    "comments": Words("评论", "Comments"),
    "likes": Words("点赞", "Likes"),
    "total": Words("互动合计", "Total"),
    "sentiment": Words("情感", "Sentiment"),
}

NO_SCORES = Words("还没有评分，请先运行 canyu listen。", "No scores yet: run canyu listen.")
NO_POSTS = Words("期间内没有帖子。", "There are no posts in the period.")
NO_SENTIMENT = Words("期间内没有已判定情感的帖子。", "No post of the period has a sentiment.")
NO_BRAND = Words("请先选定一个品牌。", "Choose a brand first.")
NO_BOARD = Words(
    "还没有热搜榜数据，请导入榜单后运行 canyu listen。", "No hot lists yet: import some, then run canyu listen."
)

CAVEAT_COLLECTED = Words(
    "只统计已导入的内容；平台未采集的部分不在其中。", "Counts what was imported; what no source collected is not in it."
)
CAVEAT_MODEL = Words(
    "情感由模型判定，区间只含抽样误差，不含模型误差；模型版本 {model}。",
    "Sentiment is a model's judgement; the interval holds the error of sampling, not of the model ({model}).",
)
CAVEAT_NO_PREVIOUS = Words(
    "上一期 {days} 天中只有 {observed} 天有数据，因此不作比较。",
    "Of the {days} days before, only {observed} hold data, so nothing is compared.",
)
CAVEAT_BOARD_FILTER = Words(
    "热搜榜不分市场；市场筛选对此不起作用。", "Hot lists know no market; that filter does not apply here."
)
SIMULATED = Words("含模拟数据（演练）", "Contains simulated data (rehearsal)")
