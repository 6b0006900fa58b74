"""How long influence takes, so that a plan can ask who follows by an hour."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.influence.cascades import Cascades
from canyu.spread.influence.evidence import Evidence
from canyu.spread.influence.fitting import Influence
from canyu.spread.kernels.influence import weigh_exposures

Real = NDArray[np.float64]
LEAST_S = 1.0  # platforms state whole seconds: what follows in the same one took up to a second
OWN_WEIGHT = 5.0  # delays of everybody that stand beside an arc's own
DELAY_SCHEMA = pa.schema(
    [("family", pa.string()), ("scope", pa.string()), ("delays", pa.float64()), ("log_density", pa.float64())]
)
"""One row per candidate distribution: weight of the held-out delays, and their mean log-density in nats per delay (of
seconds); the first row is the one chosen."""


class Family(StrEnum):
    """The form of the delay distribution."""

    EXPONENTIAL = "exponential"
    LOG_NORMAL = "log_normal"


class Scope(StrEnum):
    """Whether all arcs share one distribution, or each has its own, drawn towards the shared one."""

    ALL = "all_arcs"
    ARC = "each_arc"


@dataclass(frozen=True)
class Delays:
    """The delay distribution of each arc.

    ``centres``, (arcs,): the mean of an exponential or the median of a log-normal, in seconds; ``sigma``: the standard
    deviation of log seconds (0 for an exponential); ``held_out``: DELAY_SCHEMA, or None before it is judged.
    """

    family: Family
    scope: Scope
    centres: Real
    sigma: float
    held_out: pa.Table | None = None

    def compute_share_by(self, deadline_s: float) -> Real:
        """Return the share of delays within ``deadline_s`` seconds, (arcs,), 0 to 1."""
        if deadline_s <= 0:
            return np.zeros(len(self.centres))
        if self.family is Family.EXPONENTIAL:
            return np.asarray(-np.expm1(-deadline_s / self.centres))
        z = np.log(deadline_s / self.centres) / self.sigma
        return np.fromiter((0.5 * math.erfc(-value / math.sqrt(2)) for value in z), np.float64, len(z))

    def compute_log_density(self, arcs: NDArray[np.int64], delays_s: Real) -> Real:
        """Return the log-density in nats (of seconds) of delays of the arcs numbered, (delays,)."""
        centres, delays = self.centres[arcs], np.maximum(delays_s, LEAST_S)
        if self.family is Family.EXPONENTIAL:
            return np.asarray(-np.log(centres) - delays / centres)
        z = np.log(delays / centres) / self.sigma
        return np.asarray(-0.5 * z**2 - np.log(delays * self.sigma * math.sqrt(2 * math.pi)))


def fit_delays(fit: Influence, held_out: Cascades) -> Delays:
    """Return the delay distribution under which delays of the held-out cascades are likeliest.

    Candidates: exponential and log-normal, one for all arcs or one for each (its own delays beside OWN_WEIGHT of
    everybody's). Each exposure counts as much as it counts as a success. Delays after the end of the data are not
    seen, so long ones are somewhat too rare. Raises BadInput where the fit or the held-out cascades have no delay.
    """
    evidence = fit.evidence.look_at(held_out)
    weights = weigh_exposures(fit.chances, evidence.exposed, evidence.begins, evidence.stated)
    if not fit.weights.sum() or not weights.sum():
        raise BadInput(
            Words("没有可用的延迟。", "There are no delays."),
            mend=Words("请给出更多传播链。", "Give more cascades."),
        )
    rows, candidates = [], []
    for family in Family:
        for scope in Scope:
            candidate = estimate_delays(fit.evidence, fit.weights, family, scope)
            density = candidate.compute_log_density(evidence.exposed, evidence.delays_s)
            rows.append((str(family), str(scope), float(weights.sum()), float(density @ weights / weights.sum())))
            candidates.append(candidate)
    order = sorted(range(len(rows)), key=lambda place: -rows[place][3])
    listed = [dict(zip(DELAY_SCHEMA.names, rows[place], strict=True)) for place in order]
    best = candidates[order[0]]
    table = pa.Table.from_pylist(listed, schema=DELAY_SCHEMA)
    return Delays(best.family, best.scope, best.centres, best.sigma, table)


def estimate_delays(evidence: Evidence, weights: Real, family: Family, scope: Scope) -> Delays:
    """Return the most likely distribution of one form; ``weights``, (exposures,): how much each delay counts."""
    many = len(evidence.arcs)
    delays = np.maximum(evidence.delays_s, LEAST_S)
    values = delays if family is Family.EXPONENTIAL else np.log(delays)
    common = float(values @ weights / weights.sum())
    middles = np.full(many, common)
    if scope is Scope.ARC:
        own = np.bincount(evidence.exposed, weights, minlength=many)
        summed = np.bincount(evidence.exposed, weights * values, minlength=many)
        middles = (summed + OWN_WEIGHT * common) / (own + OWN_WEIGHT)
    if family is Family.EXPONENTIAL:
        return Delays(family, scope, middles, 0.0)
    spread = float((values - middles[evidence.exposed]) ** 2 @ weights / weights.sum())
    return Delays(family, scope, np.exp(middles), max(math.sqrt(spread), 1e-3))


def apply_deadline(fit: Influence, delays: Delays, deadline_s: float) -> pa.Table:
    """Return the arcs with the probability that the target follows within ``deadline_s`` seconds of the source.

    Columns as ``make_influence_schema``; probability, low and high are each multiplied by the share of delays that are
    within, whose own uncertainty is not in the interval.
    """
    share, table = delays.compute_share_by(deadline_s), fit.table
    for name in ("probability", "low", "high"):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pa.array(table[name].to_numpy() * share))
    return table
