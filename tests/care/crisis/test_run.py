"""A run rebuilt from its events: the checklist, the timer of status updates, who is told, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.care.case_events import Audience
from canyu.care.crisis import (
    Duty,
    Item,
    Run,
    RunEvent,
    RunStatus,
    check_item,
    check_run_event,
    derive_run,
    describe_playbook,
    describe_run_event,
    find_look,
    get_default_playbook,
    list_dues,
    list_missed,
    make_playbook,
    read_playbook,
    read_run_event,
    run_events,
)
from canyu.care.crisis.run_timeline import list_run_timeline
from canyu.kit.errors import BadInput, Conflict
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

START = datetime(2026, 2, 11, 1, tzinfo=UTC)  # Wednesday 09:00 in Shanghai, before Spring Festival
HOUR = timedelta(hours=1)
BEGUN = run_events.Started(START, "wang", "7", get_default_playbook())


def fold(*events: RunEvent, at: datetime = START) -> Run:
    return derive_run([BEGUN, *events], at)


def write(events: Sequence[RunEvent]) -> list[RunEvent]:
    """Append events as the room does: each is checked against the run before it."""
    written: list[RunEvent] = [BEGUN]
    for event in events:
        check_run_event(derive_run(written, event.at), event)
        written.append(event)
    return written


def test_the_default_playbook_promises_what_a_crisis_is_promised() -> None:
    found = {key: due - START for key, due in list_dues(fold())}
    assert found == {
        "case": timedelta(0),
        "chain": timedelta(minutes=15),
        "first response": HOUR,
        "update": 2 * HOUR,
        "evidence": 6 * HOUR,
        "sentiment": 6 * HOUR,
        "solution": 24 * HOUR,
        "statement": 24 * HOUR,
        "kols": 72 * HOUR,
        "goodwill": 72 * HOUR,
    }
    kols = fold().find_item("kols")
    assert kols is not None
    assert kols.begins_at == START + 24 * HOUR


def test_the_retrospective_is_due_ten_working_days_after_the_closing() -> None:
    assert fold().find_item("retrospective").due is None
    closed = run_events.Closed(START + 2 * HOUR, "wang", "1")
    run = fold(closed, at=START + 3 * HOUR)
    # 11 Feb 2026 at 11:00; working days: 12, 13, the make-up Saturday 14, 24 to 27, the make-up Saturday 28, 2, 3 March
    assert run.find_item("retrospective").due == datetime(2026, 3, 3, 3, tzinfo=UTC)
    assert run.status is RunStatus.CLOSED
    assert list_dues(run) == [("retrospective", run.find_item("retrospective").due)]


def test_a_tick_counts_how_late_it_was_and_can_be_taken_back() -> None:
    done = run_events.ItemDone(START + 90 * timedelta(minutes=1), "li", "first response")
    state = fold(done).find_item("first response")
    assert (state.is_done, state.was_late, state.done) == (True, True, ((done.at, "li", 1800.0),))
    assert state.due is None
    again = fold(done, run_events.ItemUndone(done.at, "li", "first response")).find_item("first response")
    assert (again.is_done, again.due) == (False, START + HOUR)


def test_what_comes_round_is_due_again_from_when_it_was_done() -> None:
    first = run_events.ItemDone(START + 5 * HOUR, "li", "sentiment")
    second = run_events.ItemDone(START + 12 * HOUR, "li", "sentiment")
    state = fold(first, second, at=START + 19 * HOUR).find_item("sentiment")
    assert [late_s for _, _, late_s in state.done] == [-3600.0, 3600.0]
    assert (state.due, state.is_open, state.is_done, state.is_over) == (START + 18 * HOUR, True, False, True)


def test_a_status_update_begins_the_timer_anew_and_a_note_does_not() -> None:
    update = run_events.UpdateGiven(START + HOUR, "li", "1", Audience.PUBLIC)
    note = run_events.Noted(START + 2 * HOUR, "li", "2")
    assert fold(update, note).update_due == START + 3 * HOUR
    assert fold(update, run_events.Closed(START + 2 * HOUR, "li", "3")).update_due is None
    reopened = run_events.Reopened(START + 5 * HOUR, "li", "4")
    assert fold(run_events.Closed(START + 2 * HOUR, "li", "3"), reopened).update_due == START + 7 * HOUR


def test_what_is_overdue_is_noted_once_per_due_time() -> None:
    at = START + 2 * HOUR + timedelta(seconds=1)
    assert [key for key, _ in list_missed(fold(at=at), at)] == ["case", "chain", "first response", "update"]
    on_time = START + 2 * HOUR  # a second used up exactly is not over
    assert "update" not in [key for key, _ in list_missed(fold(at=on_time), on_time)]
    noted = [run_events.Missed(at, "canyu", key, due) for key, due in list_missed(fold(at=at), at)]
    run = derive_run(write(noted), at)
    assert list_missed(run, at) == []
    assert find_look(run) == START + 6 * HOUR
    with pytest.raises(Conflict, match="noted before"):
        check_run_event(run, noted[0])
    late = run_events.UpdateGiven(START + 3 * HOUR, "li", "1")
    later = START + 6 * HOUR
    assert ("update", START + 5 * HOUR) in list_missed(derive_run([*write(noted), late], later), later)


def test_a_clock_set_back_brings_no_time_back() -> None:
    update = run_events.UpdateGiven(START + 2 * HOUR, "li", "1")
    back = run_events.ItemDone(START + HOUR, "li", "evidence")
    run = fold(update, back)
    assert run.find_item("evidence").done_at == START + 2 * HOUR
    assert [entry.is_early for entry in list_run_timeline([BEGUN, update, back])] == [False, False, True]


def test_stakeholders_are_told_and_taken_off_the_list() -> None:
    added = run_events.StakeholderAdded(START, "wang", "5", Audience.CUSTOMER)
    told = run_events.StakeholderTold(START + HOUR, "wang", "5")
    assert fold(added, told).stakeholders == (("5", Audience.CUSTOMER, START + HOUR),)
    gone = run_events.StakeholderRemoved(START + HOUR, "wang", "5")
    assert fold(added, gone).stakeholders == ()
    with pytest.raises(Conflict, match="not in the list"):
        check_run_event(fold(added, gone), told)


def test_a_statement_is_released_only_in_its_newest_version() -> None:
    first, second = (run_events.Drafted(START, "li", "3", number) for number in (1, 2))
    stale = run_events.Released(START, "wang", "3", 1, 1, "d" * 64)
    with pytest.raises(Conflict, match="newer version"):
        check_run_event(fold(first, second), stale)
    newest = replace(stale, version=2)
    check_run_event(fold(first, second), newest)
    run = fold(first, second, newest)
    assert (run.find_statement("3").released, run.first_released_at) == (2, START)
    for event in (newest, run_events.Returned(START, "wang", "3", 2, "9"), run_events.Drafted(START, "li", "3", 2)):
        with pytest.raises(Conflict, match="newer version"):
            check_run_event(run, event)
    with pytest.raises(Conflict, match="newer version"):
        check_run_event(fold(first), replace(stale, release=2))


def done(key: str) -> RunEvent:
    return run_events.ItemDone(START, "li", key)


@pytest.mark.parametrize(
    ("before", "refused", "told"),
    [
        ((), BEGUN, "started already"),
        ((), done("nonsense"), "no item 'nonsense'"),
        ((done("case"),), done("case"), "Somebody has done it"),
        ((), done("retrospective"), "counts from the closing"),
        ((), run_events.ItemUndone(START, "li", "case"), "has not been done"),
        ((run_events.ItemDropped(START, "li", "kols", "1"),), done("kols"), "was dropped"),
        ((), run_events.ItemAdded(START, "li", Item("case", Words("再", "again"), after_s=1)), "in the list already"),
        ((), run_events.ItemAdded(START, "li", Item("update", Words("再", "again"), after_s=1)), "in the list already"),
        ((), run_events.Missed(START, "canyu", "case", START), "not overdue"),
        ((), run_events.Reopened(START, "li", "1"), "The run is open"),
        ((run_events.Closed(START, "li", "1"),), run_events.Closed(START, "li", "1"), "closed already"),
        ((run_events.Closed(START, "li", "1"),), done("case"), "This run is closed"),
        ((run_events.Closed(START, "li", "1"),), run_events.UpdateGiven(START, "li", "1"), "This run is closed"),
    ],
)
def test_what_may_not_happen_is_refused_with_its_mend(
    before: tuple[RunEvent, ...], refused: RunEvent, told: str
) -> None:
    with pytest.raises((BadInput, Conflict), match=told) as error:
        check_run_event(fold(*before), refused)
    assert error.value.mend


def test_a_closed_run_still_takes_its_retrospective_notes_and_corrections() -> None:
    closed = run_events.Closed(START, "li", "1")
    for event in (
        done("retrospective"),
        run_events.Noted(START, "li", "2"),
        run_events.Drafted(START, "li", "3", 1),
        run_events.Reopened(START, "li", "4"),
    ):
        check_run_event(fold(closed), event)


def test_every_event_is_read_back_as_it_was_written() -> None:
    item = Item("call", Words("致电监管", "Call the regulator"), Duty.LEGAL, 3600, None, 60, 7200)
    happened: list[RunEvent] = [
        BEGUN,
        run_events.ItemAdded(START, "li", item),
        run_events.ItemAssigned(START, "li", "call", "zhao"),
        run_events.ItemDone(START, "li", "call"),
        run_events.ItemUndone(START, "li", "call"),
        run_events.ItemDropped(START, "li", "call", "1"),
        run_events.UpdateGiven(START, "li", "2", Audience.CUSTOMER),
        run_events.Noted(START, "li", "3"),
        run_events.Missed(START + 2 * HOUR, "canyu", "case", START),
        run_events.StakeholderAdded(START, "li", "4", Audience.PUBLIC),
        run_events.StakeholderTold(START, "li", "4"),
        run_events.StakeholderRemoved(START, "li", "4"),
        run_events.Drafted(START, "li", "5", 1),
        run_events.Returned(START, "li", "5", 1, "6"),
        run_events.Released(START, "li", "5", 1, 1, "d" * 64),
        run_events.Closed(START, "li", "7"),
        run_events.Reopened(START, "li", "8"),
    ]
    assert {type(event) for event in happened} == set(run_events.EVENTS.values())
    kept = [json.loads(dump_json(describe_run_event(event))) for event in happened]
    assert [read_run_event(body) for body in kept] == happened
    entries = list(list_run_timeline(happened))
    assert all(entry.words.zh and entry.words.en for entry in entries)
    assert [entry.text for entry in entries if entry.text] == ["1", "2", "3", "6", "7", "8"]
    with pytest.raises(BadInput, match="no event 'dreamt'"):
        read_run_event({"event": "dreamt"})
    with pytest.raises(BadInput, match="begin with its start"):
        derive_run(happened[1:], START)


def test_a_playbook_is_a_copy_that_a_later_one_does_not_change() -> None:
    playbook = get_default_playbook()
    assert read_playbook(json.loads(dump_json(describe_playbook(playbook)))) == playbook
    items = (*playbook.items, Item("more", Words("多", "more"), after_s=60))
    assert make_playbook(replace(playbook, items=items)).find_item("more") is not None
    assert fold().find_item("more") is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"key": " "}, "does not say what to do"),
        ({"title": Words("做", "")}, "does not say what to do"),
        ({"after_s": None}, "has not one due time"),
        ({"workdays": 3}, "has not one due time"),
        ({"after_s": -1}, "cannot be"),
        ({"from_s": 61}, "cannot be"),
        ({"every_s": 59}, "cannot come round"),
    ],
)
def test_an_item_that_nobody_could_do_is_refused(changed: dict[str, object], told: str) -> None:
    item = Item("one", Words("做", "do"), after_s=60)
    check_item(item)
    with pytest.raises(BadInput, match=told):
        check_item(replace(item, **changed))


def test_a_playbook_has_items_each_once() -> None:
    playbook = get_default_playbook()
    for items in ((), playbook.items[:1] * 2):
        with pytest.raises(BadInput):
            make_playbook(replace(playbook, items=items))
    with pytest.raises(BadInput, match="every minute"):
        make_playbook(replace(playbook, update_s=1))


KEYS = [item.key for item in get_default_playbook().items]
STEPS = st.lists(
    st.tuples(st.sampled_from(("done", "undone", "update", "missed", "close", "reopen")), st.sampled_from(KEYS),
              st.integers(-7200, 48 * 3600)),
    max_size=25,
)  # fmt: skip


@settings(max_examples=40)
@given(STEPS)
def test_whatever_happens_a_run_is_what_its_list_makes_it(steps: list[tuple[str, str, int]]) -> None:
    written: list[RunEvent] = [BEGUN]
    at = START
    for what, key, seconds in steps:
        at += timedelta(seconds=seconds)
        before = derive_run(written, at)
        made: dict[str, RunEvent] = {
            "done": run_events.ItemDone(at, "li", key),
            "undone": run_events.ItemUndone(at, "li", key),
            "update": run_events.UpdateGiven(at, "li", "1"),
            "missed": run_events.Missed(at, "canyu", *(list_missed(before, at) or [(key, at)])[0]),
            "close": run_events.Closed(at, "li", "1"),
            "reopen": run_events.Reopened(at, "li", "1"),
        }
        try:
            check_run_event(before, made[what])
        except (BadInput, Conflict):
            continue
        written.append(made[what])
        run = derive_run(written, at)
        assert run.last_at >= before.last_at
        assert derive_run([read_run_event(describe_run_event(event)) for event in written], at) == run
        look = find_look(run)
        assert look is None or all(due >= look for pair in list_dues(run) if pair not in run.missed for due in pair[1:])
        assert all(state.due is None or state.due >= START for state in run.items)
