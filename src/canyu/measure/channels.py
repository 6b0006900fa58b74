"""Names of channels for people; a channel that is not listed is shown as the data names it."""

from __future__ import annotations

from canyu.kit.words import Words

CHANNELS: dict[str, Words] = {
    "amazon": Words("亚马逊", "Amazon"),
    "app": Words("自有 App", "Own app"),
    "autohome": Words("汽车之家", "Autohome"),
    "baidu": Words("百度", "Baidu"),
    "bilibili": Words("哔哩哔哩", "Bilibili"),
    "dongchedi": Words("懂车帝", "Dongchedi"),
    "douyin": Words("抖音", "Douyin"),
    "forum": Words("论坛", "Forum"),
    "instagram": Words("Instagram", "Instagram"),
    "jd": Words("京东", "JD"),
    "kuaishou": Words("快手", "Kuaishou"),
    "news": Words("新闻", "News"),
    "reddit": Words("Reddit", "Reddit"),
    "site": Words("官网", "Own site"),
    "store": Words("门店", "Store"),
    "taobao": Words("淘宝", "Taobao"),
    "tmall": Words("天猫", "Tmall"),
    "toutiao": Words("今日头条", "Toutiao"),
    "twitter": Words("X（推特）", "X (Twitter)"),
    "wechat": Words("微信", "WeChat"),
    "weibo": Words("微博", "Weibo"),
    "x": Words("X（推特）", "X (Twitter)"),
    "xiaohongshu": Words("小红书", "Xiaohongshu"),
    "youtube": Words("YouTube", "YouTube"),
    "zhihu": Words("知乎", "Zhihu"),
}


def get_channel_label(channel: str | None) -> Words:
    """Return a channel's name.

    >>> get_channel_label("weibo").zh, get_channel_label("my forum").en, get_channel_label(None).en
    ('微博', 'my forum', 'not stated')
    """
    if not channel:
        return Words("未注明", "not stated")
    return CHANNELS.get(channel, Words(channel, channel))
