"""What each figure about topics is, in words that a person can check."""

from __future__ import annotations

from canyu.kit.words import Words

STATUSES: dict[str, Words] = {
    "new": Words("新出现", "new"),
    "continued": Words("延续", "goes on"),
    "split": Words("分化", "split off"),
    "merged": Words("合并", "merged"),
    "ended": Words("结束", "ended"),
}

DEFINITIONS: dict[str, Words] = {
    "topic": Words(
        "同一时段内用词相近的一组帖子，以共同的话题标签或短语命名；去重后至少五条。与哪个话题都不相近的帖子不归入任何话题。",
        "Posts of one period that use the same words, named after their common hashtag or phrase; at least five, "
        "copies left out. Posts that are like no topic belong to none.",
    ),
    "unique_posts": Words(
        "内容相同或近乎相同的帖子只算一条；命名与选代表帖也只用其中一条。",
        "Copies and near copies count once; labels and standing posts come from one of them too.",
    ),
    "sentiment": Words(
        "已判定情感的帖子中正面、负面各占多少；没有判定的不计入分母。",
        "Positive and negative posts ÷ posts of the topic with a sentiment.",
    ),
    "own_posts": Words(
        "其中官方账号：产品目录登记的品牌账号发的帖数，含雷同帖；话题的帖数也包括它们。",
        "By the brands' own accounts: posts, copies too, of the accounts that the catalogue registers; a topic counts "
        "them still.",
    ),
    "status": Words(
        "与上一时段相比：用词足够相近即延续；一个变多个为分化，多个变一个为合并，不再达到规模为结束。",
        "Against the period before: a topic goes on when its words stay alike; one to several is split, several to one "
        "merged, too few to find is ended.",
    ),
}
