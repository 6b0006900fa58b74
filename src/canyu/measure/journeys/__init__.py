"""Funnels, retention and the paths of people to a conversion, each one Ibis expression over the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.journeys.funnels import (
        Funnel,
        FunnelGroup,
        FunnelQuery,
        FunnelStep,
        StartRule,
        compute_funnel,
    )
    from canyu.measure.journeys.paths import JourneyQuery, Journeys, collect_journeys, make_journeys
    from canyu.measure.journeys.retention import Cohort, Quantity, Retention, RetentionQuery, compute_retention
    from canyu.measure.journeys.steps import Step, parse_step

__all__ = [
    "Cohort",
    "Funnel",
    "FunnelGroup",
    "FunnelQuery",
    "FunnelStep",
    "JourneyQuery",
    "Journeys",
    "Quantity",
    "Retention",
    "RetentionQuery",
    "StartRule",
    "Step",
    "collect_journeys",
    "compute_funnel",
    "compute_retention",
    "make_journeys",
    "parse_step",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.journeys.funnels": "Funnel FunnelGroup FunnelQuery FunnelStep StartRule compute_funnel",
        "canyu.measure.journeys.paths": "Journeys JourneyQuery collect_journeys make_journeys",
        "canyu.measure.journeys.retention": "Cohort Quantity Retention RetentionQuery compute_retention",
        "canyu.measure.journeys.steps": "Step parse_step",
    },
)
