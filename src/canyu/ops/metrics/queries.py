"""All reads of metrics; the viewer comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from canyu.measure.catalogue import IndexResult, MetricQuery, MetricResult, compute_index, compute_metric
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person


def get_metric(viewer: Person, query: MetricQuery) -> MetricResult:  # noqa: ARG001 - reads take the viewer first
    """Return a metric of the lake as it stands now."""
    return compute_metric(get_lake(), query)


def get_index(
    viewer: Person,  # noqa: ARG001 - reads take the viewer first
    query: MetricQuery,
    weights: Mapping[str, Any],
) -> IndexResult:
    """Return a dimension of the lake as it stands now."""
    return compute_index(get_lake(), query, weights)
