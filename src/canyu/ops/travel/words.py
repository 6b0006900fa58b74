"""What the pages of spread call things, in both languages, and what each figure is."""

from __future__ import annotations

from canyu.kit.words import Words
from canyu.spread.cascades import How
from canyu.spread.cascades.how import CONFIDENCE

CASCADES = Words(
    "期间内发布、至少被转发一次的帖子。数据里没有原帖的，以它的第一条转发为准。",
    "Posts published in the period that were reposted at least once. Where the lake does not hold the post, its first "
    "repost says when.",
)
DEFINITIONS: dict[str, Words] = {
    "cascades": CASCADES,
    "reposts": Words(
        "这些帖子发布后 30 天内的转发，每条算一次；勾选后评论也算。",
        "Reposts of these posts within 30 days of the post, each once; comments too where that is asked for.",
    ),
    "median_depth": Words(
        "每棵传播树的深度是从原帖到最远一条转发的步数；这里是各树深度的中位数。",
        "The depth of a tree is the steps from the post to its farthest repost; this is the median over the trees.",
    ),
    "top_share": Words(
        "挂在带动最多的 10 个账号的转发之下、由别人发出的转发，占全部转发的比例；一条转发只算一次。发帖人自己不算在内。"
        "区间：对传播树有放回地重抽 1,000 次的 2.5% 至 97.5% 分位。",
        "Reposts by others that hang below a repost of one of the ten accounts that carried most, of all reposts; each "
        "counts once. The authors of the posts are not among the ten. Interval: the 2.5 to 97.5% quantiles of a "
        "thousand draws of the trees, with replacement.",
    ),
    "virality": Words(
        "最大一棵传播树里任意两个节点之间的平均步数（Goel 等，2016）：所有人都直接转发原帖时接近 2，越长的接力越大。",
        "The mean number of steps between any two nodes of the largest tree (Goel et al., 2016): about 2 where "
        "everybody reposts the post itself, larger the longer the chains.",
    ),
    "depth": Words(
        "从原帖到最远一条转发的步数；直接转发原帖的是 1。",
        "The steps from the post to its farthest repost; 1 for a repost of the post itself.",
    ),
    "one_virality": Words(
        "树里任意两个节点之间的平均步数（Goel 等，2016）：所有人都直接转发原帖时接近 2，越长的接力越大。",
        "The mean number of steps between any two nodes of the tree (Goel et al., 2016): about 2 where everybody "
        "reposts the post itself, larger the longer the chains.",
    ),
    "carried": Words(
        "别人的转发中，挂在该账号转发之下的条数，每条算一次。去掉这个账号，这些转发就断了来路。",
        "Reposts by others that hang below a repost of the account, each once: what would be cut off without it.",
    ),
    "bridging": Words(
        "传播树中，任意两个其他节点之间的路径经过该账号的比例（介数，Freeman 1977）。"
        "高的是桥：没有它，几个分支互不相连。",
        "The share of pairs of other nodes whose way leads through the account (betweenness, Freeman 1977). Bridges "
        "are high here: without them, branches fall apart.",
    ),
    "half_life": Words(
        "从发帖到一半转发（向上取整）出现的时间；没有发帖时间时从第一条转发算起。",
        "From the post until half of its reposts, rounded up, had come; from the first repost where the post has no "
        "time.",
    ),
    "sure": Words(
        "来源写明上一级的转发所占比例。其余的上一级是从文中的 //@昵称 等推断的，或者挂在原帖下。",
        "The share of reposts whose parent the source states. The others are guessed from the names quoted in the "
        "text, or hang on the post itself.",
    ),
}
LABELS: dict[str, Words] = {
    "cascades": Words("传播树", "Cascades"),
    "reposts": Words("转发", "Reposts"),
    "median_depth": Words("深度中位数", "Median depth"),
    "top_share": Words("前 10 个账号带动", "Carried by the top 10"),
    "virality": Words("最大一棵的结构传播度", "Structural virality of the largest"),
    "depth": Words("深度", "Depth"),
    "one_virality": Words("结构传播度", "Structural virality"),
    "half_life": Words("半数用时", "Half of them came in"),
    "sure": Words("来源写明的上级", "Parents stated"),
    "carried": Words("带动", "Carried"),
    "bridging": Words("桥接", "Bridging"),
}
UNITS: dict[str, Words] = {
    "cascades": Words("棵", ""),
    "reposts": Words("条", ""),
    "median_depth": Words("层", "steps"),
    "top_share": Words("%", "%"),
    "virality": Words("步", "steps"),
    "depth": Words("层", "steps"),
    "one_virality": Words("步", "steps"),
    "half_life": Words("秒", "s"),
    "sure": Words("%", "%"),
}
NO_CASCADES = Words("期间内没有被转发的帖子", "no post of the period was reposted")
GUESSED = Words(
    "转发的上一级并非都由来源写明。带动与深度按重建的树计算，不带区间；写明的比例低时，它们只是下限。",
    "Not every parent is stated by the source. What was carried, and depth, follow the rebuilt trees, without an "
    "interval; where few are stated they are lower bounds.",
)
COLLECTED = Words(
    "只含采集到的转发：平台未返回的不在内。",
    "Only what was collected: reposts that the platform did not show are missing.",
)
HOW_WORDS: dict[How, Words] = {
    How.STATED: Words("来源写明", "stated by the source"),
    How.QUOTED: Words("按引用的昵称", "by the name quoted"),
    How.QUOTED_SEVERAL: Words("按引用的昵称（有多个可能）", "by the name quoted, one of several"),
    How.QUOTED_FURTHER: Words("按链上更远的昵称", "by a name further down the chain"),
    How.ANSWERED: Words("按“回复@”", "by whom it answers"),
    How.OWN: Words("接在自己的转发之后", "after its own repost"),
    How.ANSWERED_SEVERAL: Words("按“回复@”（有多个可能）", "by whom it answers, one of several"),
    How.ROOT: Words("无从得知，挂在原帖下", "not known, so on the post"),
    How.ROOT_UNFOUND: Words("引用的人不在树中，挂在原帖下", "quotes somebody not found, so on the post"),
    How.ORPHAN: Words("上一级未采集到，挂在原帖下", "its parent was not collected, so on the post"),
    How.CUT: Words("互相指认，已断开", "they named each other, so cut"),
}
FORECAST_DEFINITIONS: dict[str, Words] = {
    "young": Words(
        "此刻发布 15 分钟至 12 小时、已有至少 10 条反应（转发与评论）的帖子；更早、更晚或更少的，没有可信的预测。",
        "Posts that are 15 minutes to 12 hours old at this moment, with at least ten reactions (reposts and comments): "
        "for others nothing was measured.",
    ),
    "seen": Words("这些帖子到此刻为止的反应数之和。", "The reactions to these posts until this moment, summed."),
    "likely": Words(
        "反应总数超过所选数目的概率不低于一半的帖子数。",
        "Posts whose reactions pass the chosen number in the end with a probability of at least one half.",
    ),
    "expected": Words(
        "各帖超过所选数目的概率之和：平均会有这么多条超过。",
        "The sum of the probabilities to pass the chosen number: so many pass it on average.",
    ),
    "size": Words(
        "发布后 24 小时与最终的反应数（转发与评论，不含原帖）及其 80% 区间，由此刻之前的时间、上下级和作者得出。",
        "Reactions (reposts and comments, without the post) in 24 hours and in the end with 80% intervals, from times, "
        "tree and author known until this moment.",
    ),
}
FORECAST_LABELS: dict[str, Words] = {
    "young": Words("可预测的帖子", "Posts to foresee"),
    "seen": Words("已见反应", "Reactions so far"),
    "likely": Words("多半会超过", "Likely to pass it"),
    "expected": Words("预计超过的条数", "Expected to pass it"),
    "size": Words("还会传多远", "How far it will go"),
}
FORECAST_UNITS: dict[str, Words] = {
    "young": Words("条", ""),
    "seen": Words("条", ""),
    "likely": Words("条", ""),
    "expected": Words("条", ""),
}
FORECAST_METHOD = """
-- then, on the rows above (docs/spread/prediction.md):
--   SeenCascade        the reactions to each post until the moment; later ones are not read
--   Predictor.predict  sizes at 24 hours and in the end with 80% intervals, the peak, the chance to pass a number
"""
LEARNT = Words(
    "模型学自 2010 至 2014 年的微博，最大的一条不到 1,000 条反应；在别的平台上区间未必成立。",
    "The model learnt from Weibo of 2010 to 2014, where the largest had under 1,000 reactions; on another platform the "
    "interval may not hold.",
)
BETWEEN = Words(
    "此刻与 24 小时之间的色带由模型逐时给出：增长份额学自 1 至 20 小时的几个时点，其间直线相连；覆盖率见模型卡。",
    "Between this moment and 24 hours the band is the model's own: it learnt the share of the growth at hours from 1 "
    "to 20, with straight lines between; its card says how often the band held at some of them.",
)
METHOD = """
-- then, on the rows above (docs/spread/cascades.md):
--   read_reposts      leads each repost along `parent` to its post
--   build_cascades    rebuilds the trees: parents stated, quoted, or the post; each edge with its confidence
--   measure_cascades  depth, mean distance, half-life; per account what it carried, what it joined
"""


def say_how(how: How) -> Words:
    """Return how a parent was found, with the chance that it is right where it is guessed.

    >>> say_how(How.STATED).en, say_how(How.ROOT).en
    ('stated by the source', 'not known, so on the post (61% right)')
    """
    words, chance = HOW_WORDS[how], CONFIDENCE[how]
    if chance in (0.0, 1.0):
        return words
    return Words(f"{words.zh}（{chance:.0%} 正确）", f"{words.en} ({chance:.0%} right)")
