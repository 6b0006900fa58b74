"""Two who release at once, an author who tries, and a next draft: one release at most, and never by an author."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from canyu.ops.crisis import actions as runs
from canyu.ops.crisis.models import Run, RunRecord, StatementVersion
from canyu.ops.crisis.statements import actions
from canyu.ops.crisis.statements.rules import VersionDraft
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from crisis_fixtures import NOW, SAID, make_draft
from racing import run_together

LATER = NOW + timedelta(hours=3)


@pytest.mark.parametrize("is_written_on", [False, True])
@pytest.mark.usefixtures("empty_ledger")
def test_of_many_who_release_at_once_one_does_and_never_an_author(
    accounts: Callable[..., Person], is_written_on: bool
) -> None:
    author, second, third = (accounts(name=name) for name in ("zhiban", "zongjian", "disan"))
    version = make_draft(author)

    def release(viewer: Person) -> Callable[[], object]:
        return lambda: actions.release(viewer, version.statement_id, 1, version.digest, LATER)

    def write() -> object:
        return actions.write_version(author, version.statement_id, VersionDraft(SAID), LATER)

    works = [*map(release, (author, second, third)), *([write] if is_written_on else [])]
    faults = run_together(*works, lambda: runs.sweep(LATER), lambda: runs.sweep(LATER))
    released = list(StatementVersion.objects.filter(release__isnull=False))
    # where the next draft came first, the one that was read is not the newest any more
    assert len(released) in ({0, 1} if is_written_on else {1})
    assert all(row.released_by in {second.username, third.username} for row in released)
    assert len(faults) >= 3 - len(released)
    told = RunRecord.objects.filter(type="released").count()
    assert told == WaitingEvent.objects.count() == len(released)
    numbers = list(RunRecord.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Run.objects.get().records_count == len(numbers)
    missed = [(row.body["key"], row.body["due"]) for row in RunRecord.objects.filter(type="missed")]
    assert len(missed) == len(set(missed)) > 0
