"""Who influences whom, how likely and how soon, from cascades; and signals of an account's authenticity."""

from __future__ import annotations

from canyu.spread.influence.cascades import Cascades, read_cascades
from canyu.spread.influence.delays import (
    DELAY_SCHEMA,
    Delays,
    Family,
    Scope,
    apply_deadline,
    estimate_delays,
    fit_delays,
)
from canyu.spread.influence.evidence import Evidence, clean_arcs, gather_evidence, learn_arcs
from canyu.spread.influence.fitting import (
    FitSettings,
    Influence,
    Method,
    compute_credit,
    fit_influence,
    make_influence_schema,
)
from canyu.spread.influence.held_out import HELD_OUT_SCHEMA, compare_fits

__all__ = [
    "DELAY_SCHEMA",
    "HELD_OUT_SCHEMA",
    "Cascades",
    "Delays",
    "Evidence",
    "Family",
    "FitSettings",
    "Influence",
    "Method",
    "Scope",
    "apply_deadline",
    "clean_arcs",
    "compare_fits",
    "compute_credit",
    "estimate_delays",
    "fit_delays",
    "fit_influence",
    "gather_evidence",
    "learn_arcs",
    "make_influence_schema",
    "read_cascades",
]
