"""All reads of runs: the list by what is due next, and one run as its records make it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from canyu.care.crisis import Run as RunState
from canyu.care.crisis import derive_run
from canyu.kit.errors import NotFound
from canyu.ops.crisis.models import Run
from canyu.ops.crisis.records import load_events
from canyu.ops.people.models import Person

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class OneRun:
    """A run with everything that its page shows."""

    row: Run
    state: RunState


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
    """Return a run with its state; raises NotFound."""
    row = get_run(viewer, run_id)
    return OneRun(row, derive(row.pk, now))
