"""What may happen to a case, and what is told of it: refusals, notices, the chain, folding, rates, the timeline."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.care import Calendar, case_events, make_week
from canyu.care.assignment import Agent, choose_agent
from canyu.care.case import Status, derive_case
from canyu.care.case_clocks import ClockStatus
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
from canyu.care.case_rules import needs_rating
from canyu.care.folding import Foldable, Mention, find_case
from canyu.care.notices import find_next_crossing, find_sending_time, list_calls, list_crossings, plan_notices
from canyu.care.policies import CRISIS_POLICY, ClockName, Policy, Role, make_policy
from canyu.care.rates import compute_resolution_rate, find_solution
from canyu.care.recalculation import preview_recalculation
from canyu.care.severity import CaseKind, Harm, Severity, judge_severity
from canyu.care.timeline import list_timeline, tell_event
from canyu.kit.errors import BadInput, Conflict
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.words import Words
from care_cases import MONDAY, OFFICE, after, append, open_case

FIRST, SOLUTION = ClockName.FIRST_RESPONSE, ClockName.SOLUTION


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
        assert all(tell_event(event))
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


def test_a_timeline_tells_every_event_in_both_languages_in_the_order_in_which_they_count() -> None:
    happened = open_case(
        Said(after(5), "li", "m"),
        Said(after(2), "customer", "n", is_customer=True),  # its clock was behind
        Paused(after(9), "li", PauseReason.LAB, after(60)),
        ClockReset(after(9), "chief", SOLUTION, "wrong product"),
    )
    entries = list(list_timeline(happened))
    assert [(entry.at, entry.is_early) for entry in entries[2:4]] == [(after(5), False), (after(5), True)]
    assert [entry.audience for entry in entries[1:3]] == [Audience.INSIDE, Audience.CUSTOMER]
    assert entries[4].words == Words(
        "暂停：等检测，至 2024-01-15 11:00 UTC", "Paused, waiting for the lab until 2024-01-15 11:00 UTC"
    )
    assert entries[5].words.en == "Clock of the solution reset: wrong product"


def test_a_case_reopened_within_7_days_was_not_solved_in_time() -> None:
    day = 24 * 60
    solved = open_case(Said(after(5), "li", "m"), Solved(after(100), "li"))
    soon, late = ([*solved, Reopened(after(100 + days * day), "customer")] for days in (6, 8))
    again = [*soon, Solved(after(7 * day), "li")]
    now = after(20 * day)
    found = [find_solution(derive_case(each, now)) for each in (solved, soon, late, again)]
    assert found == [after(100), None, after(100), after(7 * day)]
    young, merged = open_case(), open_case(MergedInto(after(1), "li", "other"))
    cases = [derive_case(each, now) for each in (solved, soon, late, again, merged)]
    rate = compute_resolution_rate(cases, now)
    assert (rate.in_time, rate.counted, rate.value) == (2, 4, 0.5)
    nothing = compute_resolution_rate([derive_case(young, after(60))], after(60))
    assert (nothing.counted, nothing.value) == (0, None)


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
