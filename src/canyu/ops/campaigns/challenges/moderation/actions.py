"""The only place that decides on entries: shown or refused with a reason, jury points, and the way back."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from canyu.ops.campaigns.challenges import queries
from canyu.ops.campaigns.challenges.actions import record_step
from canyu.ops.campaigns.challenges.errors import EntryChanged, StepUndone
from canyu.ops.campaigns.challenges.models import Challenge, Entry, EntryStep
from canyu.ops.campaigns.challenges.rules import EntryState, Reason
from canyu.ops.campaigns.challenges.scoring.actions import give_points, lock_challenge, place_entrants
from canyu.ops.campaigns.errors import ReasonMissing
from canyu.ops.people.models import Person

UNDONE, POINTS = "undone", "points"
MOST_NOTE = 500
logger = logging.getLogger("canyu.challenges")


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided: shown without a reason, or refused with one of the list.

    ``seen``: the mark (``mark_entry``) of each entry as it was looked at; None where nobody looks, as in a staging.
    """

    is_shown: bool
    reason: str = ""
    note: str = ""
    seen: Mapping[int, str] | None = None

    @property
    def state(self) -> EntryState:
        """Where an entry stands after it."""
        return EntryState.SHOWN if self.is_shown else EntryState.REFUSED


def decide_entries(
    viewer: Person, challenge: Challenge, ids: Collection[int], decision: Decision, now: datetime
) -> list[EntryStep]:
    """Show or refuse entries; withdrawn ones, and those that stand there already, are left.

    Raises ReasonMissing, or EntryChanged where one is no longer what was looked at; then none is decided.
    """
    note = decision.note.replace("\0", "").strip()[:MOST_NOTE]
    if not decision.is_shown and (
        decision.reason not in tuple(Reason) or (decision.reason == Reason.OTHER and not note)
    ):
        raise ReasonMissing(_("A refusal needs its reason."), mend=_("Choose one, and say which where it is another."))
    with transaction.atomic():
        challenge = lock_challenge(challenge.pk)
        found = Entry.objects.filter(challenge=challenge, pk__in=list(ids)).exclude(state=EntryState.WITHDRAWN)
        _need_seen(found, decision)
        steps = [
            _move(
                entry,
                EntryStep(
                    what=decision.state,
                    before=entry.state,
                    after=decision.state,
                    reason="" if decision.is_shown else decision.reason,
                    note=note,
                    who=viewer.username,
                    at=now,
                ),
            )
            for entry in found.exclude(state=decision.state).order_by("pk")
        ]
        place_entrants(challenge, {step.entry.entrant_id for step in steps})
    logger.info("%s set %s entries to %s", viewer.username, len(steps), decision.state)
    return steps


def undo_step(viewer: Person, challenge: Challenge, step_id: int, now: datetime) -> Entry:
    """Put an entry back to where it stood before a decision. Raises StepUndone where it is not the last."""
    with transaction.atomic():
        challenge = lock_challenge(challenge.pk)
        step = EntryStep.objects.filter(pk=step_id, entry__challenge=challenge).first()
        entry = queries.get_entry(challenge, step.entry_id if step else 0)
        last = entry.steps.order_by("-pk").first()
        if last != step or step is None or step.what not in {EntryState.SHOWN, EntryState.REFUSED}:
            raise StepUndone(_("Something came after this decision."), mend=_("Open the entry and decide anew."))
        before = entry.steps.filter(after=step.before).exclude(what=POINTS).order_by("-pk").first()
        reason = before.reason if before else ""
        back = EntryStep(what=UNDONE, before=step.after, after=step.before, reason=reason, who=viewer.username, at=now)
        _move(entry, back)
        place_entrants(challenge, [entry.entrant_id])
    return entry


def set_points(viewer: Person, challenge: Challenge, entry_id: int, points: int, now: datetime) -> Entry:
    """Keep the jury's points of an entry, with who gave them. Raises NotFound."""
    with transaction.atomic():
        challenge = lock_challenge(challenge.pk)
        entry = queries.get_entry(challenge, entry_id)
        note = f"{entry.jury} > {points}"
        give_points(challenge, entry, points, now)
        told = EntryStep(what=POINTS, before=entry.state, after=entry.state, note=note, who=viewer.username, at=now)
        record_step(entry, told)
    return entry


def _need_seen(found: QuerySet[Entry], decision: Decision) -> None:
    if decision.seen is None:
        return
    rows = found.exclude(state=decision.state).select_related("entrant").order_by("pk")
    changed = [str(entry.pk) for entry in rows if decision.seen.get(entry.pk) != queries.mark_entry(entry)]
    if changed:
        raise EntryChanged(
            _("Changed since you looked, name or words: entry %s.") % ", ".join(changed),
            mend=_("Nothing was decided. It is shown below as it is now: look, then decide again."),
        )


def _move(entry: Entry, step: EntryStep) -> EntryStep:
    entry.state, entry.reason = step.after, step.reason
    entry.save(update_fields=["state", "reason"])
    return record_step(entry, step)
