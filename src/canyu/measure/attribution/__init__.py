"""Who gets the credit for conversions: rules, Markov chain, Shapley's value, share trees, and what buyers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.attribution.attribution import (
        NOT_LIFT,
        Attribution,
        Credit,
        Credits,
        Method,
        Model,
        compute_attribution,
        credit_journeys,
    )
    from canyu.measure.attribution.markov import Removal, compute_markov
    from canyu.measure.attribution.referral import Referral, compute_referral
    from canyu.measure.attribution.shapley import compute_shapley
    from canyu.measure.attribution.survey import ANSWERS, Reconciliation, reconcile_survey

__all__ = [
    "ANSWERS",
    "NOT_LIFT",
    "Attribution",
    "Credit",
    "Credits",
    "Method",
    "Model",
    "Reconciliation",
    "Referral",
    "Removal",
    "compute_attribution",
    "compute_markov",
    "compute_referral",
    "compute_shapley",
    "credit_journeys",
    "reconcile_survey",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.attribution.attribution": (
            "NOT_LIFT Attribution Credit Credits Method Model compute_attribution credit_journeys"
        ),
        "canyu.measure.attribution.markov": "Removal compute_markov",
        "canyu.measure.attribution.referral": "Referral compute_referral",
        "canyu.measure.attribution.shapley": "compute_shapley",
        "canyu.measure.attribution.survey": "ANSWERS Reconciliation reconcile_survey",
    },
)
