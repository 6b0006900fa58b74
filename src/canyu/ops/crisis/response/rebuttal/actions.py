"""The only place that keeps rebuttal plans and writes their briefs; plans and bookings are those of the KOL room."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from canyu.kit.errors import BadInput, Conflict
from canyu.kit.words import Words
from canyu.ops.crisis.actions import lock_run
from canyu.ops.crisis.response.models import RebuttalPlan
from canyu.ops.crisis.response.rebuttal import queries
from canyu.ops.crisis.response.rebuttal.rules import RebuttalAsked, check_brief
from canyu.ops.kols.bookings import actions as bookings
from canyu.ops.kols.models import BookingState
from canyu.ops.kols.planning import actions as planning
from canyu.ops.kols.planning.answers import measure_plan
from canyu.ops.kols.planning.queries import find_certificate
from canyu.ops.kols.planning.results import make_result
from canyu.ops.kols.planning.schemas import PlanDraft
from canyu.ops.kols.planning.views import list_chosen
from canyu.ops.people.models import Person

KEPT = ("budget", "currency", "hours", "market", "age", "delay")
USUAL_HOURS = 72
logger = logging.getLogger("canyu.crisis")


def keep_plan(viewer: Person, run_id: int, asked: RebuttalAsked, now: datetime) -> RebuttalPlan:
    """Keep the engine's plan with the run, as a draft of the KOL room, where it is approved and booked.

    Raises NotFound, BadInput where nobody can be asked, Conflict while it is still being worked out.
    """
    worked = queries.work_out(viewer, asked, now, queries.KEEP_WAIT_S)
    if worked.error is not None:
        raise worked.error
    found, row = worked.found, worked.row
    if worked.is_pending:
        raise Conflict(
            Words("方案还没有算完，没有保存。", "The plan is still being worked out; nothing was kept."),
            mend=Words("过一会儿再保存。", "Keep it in a while."),
        )
    if found is None or row is None or not found.keys:
        raise BadInput(
            worked.missing
            or Words("预算内请不到能抢先的人。", "Nobody within the budget gets there before the rumour."),
            mend=Words("提高预算，或更早开口。", "Raise the budget, or speak sooner."),
        )
    query = replace(worked.query, chosen=found.keys, was=None, plan=0, version=0)
    answer = measure_plan(worked.ground, query, len(query.chosen))
    certificate = find_certificate(worked.ground, query, answer)
    result = make_result(worked.ground, query, answer, list_chosen(worked.ground, query, answer), certificate)
    with transaction.atomic():
        run = lock_run(run_id)
        number = RebuttalPlan.objects.filter(run=run).count() + 1
        name = f"{run.number} {run.title} #{number}"
        plan = planning.save_plan(viewer, PlanDraft(query, name, f"crisis-{run.pk}", result), now)
        kept = RebuttalPlan.objects.create(
            run=run,
            plan=plan,
            asked=_describe(asked, worked),
            saved=row.saved[0],
            saved_low=row.saved[1],
            saved_high=row.saved[2],
            alone=row.alone,
            against=row.against,
            guarantee=found.ratio,
            made_by=viewer.username,
            made_at=now,
        )
    logger.info("%s kept the rebuttal plan %s of the run %s", viewer.username, kept.pk, run_id)
    return kept


@transaction.atomic
def write_briefs(viewer: Person, run_id: int, rebuttal_id: int, brief: str, now: datetime) -> int:
    """Give every booking of the plan that was not sent yet the same brief; return how many. Sending stays by hand.

    Each is due at the plan's deadline. Raises NotFound, BadInput where the brief does not ask for the mark of
    advertising, or no booking waits for one.
    """
    view = queries.get_kept(viewer, run_id, rebuttal_id)
    due = view.row.made_at + timedelta(hours=view.row.plan.deadline_h or USUAL_HOURS)
    open_ones = [one for one in view.bookings if one.state == BookingState.BRIEF and one.sent_at is None]
    if not open_ones:
        raise BadInput(
            Words("没有待写简报的预约。", "No booking waits for its brief."),
            mend=Words("先批准方案并生成预约。", "Approve the plan and make the bookings first."),
        )
    for booking in open_ones:
        markets = booking.account.market_list if booking.account else []
        check_brief(brief, next(iter(markets), ""))
        bookings.save_brief(viewer, booking.pk, brief, due, now)
    return len(open_ones)


def _describe(asked: RebuttalAsked, worked: queries.Worked) -> dict[str, Any]:
    # who spreads it are people: how many they are is kept, their names are not
    kept: dict[str, Any] = {name: asked.typed[name] for name in KEPT}
    return {**kept, "carriers": len(worked.carriers.known) if worked.carriers else 0, "must": list(worked.query.must)}
