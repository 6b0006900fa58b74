"""Cases rebuilt from their events: rows with known answers by their id, the state rules, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.care import Calendar, case_events, make_week, parse_calendar
from canyu.care.assignment import Agent, choose_agent
from canyu.care.case import Case, Status, derive_case
from canyu.care.case_clocks import ClockStatus, explain_clock
from canyu.care.case_events import (
    Acknowledged,
    Assigned,
    Audience,
    CaseEvent,
    ClockReset,
    Escalated,
    Judged,
    LinkedTo,
    MentionFolded,
    MergedInto,
    Opened,
    Paused,
    PauseReason,
    PolicyGiven,
    Rated,
    RatingAsked,
    Reopened,
    Resumed,
    Said,
    Solved,
    SplitOff,
    Warned,
    describe_event,
    read_event,
)
from canyu.care.case_rules import check_event, needs_rating
from canyu.care.folding import Foldable, Mention, find_case
from canyu.care.notices import find_next_crossing, find_sending_time, list_calls, list_crossings, plan_notices
from canyu.care.policies import CRISIS_POLICY, ClockName, Policy, Role, make_policy
from canyu.care.recalculation import preview_recalculation
from canyu.care.severity import CaseKind, Harm, Severity, judge_severity
from canyu.kit.errors import BadInput, Conflict
from canyu.kit.jsonio import dump_json, parse_json

DATA = yaml.safe_load((Path(__file__).parent.parent / "data" / "care" / "case_rows.yaml").read_text("utf-8"))
FIRST, SOLUTION = ClockName.FIRST_RESPONSE, ClockName.SOLUTION
MONDAY = datetime(2024, 1, 15, 10, tzinfo=UTC)
OFFICE = Policy("office", Calendar("UTC", make_week("09:00-18:00")), 3600, 4 * 3600)


def after(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def open_case(*later: CaseEvent, policy: Policy = OFFICE, kind: CaseKind = CaseKind.COMPLAINT) -> list[CaseEvent]:
    return [Opened(MONDAY, "web", kind), PolicyGiven(MONDAY, "web", policy), *later]


def append(happened: list[CaseEvent], event: CaseEvent) -> list[CaseEvent]:
    """Append an event as the room does: checked against the case as it stands then."""
    check_event(derive_case(happened, event.at), event)
    return [*happened, event]


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


def test_rule_6_running_cases_keep_their_policy_and_recalculating_says_how_many_dues_move() -> None:
    answered = Said(after(5), "li", "m")
    cases = [
        ("one", open_case(answered)),
        ("two", open_case(answered, Paused(after(60), "li", PauseReason.LAB, after(120)))),
        ("solved", open_case(answered, Solved(after(20), "li"))),
        ("unanswered", open_case()),
    ]
    shorter_day = Policy("office", Calendar("UTC", make_week("09:00-12:00")), 3600, 4 * 3600)
    found = preview_recalculation(cases, shorter_day, after(30))
    assert (found.dues, len(found.moves), found.later, found.earlier) == (4, 3, 3, 0)
    assert {(move.case, move.clock) for move in found.moves} == {
        (name, SOLUTION) for name in ("one", "two", "unanswered")
    }
    assert derive_case(cases[0][1], after(30)).clocks[1].due == after(240)
    unchanged = preview_recalculation(cases, OFFICE, after(30))
    assert (unchanged.dues, unchanged.moves) == (4, ())
    dropped = preview_recalculation(cases, None, after(30))
    assert (dropped.dues, dropped.later) == (4, 4)


def test_rule_7_one_notice_per_threshold_for_ever() -> None:
    happened = open_case(Said(after(5), "li", "m"))
    told: list[tuple[ClockName, int, datetime]] = []
    for minute in range(0, 7 * 24 * 60, 30):
        for crossing in list_crossings(derive_case(happened, after(minute)), after(minute)):
            told.append((crossing.clock, crossing.threshold, crossing.at))
            happened = append(happened, Warned(after(minute), "sweep", crossing.clock, crossing.threshold))
    assert told == [
        (SOLUTION, 50, after(120)),
        (SOLUTION, 80, after(192)),
        (SOLUTION, 100, after(240)),
        (SOLUTION, 150, after(360)),
    ]
    with pytest.raises(Conflict, match="went out before"):
        append(happened, Warned(after(99_999), "sweep", SOLUTION, 50))


def test_c12_clocks_missed_at_once_are_one_notice_to_each_of_two() -> None:
    same = Policy("same", OFFICE.calendar, 3600, 3600, 3600)
    case = derive_case(open_case(policy=same), after(60))
    crossings = list_crossings(case, after(60))
    assert [each.threshold for each in crossings].count(100) == 3
    notices = plan_notices(crossings)
    assert [(notice.role, len(notice.crossings)) for notice in notices] == [(Role.ASSIGNEE, 3), (Role.LEAD, 3)]
    assert plan_notices(()) == []


def test_a_sweep_knows_when_to_look_again() -> None:
    happened = open_case(Said(after(5), "li", "m"))
    assert find_next_crossing(derive_case(happened, after(6))) == after(120)
    waiting = [*happened, Paused(after(60), "li", PauseReason.LAB, after(90))]
    assert find_next_crossing(derive_case(waiting, after(70))) == after(90)
    assert find_next_crossing(derive_case(waiting, after(95))) == after(150)
    assert find_next_crossing(derive_case([*happened, Solved(after(9), "li")], after(10))) is None


def test_notices_wait_for_the_receivers_hours_but_in_a_crisis() -> None:
    night, morning = (datetime(2024, 1, day, hour, tzinfo=UTC) for day, hour in ((15, 23), (16, 9)))
    complaint = derive_case(open_case(), MONDAY)
    crisis = derive_case(open_case(kind=CaseKind.CRISIS), MONDAY)
    assert find_sending_time(complaint, OFFICE.calendar, night) == morning
    assert find_sending_time(crisis, OFFICE.calendar, night) == night


def test_the_chain_calls_one_role_after_the_other_until_somebody_acknowledges() -> None:
    happened = open_case(kind=CaseKind.CRISIS, policy=CRISIS_POLICY)
    calls = list_calls(derive_case(happened, after(31)), after(31))
    assert [(call.role, call.at) for call in calls] == [
        (Role.ASSIGNEE, MONDAY),
        (Role.LEAD, after(15)),
        (Role.DUTY_MANAGER, after(30)),
    ]
    for call in calls[:2]:
        happened = append(happened, Escalated(after(31), "sweep", call.step, call.role))
    assert [call.role for call in list_calls(derive_case(happened, after(31)), after(31))] == [Role.DUTY_MANAGER]
    with pytest.raises(Conflict, match="taken this step"):
        append(happened, Escalated(after(32), "sweep", 0, Role.ASSIGNEE))
    taken = append(happened, Acknowledged(after(33), "li"))
    assert list_calls(derive_case(taken, after(999)), after(999)) == []


def test_the_chain_of_an_ordinary_case_begins_with_its_first_breach() -> None:
    case = derive_case(open_case(), after(75))
    assert [(call.role, call.at) for call in list_calls(case, after(75))] == [
        (Role.ASSIGNEE, after(60)),
        (Role.LEAD, after(75)),
    ]


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


def test_every_event_is_read_as_it_was_written() -> None:
    values = {
        Opened: Opened(MONDAY, "a", CaseKind.RUMOUR, Harm.SAFETY, 7, "p"),
        Judged: Judged(MONDAY, "a", CaseKind.CRISIS, Harm.MONEY, 9),
        PolicyGiven: PolicyGiven(MONDAY, "a", CRISIS_POLICY, "crisis"),
        Said: Said(MONDAY, "a", "m", Audience.PUBLIC, is_automatic=True),
        Paused: Paused(MONDAY, "a", PauseReason.PARTNER, after(1)),
        Resumed: Resumed(MONDAY, "a"),
        Solved: Solved(MONDAY, "a"),
        Reopened: Reopened(MONDAY, "a", "why"),
        ClockReset: ClockReset(MONDAY, "a", SOLUTION, "why"),
        Assigned: Assigned(MONDAY, "a", "li"),
        Warned: Warned(MONDAY, "a", FIRST, 80),
        Escalated: Escalated(MONDAY, "a", 2, Role.HEAD),
        Acknowledged: Acknowledged(MONDAY, "a"),
        MentionFolded: MentionFolded(MONDAY, "a", "m", 3),
        MergedInto: MergedInto(MONDAY, "a", "c"),
        SplitOff: SplitOff(MONDAY, "a", "c", ("m", "n")),
        LinkedTo: LinkedTo(MONDAY, "a", "c"),
        RatingAsked: RatingAsked(MONDAY, "a"),
        Rated: Rated(MONDAY, "a", 2, "slow"),
    }
    assert set(values) == set(case_events.EVENTS.values())
    for event in values.values():
        assert read_event(parse_json(dump_json(describe_event(event)))) == event
    with pytest.raises(BadInput, match="no event 'forgotten'"):
        read_event({"event": "forgotten"})


def test_a_rating_is_asked_once_after_solving_and_taken_whatever_it_is() -> None:
    happened = open_case(Said(after(5), "li", "m"))
    with pytest.raises(Conflict, match="cannot be asked to be rated"):
        append(happened, RatingAsked(after(6), "sweep"))
    solved = append(happened, Solved(after(10), "li"))
    assert needs_rating(derive_case(solved, after(11)))
    asked = append(solved, RatingAsked(after(11), "sweep"))
    assert not needs_rating(derive_case(asked, after(12)))
    again = append(append(asked, Reopened(after(20), "customer")), Solved(after(30), "li"))
    assert not needs_rating(derive_case(again, after(31)))
    with pytest.raises(Conflict, match="asked for before"):
        append(again, RatingAsked(after(32), "sweep"))
    for score in range(1, 6):
        rated = append(again, Rated(after(40), "customer", score))
        assert derive_case(rated, after(41)).rating == score
        with pytest.raises(Conflict, match="No rating is waited for"):
            append(rated, Rated(after(42), "customer", 5))
    with pytest.raises(BadInput, match="6 is no score"):
        append(again, Rated(after(40), "customer", 6))


@pytest.mark.parametrize(
    ("later", "refused", "told"),
    [
        ([], Resumed(after(5), "li"), "is open and cannot be resumed"),
        ([], Reopened(after(5), "li"), "is open and cannot be reopened"),
        ([], Opened(after(5), "li"), "open already"),
        ([Solved(after(1), "li")], Solved(after(5), "li"), "is solved and cannot be solved"),
        ([Solved(after(1), "li")], Paused(after(5), "li", PauseReason.LAB, after(9)), "cannot be paused"),
        ([], Paused(after(5), "li", PauseReason.LAB, after(5)), "does not end later"),
        ([MergedInto(after(1), "li", "other")], Reopened(after(5), "li"), "gone on in another one"),
        ([MentionFolded(after(1), "li", "m")], MentionFolded(after(5), "li", "m"), "in the case already"),
        ([MentionFolded(after(1), "li", "m")], SplitOff(after(5), "li", "c", ("m",)), "some of its mentions, not all"),
    ],
)
def test_what_may_not_happen_is_refused(later: list[CaseEvent], refused: CaseEvent, told: str) -> None:
    with pytest.raises((Conflict, BadInput), match=told):
        append(open_case(*later), refused)


def test_mentions_fold_into_a_case_are_split_off_and_merged() -> None:
    happened = open_case(MentionFolded(after(1), "sweep", "m", 500), MentionFolded(after(2), "sweep", "n", 800))
    case = derive_case(happened, after(3))
    assert (case.mentions, case.reach, case.severity) == (("m", "n"), 1300, Severity.MEDIUM)
    split = derive_case(
        [*happened, SplitOff(after(4), "li", "other", ("n",)), Assigned(after(5), "li", "wu")], after(6)
    )
    assert (split.mentions, split.links, split.assignee) == (("m",), ("other",), "wu")
    merged = derive_case([*happened, MergedInto(after(4), "li", "other")], after(500))
    assert (merged.status, merged.is_closed, merged.breached) == (Status.MERGED, True, ())
    assert [clock.status for clock in merged.clocks] == [ClockStatus.STOPPED, ClockStatus.STOPPED]


def test_near_copies_of_one_product_within_24_hours_join_one_case() -> None:
    words = "某品牌手机电池三天就坏了，客服不理人，大家别买"
    case = Foldable("c", "phone", (words,), MONDAY)
    near = Mention("m", f"//@小王:{words}！！！ http://t.cn/abc", "phone", after(60))
    assert find_case(near, [case]) is case
    others = [
        Mention("m", words, "car", after(60)),
        Mention("m", words, "phone", after(24 * 60 + 1)),
        Mention("m", "屏幕很好看，拍照也清楚，推荐", "phone", after(60)),
        Mention("m", "", "phone", after(60)),
    ]
    assert [find_case(each, [case]) for each in others] == [None] * 4
    nearer = Foldable("d", "phone", (words + "，退货也难",), MONDAY)
    assert find_case(near, [nearer, case]) is case


@given(st.sampled_from(Harm), st.sampled_from(Harm), st.integers(0, 10**8), st.integers(0, 10**8))
@settings(max_examples=50)
def test_severity_never_falls_as_harm_or_reach_grow(one: Harm, other: Harm, reach: int, more: int) -> None:
    lower, higher = sorted((one, other), key=list(Harm).index)
    for kind in (CaseKind.QUESTION, CaseKind.COMPLAINT, CaseKind.RUMOUR):
        assert judge_severity(kind, lower, reach) <= judge_severity(kind, higher, reach + more)
    assert judge_severity(CaseKind.CRISIS, one, reach) is Severity.CRITICAL


def test_an_agent_is_chosen_by_skill_then_load_in_any_order() -> None:
    team = [
        Agent("full", frozenset({"battery"}), 5, 5),
        Agent("away", frozenset({"battery"}), 0, 5, is_present=False),
        Agent("half", frozenset({"battery"}), 2, 4),
        Agent("light", frozenset({"battery", "english"}), 3, 9),
    ]
    found = {choose_agent(order, {"battery"}) for order in permutations(team)}
    assert [each.id for each in found if each] == ["light"]


def test_unsound_policies_are_refused() -> None:
    calendar = OFFICE.calendar
    for bad in (
        Policy("none", calendar, None, None),
        Policy("zero", calendar, 0, 60),
        Policy("thresholds", calendar, thresholds=(80, 50)),
    ):
        with pytest.raises(BadInput):
            make_policy(bad)


@given(
    st.lists(
        st.tuples(st.sampled_from(["say", "ask", "pause", "resume", "solve", "reopen"]), st.integers(0, 300)),
        max_size=12,
    )
)
@settings(max_examples=40)
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
