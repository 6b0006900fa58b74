"""The three dimensions of a brand people take part in, as open indices: parts, scales and weights are all shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import sqrt
from typing import Any

from canyu.events import Lake
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.measure.catalogue.compute import compute_metric
from canyu.measure.catalogue.query import MetricQuery
from canyu.measure.catalogue.registry import get_metric
from canyu.measure.catalogue.result import MetricResult, describe_result
from canyu.measure.estimate import Estimate, tell_missing

LEAST_WEIGHT = 0.5
"""How much of the weight must be known for the index to be told."""
METHOD = Words(
    "各部分的区间按相互独立合成；没有区间的部分视为确知。",
    "The parts' intervals are combined as if independent; a part without one counts as known exactly.",
)
TOO_LITTLE = Words("已知部分的权重不足一半。", "Less than half of the weight is known.")
LEFT_OUT = Words(
    "未知、因此未计入（其余按权重放大）：{names}。",
    "Unknown and left out (the others' weights grow in proportion): {names}.",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One metric of an index: its weight, and the values that score 0 and 100; in between a straight line."""

    metric: str
    weight: float
    floor: float
    target: float

    def score(self, value: float) -> float:
        """Return the value on the scale from 0 to 100.

        >>> Part("nps", 1, 0, 50).score(25), Part("nps", 1, 0, 50).score(80)
        (50.0, 100.0)
        """
        return min(100.0, max(0.0, 100.0 * (value - self.floor) / (self.target - self.floor)))


@dataclass(frozen=True, slots=True)
class Index:
    """A dimension: the weighted mean of its parts' scores."""

    name: str
    label: Words
    definition: Words
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A part as it came out: its share of the whole weight, its answer or why there is none, and its score."""

    part: Part
    weight: float
    result: MetricResult | None
    missing: Words | None
    score: float | None


@dataclass(frozen=True, slots=True)
class IndexResult:
    """An index over a period, from 0 to 100, with everything it is made of."""

    index: Index
    query: MetricQuery
    estimate: Estimate
    parts: tuple[Scored, ...]


def _define(meant: Words) -> Words:
    return Words(
        meant.zh + "：各部分按各自的刻度折成 0 至 100 分，再按权重平均。权重可改；未知的部分不当作 0。",
        f"{meant.en}: each part is put on a scale from 0 to 100, and the scores are averaged by weight. The weights "
        "can be set; a part that is not known is no 0.",
    )


INDICES: dict[str, Index] = {
    index.name: index
    for index in (
        Index(
            "technology_for_everyone",
            Words("科技普惠", "Technology for everyone"),
            _define(Words("买得到、用得上、愿推荐的人有多广", "How wide the circle is that buys, uses, recommends")),
            (
                Part("female_share", 1, 0, 50),
                Part("overseas_share", 1, 0, 50),
                Part("conversion", 1, 0, 10),
                Part("nps", 1, 0, 50),
            ),
        ),
        Index(
            "ecosystem",
            Words("生态", "Ecosystem"),
            _define(Words("人们用得多深、留得多久", "How deep people go and how long they stay")),
            (
                Part("ecosystem_depth", 2, 1, 5),
                Part("retention", 1, 0, 40),
                Part("repurchase_rate", 1, 0, 40),
            ),
        ),
        Index(
            "resonance",
            Words("共鸣", "Resonance"),
            _define(Words("人们说得多、说得好、愿意传", "How much people say, how well, and whether they pass it on")),
            (
                Part("share_of_voice", 1, 0, 40),
                Part("net_sentiment", 1, -50, 50),
                Part("message_pull_through", 1, 0, 20),
                Part("participation_rate", 1, 0, 20),
                Part("k_factor", 1, 0, 1),
            ),
        ),
    )
}


def get_index(name: str) -> Index:
    """Return the index of this name; raises NotFound."""
    if name not in INDICES:
        known = ", ".join(INDICES)
        raise NotFound(
            Words(f"没有名为 {name!r} 的维度。", f"There is no index {name!r}."),
            mend=Words(f"可用：{known}。", f"Use: {known}."),
        )
    return INDICES[name]


def compute_index(
    lake: Lake,
    query: MetricQuery,
    weights: Mapping[str, float] | None = None,
    versions: Mapping[str, int] | None = None,
) -> IndexResult:
    """Return an index over a period; ``weights`` replace the shipped ones by the metric's name.

    Everything is read as the lake stands now, or stood at ``versions``.

    Filters go to the parts that know them. Raises BadInput for a weight that cannot be one.
    """
    index = get_index(query.name)
    if query.by or query.versus:
        raise BadInput(
            Words("维度只看整个期间。", "An index is told of a whole period."),
            mend=Words("去掉 by 与 versus。", "Leave out by and versus."),
        )
    chosen = _choose_weights(index, weights or {})
    kept = [part for part in index.parts if chosen[part.metric]]
    scored = [_score(lake, (part, chosen[part.metric]), query, versions) for part in kept]
    return IndexResult(index, query, _average(scored), tuple(scored))


def describe_index(result: IndexResult) -> dict[str, Any]:
    """Return an index as a program reads it."""
    estimate = result.estimate
    return {
        "name": result.index.name,
        "label_zh": result.index.label.zh,
        "label_en": result.index.label.en,
        "definition_zh": result.index.definition.zh,
        "definition_en": result.index.definition.en,
        "from": result.query.start.isoformat(),
        "to": result.query.end.isoformat(),
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "notes": [note.en for note in estimate.notes],
        "missing": estimate.missing.en if estimate.missing else None,
        "simulated": any(scored.result.is_simulated for scored in result.parts if scored.result),
        "parts": [
            {
                "metric": scored.part.metric,
                "weight": scored.weight,
                "floor": scored.part.floor,
                "target": scored.part.target,
                "score": scored.score,
                "missing": scored.missing.en if scored.missing else None,
                "result": describe_result(scored.result) if scored.result else None,
            }
            for scored in result.parts
        ],
    }


def _choose_weights(index: Index, weights: Mapping[str, float]) -> dict[str, float]:
    shipped = {part.metric: part.weight for part in index.parts}
    wrong = [name for name, weight in weights.items() if name not in shipped or not 0 <= weight < float("inf")]
    chosen = shipped | dict(weights)
    if wrong or not any(chosen.values()):
        named = wrong[0] if wrong else "0"
        raise BadInput(
            Words(f"权重 {named} 不能用于 {index.name}。", f"{index.name} cannot take the weight {named}."),
            mend=Words(
                f"各部分：{'、'.join(shipped)}；权重不小于 0，且不全为 0。",
                f"Its parts: {', '.join(shipped)}; a weight is 0 or more, and not all are 0.",
            ),
        )
    return chosen


def _score(lake: Lake, weighed: tuple[Part, float], query: MetricQuery, versions: Mapping[str, int] | None) -> Scored:
    part, weight = weighed
    metric = get_metric(part.metric)
    known = {"name": metric.name, "start": query.start, "end": query.end, "zone": query.zone, "as_of": query.as_of}
    defaults = {field.name: field.default for field in fields(MetricQuery)}
    given = {name: getattr(query, name) for name in metric.filters if getattr(query, name) != defaults[name]}
    absent = [name for name in metric.needs if name not in given]
    if absent:
        reason = Words(f"没有给出 {absent[0]}。", f"{absent[0]} is not stated.")
        return Scored(part, weight, None, reason, None)
    result = compute_metric(lake, MetricQuery(**known, **given), versions)  # type: ignore[arg-type]  # fields by name
    estimate = result.cells[0].estimate
    score = None if estimate.value is None else part.score(estimate.value)
    return Scored(part, weight, result, estimate.missing, score)


def _average(scored: list[Scored]) -> Estimate:
    told = [one for one in scored if one.score is not None]
    whole, known = sum(one.weight for one in scored), sum(one.weight for one in told)
    unknown = [get_metric(one.part.metric).label for one in scored if one.score is None]
    names = Words("、".join(label.zh for label in unknown), ", ".join(label.en for label in unknown))
    notes = (Words(LEFT_OUT.zh.format(names=names.zh), LEFT_OUT.en.format(names=names.en)),) if unknown else ()
    if known < LEAST_WEIGHT * whole:
        return tell_missing(TOO_LITTLE, METHOD, notes)
    value = sum(one.weight * (one.score or 0.0) for one in told) / known
    down = sqrt(sum((one.weight * _reach(one, is_low=True)) ** 2 for one in told)) / known
    up = sqrt(sum((one.weight * _reach(one, is_low=False)) ** 2 for one in told)) / known
    return Estimate(value, max(0.0, value - down), min(100.0, value + up), None, METHOD, notes)


def _reach(one: Scored, *, is_low: bool) -> float:
    """Return how far a part's score reaches to one side of its value."""
    if one.result is None or one.score is None:
        return 0.0
    estimate = one.result.cells[0].estimate
    bound = estimate.low if is_low else estimate.high
    return 0.0 if bound is None else abs(one.part.score(bound) - one.score)
