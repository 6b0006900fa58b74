"""Cases rebuilt from their events: rows with known answers by their id, the state rules, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.care import parse_calendar
from canyu.care.case import Case, Status, derive_case
from canyu.care.case_clocks import ClockStatus, explain_clock
from canyu.care.case_events import (
    Audience,
    CaseEvent,
    ClockReset,
    Opened,
    Paused,
    PauseReason,
    PolicyGiven,
    Reopened,
    Resumed,
    Said,
    Solved,
    describe_event,
    read_event,
)
from canyu.care.policies import ClockName, Policy, make_policy
from canyu.kit.errors import BadInput, Conflict
from canyu.kit.jsonio import dump_json, parse_json
from care_cases import MONDAY, OFFICE, after, append, open_case

DATA = yaml.safe_load((Path(__file__).parent.parent / "data" / "care" / "case_rows.yaml").read_text("utf-8"))
FIRST, SOLUTION = ClockName.FIRST_RESPONSE, ClockName.SOLUTION


# The rows with known answers


def make_row_policy(name: str) -> Policy:
    calendar, *targets = DATA["policies"][name]
    found = parse_calendar(yaml.safe_dump(DATA["calendars"][calendar]))
    return make_policy(Policy(name, found, *(each and each * 60 for each in targets)))


def read_time(told: Any, day: datetime) -> datetime:
    if isinstance(told, datetime):
        return told
    return datetime.fromisoformat(told if "T" in told else f"{day:%Y-%m-%d}T{told}Z")


def build_row(row: dict[str, Any]) -> list[CaseEvent]:
    day = read_time(row["events"][0][1], MONDAY)
    happened: list[CaseEvent] = []
    for word, told, *until in row["events"]:
        at = read_time(told, day)
        event: CaseEvent = {
            "opened": lambda at: Opened(at, "web"),
            "answer": lambda at: Said(at, "li", "m"),
            "ask": lambda at: Said(at, "customer", "m", is_customer=True),
            "pause": lambda at, until=until: Paused(at, "li", PauseReason.PARTS, read_time(until[0], day)),
            "resume": lambda at: Resumed(at, "li"),
            "solved": lambda at: Solved(at, "li"),
            "drop": lambda at: PolicyGiven(at, "li", None),
        }[word](at)
        happened = (
            append(happened, event) if happened else [event, PolicyGiven(at, "web", make_row_policy(row["policy"]))]
        )
    return happened


@pytest.mark.parametrize("row", DATA["rows"], ids=lambda row: row["id"])
def test_clocks_of(row: dict[str, Any]) -> None:
    happened = build_row(row)
    day = happened[0].at
    case = derive_case(happened, read_time(row["now"], day))
    if not row["clocks"]:
        assert case.clocks == ()
    for name, wanted in row["clocks"].items():
        clock = case.find_clock(ClockName(name))
        assert clock is not None
        found = {
            "due": clock.due,
            "used": clock.used_s / 60,
            "margin": clock.margin_s / 60,
            "status": clock.status.value,
            "breached": clock.breached_at,
        }
        for key, value in wanted.items():
            expected = read_time(value, day) if key in {"due", "breached"} and value is not None else value
            assert found[key] == expected, key


def test_c13_judged_by_the_time_of_the_event_not_of_the_look() -> None:
    happened = open_case(Said(after(10), "li", "m"), Solved(after(241), "li"))
    for later in (242, 10_000):
        solution = derive_case(happened, after(later)).find_clock(SOLUTION)
        assert solution is not None
        assert (solution.status, solution.breached_at) == (ClockStatus.MISSED, after(240))


# The state rules


def test_rule_1_a_pause_already_used_is_kept_when_the_policy_changes() -> None:
    longer = Policy("longer", OFFICE.calendar, 3600, 6 * 3600)
    paused = Paused(after(60), "li", PauseReason.LAB, after(300))
    happened = open_case(
        Said(after(5), "li", "m"), paused, PolicyGiven(after(90), "chief", longer), Resumed(after(120), "li")
    )
    solution = derive_case(happened, after(130)).find_clock(SOLUTION)
    assert solution is not None
    assert solution.due == after(6 * 60 + 60)


def test_rule_2_a_message_after_solving_starts_no_clock_until_the_case_is_reopened() -> None:
    policy = Policy("with updates", OFFICE.calendar, 3600, 4 * 3600, 2 * 3600)
    happened = open_case(Said(after(5), "li", "m"), Solved(after(30), "li"), policy=policy)
    thanked = append(happened, Said(after(40), "customer", "thanks", is_customer=True))
    assert [clock.due for clock in derive_case(thanked, after(50)).clocks] == [None, None, None]
    reopened = append(thanked, Reopened(after(60), "customer", "it broke again"))
    dues = {clock.name: clock.due for clock in derive_case(reopened, after(70)).clocks}
    assert dues == {FIRST: None, SOLUTION: after(240 + 30), ClockName.UPDATE: after(60 + 120)}


def test_rule_3_an_automatic_reply_and_a_note_inside_are_no_first_response() -> None:
    happened = open_case(
        Said(after(1), "robot", "a", is_automatic=True),
        Said(after(2), "li", "b", Audience.INSIDE),
        Said(after(9), "li", "c"),
    )
    assert derive_case(happened, after(10)).first_response_at == after(9)


def test_rule_4_a_case_born_waiting_or_solved_starts_so() -> None:
    born_waiting = open_case(Paused(MONDAY, "web", PauseReason.PARTS, after(600)))
    assert derive_case(born_waiting, MONDAY).status is Status.PAUSED
    born_solved = derive_case(open_case(Solved(MONDAY, "web")), after(100))
    assert born_solved.status is Status.SOLVED
    assert [clock.status for clock in born_solved.clocks] == [ClockStatus.STOPPED, ClockStatus.MET]


def test_rule_5_a_reset_needs_a_reason_and_a_person_and_keeps_the_breach_on_record() -> None:
    late = open_case(Said(after(5), "li", "m"))
    for reason, by in (("", "chief"), ("wrong product", "")):
        with pytest.raises(BadInput, match="for a reason, by a person"):
            append(late, ClockReset(after(250), by, SOLUTION, reason))
    reset = append(late, ClockReset(after(250), "chief", SOLUTION, "wrong product"))
    case = derive_case(reset, after(260))
    solution = case.find_clock(SOLUTION)
    assert solution is not None
    assert (solution.status, solution.used_s, solution.breached_at) == (ClockStatus.RUNNING, 600, None)
    assert case.breached == ((SOLUTION, after(240)),)
    with pytest.raises(Conflict, match="does not run"):
        append(reset, ClockReset(after(260), "chief", FIRST, "again"))


def test_closed_time_is_not_counted_and_a_met_first_response_stays_met() -> None:
    happened = open_case(Said(after(5), "li", "m"), Solved(after(100), "li"), Reopened(after(160), "customer", "again"))
    first, solution = derive_case(happened, after(170)).clocks
    assert (first.status, solution.status, solution.due) == (ClockStatus.MET, ClockStatus.RUNNING, after(300))


def test_a_breach_stays_on_record_after_solving_reopening_and_a_longer_policy() -> None:
    happened = open_case(Said(after(5), "li", "m"), Solved(after(250), "li"), Reopened(after(260), "li"))
    generous = PolicyGiven(after(270), "chief", Policy("generous", OFFICE.calendar, 3600, 400 * 3600))
    for later in (happened, [*happened, generous], [*happened, generous, Solved(after(280), "li")]):
        case = derive_case(later, after(290))
        assert case.clocks[1].status is ClockStatus.MISSED
        assert case.breached == ((SOLUTION, after(240)),)


def test_a_stricter_policy_breaches_when_it_comes_into_force() -> None:
    strict = Policy("strict", OFFICE.calendar, 3600, 1800)
    case = derive_case(open_case(Said(after(5), "li", "m"), PolicyGiven(after(90), "chief", strict)), after(95))
    assert case.breached == ((SOLUTION, after(90)),)


def test_a_case_without_a_policy_yet_stands_open_and_no_clock_runs() -> None:
    case = derive_case([Opened(MONDAY, "web")], after(3600))
    assert (case.status, case.policy, case.clocks, case.breached) == (Status.OPEN, None, (), ())


def test_a_pause_ends_by_itself() -> None:
    happened = open_case(Said(after(5), "li", "m"), Paused(after(60), "li", PauseReason.CUSTOMER, after(90)))
    waiting, going = (derive_case(happened, after(minute)) for minute in (80, 100))
    assert (waiting.status, waiting.clocks[1].due, waiting.clocks[1].limit) == (Status.PAUSED, None, after(270))
    assert (going.status, going.clocks[1].due, going.pauses[0].end) == (Status.OPEN, after(270), after(90))
    with pytest.raises(Conflict, match="cannot be resumed"):
        append(happened, Resumed(after(100), "li"))


def test_the_first_response_never_pauses() -> None:
    happened = open_case(Paused(after(1), "li", PauseReason.LAB, after(500)))
    assert derive_case(happened, after(2)).clocks[0].due == after(60)


def test_why_a_clock_is_due_then() -> None:
    happened = open_case(Said(after(5), "li", "m"), Paused(after(60), "li", PauseReason.LAB, after(90)))
    clock = derive_case(happened, after(100)).clocks[1]
    found = explain_clock(clock, OFFICE)
    assert [(each.start, each.end) for each in found.used] == [(MONDAY, after(60)), (after(90), after(270))]
    assert found.due == clock.due == clock.limit


def test_a_clock_set_back_an_hour_counts_nothing_twice() -> None:
    happened = open_case(
        Said(after(5), "li", "m"),
        Paused(after(60), "li", PauseReason.LAB, after(180)),
        Resumed(after(10), "li"),  # written after the server's clock was set back from 70 to 10
        Solved(after(40), "li"),
    )
    case = derive_case(happened, after(41))
    assert (case.solved_at, case.last_at) == (after(60), after(60))
    assert case.clocks[1].used_s == 60 * 60
    assert case.pauses[0].end == after(60)


def test_a_policy_deleted_while_a_case_runs_is_in_its_copy_still() -> None:
    kept = parse_json(dump_json([describe_event(event) for event in open_case()]))
    again = [read_event(each) for each in kept]
    assert derive_case(again, after(1)) == derive_case(open_case(), after(1))


@given(
    st.lists(
        st.tuples(st.sampled_from(["say", "ask", "pause", "resume", "solve", "reopen"]), st.integers(0, 300)),
        max_size=12,
    )
)
@settings(max_examples=25)
def test_no_order_of_events_loses_or_doubles_time(moves: list[tuple[str, int]]) -> None:
    happened, minute = open_case(), 0
    for word, gap in moves:
        minute += gap
        at = after(minute)
        event: CaseEvent = {
            "say": Said(at, "li", "m"),
            "ask": Said(at, "customer", "m", is_customer=True),
            "pause": Paused(at, "li", PauseReason.LAB, at + timedelta(minutes=45)),
            "resume": Resumed(at, "li"),
            "solve": Solved(at, "li"),
            "reopen": Reopened(at, "li"),
        }[word]
        try:
            happened = append(happened, event)
        except Conflict:
            continue
    now = after(minute + 1)
    case = derive_case(happened, now)
    solution = case.find_clock(SOLUTION)
    assert solution is not None
    assert solution.used_s == count_open(case, now)


def count_open(case: Case, now: datetime) -> float:
    """Count the minutes one by one in which the case was open, neither paused nor solved, within hours."""
    end = case.solved_at or now
    seconds = 0.0
    at = case.opened_at
    while at < end:
        is_out = any(each.start <= at and (each.end is None or at < each.end) for each in (*case.pauses, *case.closed))
        is_open = at.weekday() < 5 and 9 <= at.hour < 18
        seconds += 60 * (is_open and not is_out)
        at += timedelta(minutes=1)
    return seconds
