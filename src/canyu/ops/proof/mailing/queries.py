"""All reads of the scorecard's mails."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.people.models import Person
from canyu.ops.proof.models import Letter, Mailing, Schedule

MAILS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """One schedule with its newest mails, and how many of all need a person."""

    schedule: Schedule
    mails: list[Mailing]
    stuck: int


def list_schedules(viewer: Person) -> list[ScheduleLine]:  # noqa: ARG001 - reads take the viewer first
    """Return every schedule with what became of its newest mails."""
    found = []
    for schedule in Schedule.objects.order_by("pk"):
        mails = schedule.mailings.order_by("-due_at", "recipient")
        stuck = mails.filter(state__in=(Letter.REFUSED, Letter.UNCLEAR)).count()
        found.append(ScheduleLine(schedule, list(mails[:MAILS_SHOWN]), stuck))
    return found


def get_schedule(viewer: Person, schedule_id: int) -> Schedule:  # noqa: ARG001 - reads take the viewer first
    """Return one schedule; raises NotFound."""
    found = Schedule.objects.filter(pk=schedule_id).first()
    if found is None:
        raise NotFound(_("There is no such schedule."))
    return found
