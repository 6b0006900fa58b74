"""What it truly brought where nobody was assigned by lot: quasi-experiments, each with its placebos beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.lift.answer import Fit, Lift, Point, Spread
    from canyu.measure.lift.design import LiftDesign, LiftKind
    from canyu.measure.lift.design_file import load_design
    from canyu.measure.lift.panel import Panel, make_panel
    from canyu.measure.lift.panel_lake import Outcome, read_panel
    from canyu.measure.lift.panel_table import PanelColumns, read_panel_file, read_panel_table
    from canyu.measure.lift.pictures import draw_lift_pictures
    from canyu.measure.lift.power import MarketChoice, MarketQuestion, choose_markets
    from canyu.measure.lift.study import choose_for_design, compute_lift, read_study

__all__ = [
    "Fit",
    "Lift",
    "LiftDesign",
    "LiftKind",
    "MarketChoice",
    "MarketQuestion",
    "Outcome",
    "Panel",
    "PanelColumns",
    "Point",
    "Spread",
    "choose_for_design",
    "choose_markets",
    "compute_lift",
    "draw_lift_pictures",
    "load_design",
    "make_panel",
    "read_panel",
    "read_panel_file",
    "read_panel_table",
    "read_study",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.lift.answer": "Fit Lift Point Spread",
        "canyu.measure.lift.design": "LiftDesign LiftKind",
        "canyu.measure.lift.design_file": "load_design",
        "canyu.measure.lift.panel": "Panel make_panel",
        "canyu.measure.lift.panel_lake": "Outcome read_panel",
        "canyu.measure.lift.panel_table": "PanelColumns read_panel_file read_panel_table",
        "canyu.measure.lift.pictures": "draw_lift_pictures",
        "canyu.measure.lift.power": "MarketChoice MarketQuestion choose_markets",
        "canyu.measure.lift.study": "choose_for_design compute_lift read_study",
    },
)
