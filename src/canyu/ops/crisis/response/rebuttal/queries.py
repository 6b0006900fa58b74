"""Works out rebuttal plans in the KOL room's own engine, and reads those that were kept, with what came of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from canyu.kit.errors import CanyuError, NotFound
from canyu.kit.words import Words
from canyu.ops.care.models import CaseMention
from canyu.ops.crisis.models import Run, StatementVersion
from canyu.ops.crisis.response.models import RebuttalPlan
from canyu.ops.crisis.response.rebuttal.rules import RebuttalAsked
from canyu.ops.kols.models import Account, Booking
from canyu.ops.kols.planning import option_queries, option_views, queries
from canyu.ops.kols.planning.answers import Ground
from canyu.ops.kols.planning.options import RumourFound
from canyu.ops.kols.planning.schemas import PlanQuery
from canyu.ops.people.models import Person

WAIT_S = 2.0
KEEP_WAIT_S = 60.0
MOST_POSTS = 20


@dataclass(frozen=True, slots=True)
class Worked:
    """What the engine says of what was asked; one of ``found``, ``missing``, ``error`` and ``is_pending`` holds."""

    ground: Ground
    query: PlanQuery
    carriers: option_queries.Carriers | None = None
    found: RumourFound | None = None
    row: option_views.RumourRow | None = None
    missing: Words | None = None
    error: CanyuError | None = None
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A kept plan with its bookings: what was planned, and what is measured so far (None where nothing is yet).

    ``measured`` adds up people by account: who reacted to two of them counts twice. ``spent_minor``: prices of posts
    that came out.
    """

    row: RebuttalPlan
    bookings: tuple[Booking, ...]
    posted: int
    measured: int | None
    spent_minor: int


def list_posts(run: Run) -> list[str]:
    """Return the posts that the case of a run was made of, the widest first."""
    rows = CaseMention.objects.filter(case=run.case_id, is_post=True).order_by("-reach", "pk")
    return list(rows.values_list("key", flat=True)[:MOST_POSTS])


def work_out(viewer: Person, asked: RebuttalAsked, now: datetime, wait_s: float | None = None) -> Worked:
    """Return whom to ask within the limits. Raises NotFound for a handle that must be in and is in no roster."""
    query = replace(asked.query, must=_find_keys(asked.must))
    ground = queries.find_plan_ground(viewer, query, now)
    if ground.board is None:
        return Worked(ground, query, missing=NO_GRAPH, is_pending=ground.building is not None)
    if not query.budget_minor or not asked.choice.names:
        return Worked(ground, query, missing=ASK)
    carriers = option_queries.find_carriers(viewer, ground, asked.choice)
    if not carriers.known:
        return Worked(ground, query, carriers, missing=NOBODY_KNOWN)
    limit_s = WAIT_S if wait_s is None else wait_s
    try:
        found = option_queries.ask_blockers(ground, query, asked.choice, carriers).result(limit_s)
    except TimeoutError:
        return Worked(ground, query, carriers, is_pending=True)
    except CanyuError as error:
        return Worked(ground, query, carriers, error=error)
    return Worked(ground, query, carriers, found, option_views.describe_rumour(ground, query, found))


def list_kept(viewer: Person, run_id: int) -> list[KeptPlan]:
    """Return the plans that were kept with a run, the newest first."""
    rows = RebuttalPlan.objects.filter(run=run_id).select_related("plan").order_by("-pk")
    return [_view(viewer, row) for row in rows]


def get_kept(viewer: Person, run_id: int, rebuttal_id: int) -> KeptPlan:
    """Return one of them; raises NotFound."""
    row = RebuttalPlan.objects.filter(run=run_id, pk=rebuttal_id).select_related("plan").first()
    if row is None:
        raise NotFound(
            Words("没有这个辟谣方案。", "There is no such plan."),
            mend=Words("请从危机页打开。", "Open it from the run."),
        )
    return _view(viewer, row)


def find_released(run_id: int) -> str | None:
    """Return the short name of the statement that was released last, None before there is one."""
    rows = StatementVersion.objects.filter(statement__run=run_id, release__isnull=False).order_by("-released_at", "-pk")
    return rows.values_list("statement__slug", flat=True).first()


def _view(viewer: Person, row: RebuttalPlan) -> KeptPlan:
    bookings = tuple(queries.list_plan_bookings(viewer, row.plan))
    out = [booking for booking in bookings if booking.posted_at is not None]
    counted = [booking.actual_reach for booking in out if booking.actual_reach is not None]
    measured = sum(counted) if counted else None
    return KeptPlan(row, bookings, len(out), measured, sum(booking.price_minor for booking in out))


def _find_keys(handles: tuple[str, ...]) -> tuple[int, ...]:
    known = dict(Account.objects.filter(handle__in=handles, is_active=True).values_list("handle", "pk"))
    unknown = [handle for handle in handles if handle not in known]
    if unknown:
        raise NotFound(
            Words(f"名册里没有 {'、'.join(unknown)}。", f"No account of the roster is called {', '.join(unknown)}."),
            mend=Words("请写名册里的账号名。", "Write handles as the roster has them."),
        )
    return tuple(known[handle] for handle in handles)


NO_GRAPH = Words("没有影响图，或它还在准备，无法计算。", "There is no graph of who reads whom, or it is not ready yet.")
ASK = Words("请写预算，以及谁在传播。", "Give a budget, and say who spreads it.")
NOBODY_KNOWN = Words(
    "这些传播者都不在名册、影响图或数据里。",
    "None of those who spread it is known in the roster, the graph or the data.",
)
