"""The sweep: judged by event time, nothing twice by two at once, nothing lost or doubled by a mail server's day off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from canyu.care import ChainStep, PauseReason, Role
from canyu.ops.care import actions
from canyu.ops.care.actions import Message
from canyu.ops.care.models import Case, CaseRecord, Notice, Sending
from canyu.ops.care.policies.actions import PolicyDraft, save_calendar, save_policy
from canyu.ops.care.sweeping.actions import LEASE, Sent, Swept, send_notices, sweep
from canyu.ops.people.models import Person
from case_fixtures import HOUR, NOW, complain, make_agent, mention
from message_receiver import Receiver
from racing import run_together

MINUTE = timedelta(minutes=1)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),  # a library of apprise
]


def list_notices() -> list[tuple[str, int, str]]:
    return list(Notice.objects.order_by("pk").values_list("clock", "threshold", "role"))


def test_each_threshold_is_told_once_for_ever_though_the_sweep_runs_for_a_week(agent: Person) -> None:
    make_agent(agent)
    case = complain()
    for minutes in (*range(0, 100, 10), *range(100, 7 * 24 * 60, 240)):
        sweep(NOW + minutes * MINUTE)
    told = list_notices()
    assert [each for each in told if each[0] == "first response" and each[2] == "assignee"] == [
        ("first response", threshold, "assignee") for threshold in (50, 80, 100, 150)
    ]
    assert len(told) == len(set(told))
    assert case.records.filter(type="warned").count() == 8
    case.refresh_from_db()
    assert (case.is_missed, case.look_at) == (True, None)


def test_a_sweep_that_comes_a_day_late_tells_the_highest_threshold_of_each_clock_and_when_it_was(agent: Person) -> None:
    make_agent(agent)
    complain()
    assert sweep(NOW + 21 * HOUR) == Swept(1, 6, 4)
    assert list_notices()[:3] == [
        ("first response", 150, "assignee"),
        ("solution", 80, "assignee"),
        ("first response", 150, "lead"),
    ]
    assert Notice.objects.get(clock="solution").crossed_at == NOW + 19.2 * HOUR
    assert sweep(NOW + 21 * HOUR) == Swept(0, 0, 0)


def test_the_chain_calls_one_after_the_other_until_somebody_takes_it(agent: Person) -> None:
    chain = (ChainStep(Role.ASSIGNEE, 0), ChainStep(Role.LEAD, 900), ChainStep(Role.HEAD, 900))
    save_policy(agent, PolicyDraft("p", "", (), 3600, None, None, (), chain), NOW)
    case = complain()
    assert sweep(NOW + 59 * MINUTE).called == 0
    assert [sweep(NOW + minutes * MINUTE).called for minutes in (61, 74, 75)] == [1, 0, 1]
    actions.acknowledge(agent, case.pk, NOW + 80 * MINUTE)
    assert sweep(NOW + 300 * MINUTE) == Swept(0, 0, 0)
    assert list_notices() == [("chain", 0, "assignee"), ("chain", 1, "lead")]


def test_a_pause_that_ends_by_itself_sets_the_clock_going_without_anybody(agent: Person) -> None:
    case = complain()
    actions.say(case.pk, Message("xiaomei", "您好"), NOW)
    actions.pause(agent, case.pk, PauseReason.PARTS, NOW + 50 * HOUR, NOW + HOUR)
    sweep(NOW + 49 * HOUR)
    case.refresh_from_db()
    assert (case.status, case.solution_due) == ("paused", None)
    sweep(NOW + 50 * HOUR)
    case.refresh_from_db()
    assert (case.status, case.solution_due) == ("open", NOW + 73 * HOUR)


def test_a_notice_waits_for_the_receivers_hours_and_one_of_a_solved_case_is_not_sent(agent: Person) -> None:
    save_calendar(agent, "day", 'zone: Asia/Shanghai\nhours: {tue: ["09:00-18:00"]}\n', NOW)
    make_agent(agent, calendar="day", addresses=("DESK",))
    case = complain()
    sweep(NOW + 30 * MINUTE)
    notice = Notice.objects.get()
    assert notice.send_at == NOW.replace(day=3, hour=1)
    assert send_notices(NOW + HOUR) == Sent(0, 0, 0)
    actions.solve(agent, case.pk, NOW + HOUR)
    assert send_notices(NOW + 24 * HOUR) == Sent(0, 0, 1)
    assert Notice.objects.get().sending == Sending.MOOT


def test_without_an_address_a_notice_is_read_in_the_console(agent: Person) -> None:
    make_agent(agent)
    complain()
    sweep(NOW + 30 * MINUTE)
    assert send_notices(NOW + 30 * MINUTE) == Sent(0, 0, 1)
    assert Notice.objects.get().sending == Sending.CONSOLE


def test_mail_down_for_a_day_loses_nothing_and_doubles_nothing(agent: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    make_agent(agent, addresses=("GOOD", "BAD"))
    complain()
    good, bad = Receiver(), Receiver()
    monkeypatch.setenv("CANYU_ALERT_GOOD", good.address)
    monkeypatch.setenv("CANYU_ALERT_BAD", bad.address)
    bad.status = 500
    sweep(NOW + 30 * MINUTE)
    for minutes in range(30, 24 * 60, 120):
        send_notices(NOW + minutes * MINUTE)
    assert Notice.objects.get().sending == Sending.WAITING
    assert len(good.bodies) == 1
    tries, bad.status = len(bad.bodies), 200
    assert send_notices(NOW + 26 * HOUR) == Sent(1, 0, 0)
    assert send_notices(NOW + 27 * HOUR) == Sent(0, 0, 0)
    assert (len(good.bodies), len(bad.bodies)) == (1, tries + 1)
    assert "“首响”用时已达 50%（2026-03-02 10:30）" in good.bodies[0]["message"]
    good.close()
    bad.close()


def test_a_sender_that_died_is_taken_over_after_its_lease(agent: Person) -> None:
    make_agent(agent)
    complain()
    sweep(NOW + 30 * MINUTE)
    Notice.objects.update(sending=Sending.SENDING, due_at=NOW + LEASE, attempts=1)
    assert send_notices(NOW + LEASE - MINUTE) == Sent(0, 0, 0)
    assert send_notices(NOW + LEASE) == Sent(0, 0, 1)


@pytest.mark.usefixtures("empty_ledger")
def test_two_sweeps_at_once_do_nothing_twice_while_an_agent_answers(accounts: Callable[..., Person]) -> None:
    agent = accounts(name="xiaomei")
    make_agent(agent)
    cases = [complain(text=f"第{number}个投诉") for number in range(12)]
    late = NOW + 61 * MINUTE

    def answer() -> None:
        for case in cases[::3]:
            actions.say(case.pk, Message("xiaomei", "您好"), late)

    faults = run_together(lambda: sweep(late), lambda: sweep(late), answer, lambda: send_notices(late))
    assert faults == []
    told = list(Notice.objects.values_list("case", "clock", "threshold", "role"))
    assert len(told) == len(set(told))
    for case in cases:
        numbers = list(CaseRecord.objects.filter(case=case).order_by("sequence").values_list("sequence", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert Case.objects.get(pk=case.pk).records_count == len(numbers)
        thresholds = [row.body["threshold"] for row in CaseRecord.objects.filter(case=case, type="warned")]
        assert len(thresholds) == len(set(thresholds))


@pytest.mark.usefixtures("empty_ledger")
def test_two_near_copies_that_come_at_once_are_one_case(accounts: Callable[..., Person]) -> None:
    accounts(name="li")
    works = [lambda key=key: actions.open_case("li", mention(key), NOW) for key in ("p1", "p2", "p2", "p3")]
    assert run_together(*works) == []
    assert (Case.objects.count(), Case.objects.get().mentions.count()) == (1, 3)
