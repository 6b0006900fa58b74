"""How many alerts are noise: counted on random series of the fitted model, and on the series' own calm days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from canyu.kit.poisson import bound_poisson
from canyu.kit.words import Words
from canyu.listen.bursts.alerts import STATISTICAL
from canyu.listen.bursts.calm import draw_calm, find_busy_days, list_days
from canyu.listen.bursts.counts import CountMatrix
from canyu.listen.bursts.detection import Detection
from canyu.listen.bursts.detector import run_detector
from canyu.listen.bursts.rules import Rule, evaluate_rules
from canyu.listen.bursts.settings import BurstSettings
from canyu.listen.kernels.bursts import UNKNOWN

NULL_RUNS, SEED = 3, 20260101
SURE = 1e-6
HOW = Words(
    "按拟合的模型（负二项分布，各日有高低，无突增）随机生成同样多的序列，用同样的设置重跑 {runs} 次，数其中的预警；"
    "真实数据若有模型之外的波动，误报会更多。",
    "the fitted model (negative binomial, uneven days, no bursts) made as many random series, read {runs} times with "
    "the same settings; its alerts are counted. Real series that move in ways the model does not know give more.",
)
HOW_CALM = Words(
    "把各序列自己的平静日子随机重排（取自前后 28 天内同为工作日或同为休息日的整天），按同样的设置数预警。"
    "下限去掉所有有预警的日子；上限只去掉确凿的突增（p < 10⁻⁶），小的真突增也算作误报。两端各取泊松 95% 区间的外侧。",
    "each series' own calm days in another order, whole days from the 28 before and after that are of the same kind "
    "(of work, of rest), read with the same settings. The lower end leaves out every day with an alert; the upper one "
    "only those of sure bursts (p < 1e-6), so that small true ones count as false. Each end is the outer one of its "
    "95 % Poisson interval.",
)


@dataclass(frozen=True)
class FalseAlarms:
    """False alerts per week over all series, the simulation's 95% interval, and how it was found."""

    per_week: float
    low: float
    high: float
    how: Words


@dataclass(frozen=True)
class CalmAlarms:
    """False alerts per week over all series, from below and from above, counted on calm days of the series."""

    low: float
    high: float
    how: Words


@dataclass(frozen=True)
class Watch:
    """How a replay is made: settings, rules, the first hour of the days asked for, the hours watched in them."""

    settings: BurstSettings
    rules: Sequence[Rule]
    first_hour: int
    hours: int

    @property
    def sources(self) -> tuple[str, ...]:
        """What may fire: the test, then each rule."""
        return (STATISTICAL, *(f"rule:{rule.name}" for rule in self.rules))

    @property
    def weeks(self) -> float:
        """Weeks watched."""
        return self.hours / 168.0


def estimate_false_alarms(
    found: Detection, watch: Watch, *, runs: int = NULL_RUNS, seed: int = SEED
) -> dict[str, FalseAlarms]:
    """Count the alerts of each source on series without bursts, drawn from the fitted model with a seed."""
    how = Words(*(text.format(runs=runs) for text in HOW))
    if not watch.hours or not found.matrix.series:
        return {source: FalseAlarms(0.0, 0.0, 0.0, how) for source in watch.sources}
    random, fired, weeks = np.random.default_rng(seed), Counter[str](), watch.weeks * runs
    for _ in range(runs):
        fired += count_alerts(draw_null(found, random), watch)
    rates = {}
    for source in watch.sources:
        low, high = bound_poisson(fired[source])
        rates[source] = FalseAlarms(fired[source] / weeks, low / weeks, high / weeks, how)
    return rates


def estimate_calm_alarms(found: Detection, watch: Watch, *, seed: int = SEED) -> dict[str, CalmAlarms]:
    """Count the alerts of each source on the series' own calm days in another order."""
    matrix = found.matrix
    days = list_days(matrix, watch.settings.time_zone)
    ends = []
    for most in (1.0, SURE):
        busy = find_busy_days(matrix, days, [burst for burst in found.bursts if burst.p <= most])
        drawn = draw_calm(matrix, days, busy, np.random.default_rng(seed))
        rows = slice(max(0, watch.first_hour - matrix.first_hour), None)
        known = int((drawn.counts[rows] != UNKNOWN).sum()) / max(1, int((matrix.counts[rows] != UNKNOWN).sum()))
        ends.append((count_alerts(drawn, watch), max(watch.weeks * known, 1e-9)))
    (least, least_weeks), (most_fired, most_weeks) = ends
    return {
        source: CalmAlarms(
            bound_poisson(least[source])[0] / least_weeks, bound_poisson(most_fired[source])[1] / most_weeks, HOW_CALM
        )
        for source in watch.sources
    }


def count_alerts(matrix: CountMatrix, watch: Watch) -> Counter[str]:
    """Return how many alerts each source would have told of these counts in the days asked for."""
    detector, expected = run_detector(matrix, watch.settings)
    fired = Counter({STATISTICAL: sum(burst.found >= watch.first_hour for burst in detector.list_bursts())})
    for alert in evaluate_rules(matrix, expected, watch.rules):
        fired[alert.source] += alert.found.timestamp() >= watch.first_hour * 3600
    return fired


def draw_null(found: Detection, random: np.random.Generator) -> CountMatrix:
    """Return a matrix drawn from what was expected, with each series' days and hours; unknown hours stay unknown."""
    matrix = found.matrix
    days = random.gamma(1.0 / found.days, found.days, (len(matrix.counts) // 24 + 1, len(matrix.series)))
    means = found.expected * np.repeat(days, 24, axis=0)[: len(matrix.counts)]
    size = 1.0 / found.spread
    rates = random.gamma(np.broadcast_to(size, means.shape), means / size)
    counts = np.where(matrix.counts == UNKNOWN, UNKNOWN, random.poisson(rates))
    return CountMatrix(matrix.series, matrix.first_hour, counts, counts, matrix.closed)
