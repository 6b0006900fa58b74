"""The only place that sets targets; a target is never changed, another one follows it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from canyu.ops.people.models import Person
from canyu.ops.proof.models import Rhythm, Target

logger = logging.getLogger("canyu.proof")


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """A target as the lead sets it; without a value the metric has none from that day on."""

    metric: str
    rhythm: Rhythm
    value: float | None
    since: date
    owner: str


def set_target(viewer: Person, draft: TargetDraft, now: datetime) -> Target:
    """Keep a target beside the older ones; it holds for weeks and months that begin on its day or later."""
    row = Target.objects.create(
        metric=draft.metric,
        rhythm=draft.rhythm,
        value=draft.value,
        since=draft.since,
        owner=draft.owner,
        set_by=viewer.username,
        set_at=now,
    )
    logger.info("%s set the target %s", viewer.username, row.pk)
    return row
