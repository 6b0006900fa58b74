"""The only place that changes plans: saving, approving, and making bookings of them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from canyu.kit.words import Words
from canyu.ops.kols.bookings.actions import create_booking
from canyu.ops.kols.bookings.rules import BookingDraft
from canyu.ops.kols.models import Booking, KeptList, Plan, PlanState
from canyu.ops.kols.planning.errors import PlanChanged, PlanUnfit
from canyu.ops.kols.planning.keys import MOST_SPELLED, name_list, spell_keys
from canyu.ops.kols.planning.queries import get_plan
from canyu.ops.kols.planning.rules import write_plan
from canyu.ops.kols.planning.schemas import PlanDraft, PlanQuery
from canyu.ops.people.models import Person

MOST_NAME = 120
KEEP_LISTS = timedelta(days=180)
USED_ANEW = timedelta(days=1)  # how exactly the last use of a list is noted
logger = logging.getLogger("canyu.kols")


def keep_lists(query: PlanQuery, now: datetime) -> None:
    """Keep the lists of accounts that are too long for an address, so that its names open them; safe to repeat.

    One that no address has used for half a year is dropped; saved plans hold their own.
    """
    for keys in (query.chosen, query.was or (), query.must, query.never):
        if len(keys) <= MOST_SPELLED:
            continue
        spelled = spell_keys(keys)
        digest = name_list(spelled)
        row, is_new = KeptList.objects.get_or_create(digest=digest, defaults={"keys": spelled, "used_at": now})
        if is_new:
            KeptList.objects.filter(used_at__lt=now - KEEP_LISTS).delete()
        elif now - row.used_at > USED_ANEW:
            KeptList.objects.filter(pk=row.pk).update(used_at=now)


@transaction.atomic
def save_plan(viewer: Person, draft: PlanDraft, now: datetime) -> Plan:
    """Keep a plan, a new one where the query names none.

    Raises PlanUnfit without a name or an account, NotFound, and PlanChanged where somebody else saved it since it was
    opened, or it is approved: nothing is overwritten.
    """
    query = draft.query
    name = "".join(sign for sign in draft.name if sign.isprintable()).strip()[:MOST_NAME]
    if not name:
        raise PlanUnfit(Words("方案没有名称。", "The plan has no name."), mend=Words("写一个名称。", "Give it one."))
    if not draft.result.get("accounts"):
        raise PlanUnfit(
            Words("方案里还没有账号。", "No account is in the plan."),
            mend=Words("先加入账号，或点“排出方案”。", "Add accounts first, or let it be planned."),
        )
    row = Plan(made_by=viewer.username, made_at=now) if not query.plan else _lock(viewer, query.plan, query.version)
    version = int(row.settings.get("version", 0)) + 1
    row.name, row.goal, row.campaign = name, str(query.goal), draft.campaign.strip()[:MOST_NAME]
    row.budget_minor, row.currency, row.deadline_h = query.budget_minor, query.currency, float(query.hours)
    row.settings, row.result = {"asked": write_plan(query), "version": version, "kind": str(query.kind)}, draft.result
    row.changed_by, row.changed_at = viewer.username, now
    row.save()
    logger.info("%s saved the plan %s, version %s", viewer.username, row.pk, version)
    return row


@transaction.atomic
def approve_plan(viewer: Person, plan_id: int, version: int, now: datetime) -> Plan:
    """Approve a plan as it is now; from then on it does not change. Raises NotFound, PlanChanged or PlanUnfit."""
    row = _lock(viewer, plan_id, version)
    if row.budget_minor and row.result.get("cost_minor", 0) > row.budget_minor:
        raise PlanUnfit(
            Words("方案超出预算。", "The plan is over its budget."),
            mend=Words(
                "移出一些账号，或提高预算后再保存。", "Take accounts out or raise the budget, and save it again."
            ),
        )
    row.state, row.changed_by, row.changed_at = PlanState.APPROVED, viewer.username, now
    row.save(update_fields=["state", "changed_by", "changed_at"])
    logger.info("%s approved the plan %s", viewer.username, row.pk)
    return row


@transaction.atomic
def book_plan(viewer: Person, plan_id: int, now: datetime) -> list[Booking]:
    """Make a booking, still a brief, of every account of an approved plan; all of them or none, and once only.

    Raises NotFound, PlanChanged where it is not approved or was booked already, and what ``create_booking`` raises.
    """
    get_plan(viewer, plan_id)
    row = Plan.objects.select_for_update().get(pk=plan_id)
    if row.state != PlanState.APPROVED:
        raise PlanChanged(
            Words("方案还没有批准。", "The plan is not approved."),
            mend=Words("请市场负责人先批准。", "A marketing lead approves it first."),
        )
    if Booking.objects.filter(plan=row).exists():
        raise PlanChanged(
            Words("这个方案已经生成过预约。", "The plan was booked already."),
            mend=Words("在方案页查看它们。", "See them on the plan's page."),
        )
    made = [create_booking(viewer, _draft_booking(row, account), now) for account in row.result["accounts"]]
    logger.info("%s made %s bookings of the plan %s", viewer.username, len(made), row.pk)
    return made


def _draft_booking(row: Plan, account: dict[str, Any]) -> BookingDraft:
    return BookingDraft(
        account=account["account"],
        kind=row.settings.get("kind", "post"),
        price_minor=account["cost_minor"],
        currency=row.currency,
        campaign=row.campaign,
        plan=row.pk,
        planned=(account["alone_low"], account["alone"], account["alone_high"]),
        reach_hours=int(row.deadline_h or 72),
    )


def _lock(viewer: Person, plan_id: int, version: int) -> Plan:
    """Return a plan for a change, as its viewer saw it."""
    get_plan(viewer, plan_id)
    row = Plan.objects.select_for_update().get(pk=plan_id)
    if row.state != PlanState.DRAFT:
        raise PlanChanged(
            Words("方案已经批准，不能再改。", "The plan is approved and does not change any more."),
            mend=Words("另存为新方案。", "Save yours as a new plan."),
        )
    if int(row.settings.get("version", 0)) != version:
        raise PlanChanged(
            Words(f"{row.changed_by} 已经改过这个方案。", f"{row.changed_by} changed this plan meanwhile."),
            mend=Words(
                "没有覆盖任何内容。另存为新方案，或打开新的版本。",
                "Nothing was overwritten. Save yours as a new plan, or open the newer one.",
            ),
        )
    return row
