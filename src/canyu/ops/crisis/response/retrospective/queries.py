"""Gathers what a retrospective tells, as of the last thing that happened: never as of the hour it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from canyu import care
from canyu.care.crisis import Run as RunState
from canyu.care.crisis import derive_run
from canyu.care.crisis.run_timeline import RunEntry, list_run_timeline
from canyu.kit.words import Words
from canyu.ops.care import queries as cases
from canyu.ops.crisis.models import Run, RunText, Statement
from canyu.ops.crisis.queries import get_run
from canyu.ops.crisis.records import load_events
from canyu.ops.crisis.response.goodwill.queries import GoodwillView, list_goodwill
from canyu.ops.crisis.response.models import Lessons
from canyu.ops.crisis.response.rebuttal.queries import KeptPlan, list_kept
from canyu.ops.crisis.response.turning.queries import OpinionView, read_opinion
from canyu.ops.crisis.statements.queries import Version, list_versions
from canyu.ops.people.models import Person

ERASED = Words("（已删除）", "(erased)")


@dataclass(frozen=True, slots=True)
class Retrospective:
    """A crisis as its records tell it. ``as_of``: when it ended, or the last thing that was kept of it."""

    row: Run
    state: RunState
    case: care.Case
    entries: tuple[tuple[RunEntry, str], ...]
    """With the words that somebody wrote, where they wrote any."""
    statements: tuple[tuple[Statement, tuple[Version, ...]], ...]
    opinion: OpinionView
    rebuttals: tuple[KeptPlan, ...]
    goodwill: tuple[GoodwillView, ...]
    lessons: tuple[Lessons, ...]
    mentions: int
    reach: int
    as_of: datetime


def read_retrospective(viewer: Person, run_id: int) -> Retrospective:
    """Return what is kept of a run; the same records give the same answer at any hour. Raises NotFound."""
    row = get_run(viewer, run_id)
    events = load_events([row.pk])[row.pk]
    lessons = tuple(Lessons.objects.filter(run=row).order_by("pk"))
    rebuttals, goodwill = tuple(list_kept(viewer, row.pk)[::-1]), tuple(list_goodwill(viewer, row.pk))
    moments = [event.at for event in events] + [each.at for each in lessons]
    moments += [each.row.made_at for each in rebuttals] + [each.row.made_at for each in goodwill]
    as_of = max(moments)
    state = derive_run(events, as_of)
    mentions = list(row.case.mentions.values_list("reach", flat=True))
    statements = Statement.objects.filter(run=row).order_by("pk")
    return Retrospective(
        row,
        state,
        cases.derive(row.case_id, as_of),
        _list_entries(row.pk, list(list_run_timeline(events))),
        tuple((each, tuple(list_versions(viewer, each)[::-1])) for each in statements),
        read_opinion(row, state, row.closed_at or as_of),
        rebuttals,
        goodwill,
        lessons,
        len(mentions),
        sum(mentions),
        as_of,
    )


def _list_entries(run_id: int, entries: list[RunEntry]) -> tuple[tuple[RunEntry, str], ...]:
    texts = {str(text.pk): text for text in RunText.objects.filter(run=run_id)}

    def tell(entry: RunEntry) -> str:
        text = texts.get(entry.text)
        return "" if text is None else str(ERASED) if text.is_erased else text.text

    return tuple((entry, tell(entry)) for entry in entries)
