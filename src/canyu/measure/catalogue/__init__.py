"""The catalogue of metrics: one place of definitions, one expression each, on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.catalogue.compute import compute_metric
    from canyu.measure.catalogue.indices import INDICES, IndexResult, compute_index, describe_index, get_index
    from canyu.measure.catalogue.metric import METHODS, THEMES, Method, Metric, Theme
    from canyu.measure.catalogue.query import Asked, MetricQuery, Versus, make_query
    from canyu.measure.catalogue.registry import METRICS, get_metric
    from canyu.measure.catalogue.result import Cell, MetricResult, describe_metric, describe_result

__all__ = [
    "INDICES",
    "METHODS",
    "METRICS",
    "THEMES",
    "Asked",
    "Cell",
    "IndexResult",
    "Method",
    "Metric",
    "MetricQuery",
    "MetricResult",
    "Theme",
    "Versus",
    "compute_index",
    "compute_metric",
    "describe_index",
    "describe_metric",
    "describe_result",
    "get_index",
    "get_metric",
    "make_query",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.catalogue.compute": "compute_metric",
        "canyu.measure.catalogue.indices": "INDICES IndexResult compute_index describe_index get_index",
        "canyu.measure.catalogue.metric": "METHODS THEMES Method Metric Theme",
        "canyu.measure.catalogue.query": "Asked MetricQuery Versus make_query",
        "canyu.measure.catalogue.registry": "METRICS get_metric",
        "canyu.measure.catalogue.result": "Cell MetricResult describe_metric describe_result",
    },
)
