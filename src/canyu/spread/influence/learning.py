"""A graph of influence from cascades and, where there is one, a follower graph: fitted, judged, and refitted on all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.influence.cascades import Cascades, read_cascades
from canyu.spread.influence.delays import Delays, estimate_delays, fit_delays
from canyu.spread.influence.evidence import discover_arcs
from canyu.spread.influence.fitting import FALLBACK_STRENGTH, FitSettings, Influence, Method, fit_influence
from canyu.spread.influence.held_out import compare_fits

HOLD_OUT = 0.2
FEWEST_CASCADES = 10  # fewer are not worth holding a part of them out


@dataclass(frozen=True, slots=True)
class LearnSettings:
    """How to learn: the fit, how often an arc must be stated, what is held out, and whether priors are scaled.

    ``is_calibrated``: multiply all priors by one factor, so that on the arcs that were tried they foretell as many
    successes as there were. It mends priors that mean something near, such as the chance of seeing a post.
    """

    fit: FitSettings = field(default_factory=FitSettings)
    fewest: int = 1
    hold_out: float = HOLD_OUT
    is_calibrated: bool = False


DEFAULTS = LearnSettings()


@dataclass(frozen=True)
class Learned:
    """A fit on all cascades, its delays, and how the same settings foretold the latest cascades.

    ``held_out``: HELD_OUT_SCHEMA, the constant first, or None where too little could be held out; ``prior_factor``:
    what priors were multiplied by.
    """

    fit: Influence
    delays: Delays | None
    held_out: pa.Table | None
    prior_factor: float
    cascades: Cascades

    def describe(self) -> dict[str, Any]:
        """Return how it was learned and how well it foretells, ready to be written as JSON."""
        trials = self.fit.evidence.trials
        delays = self.delays
        return {
            "method": str(self.fit.method),
            "prior_strength": self.fit.prior_strength,
            "prior_factor": self.prior_factor,
            "common_probability": self.fit.common,
            "cascades": len(self.cascades),
            "activations": len(self.cascades.users),
            "accounts": len(self.cascades.ids),
            "arcs": len(trials),
            "arcs_tried": int((trials > 0).sum()),
            "arcs_with_prior": _count_priors(self.fit.evidence.arcs),
            "median_probability": float(np.median(self.fit.chances)),
            "median_probability_tried": float(np.median(self.fit.chances[trials > 0])),
            "median_delay_s": None if delays is None else float(np.median(delays.centres)),
            "held_out": None if self.held_out is None else self.held_out.to_pylist(),
        }


def learn_influence(table: pa.Table, follows: pa.Table | None = None, settings: LearnSettings = DEFAULTS) -> Learned:
    """Learn the probability and delay of each arc from a table of cascades (as ``read_cascades`` takes it).

    Candidate arcs: those of ``follows`` (columns source, target and, where known, prior) and the pairs of stated
    parents. An arc that cascades taught is judged by those that begin after, so all of them may be used. The latest
    ``hold_out`` of the cascades is held out once, to choose how much a prior counts and to say how well the fit
    foretells; then all are fitted. An arc of ``follows`` that was never tried keeps its prior. Raises BadInput where
    no arc was ever tried.
    """
    cascades = read_cascades(table)
    arcs, factor = _scale_priors(cascades, _list_candidates(cascades, follows, settings), settings)
    known = _judge(cascades, follows, factor, settings)
    if known is None:
        fit = fit_influence(cascades, arcs, settings.fit)
        return Learned(fit, None, None, factor, cascades)
    early, held_out, delays = known
    chosen = replace(settings.fit, prior_strength=early.prior_strength)
    fit = fit_influence(cascades, arcs, chosen)
    if delays is not None and fit.weights.sum():
        whole = estimate_delays(fit.evidence, fit.weights, delays.family, delays.scope)
        delays = replace(whole, held_out=delays.held_out)
    return Learned(fit, delays, held_out, factor, cascades)


def _judge(
    cascades: Cascades, follows: pa.Table | None, factor: float, settings: LearnSettings
) -> tuple[Influence, pa.Table, Delays | None] | None:
    """Return the fit on the earlier cascades and how it foretells the later; None where they are too few for that."""
    if len(cascades) < FEWEST_CASCADES:
        return None
    earlier, later = cascades.split(1 - settings.hold_out)
    try:
        arcs = _multiply(_list_candidates(earlier, follows, settings), factor)
        fits = [fit_influence(earlier, arcs, replace(settings.fit, method=Method.CONSTANT))]
        fits.append(fit_influence(earlier, arcs, settings.fit))
        held_out = compare_fits(fits, later)
    except BadInput:
        return None
    try:
        return fits[1], held_out, fit_delays(fits[1], later)
    except BadInput:
        return fits[1], held_out, None


def _list_candidates(cascades: Cascades, follows: pa.Table | None, settings: LearnSettings) -> pa.Table:
    """Return the arcs of the follower graph, then those that the cascades state and it does not have."""
    stated = discover_arcs(cascades, settings.fewest)
    kind = stated["source"].type
    found = pa.table(
        {
            "source": stated["source"],
            "target": stated["target"],
            "prior": pa.nulls(len(stated), pa.float64()),
            "since": stated["since"],
        }
    )
    if follows is None:
        return found
    for name in ("source", "target"):
        if name not in follows.column_names:
            raise BadInput(
                Words(f"关注关系缺少列“{name}”。", f"the follower graph has no column {name}."),
                mend=Words(
                    f"现有：{', '.join(follows.column_names)}。", f"There are: {', '.join(follows.column_names)}."
                ),
            )
    has_prior = "prior" in follows.column_names
    given = pa.table(
        {
            "source": follows["source"].cast(kind),
            "target": follows["target"].cast(kind),
            "prior": follows["prior"].cast(pa.float64()) if has_prior else pa.nulls(len(follows), pa.float64()),
            "since": pa.nulls(len(follows), found["since"].type),
        }
    )
    return pa.concat_tables([given, found])  # the first of a repeated arc stays


def _scale_priors(cascades: Cascades, arcs: pa.Table, settings: LearnSettings) -> tuple[pa.Table, float]:
    if not settings.is_calibrated or arcs["prior"].null_count == len(arcs):
        return arcs, 1.0
    constant = fit_influence(cascades, arcs, FitSettings(Method.CONSTANT, FALLBACK_STRENGTH))
    evidence = constant.evidence
    priors = evidence.arcs["prior"].to_numpy()
    is_given = ~np.isnan(priors)
    seen = np.bincount(evidence.exposed, constant.weights, minlength=len(priors))[is_given].sum()
    foretold = float((priors * evidence.trials)[is_given].sum())
    factor = float(seen) / foretold if foretold and seen else 1.0
    return _multiply(arcs, factor), factor


def _multiply(arcs: pa.Table, factor: float) -> pa.Table:
    if factor == 1.0:
        return arcs
    scaled = pc.min_element_wise(pc.multiply(arcs["prior"], factor), 1.0)
    scaled = pc.if_else(pc.is_null(arcs["prior"]), pa.scalar(None, pa.float64()), scaled)
    return arcs.set_column(arcs.column_names.index("prior"), "prior", scaled)


def _count_priors(arcs: pa.Table) -> int:
    return 0 if "prior" not in arcs.column_names else len(arcs) - arcs["prior"].null_count
