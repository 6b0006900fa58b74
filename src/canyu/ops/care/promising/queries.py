"""All reads of plans: each product's promises as they stand at a day, its cost of owning, and the cases of breaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from canyu.care.plans import Breach, CostAnswer, Judgement, PlanFile, Standing, compute_cost, judge_promise, parse_plans
from canyu.care.plans.breaches import name_breach
from canyu.kit.errors import NotFound
from canyu.ops.care.models import Case, CaseMention, ProductPlan
from canyu.ops.care.policies.queries import list_newest
from canyu.ops.config import load_config
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class JudgedPlan:
    """A product's plan at a day: where each promise stands, with the case of each breach, and the cost of owning."""

    row: ProductPlan
    plans: PlanFile
    judgements: tuple[Judgement, ...]
    cases: dict[str, Case]
    cost: CostAnswer | None

    @property
    def broken(self) -> int:
        """How many promises are broken."""
        return sum(each.standing is Standing.BROKEN for each in self.judgements)

    @property
    def rows(self) -> tuple[tuple[Judgement, tuple[tuple[Breach, Case | None], ...]], ...]:
        """Each promise, the broken ones first, with its breaches and their cases."""
        product = self.plans.product
        found = [
            (each, tuple((breach, self.cases.get(name_breach(each, breach, product))) for breach in each.breaches))
            for each in self.judgements
        ]
        return tuple(sorted(found, key=lambda row: row[0].standing is not Standing.BROKEN))


def find_today(now: datetime) -> date:
    """Return the day that it is where the console is."""
    return now.astimezone(ZoneInfo(load_config().zone)).date()


def list_plans(viewer: Person, now: datetime) -> list[JudgedPlan]:  # noqa: ARG001 - reads take the viewer first
    """Return every product's plan that holds, as it stands today, those with broken promises first."""
    found = [judge_plan(row, find_today(now)) for row in list_newest(ProductPlan)]
    return sorted(found, key=lambda one: (-one.broken, one.row.name))


def get_plan_row(viewer: Person, product: str) -> ProductPlan:  # noqa: ARG001 - reads take the viewer first
    """Return the version of a product's plan that holds; raises NotFound."""
    found = next((row for row in list_newest(ProductPlan) if row.name == product), None)
    if found is None:
        raise NotFound(_("There is no plan of this product."), mend=_("Open it from the list of promises."))
    return found


def judge_plan(row: ProductPlan, day: date) -> JudgedPlan:
    """Return a plan as it stands at a day; a promise that is broken makes a plan's price whole again."""
    plans = parse_plans(row.text)
    judgements = tuple(judge_promise(each, day) for each in plans.promises)
    names = [name_breach(each, breach, plans.product) for each in judgements for breach in each.breaches]
    mentions = CaseMention.objects.filter(key__in=names).select_related("case")
    broken = {each.promise.name for each in judgements if each.standing is Standing.BROKEN}
    cost = None if plans.cost is None else compute_cost(plans.cost, broken)
    return JudgedPlan(row, plans, judgements, {each.key: each.case for each in mentions}, cost)
