"""Unique people reached: from impressions, from audiences or from assumptions, each saying which; never a sum."""

from __future__ import annotations

from canyu.spread.reach.accounts import (
    ACCOUNT_SCHEMA,
    Basis,
    Reach,
    count_reach,
    estimate_random_reach,
    estimate_sketched_reach,
)
from canyu.spread.reach.counters import PeopleCounter, count_people
from canyu.spread.reach.from_graph import (
    compare_audiences,
    count_graph_overlaps,
    count_graph_reach,
    list_audience,
)
from canyu.spread.reach.impressions import (
    compute_impressions,
    compute_unique,
    estimate_impressions,
    estimate_unique,
)
from canyu.spread.reach.overlap import OVERLAP_SCHEMA, count_overlaps, estimate_overlaps
from canyu.spread.reach.ranges import Range
from canyu.spread.reach.sketches import AudienceSketch, sketch_audience

__all__ = [
    "ACCOUNT_SCHEMA",
    "OVERLAP_SCHEMA",
    "AudienceSketch",
    "Basis",
    "PeopleCounter",
    "Range",
    "Reach",
    "compare_audiences",
    "compute_impressions",
    "compute_unique",
    "count_graph_overlaps",
    "count_graph_reach",
    "count_overlaps",
    "count_people",
    "count_reach",
    "estimate_impressions",
    "estimate_overlaps",
    "estimate_random_reach",
    "estimate_sketched_reach",
    "estimate_unique",
    "list_audience",
    "sketch_audience",
]
