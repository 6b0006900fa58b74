"""Who influences whom, how likely and how soon, from cascades; and signals of an account's authenticity."""

from __future__ import annotations

from canyu.spread.influence.authenticity import (
    CAUTION,
    COPY_SCHEMA,
    JUMP_SCHEMA,
    PEER_SCHEMA,
    SIGNAL_NAMES,
    Signal,
    SignalKind,
    measure_copy_share,
    measure_engagement,
    measure_follower_jumps,
)
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
from canyu.spread.influence.evidence import Evidence, clean_arcs, discover_arcs, gather_evidence, learn_arcs
from canyu.spread.influence.fitting import (
    FitSettings,
    Influence,
    Method,
    compute_credit,
    fit_influence,
    make_influence_schema,
)
from canyu.spread.influence.from_lake import (
    LakePart,
    is_stale,
    learn_from_lake,
    make_cascade_table,
    read_about,
    read_lake_cascades,
    save_learned,
)
from canyu.spread.influence.held_out import HELD_OUT_SCHEMA, compare_fits
from canyu.spread.influence.learning import Learned, LearnSettings, learn_influence

__all__ = [
    "CAUTION",
    "COPY_SCHEMA",
    "DELAY_SCHEMA",
    "HELD_OUT_SCHEMA",
    "JUMP_SCHEMA",
    "PEER_SCHEMA",
    "SIGNAL_NAMES",
    "Cascades",
    "Delays",
    "Evidence",
    "Family",
    "FitSettings",
    "Influence",
    "LakePart",
    "LearnSettings",
    "Learned",
    "Method",
    "Scope",
    "Signal",
    "SignalKind",
    "apply_deadline",
    "clean_arcs",
    "compare_fits",
    "compute_credit",
    "discover_arcs",
    "estimate_delays",
    "fit_delays",
    "fit_influence",
    "gather_evidence",
    "is_stale",
    "learn_arcs",
    "learn_from_lake",
    "learn_influence",
    "make_cascade_table",
    "make_influence_schema",
    "measure_copy_share",
    "measure_engagement",
    "measure_follower_jumps",
    "read_about",
    "read_cascades",
    "read_lake_cascades",
    "save_learned",
]
