"""Panels with a planted lift: units by periods with seasons, shared shocks, memory, wandering levels and crawl gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.rehearse.arrays import Floats

SHOCKS = 2
NOISE = 3.0


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """A panel to be drawn. Sizes are in periods and units; the rest in deviations of a period's noise.

    ``memory`` is the noise's correlation from one period to the next, ``walk`` how far each unit's own level wanders in
    a period, ``shocks`` how far what moves all units does, ``cycle`` the periods of a season, ``gaps`` how many
    periods the source was down. Treated units start in ``waves``, one after another; each is moved as a mix of ``near``
    donors is, or, with 0, drawn as they are.
    """

    donors: int = 16
    treated: int = 1
    before: int = 60
    after: int = 12
    memory: float = 0.3
    walk: float = 0.0
    shocks: float = 0.5
    cycle: int = 7
    gaps: int = 0
    waves: int = 1
    near: int = 3


@dataclass(frozen=True, slots=True)
class PanelWorld:
    """What was drawn: treated units first; NaN where the source was down; ``lift`` is the planted average effect."""

    values: Floats
    starts: tuple[int, ...]
    lift: float


def draw_panel(chance: np.random.Generator, plan: PanelPlan, lift: float) -> PanelWorld:
    """Draw a panel whose treated units gain ``lift`` deviations of the noise in every period from their start.

    >>> world = draw_panel(np.random.default_rng(1), PanelPlan(donors=3, before=20, after=5), 2.0)
    >>> world.values.shape, world.starts, world.lift
    ((4, 25), (20,), 6.0)
    """
    units, periods = plan.treated + plan.donors, plan.before + plan.after
    level = chance.normal(100.0, 10.0, (units, 1))
    season = np.resize(chance.normal(0.0, 2 * NOISE, plan.cycle), periods) * chance.uniform(0.8, 1.2, (units, 1))
    drift = chance.normal(0.0, plan.shocks * NOISE, (SHOCKS, periods)).cumsum(axis=1)
    shared = _mix(chance, units, plan) @ drift
    own = chance.normal(0.0, plan.walk * NOISE, (units, periods)).cumsum(axis=1)
    values = level + season + shared + own + _remember(chance, (units, periods), plan.memory)
    step = max(1, plan.after // (plan.waves + 1))
    starts = tuple(plan.before + step * (unit % plan.waves) for unit in range(plan.treated))
    for unit, start in enumerate(starts):
        values[unit, start:] += lift * NOISE
    if plan.gaps:
        values[:, chance.choice(periods, plan.gaps, replace=False)] = np.nan
    return PanelWorld(values, starts, lift * NOISE)


def _mix(chance: np.random.Generator, units: int, plan: PanelPlan) -> Floats:
    """Return how strongly each shock moves each unit."""
    loads = chance.uniform(0.5, 1.5, (units, SHOCKS))
    for unit in range(plan.treated if 0 < plan.near <= plan.donors else 0):
        near = plan.treated + chance.choice(plan.donors, plan.near, replace=False)
        loads[unit] = chance.dirichlet(np.ones(plan.near)) @ loads[near]
    return loads


def _remember(chance: np.random.Generator, shape: tuple[int, int], memory: float) -> Floats:
    """Return noise of deviation ``NOISE`` that remembers the period before."""
    noise = chance.normal(0.0, NOISE, shape)
    for period in range(1, shape[1]):
        noise[:, period] = memory * noise[:, period - 1] + np.sqrt(1 - memory**2) * noise[:, period]
    return noise
