"""The HTTP API of cases: list, open, say; the same actions as the pages, errors in the fixed shape of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from canyu.care import Audience, CaseKind, Harm
from canyu.events import make_event_id
from canyu.kit.clock import get_now
from canyu.ops.care import actions, queries
from canyu.ops.care.actions import Message
from canyu.ops.care.models import FAR, Case, Channel
from canyu.ops.care.queries import CaseFilter
from canyu.ops.care.rules import MOST_TEXT, CaseDraft, MentionDraft
from canyu.ops.config import load_config
from canyu.ops.gate import Holder, get_viewer
from canyu.ops.insight.schemas import ErrorOut
from canyu.ops.people.rules import MANAGE_CASES, VIEW_CASES

router = Router(tags=["care"])
REFUSALS = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut}
MOST_PAGES = 10_000


class CaseOut(Schema):
    """One case; a due time is null where its clock does not run."""

    number: str
    id: int
    kind: str
    harm: str
    severity: Annotated[int, Field(description="1 low to 4 critical.")]
    status: str
    title: str
    product: str
    market: str
    assignee: str
    reach: int
    opened_at: datetime
    solved_at: datetime | None
    first_response_due: datetime | None
    solution_due: datetime | None
    update_due: datetime | None
    burns_at: datetime | None
    is_missed: bool


class CasesOut(Schema):
    """A page of cases."""

    total: int
    page: int
    pages: int
    cases: list[CaseOut]


class CaseIn(Schema):
    """A case to open. ``key`` names the mention, so that the same one sent twice is one case."""

    kind: CaseKind
    text: Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
    key: Annotated[str, Field(min_length=1, max_length=200, description="Your own id of it.")]
    harm: Harm = Harm.NONE
    product: Annotated[str, Field(max_length=200)] = ""
    market: Annotated[str, Field(max_length=40)] = ""
    reach: Annotated[int, Field(ge=0, le=2_000_000_000)] = 0
    skills: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    at: Annotated[datetime | None, Field(description="When it was written; now where it is missing.")] = None


class OpenedOut(Schema):
    """The case, and whether it is a new one; a mention that says the same joins a case."""

    is_new: bool
    case: CaseOut


class MessageIn(Schema):
    """A message: ``inside``, ``customer`` or ``public``."""

    text: Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
    audience: Audience = Audience.INSIDE


@router.get("/cases", response={200: CasesOut, **REFUSALS}, auth=Holder(VIEW_CASES), summary="Cases by what burns next")
def list_cases(
    request: HttpRequest, stand: str = "open", kind: str = "", page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1
) -> CasesOut:
    """List cases; ``stand`` is open, missed, solved or all."""
    asked = CaseFilter(stand=stand if stand in queries.STANDS else "open", kind=kind)
    found = queries.list_cases(get_viewer(request), asked, page, load_config().page_rows)
    cases = [describe(row) for row in found.rows]
    return CasesOut(total=found.total, page=found.page, pages=found.pages, cases=cases)


@router.post("/cases", response={200: OpenedOut, **REFUSALS}, auth=Holder(MANAGE_CASES), summary="Open a case")
def open_case_by_api(request: HttpRequest, asked: CaseIn) -> OpenedOut:
    """Open a case, or add a mention to one that says nearly the same of the product within 24 hours."""
    now, by = get_now(), get_viewer(request).username
    at = asked.at if asked.at and asked.at.tzinfo else now
    mention = MentionDraft(make_event_id("care-api", by, asked.key), asked.text, at, "", asked.reach)
    draft = CaseDraft(
        asked.kind,
        asked.text,
        Channel.API,
        asked.harm,
        asked.product,
        asked.market,
        asked.reach,
        asked.skills,
        mention=mention,
    )
    opened = actions.open_case(by, draft, now)
    return OpenedOut(is_new=opened.is_new, case=describe(opened.case))


@router.post(
    "/cases/{case_id}/messages",
    response={200: CaseOut, **REFUSALS},
    auth=Holder(MANAGE_CASES),
    summary="Say something in a case",
)
def say_by_api(request: HttpRequest, case_id: int, asked: MessageIn) -> CaseOut:
    """Add a message to a case; one to the customer or in public answers it."""
    message = Message(get_viewer(request).username, asked.text, asked.audience)
    return describe(actions.say(case_id, message, get_now()))


def describe(row: Case) -> CaseOut:
    """Return a case as the API tells it."""
    same = CaseOut.model_fields.keys() - {"burns_at"}
    return CaseOut(
        **{name: getattr(row, name) for name in same}, burns_at=None if row.burns_at == FAR else row.burns_at
    )
