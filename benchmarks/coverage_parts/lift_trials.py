"""Lift without a lottery: panels with seasons, shared shocks, memory, wandering levels and crawl gaps."""

from __future__ import annotations

from functools import partial

import numpy as np

from canyu.measure.lift import LiftDesign, LiftKind, Panel
from canyu.measure.lift.study import METHODS
from canyu.rehearse.worlds import PanelPlan, draw_panel
from coverage_parts.judging import Answer, Trial

ROOM = "lift"


def ask_lift(chance: np.random.Generator, kind: LiftKind, plan: PanelPlan, *, is_wary: bool = False) -> Answer:
    lift = 0.0 if chance.random() < 0.5 else float(chance.uniform(0.5, 2.0))
    world = draw_panel(chance, plan, lift)
    names = tuple(f"u{row}" for row in range(len(world.values)))
    treated = {name: float(start) for name, start in zip(names, world.starts, strict=False)}
    panel = Panel(names, tuple(map(float, range(world.values.shape[1]))), world.values)
    design = LiftDesign(kind, treated, donors=names[len(treated) :], untouched="planted so", cycle=plan.cycle)
    found = METHODS[kind](panel, design)
    return Answer(found.wary if is_wary and found.wary else found.effect, world.lift)


def make(kind: LiftKind, method: str, world: str, plan: PanelPlan, *, is_quick: bool = False) -> Trial:
    return Trial(ROOM, method, world, partial(ask_lift, kind=kind, plan=plan), is_quick)


DID, SC, GEO, SDID = LiftKind.DID, LiftKind.SYNTHETIC_CONTROL, LiftKind.GEO_LIFT, LiftKind.SYNTHETIC_DID
BEFORE, EVENT = LiftKind.BEFORE_AFTER, LiftKind.EVENT_STUDY
WARY = "before/after, as claims are judged"
TRIALS = (
    make(DID, "DiD", "6 treated, 14 not", PanelPlan(14, 6, 20, 8, near=0)),
    make(DID, "DiD", "2 treated, 14 not, a gap", PanelPlan(14, 2, 20, 8, gaps=2, near=0)),
    make(DID, "DiD, staggered", "9 treated in 3 waves, 12 not", PanelPlan(12, 9, 20, 12, waves=3, near=0)),
    make(SC, "synthetic control, held out", "16 donors, 60 + 12 periods", PanelPlan()),
    make(SC, "synthetic control, ranks", "24 donors, 24 + 12 periods", PanelPlan(24, 1, 24, 12)),
    make(GEO, "geo lift, held out", "16 markets, 70 + 14 days, gaps", PanelPlan(16, 1, 70, 14, gaps=3)),
    make(GEO, "geo lift, ranks", "24 markets, 28 + 14 days", PanelPlan(24, 1, 28, 14)),
    make(SDID, "synthetic DiD", "1 treated, 16 not", PanelPlan(16, 1, 30, 8), is_quick=True),
    make(SDID, "synthetic DiD", "4 treated, 16 not", PanelPlan(16, 4, 30, 8)),
    make(BEFORE, "before/after", "3 controls", PanelPlan(3, 1, 70, 14)),
    make(BEFORE, "before/after", "3 controls, level walks by 10%", PanelPlan(3, 1, 70, 14, walk=0.1)),
    *(
        Trial(ROOM, WARY, world, partial(ask_lift, kind=BEFORE, plan=PanelPlan(3, 1, 70, 14, walk=walk), is_wary=True))
        for world, walk in (("3 controls", 0.0), ("3 controls, level walks by 10%", 0.1))
    ),
    *(
        make(
            BEFORE,
            "before/after",
            f"no controls, level walks by {walk:.0%}",
            PanelPlan(0, 1, 70, 14, shocks=0.0, memory=0.0, walk=walk),
        )
        for walk in (0.0, 0.1, 0.3)
    ),
    make(BEFORE, "before/after", "no controls, noise that remembers", PanelPlan(0, 1, 70, 14, shocks=0.0)),
    make(
        EVENT,
        "event study",
        "4 hours, 15 days before",
        PanelPlan(0, 1, 15 * 24, 4, shocks=0.0, cycle=24),
        is_quick=True,
    ),
    make(EVENT, "event study", "4 hours, 4 controls", PanelPlan(4, 1, 15 * 24, 4, shocks=0.05, cycle=24)),
)
