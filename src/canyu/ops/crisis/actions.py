"""The only place that changes runs: started, ticked, assigned, told, closed. What it keeps is only ever added to.

Each change appends records, derives the columns and puts its event into the outbox, in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from canyu.care.case_events import Audience
from canyu.care.crisis import (
    Run as RunState,
)
from canyu.care.crisis import (
    RunEvent,
    check_run_event,
    derive_run,
    describe_run_event,
    get_default_playbook,
    run_events,
)
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words
from canyu.ops.care.models import Case
from canyu.ops.crisis import queries
from canyu.ops.crisis.errors import RunChanged
from canyu.ops.crisis.models import Run, RunRecord
from canyu.ops.crisis.records import load_events
from canyu.ops.crisis.rules import RunDraft, clean, describe_columns
from canyu.ops.people.models import Person

CANYU = "canyu"
"""Who writes what nobody did by hand."""
logger = logging.getLogger("canyu.crisis")


def start_run(viewer: Person, case: Case, draft: RunDraft, now: datetime) -> Run:
    """Start a run of the default playbook against a case; its open run, where there is one. Raises RunChanged."""
    known = Run.objects.filter(case=case, is_open=True).first()
    if known is not None:
        return known
    playbook = get_default_playbook()
    try:
        with transaction.atomic():
            run = Run.objects.create(
                case=case,
                title=clean(draft.title, 120) or case.title,
                product=case.product,
                topic=clean(draft.topic, 100),
                playbook=playbook.name,
                status="open",
                started_at=now,
                started_by=viewer.username,
            )
            events: list[RunEvent] = [run_events.Started(now, viewer.username, str(case.pk), playbook)]
            append(run, events, now)
    except IntegrityError as error:
        raise _tell_changed() from error
    logger.info("%s started the run %s for the case %s", viewer.username, run.pk, case.pk)
    return run


def write(run_id: int, make: Callable[[RunState], Sequence[RunEvent]], now: datetime) -> Run:
    """Append what is made of the run as it stands. Raises NotFound, and what its rules refuse: nothing is kept."""
    with transaction.atomic():
        run = lock_run(run_id)
        append(run, make(queries.derive(run.pk, now)), now)
    return run


def lock_run(run_id: int) -> Run:
    """Return a run that nobody else writes to until the transaction ends. Raises NotFound."""
    return queries.need_run(Run.objects.select_for_update().filter(pk=run_id).first())


def append(run: Run, events: Sequence[RunEvent], now: datetime) -> RunState:
    """Append records to a locked run and derive its columns. Raises what the rules refuse, RunChanged for a race."""
    happened = load_events([run.pk])[run.pk]
    before = len(happened)
    for event in events:
        if happened:  # the start comes first, and nothing can refuse it
            check_run_event(derive_run(happened, now), event)
        happened.append(event)
    state = derive_run(happened, now)
    columns = describe_columns(state) | {"records_count": len(happened)}
    try:
        with transaction.atomic():
            RunRecord.objects.bulk_create(_make_record(run, before + at, event) for at, event in enumerate(events, 1))
    except IntegrityError as error:
        raise _tell_changed() from error
    if not Run.objects.filter(pk=run.pk, records_count=before).update(**columns):
        raise _tell_changed()
    for name, value in columns.items():
        setattr(run, name, value)
    return state


def _make_record(run: Run, sequence: int, event: RunEvent) -> RunRecord:
    audience = event.audience if isinstance(event, run_events.UpdateGiven) else Audience.INSIDE
    return RunRecord(
        run=run,
        sequence=sequence,
        type=event.name,
        at=event.at,
        by=event.by,
        audience=audience.value,
        body=describe_run_event(event),
    )


def _tell_changed() -> CanyuError:
    return RunChanged(
        Words("这次危机在此期间被别人改过。", "Somebody else changed the run meanwhile."),
        mend=Words("没有覆盖任何内容。请刷新后再做。", "Nothing was overwritten. Load the page anew and do it again."),
    )
