"""The scorecard of a period: targets against actual, the three indices, what moved and why, what is proven."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure.catalogue.compute import compute_metric
from canyu.measure.catalogue.indices import INDICES, IndexResult, compute_index
from canyu.measure.catalogue.metric import Metric
from canyu.measure.catalogue.query import MetricQuery, Versus
from canyu.measure.catalogue.registry import get_metric
from canyu.measure.catalogue.result import MetricResult
from canyu.measure.claims.verdicts import Verdict
from canyu.measure.estimate import Estimate
from canyu.measure.scorecard.decomposition import Shift, decompose_change
from canyu.measure.scorecard.goals import Goal, Standing, judge_goal

HEADLINES = (
    *("volume", "share_of_voice", "net_sentiment", "engagement", "board_minutes"),
    *("k_factor", "share_to_order", "orders", "nps", "resolution_rate"),
)
"""Metrics that a card tells where nobody set a target for them."""
MOST_SHIFTS = 3
GAPS = Words("{label}：{days} 天中 {observed} 天有数据。", "{label}: {observed} of {days} days hold data.")
SCALED_UNITS = ("%", "points")


@dataclass(frozen=True, slots=True)
class CardQuery:
    """A card's days (both included, in ``zone``), brand, the dimension that changes are taken apart by, and weights.

    ``weights`` are those of the indices' parts by metric; the shipped ones where none is given.
    """

    start: date
    end: date
    zone: str = "Asia/Shanghai"
    brand: str = ""
    by: str = "channel"
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of the card with its target, and how it stands to it."""

    result: MetricResult
    goal: Goal | None
    standing: Standing

    @property
    def metric(self) -> Metric:
        """The record of the catalogue."""
        return self.result.metric

    @property
    def estimate(self) -> Estimate:
        """The figure."""
        return self.result.cells[0].estimate

    @property
    def previous(self) -> Estimate | None:
        """The same of as many days before."""
        return self.result.cells[0].previous

    @property
    def change(self) -> float | None:
        """Now less before."""
        now, before = self.estimate.value, self.previous.value if self.previous else None
        return None if now is None or before is None else now - before

    @property
    def is_sure(self) -> bool | None:
        """Whether the intervals of both periods are apart, so that the change is more than chance; None without one."""
        before = self.previous
        if self.change is None or before is None or self.estimate.low is None or before.low is None:
            return None
        now_high, before_high = self.estimate.high, before.high
        return (before_high is not None and self.estimate.low > before_high) or (
            now_high is not None and now_high < before.low
        )


@dataclass(frozen=True, slots=True)
class ToldClaim:
    """A claim that was checked before: what it says, the verdict, and why."""

    statement: Words
    verdict: Verdict
    reason: Words


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything that a leader reads of a period."""

    query: CardQuery
    lines: tuple[Line, ...]
    indices: tuple[IndexResult, ...]
    shifts: tuple[tuple[Line, Shift], ...]
    claims: tuple[ToldClaim, ...]
    gaps: tuple[Words, ...]
    is_simulated: bool

    def count(self, standing: Standing) -> int:
        """How many targets stand so."""
        return sum(line.standing is standing for line in self.lines)

    @property
    def goals(self) -> int:
        """How many targets there are."""
        return sum(line.goal is not None for line in self.lines)


def compute_scorecard(
    lake: Lake,
    query: CardQuery,
    goals: Sequence[Goal] = (),
    claims: Iterable[ToldClaim] = (),
    versions: Mapping[str, int] | None = None,
) -> Scorecard:
    """Return the card of a period as the lake stands now, or stood at ``versions``; nothing is told from no data.

    Raises BadInput for a period or weights that cannot be asked, NotFound for a target of no metric.
    """
    by_metric = {get_metric(goal.metric).name: goal for goal in goals}
    pinned = lake.versions() if versions is None else versions
    others = [get_metric(name) for name in HEADLINES if name not in by_metric]
    names = [*by_metric, *(metric.name for metric in others if query.brand or not metric.needs)]
    lines = [_make_line(lake, query, name, by_metric.get(name), pinned) for name in names]
    lines = [line for line in lines if line.goal is not None or line.estimate.value is not None]
    indices = tuple(_compute_index(lake, name, query, pinned) for name in INDICES)
    moved = sorted((line for line in lines if line.change), key=weigh_change, reverse=True)[:MOST_SHIFTS]
    shifts = [(line, decompose_change(lake, _ask(line.metric, query), query.by, pinned)) for line in moved]
    is_simulated = any(line.result.is_simulated for line in lines)
    return Scorecard(query, tuple(lines), indices, tuple(shifts), tuple(claims), _list_gaps(lines), is_simulated)


def weigh_change(line: Line) -> float:
    """Return how large a change is, beside others: of shares and scores by their whole scale, else by what was before.

    A change within chance counts a tenth.
    """
    if line.change is None or line.previous is None or line.previous.value is None:
        return 0.0
    base = 100.0 if line.metric.unit.en in SCALED_UNITS else abs(line.previous.value) or 1.0
    return abs(line.change) / base * (0.1 if line.is_sure is False else 1.0)


def _make_line(lake: Lake, query: CardQuery, name: str, goal: Goal | None, versions: Mapping[str, int]) -> Line:
    metric = get_metric(name)
    versus = Versus.NOTHING if metric.has_year_before else Versus.PREVIOUS
    result = compute_metric(lake, _ask(metric, query, versus), versions)
    return Line(result, goal, judge_goal(metric, result.cells[0], goal))


def _ask(metric: Metric, query: CardQuery, versus: Versus = Versus.NOTHING) -> MetricQuery:
    brand = query.brand if "brand" in metric.filters else ""
    return MetricQuery(metric.name, query.start, query.end, zone=query.zone, brand=brand, versus=versus)


def _compute_index(lake: Lake, name: str, query: CardQuery, versions: Mapping[str, int]) -> IndexResult:
    parts = {part.metric for part in INDICES[name].parts}
    weights = {metric: weight for metric, weight in query.weights.items() if metric in parts}
    asked = MetricQuery(name, query.start, query.end, zone=query.zone, brand=query.brand)
    return compute_index(lake, asked, weights, versions)


def _list_gaps(lines: Iterable[Line]) -> tuple[Words, ...]:
    """Return which figures lack days, each once."""
    found = []
    for line in lines:
        cell = line.result.cells[0]
        if 0 < cell.observed_days < cell.days:
            label = line.metric.label
            told = {"days": cell.days, "observed": cell.observed_days}
            found.append(Words(GAPS.zh.format(label=label.zh, **told), GAPS.en.format(label=label.en, **told)))
    return tuple(found)
