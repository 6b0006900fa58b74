"""What moved a metric: its change between two periods taken apart by a dimension, so that the parts add up exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure.catalogue import reckoning
from canyu.measure.catalogue.compute import compute_metric
from canyu.measure.catalogue.metric import Reckon
from canyu.measure.catalogue.query import MetricQuery
from canyu.measure.catalogue.registry import get_metric
from canyu.measure.catalogue.result import Cell
from canyu.measure.figure import Proof
from canyu.measure.period import find_previous, make_period

DEFINITION = Words(
    "两期之差按“{dimension}”拆开。计数：各部分之差。比率：各部分自身比率的变化（按两期平均权重），"
    "加权重的变化（按与总体比率之差）；各部分之和恰等于总变化（Kitagawa 1955）。",
    "The difference of the two periods by {dimension}. Of counts: each part's own difference. Of rates: the change of "
    "each part's own rate, at its mean weight, and of its weight, at how far its rate is from the whole's; the parts "
    "add up to the whole change exactly (Kitagawa 1955).",
)
OVERLAP = Words(
    "各部分互有重叠（同一个人或一帖可以在几个部分里），加起来不等于总数，因此不拆。",
    "The parts overlap (one person or post is in several), so they do not add up and nothing is taken apart.",
)
NO_PARTS = Words("这个指标不能按“{dimension}”看。", "This metric cannot be told by {dimension}.")
NO_SUM = Words("这个指标不是计数之和或之比，不能拆。", "This metric is no sum or ratio of counts and has no parts.")
NOT_COMPARED = Words("没有可比的上一期。", "There is no period before to compare with.")

DIMENSIONS: dict[str, Words] = {
    "channel": Words("渠道", "channel"),
    "market": Words("市场", "market"),
    "brand": Words("品牌", "brand"),
    "link": Words("产品", "product"),
    "object": Words("对象", "object"),
    "campaign": Words("活动", "campaign"),
}
"""Dimensions that a change is taken apart by."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a value is made of the whole numbers of a cell: (``plus`` - ``minus``) / ``whole``, ``scale`` times."""

    plus: str
    minus: str = ""
    whole: str = ""
    scale: int = 1

    def read_top(self, counts: Mapping[str, int]) -> int:
        """Return what is counted."""
        return counts.get(self.plus, 0) - (counts.get(self.minus, 0) if self.minus else 0)

    def read_whole(self, counts: Mapping[str, int]) -> int:
        """Return what it is divided by; 1 where it is a count."""
        return counts.get(self.whole, 0) if self.whole else 1


SHAPES: dict[Reckon, Shape] = {
    reckoning.tell_count: Shape("value"),
    reckoning.tell_measured: Shape("value"),
    reckoning.tell_engagement: Shape("value"),
    reckoning.tell_share: Shape("part", whole="whole", scale=100),
    reckoning.tell_census_share: Shape("part", whole="whole", scale=100),
    reckoning.tell_rate: Shape("part", whole="whole"),
    reckoning.tell_mean: Shape("total", whole="whole"),
    reckoning.tell_net: Shape("positive", "negative", "whole", 100),
    reckoning.tell_nps: Shape("promoters", "detractors", "whole", 100),
}
"""Metrics whose value is one sum, or one ratio of two; only such a value has parts."""

Counts = Mapping[str | None, Mapping[str, int]]
"""The whole numbers of one period by part."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part's share of the change, in the metric's unit: by its ``own`` value, and by its weight (``mix``)."""

    key: str | None
    own: Fraction
    mix: Fraction

    @property
    def amount(self) -> Fraction:
        """Both together."""
        return self.own + self.mix


@dataclass(frozen=True, slots=True)
class Shift:
    """A metric's change taken apart, the largest part first; or ``missing`` says why it was not.

    ``change`` is now less before and equals the sum of ``parts``, to the last digit.
    """

    metric: str
    dimension: str
    change: Fraction | None
    parts: tuple[Contribution, ...]
    proof: Proof | None
    missing: Words | None = None


def decompose_change(
    lake: Lake, query: MetricQuery, dimension: str, versions: Mapping[str, int] | None = None
) -> Shift:
    """Take the change of a metric against as many days before apart by a dimension; the same on every engine."""
    metric = get_metric(query.name)
    shape = SHAPES.get(metric.reckon)
    if shape is None:
        return _refuse(query, dimension, NO_SUM)
    if dimension not in metric.dimensions:
        return _refuse(query, dimension, _name(NO_PARTS, dimension))
    before = find_previous(make_period(query.start, query.end, query.zone))
    spans = ((before.first, before.last), (query.start, query.end))
    asked = [replace(query, start=first, end=last, by=()) for first, last in spans]
    wholes = [compute_metric(lake, one, versions) for one in asked]
    if any(result.value is None for result in wholes):
        return _refuse(query, dimension, NOT_COMPARED)
    parted = [compute_metric(lake, replace(one, by=(dimension,)), versions) for one in asked]
    totals = [dict(result.cells[0].counts) for result in wholes]
    told = [_read_cells(result.cells) for result in parted]
    if not all(_adds_up(shape, part, total) for part, total in zip(told, totals, strict=True)):
        return _refuse(query, dimension, OVERLAP)
    parts = take_apart(shape, told[0], told[1])
    sql = ";\n\n".join(result.proof.sql for result in parted)
    rows = sum(result.proof.rows for result in parted)
    proof = replace(parted[1].proof, definition=_name(DEFINITION, dimension), sql=sql, rows=rows)
    return Shift(query.name, dimension, sum((one.amount for one in parts), Fraction()), parts, proof)


def take_apart(shape: Shape, before: Counts, now: Counts) -> tuple[Contribution, ...]:
    """Return what each part contributes to the change of the whole, the largest first; they add up exactly.

    >>> share = Shape("part", whole="whole", scale=100)
    >>> before = {"web": {"part": 10, "whole": 100}, "shop": {"part": 30, "whole": 100}}
    >>> now = {"web": {"part": 10, "whole": 100}, "shop": {"part": 120, "whole": 300}}
    >>> [(one.key, float(one.own), float(one.mix)) for one in take_apart(share, before, now)]
    [('shop', 6.25, 2.1875), ('web', 0.0, 4.0625)]
    """
    keys = {**before, **now}
    parts = (_contribute(shape, key, before, now) for key in keys) if shape.whole else _subtract(shape, before, now)
    return tuple(sorted(parts, key=lambda one: (-abs(one.amount), one.key is None, str(one.key))))


def _subtract(shape: Shape, before: Counts, now: Counts) -> list[Contribution]:
    return [
        Contribution(
            key,
            Fraction((shape.read_top(now.get(key, {})) - shape.read_top(before.get(key, {}))) * shape.scale),
            Fraction(),
        )
        for key in {**before, **now}
    ]


def _contribute(shape: Shape, key: str | None, before: Counts, now: Counts) -> Contribution:
    sides = (before, now)
    wholes = [sum(shape.read_whole(part) for part in side.values()) for side in sides]
    middle = sum(
        Fraction(sum(shape.read_top(part) for part in side.values()), whole)
        for side, whole in zip(sides, wholes, strict=True)
    ) / Fraction(2)
    weights, rates = [], []
    for side, whole in zip(sides, wholes, strict=True):
        counts = side.get(key, {})
        size = shape.read_whole(counts)
        weights.append(Fraction(size, whole))
        rates.append(Fraction(shape.read_top(counts), size) if size else None)
    first, last = rates
    first, last = (last if first is None else first), (first if last is None else last)
    if first is None or last is None:  # it was there with nothing in it, both times
        return Contribution(key, Fraction(), Fraction())
    own = (weights[0] + weights[1]) / 2 * (last - first)
    mix = (weights[1] - weights[0]) * ((first + last) / 2 - middle)
    return Contribution(key, shape.scale * own, shape.scale * mix)


def _read_cells(cells: tuple[Cell, ...]) -> dict[str | None, dict[str, int]]:
    return {cell.keys[0][1]: dict(cell.counts) for cell in cells}


def _adds_up(shape: Shape, parts: Counts, total: Mapping[str, int]) -> bool:
    """Say whether the parts make up the whole: they do not where one person or post is in several."""
    top = sum(shape.read_top(part) for part in parts.values()) == shape.read_top(total)
    return top and (not shape.whole or sum(shape.read_whole(part) for part in parts.values()) == total[shape.whole])


def _name(words: Words, dimension: str) -> Words:
    named = DIMENSIONS.get(dimension, Words(dimension, dimension))
    return Words(words.zh.format(dimension=named.zh), words.en.format(dimension=named.en))


def _refuse(query: MetricQuery, dimension: str, reason: Words) -> Shift:
    return Shift(query.name, dimension, None, (), None, reason)
