"""What it brought: figures that can be opened, the overview, its pictures and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily
from canyu.measure.axes import Mark
from canyu.measure.charts import render_chart
from canyu.measure.definitions import COLUMNS, DEFINITIONS
from canyu.measure.figure import Figure, Overview, OverviewQuery, Picture, Proof
from canyu.measure.overview import compute_overview, forget_overviews
from canyu.measure.report import Subject, describe_figure, render_html, render_pdf, write_report

if TYPE_CHECKING:
    from canyu.measure.lift import Lift, LiftDesign, LiftKind, Panel, compute_lift, load_design, read_panel

__all__ = [
    "COLUMNS",
    "DEFINITIONS",
    "Figure",
    "Lift",
    "LiftDesign",
    "LiftKind",
    "Mark",
    "Overview",
    "OverviewQuery",
    "Panel",
    "Picture",
    "Proof",
    "Subject",
    "compute_lift",
    "compute_overview",
    "describe_figure",
    "forget_overviews",
    "load_design",
    "read_panel",
    "render_chart",
    "render_html",
    "render_pdf",
    "write_report",
]

__getattr__ = load_lazily(
    __name__, {"canyu.measure.lift": "Lift LiftDesign LiftKind Panel compute_lift load_design read_panel"}
)
