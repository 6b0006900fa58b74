"""All reads of runs: the list by what is due next, and one run as its records make it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from canyu.care.case_events import Audience
from canyu.care.crisis import Run as RunState
from canyu.care.crisis import StatementState, derive_run
from canyu.care.crisis.run_timeline import RunEntry, list_run_timeline
from canyu.kit.errors import NotFound
from canyu.ops.care.models import Case
from canyu.ops.crisis.models import Run, RunText, Stakeholder, Statement
from canyu.ops.crisis.records import load_events
from canyu.ops.people.models import Person
from canyu.ops.people.rules import MANAGE_CRISIS

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A stakeholder, what they may read, and when somebody told them last."""

    row: Stakeholder
    audience: Audience
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class OneRun:
    """A run with everything that its page shows; the newest entries of the timeline first."""

    row: Run
    state: RunState
    entries: tuple[tuple[RunEntry, RunText | None], ...]
    stakeholders: tuple[Told, ...]
    statements: tuple[tuple[Statement, StatementState], ...]


def list_runs(viewer: Person, stand: str) -> list[Run]:  # noqa: ARG001 - reads take the viewer first
    """Return runs, the open ones first by what is due next, then the newest."""
    rows = Run.objects.select_related("case")
    if stand != "all":
        rows = rows.filter(is_open=stand != "closed")
    return list(rows.order_by("-is_open", "next_due", "-pk")[:MOST_ROWS])


def get_run(viewer: Person, run_id: int) -> Run:  # noqa: ARG001 - reads take the viewer first
    """Return a run; raises NotFound."""
    return need_run(Run.objects.select_related("case").filter(pk=run_id).first())


def need_run(found: Run | None) -> Run:
    """Return the run that was found; raises NotFound for none."""
    if found is None:
        raise NotFound(_("There is no such run."), mend=_("Open it from the list of crises."))
    return found


def derive(run_id: int, now: datetime) -> RunState:
    """Return a run as its records make it at a moment."""
    return derive_run(load_events([run_id])[run_id], now)


def read_run(viewer: Person, run_id: int, now: datetime) -> OneRun:
    """Return a run with its checklist, timeline, stakeholders and statements; raises NotFound."""
    row = get_run(viewer, run_id)
    events = load_events([row.pk])[row.pk]
    state = derive_run(events, now)
    words = {str(text.pk): text for text in row.texts.all()}
    entries = [(entry, words.get(entry.text)) for entry in list_run_timeline(events)]
    people = {str(one.pk): one for one in row.stakeholders.all()}
    told = tuple(Told(people[key], audience, at) for key, audience, at in state.stakeholders)
    known = {str(one.pk): one for one in row.statements.all()}
    statements = tuple((known[each.key], each) for each in state.statements)
    return OneRun(row, state, tuple(reversed(entries)), told, statements)


def find_newest_run(case: Case) -> Run | None:
    """Return the run that goes on against a case, else the newest one, or None."""
    return Run.objects.filter(case=case).order_by("-is_open", "-pk").first()


def list_workers() -> list[str]:
    """Return the names of the accounts that may work on crises."""
    app, codename = MANAGE_CRISIS.split(".")
    may = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
    people = Person.objects.filter(may | Q(is_superuser=True), is_active=True)
    return list(people.order_by("username").values_list("username", flat=True).distinct())
