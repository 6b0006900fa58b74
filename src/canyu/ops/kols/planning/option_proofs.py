"""How the figures of audience, waves and rumours came to be."""

from __future__ import annotations

from canyu.kit.words import Words
from canyu.ops.kols.planning.answers import Ground
from canyu.ops.kols.planning.audience import Audience
from canyu.ops.kols.planning.engine import SEED
from canyu.ops.kols.planning.options import RumourFound, WavesFound
from canyu.ops.kols.planning.proofs import PlanProof, list_facts
from canyu.ops.kols.planning.schemas import PlanQuery


def prove_audience(ground: Ground, query: PlanQuery, found: Audience) -> PlanProof:
    """Return how people by market, and by the accounts' platforms and markets, came to be."""
    facts = list_facts(ground, query, None)
    if found.homes is not None:
        homes = found.homes
        known = f"{homes.known:,} / {len(homes.numbers):,}"
        facts.append((Words("知道所在市场的节点", "Nodes whose market is known"), Words(known, known)))
        facts.append((Words("数据版本", "Data version"), Words(f"events@{homes.version}", f"events@{homes.version}")))
        drawn = Words(f"{found.samples:,} 个，种子 {SEED}", f"{found.samples:,} sets, seed {SEED}")
        facts.append((Words("样本", "Samples"), drawn))
    return PlanProof("audience", _AUDIENCE[0], _AUDIENCE[1], _AUDIENCE[2], facts, [_MARKETS, _HOME, _MODEL])


def prove_waves(ground: Ground, query: PlanQuery, found: WavesFound | None, *, is_replan: bool) -> PlanProof:
    """Return how waves came to be, those of a new plan or those made anew from what happened."""
    facts = list_facts(ground, query, None)
    if found is not None:
        facts += _tell_work(found.samples, found.delta, found.seconds)
    caveats = [_WAVE_BOUND, _MODEL]
    if is_replan:
        caveats = [_SEEN, _AGAIN, *caveats]
    label, definition, method = _REPLAN if is_replan else _WAVES
    return PlanProof("waves", label, definition, method, facts, caveats)


def prove_rumour(ground: Ground, query: PlanQuery, found: RumourFound | None) -> PlanProof:
    """Return how people saved from a rumour came to be."""
    facts = list_facts(ground, query, None)
    if found is not None:
        facts += _tell_work(found.samples, found.delta, found.seconds)
    label, definition, method = _RUMOUR
    return PlanProof("rumour", label, definition, method, facts, [_TIE, _CARRIERS, _MODEL])


def _tell_work(samples: tuple[int, int], delta: float, seconds: float) -> list[tuple[Words, Words]]:
    drawn = " + ".join(f"{count:,}" for count in samples)
    told = Words(
        f"{drawn} 个，种子 {SEED}，δ = {delta:.1g}，用时 {seconds:.1f} 秒",
        f"{drawn} sets, seed {SEED}, δ = {delta:.1g}, in {seconds:.1f} s",
    )
    return [(Words("样本（选择 + 检验）", "Sets (chosen on + judged on)"), told)]


_AUDIENCE = (
    Words("触达的人在哪里", "Where the people reached are"),
    Words(
        "按所在市场：影响图里某个市场的人，至少被方案中一个账号触达的有多少。一个人的市场，是数据湖里他自己的事件最多来自的市场。"
        "按账号：同一平台（或同一市场）的账号合起来触达的去重人数；“只有它们”是去掉这一组会少掉的人数。",
        "By where they are: of the graph's people of a market, those whom at least one account of the plan reaches. A"
        " person's market is the one that most of their own events in the lake came from. By account: unique people"
        " whom the accounts of one platform, or of one market, reach together; only they: how many fewer it"
        " would be without the group.",
    ),
    Words(
        "每个市场各抽自己的反向可达集，根只取这个市场的人；数其中含有方案账号的集合。账号分组在已抽好的样本上精确计数。",
        "Reverse-reachable sets are drawn for each market, with roots among its people alone; those that hold an"
        " account of the plan are counted. Groups of accounts are counted exactly on the sets drawn before.",
    ),
)
_WAVES = (
    Words("分波", "Waves"),
    Words(
        "每一波在什么时候由谁发，新增多少人，到这一波为止共触达多少人；都算到时限结束。预算平均分到各波，用不完的留给下一波。",
        "Who posts in each wave, how many people that adds, and how many all waves up to it reach, each by the"
        " deadline. Waves share the money alike; what one leaves goes to the next.",
    ),
    Words(
        "一波一波地选：每一波在新抽的反向可达集上，选出在前几波之外新增最多的账号。累计在另抽的同一批样本上计数。",
        "Wave by wave: each time the accounts that add most beside the waves before, on sets drawn anew. Sums up to a"
        " wave are counted on further sets, the same for all waves.",
    ),
)
_REPLAN = (
    Words("按已发生的重排", "Planned anew from what happened"),
    Words(
        "已经发出的账号、它们已触达的人（转发者）和已花的钱都算作既成事实；这里是还能再触达的人。",
        "The accounts that posted, whom they reached (who reposted) and the money spent are taken as they are; these"
        " are people who can still be reached.",
    ),
    Words(
        "与分波相同，但已触达的人不再计数，也不再重复传播；已发帖子到时限为止还会带来的人，算作没有新账号也会触达。",
        "As for waves, but whoever was reached counts no more and passes nothing on again; whom the posts that are out"
        " will still reach by the deadline counts as reached without any new account.",
    ),
)
_RUMOUR = (
    Words("能护住的人", "People saved"),
    Words(
        "谣言本来会传到、但因为先听到我们而没有听信的人数。"
        "另一种算法数所有先听到我们的人。谣言从已传播的账号继续扩散；每个人接受先到的一方，只转述那一方。",
        "People whom the rumour would have reached and who hear from us first; the other way of counting takes all who"
        " hear from us first. The rumour goes on from who spreads it; each person takes up what arrives first, and"
        " passes on that one alone.",
    ),
    Words(
        "按 Budak 等（WWW 2011）与 He 等（SDM 2012）的竞争级联模型，用反向集合选择账号并给出保证；"
        "“没有我们／有我们”是把谣言正向模拟若干次的平均。",
        "Accounts are chosen on reverse sets of the competing cascades of Budak et al. (WWW 2011) and He et al. (SDM"
        " 2012), with a bound; without us and with us are averages of the rumour played forward.",
    ),
)
_MARKETS = Words(
    "写了几个市场的账号在每个市场都算，因此各行相加会超过整个方案；账号的市场不等于读者的市场。",
    "An account of several markets counts in each, so rows add up to more than the plan; an account's market is not its"
    " readers'.",
)
_HOME = Words(
    "只转发、评论、点赞过的人才在数据湖里留有市场；其余的人市场未知，没有摊到别处。",
    "Only people with events in the lake have a market; the others' is not known, and is not spread over the rest.",
)
_WAVE_BOUND = Words(
    "保证是相对于每一波花费不超过同样份额的最好方案。",
    "The guarantee is against the best plan that spends no more in each wave than its part.",
)
_SEEN = Words(
    "只看到转发的人：看过但没有反应的人不知道，因此还能触达的人偏多。",
    "Only those who reposted are seen; who read and did nothing is not known, so what is left is an upper figure.",
)
_AGAIN = Words(
    "允许再发时，第二帖对每个人重新尝试一次，与第一帖无关：这是假定。",
    "Where accounts may post again, a second post tries everybody anew, apart from the first: an assumption.",
)
_TIE = Words(
    "两边同时到达时算谣言先到；我们的帖子与谣言的说服力相同。",
    "Where both arrive at once the rumour counts as first; our posts persuade as well as the rumour does.",
)
_CARRIERS = Words(
    "名单以外还有谁在传，这里不知道：名单越全，数字越准。",
    "Who else spreads it is not known here: the fuller the list, the better the figure.",
)
_MODEL = Words(
    "影响概率来自图本身：图不对，数字就不对。",
    "The chances of influence are the graph's: where it is wrong, so is the figure.",
)
