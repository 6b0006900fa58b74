"""What each figure about storylines is, in words that a person can check."""

from __future__ import annotations

from canyu.kit.words import Words

DEFINITIONS: dict[str, Words] = {
    "pull_through": Words(
        "提及该品牌的帖子中，说出这条主张的占比；官方账号的帖子不计入分子和分母。被否认、被质问的不算说出。"
        "区间为 Wilson 95% 区间。",
        "Share of the posts that mention the brand which carry the message; posts of official accounts are in neither "
        "count. A message that is denied or only asked about is not carried. Interval: Wilson's 95 % interval.",
    ),
    "unique_pull_through": Words(
        "同上，但内容相同或近乎相同的帖子只算一条；判断口碑请看这一项，转抄不是第二个人的看法。",
        "The same with copies and near copies counted once: the one to judge by, a copy is no second opinion.",
    ),
    "countering": Words(
        "说出反面主张、或直接否认该主张的帖子数。",
        "Posts that carry a counter-message or deny the message outright.",
    ),
    "first_carriers": Words(
        "最早说出该主张的十位作者（按各自第一条帖子的时间），官方账号除外；触达为来源所报的粉丝或互动数，仅供参考。",
        "The first ten authors who carried the message, by the time of their first post, official accounts left out; "
        "reach is what the source states (followers or reactions), a proxy.",
    ),
    "growth": Words(
        "本周去重占比 ÷ 上周去重占比 − 1；上周为零时留空。两周的 95% 区间不重叠才标为明确变化（偏保守）。",
        "This week's share without copies ÷ last week's − 1; left out where last week had none. A change is marked "
        "clear only where the two weeks' 95 % intervals do not overlap (on the careful side).",
    ),
    "asked": Words("只问不答的帖子，不算说出，也不算反对。", "Posts that only ask; they neither carry nor counter."),
}
CAVEAT_MATCH = Words(
    "由短语和例句匹配得出，会漏掉别的说法；帖中若同时说到竞品，所说的可能是竞品。",
    "Found by phrases and examples: other wordings are missed, and in a post that names a competitor too the message "
    "may be about that one.",
)
