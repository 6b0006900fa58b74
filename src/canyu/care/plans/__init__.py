"""Plans: promises with dates, what a broken one opens, and what it costs to own a product."""

from __future__ import annotations

from canyu.care.plans.breaches import list_openings, name_breach
from canyu.care.plans.cost import CostAnswer, CostLine, Ownership, PlanPrice, Ranged, Repair, compute_cost
from canyu.care.plans.money import read_amount, write_amount
from canyu.care.plans.plan_file import PlanFile, load_plans, parse_plans
from canyu.care.plans.promises import Asking, Breach, Judgement, Promise, Rhythm, Standing, add_months, judge_promise

__all__ = [
    "Asking",
    "Breach",
    "CostAnswer",
    "CostLine",
    "Judgement",
    "Ownership",
    "PlanFile",
    "PlanPrice",
    "Promise",
    "Ranged",
    "Repair",
    "Rhythm",
    "Standing",
    "add_months",
    "compute_cost",
    "judge_promise",
    "list_openings",
    "load_plans",
    "name_breach",
    "parse_plans",
    "read_amount",
    "write_amount",
]
