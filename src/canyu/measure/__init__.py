"""What it brought: figures that can be opened, the overview, its pictures and reports, and the rooms behind them.

The rooms are packages of their own, loaded as far as they are used: ``catalogue`` of metrics, ``journeys`` (funnels,
retention, paths), ``attribution``, ``experiments``, ``lift`` without a lottery, ``loyalty`` and ``claims``.
"""

from canyu.measure import attribution, catalogue, claims, experiments, journeys, lift, loyalty
from canyu.measure.axes import Mark
from canyu.measure.charts import render_chart
from canyu.measure.definitions import COLUMNS, DEFINITIONS
from canyu.measure.estimate import Estimate
from canyu.measure.figure import Figure, Overview, OverviewQuery, Picture, Proof
from canyu.measure.overview import compute_overview, forget_overviews
from canyu.measure.report import Subject, describe_figure, render_html, render_pdf, write_report

__all__ = [
    "COLUMNS",
    "DEFINITIONS",
    "Estimate",
    "Figure",
    "Mark",
    "Overview",
    "OverviewQuery",
    "Picture",
    "Proof",
    "Subject",
    "attribution",
    "catalogue",
    "claims",
    "compute_overview",
    "describe_figure",
    "experiments",
    "forget_overviews",
    "journeys",
    "lift",
    "loyalty",
    "render_chart",
    "render_html",
    "render_pdf",
    "write_report",
]
