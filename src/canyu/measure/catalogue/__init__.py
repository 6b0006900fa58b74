"""The catalogue of metrics: one place of definitions, one expression each, on every engine."""

from canyu.measure.catalogue.compute import compute_metric
from canyu.measure.catalogue.metric import METHODS, THEMES, Method, Metric, Theme
from canyu.measure.catalogue.query import Asked, MetricQuery, Versus
from canyu.measure.catalogue.registry import METRICS, get_metric
from canyu.measure.catalogue.result import Cell, MetricResult, describe_metric, describe_result

__all__ = [
    "METHODS",
    "METRICS",
    "THEMES",
    "Asked",
    "Cell",
    "Method",
    "Metric",
    "MetricQuery",
    "MetricResult",
    "Theme",
    "Versus",
    "compute_metric",
    "describe_metric",
    "describe_result",
    "get_metric",
]
