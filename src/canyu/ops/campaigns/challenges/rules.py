"""What a challenge counts, who may do how much a day, which hashtags a text carries, which votes are held; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from canyu.kit.words import Words

MOST_WEIGHT = 1_000
MOST_JURY = 1_000
"""Points that the jury may give one entry."""
MOST_TAGS = 5
KEPT = "\n\u200d"
"""Beside what can be printed: lines, and what joins emoji."""
BURST = timedelta(minutes=10)
MOST_IN_BURST = 5
MOST_FRESH_IN_BURST = 3
USUAL_HOSTS = (
    *("weibo.com", ".weibo.com", "weibo.cn", ".weibo.cn", "xhslink.com", ".xiaohongshu.com", ".douyin.com"),
    *(".bilibili.com", "b23.tv", ".kuaishou.com", ".zhihu.com", ".instagram.com", "instagram.com", ".tiktok.com"),
    *(".youtube.com", "youtu.be", "x.com", ".x.com", ".facebook.com"),
)
"""Where public posts are, before somebody names other hosts for a challenge."""


class Way(StrEnum):
    """How an entry comes in."""

    LINK = "link"
    UPLOAD = "upload"
    POST = "post"


class EntryState(StrEnum):
    """Where an entry stands."""

    PENDING = "pending"
    SHOWN = "shown"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Reason(StrEnum):
    """Why an entry is refused."""

    OFF_TOPIC = "off_topic"
    COPY = "copy"
    ADVERT = "advert"
    OFFENSIVE = "offensive"
    PRIVACY = "privacy"
    RIGHTS = "rights"
    FALSE = "false"
    OTHER = "other"


class Part(StrEnum):
    """What may count for the score."""

    VOTES = "votes"
    LIKES = "likes"
    REPOSTS = "reposts"
    COMMENTS = "comments"
    JURY = "jury"


class VoteState(StrEnum):
    """Whether a vote counts."""

    COUNTED = "counted"
    HELD = "held"
    REFUSED = "refused"


class Sign(StrEnum):
    """What speaks against a vote until a person has looked at it."""

    NETWORK = "network"
    FRESH = "fresh"


WAY_WORDS: dict[str, Words] = {
    Way.LINK: Words("公开帖子的链接", "a link to a public post"),
    Way.UPLOAD: Words("上传图片或短文", "an image or a short text"),
    Way.POST: Words("收集到的带话题帖子", "collected posts with the hashtag"),
}
STATE_WORDS: dict[str, Words] = {
    EntryState.PENDING: Words("待审", "To decide"),
    EntryState.SHOWN: Words("已展示", "Shown"),
    EntryState.REFUSED: Words("未通过", "Refused"),
    EntryState.WITHDRAWN: Words("已撤回", "Withdrawn"),
}
REASON_WORDS: dict[str, Words] = {
    Reason.OFF_TOPIC: Words("与主题无关", "Not on the topic"),
    Reason.COPY: Words("照搬他人内容", "A copy of another's"),
    Reason.ADVERT: Words("广告", "Advertising"),
    Reason.OFFENSIVE: Words("冒犯他人", "Offensive"),
    Reason.PRIVACY: Words("泄露他人隐私", "Shows somebody without their leave"),
    Reason.RIGHTS: Words("可能侵权", "May belong to somebody else"),
    Reason.FALSE: Words("不实或夸大的产品说法", "An untrue claim about the product"),
    Reason.OTHER: Words("其他（请说明）", "Another reason (say which)"),
}
PART_WORDS: dict[str, Words] = {
    Part.VOTES: Words("票数", "votes"),
    Part.LIKES: Words("点赞", "likes"),
    Part.REPOSTS: Words("转发", "reposts"),
    Part.COMMENTS: Words("评论", "comments"),
    Part.JURY: Words("评委分", "points of the jury"),
}
SIGN_WORDS: dict[str, Words] = {
    Sign.NETWORK: Words(
        "同一网络 10 分钟内给同一作品投了 5 票以上",
        "more than 5 votes for one entry from one network within 10 minutes",
    ),
    Sign.FRESH: Words(
        "同一网络 10 分钟内有 3 个以上刚加入的人投给同一作品",
        "more than 3 from one network who had just joined, for one entry within 10 minutes",
    ),
}


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """How many points each counted part gives; integers, so that a score is the same wherever it is computed."""

    votes: int = 1
    likes: int = 0
    reposts: int = 0
    comments: int = 0
    jury: int = 0

    def weigh(self) -> dict[Part, int]:
        """Return the parts that count, with their weights."""
        return {part: weight for part in Part if (weight := getattr(self, part))}


def compute_score(rule: ScoreRule, counts: Mapping[Part, int]) -> int:
    """Return the score of what was counted: the sum of counts times weights.

    >>> compute_score(ScoreRule(votes=2, likes=1), {Part.VOTES: 400, Part.LIKES: 100, Part.JURY: 9})
    900
    """
    return sum(weight * counts.get(part, 0) for part, weight in rule.weigh().items())


def find_day(moment: datetime, zone: str) -> date:
    """Return the day that it is in a market at an instant.

    >>> from datetime import UTC
    >>> find_day(datetime(2026, 11, 30, 16, 0, tzinfo=UTC), "Asia/Shanghai").isoformat()
    '2026-12-01'
    """
    return moment.astimezone(ZoneInfo(zone)).date()


def find_midnight(moment: datetime, zone: str) -> datetime:
    """Return the instant at which the next day of a market begins.

    >>> from datetime import UTC
    >>> find_midnight(datetime(2026, 11, 30, 15, 59, tzinfo=UTC), "Asia/Shanghai").isoformat()
    '2026-12-01T00:00:00+08:00'
    """
    return datetime.combine(find_day(moment, zone) + timedelta(days=1), time(), ZoneInfo(zone))


def split_tags(text: str) -> list[str]:
    """Return the hashtags of a form's field, without their signs, each once.

    >>> split_tags("#春天自驾# ＃SpringRoad, springroad")
    ['春天自驾', 'SpringRoad']
    """
    found: dict[str, str] = {}
    for part in re.split(r"[\s,，;；、#]+", unicodedata.normalize("NFKC", text)):
        if part:
            found.setdefault(part.casefold(), part)
    return list(found.values())


def has_tag(text: str, tags: Sequence[str]) -> bool:
    """Say whether a text carries one of the hashtags, written ``#tag#`` or ``#tag`` with an end.

    >>> has_tag("出发 ＃春天自驾＃", ["春天自驾"]), has_tag("#SPRINGROAD!", ["springroad"])
    (True, True)
    >>> has_tag("#春天自驾游 第一天", ["春天自驾"])
    False
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return any(re.search(rf"#\s?{re.escape(tag.casefold())}(?=#|[^\w]|$|\s#)", folded) for tag in tags)


def judge_vote(from_network: int, fresh_from_network: int, is_fresh: bool) -> list[Sign]:
    """Return what speaks against a vote, by the votes that the entry got from its network within ten minutes.

    >>> judge_vote(4, 0, False), judge_vote(5, 0, False), judge_vote(3, 3, True)
    ([], [<Sign.NETWORK: 'network'>], [<Sign.FRESH: 'fresh'>])
    """
    signs = [Sign.NETWORK] if from_network >= MOST_IN_BURST else []
    return [*signs, Sign.FRESH] if is_fresh and fresh_from_network >= MOST_FRESH_IN_BURST else signs


def clean_text(text: str, most: int) -> str:
    r"""Return a text as it is kept: without control signs, lines in one way, cut where it is far too long.

    >>> clean_text(" a\0\u202eb\u3000c\r\nd ", 9)
    'ab c\nd'
    """
    kept = (sign if sign.isprintable() or sign in KEPT else " " if sign.isspace() else "" for sign in text)
    return "".join(kept).replace(" \n", "\n").strip()[:most]


def to_us(moment: datetime) -> int:
    """Return an instant as microseconds since 1970: what ties are broken by, exactly.

    >>> from datetime import UTC
    >>> to_us(datetime(1970, 1, 1, 0, 0, 1, 50_000, tzinfo=UTC))
    1050000
    """
    return (moment - EPOCH) // timedelta(microseconds=1)


EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
