"""What it brought: figures that can be opened, the overview, its pictures and reports."""

from canyu.measure.attribution import compute_attribution, compute_referral, reconcile_survey
from canyu.measure.axes import Mark
from canyu.measure.charts import render_chart
from canyu.measure.definitions import COLUMNS, DEFINITIONS
from canyu.measure.figure import Figure, Overview, OverviewQuery, Picture, Proof
from canyu.measure.journeys import (
    FunnelQuery,
    JourneyQuery,
    RetentionQuery,
    StartRule,
    collect_journeys,
    compute_funnel,
    compute_retention,
    parse_step,
)
from canyu.measure.overview import compute_overview, forget_overviews
from canyu.measure.report import Subject, describe_figure, render_html, render_pdf, write_report

__all__ = [
    "COLUMNS",
    "DEFINITIONS",
    "Figure",
    "FunnelQuery",
    "JourneyQuery",
    "Mark",
    "Overview",
    "OverviewQuery",
    "Picture",
    "Proof",
    "RetentionQuery",
    "StartRule",
    "Subject",
    "collect_journeys",
    "compute_attribution",
    "compute_funnel",
    "compute_overview",
    "compute_referral",
    "compute_retention",
    "describe_figure",
    "forget_overviews",
    "parse_step",
    "reconcile_survey",
    "render_chart",
    "render_html",
    "render_pdf",
    "write_report",
]
