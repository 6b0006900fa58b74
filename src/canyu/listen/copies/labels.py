"""What a group of posts looks like: much that looks arranged is a lottery, a fan club or a repost, and is named so."""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Verb

MAJORITY = 0.5


class GroupKind(StrEnum):
    """What most posts of a group are; ``COORDINATED`` says that none of the usual reasons was seen, and no more."""

    LOTTERY = "lottery"
    FAN_CLUB = "fan_club"
    OFFICIAL_REPOST = "official_repost"
    REWARD = "reward"
    NEWS = "news"
    COORDINATED = "coordinated"


NUMBER = "[0-9一二三四五六七八九十百]+"
PATTERNS = {
    GroupKind.LOTTERY: rf"抽奖|转发抽|转评赞?抽|[抽揪]\s*{NUMBER}\s*[位个人名]|开奖|中奖|锦鲤",
    GroupKind.FAN_CLUB: r"超话|打榜|应援|做数据|反黑|控评|助力榜|势力榜|后援会|打投|集资",
    GroupKind.REWARD: r"好评返|返现|晒图|晒单|优惠券|内\s?部\s?折扣|领券|评价有礼|五星好评|送京豆",
    GroupKind.NEWS: r"^\s*(?:#[^#]{1,32}#\s*)*【|据.{0,12}(?:报道|消息|通报)|记者|(?:来源|编辑)[:：]",
}
REPOSTED = r"^\s*(?:转发微博|轉發微博|Repost|//@)"


def label_group(posts: pa.Table) -> GroupKind:
    """Return what most of a group's posts (``text``, ``type``, ``parent``, ``cluster_id``) are.

    A group is of official reposts where most posts pass on one and the same post.
    """
    texts = posts["text"]
    for kind in (GroupKind.LOTTERY, GroupKind.FAN_CLUB):
        if _share(pc.match_substring_regex(texts, PATTERNS[kind])) >= MAJORITY:
            return kind
    parents = posts["parent"].filter(pc.fill_null(pc.equal(posts["type"], Verb.REPOST), False)).drop_null()
    is_copied = _count_commonest(posts["cluster_id"]) >= MAJORITY * len(posts)
    is_quoted = is_copied and _share(pc.match_substring_regex(texts, REPOSTED)) >= MAJORITY
    if is_quoted or _count_commonest(parents) >= MAJORITY * len(posts):
        return GroupKind.OFFICIAL_REPOST
    for kind in (GroupKind.REWARD, GroupKind.NEWS):
        if _share(pc.match_substring_regex(texts, PATTERNS[kind])) >= MAJORITY:
            return kind
    return GroupKind.COORDINATED


def _count_commonest(values: pa.ChunkedArray) -> int:
    return max((row["counts"].as_py() for row in pc.value_counts(values)), default=0)


def _share(marks: pa.ChunkedArray) -> float:
    return float(pc.mean(pc.fill_null(marks, False).cast(pa.float64())).as_py() or 0.0)
