"""The only place that changes runs: started, ticked, assigned, told, closed. What it keeps is only ever added to.

Each change appends records, derives the columns and puts its event into the outbox, in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from canyu.care.case_events import Audience
from canyu.care.crisis import (
    Item,
    RunEvent,
    check_item,
    check_run_event,
    derive_run,
    describe_run_event,
    get_default_playbook,
    list_missed,
    run_events,
)
from canyu.care.crisis import Run as RunState
from canyu.care.crisis.playbook import MOST_TITLE
from canyu.events.suppression import find_erased_actors
from canyu.kit.errors import CanyuError, NotFound
from canyu.kit.words import Words
from canyu.ops.care.actions import Message
from canyu.ops.care.actions import say as say_in_case
from canyu.ops.care.errors import NothingSaid
from canyu.ops.care.models import Case
from canyu.ops.crisis import queries
from canyu.ops.crisis.errors import CaseUnfit, RunChanged
from canyu.ops.crisis.models import Run, RunRecord, RunText, Stakeholder
from canyu.ops.crisis.records import load_events
from canyu.ops.crisis.rules import MOST_TEXT, RUN_KINDS, ItemDraft, RunDraft, StakeholderDraft, clean, describe_columns
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person

CANYU = "canyu"
"""Who writes what nobody did by hand."""
CASE, FIRST_RESPONSE, STATEMENT = "case", "first response", "statement"
"""Items of the playbook that something else can do: a case with an owner, an update for the public, a release."""
AT_ONCE = 500
logger = logging.getLogger("canyu.crisis")


def start_run(viewer: Person, case: Case, draft: RunDraft, now: datetime) -> Run:
    """Start a run of the default playbook against a case; its open one where there is one. Raises CaseUnfit."""
    if case.kind not in RUN_KINDS:
        raise CaseUnfit(
            Words("只有谣言和危机工单可以启动。", "A run starts from a case of a rumour or a crisis."),
            mend=Words("请先重新判定工单的类型。", "Judge the kind of the case anew first."),
        )
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
            if case.assignee:  # opened, judged and owned: the first line of every playbook that has it
                events += [run_events.ItemDone(now, CANYU, key) for key in (CASE,) if playbook.find_item(key)]
            append(run, events, now)
    except IntegrityError as error:
        raise _tell_changed() from error
    logger.info("%s started the run %s for the case %s", viewer.username, run.pk, case.pk)
    return run


def tick(viewer: Person, run_id: int, key: str, now: datetime) -> Run:
    """Say that an item was done; one that comes round is due again later."""
    return write(run_id, lambda _run: [run_events.ItemDone(now, viewer.username, key)], now)


def untick(viewer: Person, run_id: int, key: str, now: datetime) -> Run:
    """Take the last tick of an item back; both stay on record."""
    return write(run_id, lambda _run: [run_events.ItemUndone(now, viewer.username, key)], now)


def assign(viewer: Person, run_id: int, key: str, who: str, now: datetime) -> Run:
    """Give an item to somebody who may work on crises, or to nobody. Raises NotFound for anybody else."""
    if who and who not in queries.list_workers():
        raise NotFound(
            Words(f"{who!r} 不能处理危机。", f"{who!r} may not work on crises."),
            mend=Words("请从列表里选。", "Choose from the list."),
        )
    return write(run_id, lambda _run: [run_events.ItemAssigned(now, viewer.username, key, who)], now)


def add_item(viewer: Person, run_id: int, draft: ItemDraft, now: datetime) -> Run:
    """Add a line to the checklist of one run, due so long after now. Raises BadInput."""

    def make(run: RunState) -> list[RunEvent]:
        number = sum(state.item.key.startswith("own ") for state in run.items) + 1
        after_s = int((now - run.started_at).total_seconds()) + draft.in_s
        title = Words(clean(draft.title, MOST_TITLE), clean(draft.title_en or draft.title, MOST_TITLE))
        item = Item(f"own {number}", title, draft.duty, max(after_s, 0))
        check_item(item)
        return [run_events.ItemAdded(now, viewer.username, item)]

    return write(run_id, make, now)


def drop_item(viewer: Person, run_id: int, key: str, reason: str, now: datetime) -> Run:
    """Say that an item is not to be done in this run, and why. Raises NothingSaid without a reason."""
    words = _Words(viewer.username, reason)
    return _write_words(run_id, words, now, lambda by, text: run_events.ItemDropped(now, by, key, text))


def give_update(viewer: Person, run_id: int, text: str, audience: Audience, now: datetime) -> Run:
    """Say where things stand; the timer begins anew. One for the public is said in the case as well.

    The case's first response is answered by it, and so is that item of the checklist.
    """
    words = _Words(viewer.username, text, audience)
    with transaction.atomic():
        run = _write_words(run_id, words, now, lambda by, key: run_events.UpdateGiven(now, by, key, audience))
        if audience is Audience.PUBLIC:
            say_in_case(run.case_id, Message(viewer.username, text, Audience.PUBLIC), now)
            tick_open(run, viewer.username, FIRST_RESPONSE, now)
    return run


def note(viewer: Person, run_id: int, text: str, now: datetime) -> Run:
    """Add a remark, inside; it stops no timer."""
    return _write_words(run_id, _Words(viewer.username, text), now, lambda by, key: run_events.Noted(now, by, key))


def close_run(viewer: Person, run_id: int, reason: str, now: datetime) -> Run:
    """End a run, and say why it is over; the retrospective is due from here on."""
    return _write_words(run_id, _Words(viewer.username, reason), now, lambda by, key: run_events.Closed(now, by, key))


def reopen_run(viewer: Person, run_id: int, reason: str, now: datetime) -> Run:
    """Go on with a run. Raises RunChanged where its case has another open run."""
    words = _Words(viewer.username, reason)
    try:
        return _write_words(run_id, words, now, lambda by, key: run_events.Reopened(now, by, key))
    except IntegrityError as error:
        raise _tell_changed() from error


def add_stakeholder(viewer: Person, run_id: int, draft: StakeholderDraft, now: datetime) -> Run:
    """Add somebody who must be told; their name stands apart from the record. Raises NothingSaid without a name."""
    name = clean(draft.name, 80)
    if not name:
        raise _tell_nothing()
    with transaction.atomic():
        run = lock_run(run_id)
        row = Stakeholder.objects.create(
            run=run,
            name=name,
            organisation=clean(draft.organisation, 120),
            contact=clean(draft.contact, 200),
            audience=draft.audience.value,
            person=clean(draft.person, 200),
        )
        append(run, [run_events.StakeholderAdded(now, viewer.username, str(row.pk), draft.audience)], now)
    return run


def tell_stakeholder(viewer: Person, run_id: int, stakeholder: int, now: datetime) -> Run:
    """Note that somebody told them where things stand."""
    return write(run_id, lambda _run: [run_events.StakeholderTold(now, viewer.username, str(stakeholder))], now)


def remove_stakeholder(viewer: Person, run_id: int, stakeholder: int, now: datetime) -> Run:
    """Take somebody off the list and erase their name and contact; that there was somebody stays on record."""
    with transaction.atomic():
        run = lock_run(run_id)
        append(run, [run_events.StakeholderRemoved(now, viewer.username, str(stakeholder))], now)
        _forget_stakeholders([stakeholder])
    return run


def erase_text(viewer: Person, run_id: int, text_id: int) -> None:
    """Erase the words of one entry; that there was one, when and by whom stays on record."""
    RunText.objects.filter(run=run_id, pk=text_id).update(text="", is_erased=True)
    logger.info("%s erased the words %s of the run %s", viewer.username, text_id, run_id)


def name_run(run_id: int, draft: RunDraft) -> None:
    """Change what a run is called, and by which words the live picture finds its posts."""
    Run.objects.filter(pk=run_id).update(title=clean(draft.title, 120), topic=clean(draft.topic, 100))


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


def tick_open(run: Run, by: str, key: str, now: datetime) -> None:
    """Tick an item of a locked run where it is still to be done, for something else did it."""
    state = queries.derive(run.pk, now).find_item(key)
    if state is not None and state.is_open and state.due is not None:
        append(run, [run_events.ItemDone(now, by, key)], now)


def keep_text(run: Run, by: str, text: str, audience: Audience, now: datetime) -> str:
    """Keep somebody's words beside the records; return their key. Raises NothingSaid for none."""
    found = clean(text, MOST_TEXT)
    if not found:
        raise _tell_nothing()
    row = RunText.objects.create(run=run, audience=audience.value, by=by, text=found, at=now)
    return str(row.pk)


def sweep(now: datetime) -> int:
    """Note what is overdue in every run, once per due time; return how many notes. Safe to repeat and to run twice."""
    noted = 0
    for run_id in list(Run.objects.filter(look_at__lt=now).order_by("look_at").values_list("pk", flat=True)):
        with transaction.atomic():
            run = lock_run(run_id)
            missed = list_missed(queries.derive(run_id, now), now)
            append(run, [run_events.Missed(now, CANYU, key, due) for key, due in missed], now)
            noted += len(missed)
    return noted


def forget_erased() -> int:
    """Erase stakeholders who were erased from the lake, and titles of runs whose case lost its own. Safe to repeat."""
    rows = Stakeholder.objects.exclude(person="")
    people = sorted(set(rows.values_list("person", flat=True)))
    erased = sorted(find_erased_actors(get_lake().store, people)) if people else []
    forgotten = 0
    for start in range(0, len(erased), AT_ONCE):
        found = list(rows.filter(person__in=erased[start : start + AT_ONCE]).values_list("pk", flat=True))
        forgotten += _forget_stakeholders(found)
    return forgotten + Run.objects.filter(case__title="").exclude(title="").update(title="")


def _forget_stakeholders(rows: Sequence[int]) -> int:
    return Stakeholder.objects.filter(pk__in=rows).update(
        name="", organisation="", contact="", person="", is_erased=True
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """What somebody wrote, and for whom."""

    by: str
    text: str
    audience: Audience = Audience.INSIDE


def _write_words(run_id: int, words: _Words, now: datetime, make: Callable[[str, str], RunEvent]) -> Run:
    """Append one event with words of its own."""
    with transaction.atomic():
        run = lock_run(run_id)
        key = keep_text(run, words.by, words.text, words.audience, now)
        append(run, [make(words.by, key)], now)
    return run


def _tell_nothing() -> CanyuError:
    return NothingSaid(
        Words("没有写内容。", "There is no text."), mend=Words("请写一句话，再提交。", "Write what you want to say.")
    )


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
