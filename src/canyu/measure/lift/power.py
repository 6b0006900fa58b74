"""Before a geo lift: which markets to choose, and what effect a study of them would see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.lift.answer import LEVEL, measure_fit
from canyu.measure.lift.cells import Cells
from canyu.measure.lift.panel import Array, Panel
from canyu.measure.lift.placebo import FEWEST_STRETCHES
from canyu.measure.lift.synthetic import FEWEST_DONORS, measure_misses, mix_changes

POWER = 0.8
CERTAIN = 30.0
"""An effect of so many deviations is seen for sure; SciPy's noncentral t is no number far beyond."""


@dataclass(frozen=True, slots=True)
class MarketQuestion:
    """How long a study is planned to run, of how many markets, and which effects (shares: 0.05 is 5 %) matter.

    ``include`` must be treated, ``exclude`` must not.
    """

    length: int
    sizes: tuple[int, ...] = (1, 2, 3)
    effects: tuple[float, ...] = (0.05, 0.1, 0.15, 0.2)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarketChoice:
    """One set of markets: the effect seen four times in five, the power at each asked effect, and the fit.

    ``detectable`` is a share of what would have been; ``volume`` is the markets' share of the whole.
    """

    markets: tuple[str, ...]
    detectable: float
    power: tuple[tuple[float, float], ...]
    scaled_distance: float
    volume: float


def choose_markets(panel: Panel, question: MarketQuestion) -> tuple[MarketChoice, ...]:
    """Return sets of markets, the one that would see the smallest effect first.

    Sets are a market with those that went most like it, so that the others can stand in for them. The noise is that
    of stretches of the planned length held out of the past, as in the answer of a geo lift; power is that of its test
    (noncentral Student's t). Raises BadInput where the past is too short or markets are named that there are not.
    """
    known = np.asarray(~np.isnan(panel.values).any(axis=0))
    values = panel.values[:, known]
    if question.length < 1 or values.shape[1] < (FEWEST_STRETCHES + 1) * question.length:
        raise BadInput(
            Words(
                f"历史共 {values.shape[1]} 个完整时段，不足计划时长的 {FEWEST_STRETCHES + 1} 倍。",
                f"The past has {values.shape[1]} complete periods: less than {FEWEST_STRETCHES + 1} times the plan.",
            ),
            mend=Words("请缩短计划或补充历史。", "Plan a shorter study, or bring a longer past."),
        )
    wanted = {panel.find_unit(unit) for unit in question.include}
    barred = {panel.find_unit(unit) for unit in question.exclude}
    times = tuple(time for time, is_known in zip(panel.times, known, strict=True) if is_known)
    found = []
    for chosen in _list_sets(values, question.sizes, wanted, barred):
        rest = [row for row in range(len(panel.units)) if row not in chosen]
        if len(rest) < FEWEST_DONORS:
            continue
        names = tuple(panel.units[row] for row in rest)
        before = len(times) - question.length
        cells = Cells(times, tuple(range(len(times))), values[list(chosen)], values[rest], names, before, ())
        found.append(_rate(panel, cells, chosen, question.effects))
    told = [choice for choice in found if choice is not None]
    return tuple(sorted(told, key=lambda choice: (choice.detectable, choice.markets)))


def _list_sets(values: Array, sizes: tuple[int, ...], wanted: set[int], barred: set[int]) -> list[tuple[int, ...]]:
    """Return each market with those that went most like it, for each size; every set once, the wanted in it."""
    spread = values.std(axis=1, keepdims=True)
    standard = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    alike = standard @ standard.T
    sets: dict[tuple[int, ...], None] = {}
    for seed in (row for row in range(len(values)) if row not in barred):
        order = [int(row) for row in np.argsort(-alike[seed], kind="stable") if int(row) not in barred | {seed}]
        ranked = [*sorted(wanted), *(row for row in (seed, *order) if row not in wanted)]
        for size in sizes:
            if len(wanted) <= size <= len(ranked):
                sets[tuple(sorted(ranked[:size]))] = None
    return list(sets)


def _rate(panel: Panel, cells: Cells, chosen: tuple[int, ...], effects: tuple[float, ...]) -> MarketChoice | None:
    from scipy.special import nctdtr, stdtrit

    misses = measure_misses(cells, mix_changes)
    if misses is None:
        return None
    before = cells.before
    expected, _ = mix_changes(cells.pool, cells.outcome, before)
    gaps, flat = (cells.outcome - expected)[:before], (cells.outcome - cells.pool.mean(axis=1))[:before]
    level = float(cells.outcome.mean())
    noise = misses.of_mean / level if level > 0 else np.inf
    edge = float(stdtrit(misses.freedom, (1 + LEVEL) / 2))

    def see(effect: float) -> float:
        shift = effect / noise if noise > 0 else np.inf
        return 1.0 if shift > CERTAIN else float(1 - nctdtr(misses.freedom, shift, edge))

    volume = float(np.nansum(panel.values[list(chosen)]) / np.nansum(panel.values))
    names = tuple(panel.units[row] for row in chosen)
    power = tuple((effect, see(effect)) for effect in effects)
    scaled = measure_fit(gaps, flat - flat.mean()).scaled
    return MarketChoice(names, _find_detectable(see, noise), power, scaled, volume)


def _find_detectable(see: Callable[[float], float], noise: float) -> float:
    """Return by bisection the share of which the power is four in five."""
    low, high = 0.0, 100.0 * noise
    if not np.isfinite(high):
        return float("inf")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if see(middle) < POWER else (low, middle)
    return high
