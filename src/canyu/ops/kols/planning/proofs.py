"""How each figure of the plan came to be: definition, method, graph, roster, samples, caveats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.kit.numbers import format_full
from canyu.kit.words import Words
from canyu.ops.kols.planning.answers import Ground, get_people
from canyu.ops.kols.planning.engine import SEED
from canyu.ops.kols.planning.graphs import OpenGraph
from canyu.ops.kols.planning.queries import Certificate
from canyu.ops.kols.planning.schemas import Answer, PlanQuery

DEFINITIONS: dict[str, tuple[Words, Words]] = {
    "reach": (
        Words("触达（去重）", "Unique reach"),
        Words(
            "在所设小时数内，至少被方案中一个账号直接或经转发触达的人数，每人只计一次。"
            "不是粉丝数之和：同一个人关注几个账号，粉丝数之和就数几次。",
            "People whom at least one account of the plan reaches within the hours asked for, directly or through"
            " reposts, each counted once. It is no sum of followers: that counts a person once per account followed.",
        ),
    ),
    "share": (
        Words("占受众", "Of the audience"),
        Words("触达人数除以受众人数。", "Unique reach divided by the audience."),
    ),
    "cost": (
        Words("花费", "Cost"),
        Words("方案中各账号当前有效报价之和。", "The sum of the prices in force of the accounts in the plan."),
    ),
    "per_person": (
        Words("每触达一人", "Per person reached"),
        Words(
            "花费除以触达（去重）。表中每个账号的同名数字是它的报价除以只有它触达的人数。",
            "Cost divided by unique reach. In the table it is an account's price divided by the people whom only it"
            " reaches.",
        ),
    ),
    "goal": (
        Words("完成目标", "Of the goal"),
        Words("触达（去重）除以目标人数。", "Unique reach divided by the people asked for."),
    ),
    "certificate": (
        Words("保证", "Guarantee"),
        Words(
            "在同样的预算、配额、必选和不选之内，没有任何方案的触达能超过某个上限；"
            "这里是本方案的下限除以这个上限。上下限同时成立的概率不小于 1 − 2δ。",
            "Within the same budget, quotas, must and never, no plan can reach more than a bound; this is what the plan"
            " reaches at least, divided by that bound. Both hold together with probability 1 − 2δ or more.",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class PlanProof:
    """All that the drawer tells of one figure."""

    name: str
    label: Words
    definition: Words
    method: Words
    facts: list[tuple[Words, Words]]
    caveats: list[Words]


def prove_figure(
    name: str, ground: Ground, query: PlanQuery, answer: Answer, certificate: Certificate
) -> PlanProof | None:
    """Return how a figure came to be; None for a name that none has."""
    if name not in DEFINITIONS:
        return None
    label, definition = DEFINITIONS[name]
    method = _METHOD_GRAPH if ground.building is not None else _METHOD_PLAIN
    facts = list_facts(ground, query, answer)
    if name == "certificate" and certificate.best is not None:
        best = certificate.best
        drawn = " + ".join(format_full(count) for count in best.samples)
        facts.append(
            (
                Words("上限算自", "The bound rests on"),
                Words(f"{drawn} 个样本，δ = {best.delta:.1g}", f"{drawn} sets, δ = {best.delta:.1g}"),
            )
        )
        facts.append(
            (Words("最好也不超过", "Nothing reaches more than"), _people(best.most_share * answer.people.value))
        )
    return PlanProof(name, label, definition, method, facts, _list_caveats(name, ground, answer))


def list_facts(ground: Ground, query: PlanQuery, answer: Answer | None) -> list[tuple[Words, Words]]:
    """Return what a figure was counted on: roster, audience, graph, samples; without ``answer`` no samples."""
    roster, people = ground.roster, get_people(query, ground.building) if answer is None else answer.people
    read = f"{roster.read_at:%Y-%m-%d %H:%M:%S} UTC"
    facts = [
        (
            Words("名册", "Roster"),
            Words(
                f"{len(roster.table):,} 个账号有有效报价（{query.currency}），读于 {read}",
                f"{len(roster.table):,} accounts with a price in force ({query.currency}), read {read}",
            ),
        )
    ]
    audience = _people(people.value)
    if not people.is_certain:
        ends = _people(people.low), _people(people.high)
        audience = Words(
            f"{audience.zh}（{ends[0].zh} 至 {ends[1].zh}）", f"{audience.en} ({ends[0].en} to {ends[1].en})"
        )
    facts.append((Words("受众", "Audience"), audience))
    building = ground.building
    if building is None:
        seen = f"{query.seen.value:g}% ({query.seen.low:g}–{query.seen.high:g}%)"
        return [*facts, (Words("假定看到的粉丝", "Followers assumed to see a post"), Words(seen, seen))]
    about, graph = building.about, building.graph
    made = f"{about.made_at:%Y-%m-%d %H:%M:%S} UTC"
    missing = len(building.missing)
    versions = about.told.get("lake_versions")
    learned = ", ".join(f"{name}@{version}" for name, version in versions.items()) if isinstance(versions, dict) else ""
    return [
        *facts,
        (
            Words("影响图", "Graph"),
            Words(
                f"{graph.nodes:,} 个节点、{graph.arcs:,} 条边，生成于 {made}",
                f"{graph.nodes:,} nodes, {graph.arcs:,} arcs, made {made}",
            ),
        ),
        (Words("传播模型", "Model"), Words(about.model, about.model)),
        *_tell_samples(answer, building.seconds),
        (Words("时限", "Hours"), _tell_hours(query, about)),
        *([(Words("学自数据湖", "Learned from the lake"), Words(learned, learned))] if learned else []),
        (Words("不在图里的账号", "Accounts not in the graph"), Words(f"{missing:,}", f"{missing:,}")),
    ]


def _tell_samples(answer: Answer | None, seconds: float) -> list[tuple[Words, Words]]:
    if answer is None:
        return []
    told = Words(
        f"{answer.samples:,} 个反向可达集，种子 {SEED}，用时 {seconds:.1f} 秒",
        f"{answer.samples:,} reverse-reachable sets, seed {SEED}, drawn in {seconds:.1f} s",
    )
    return [(Words("样本", "Samples"), told)]


def _tell_hours(query: PlanQuery, about: OpenGraph) -> Words:
    if about.delays is None:
        return Words("图里没有延迟，不计时限", "not counted: the graph has no delays")
    centre = float(np.median(about.delays.centres_h))
    return Words(
        f"{query.hours} 小时内，典型延迟 {centre:.1f} 小时",
        f"within {query.hours} h; a delay is {centre:.1f} h as a rule",
    )


def _list_caveats(name: str, ground: Ground, answer: Answer) -> list[Words]:
    found = []
    if ground.building is None:
        found.append(_ASSUMED)
    else:
        found.append(_HAND)
        if not answer.people.is_certain:
            found.append(_BOTH)
        elif answer.people.value != ground.building.graph.nodes:
            found.append(_SCALED)
        found.append(_MODEL)
    if name == "certificate":
        found.append(_NO_MINIMA)
    return found


def _people(value: float) -> Words:
    text = format_full(round(value))
    return Words(f"{text} 人", f"{text} people")


_METHOD_GRAPH = Words(
    "从影响图抽取反向可达集：随机取一人，问谁的帖子会传到他。样本一次抽好并留住，方案改动时在同一批样本上精确计数；"
    "触达占比就是含有方案中任一账号的样本占比，再乘以受众人数。",
    "Reverse-reachable sets are drawn from the graph: one person at random, and everybody whose post would come to"
    " them. They are drawn once and kept; when the plan changes it is counted anew on the same sets, exactly. The share"
    " reached is the share of sets that hold any account of the plan; times the audience that is people.",
)
_METHOD_PLAIN = Words(
    "没有影响图，按曝光估算：触达 = N(1 − exp(−曝光/N))，N 是受众人数，"
    "曝光 = 粉丝数 × 假定看到的比例。区间来自这两个假定。",
    "There is no graph, so it is estimated from impressions: reach = N(1 − exp(−impressions/N)), with N the audience"
    " and impressions = followers × the share assumed to see a post. The interval comes from these two assumptions.",
)
_ASSUMED = Words(
    "这是假定，不是测量：真实账号的粉丝彼此重叠更多，所以偏高。",
    "This is an assumption and no measurement: audiences of real accounts overlap more, so it is an upper figure.",
)
_HAND = Words(
    "照着“会新增”一个个挑，等于在样本上选：结果会略微偏高。“用新样本再算”给出没有偏的数。",
    "Choosing account by account by what would be added is choosing on the sets: the figure is then a little high."
    " Counting on fresh sets tells it without that.",
)
_BOTH = Words(
    "区间同时含抽样误差与受众人数的不确定，按独立、对数正态合并。",
    "The interval holds both chance and what is not known of the audience's size, taken as independent and log-normal.",
)
_SCALED = Words(
    "受众人数按给定的数计，没有误差；在“限制与假定”里给出上下限，区间会更宽。",
    "The audience is taken as certain; give its ends under limits and assumptions, and the interval widens.",
)
_MODEL = Words(
    "影响概率来自图本身：图不对，数字就不对。没有学习到的概率时用加权级联模型。",
    "The chances of influence are the graph's: where it is wrong, so is the figure. Without learned chances it is the"
    " weighted cascade model.",
)
_NO_MINIMA = Words(
    "上限不计“至少”配额：它们只会让最好的方案更小，所以保证仍然成立。",
    "The bound leaves out quotas of at least: they only make the best smaller, so the guarantee holds.",
)
