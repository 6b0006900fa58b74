"""Cases in the database: records, folding, state rules, policies that change while cases run, erasure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from canyu.care import Audience, CaseKind, ClockName, ClockStatus, Harm, PauseReason, Status, derive_case
from canyu.events import open_lake
from canyu.kit.errors import BadInput, Conflict
from canyu.ops.care import actions, queries
from canyu.ops.care.actions import Message, SplitWish
from canyu.ops.care.errors import CareUnfit, NameTaken, NothingSaid
from canyu.ops.care.models import FAR, CareCalendar, Case, CaseMessage, CaseRecord, Channel, PolicyCopy
from canyu.ops.care.policies import actions as policies
from canyu.ops.care.policies.queries import STANDARD, choose_policy, get_policy_row, load_named_policy
from canyu.ops.care.policies.recalculating import preview_policy
from canyu.ops.care.queries import ORDERS, YES
from canyu.ops.care.records import load_events
from canyu.ops.care.rules import CaseDraft, describe_columns
from canyu.ops.fans.holdings import HOLDINGS, Whose
from canyu.ops.forgetting import forget_erased
from canyu.ops.outbox.actions import relay
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from case_fixtures import BROKEN, HOUR, NOW, complain, make_agent, make_policy, mention

pytestmark = pytest.mark.django_db
WEEK = 'zone: Asia/Shanghai\nhours: {mon: ["09:00-18:00"], tue: ["09:00-18:00"]}\n'


def list_told() -> list[str]:
    return [row.event["type"] for row in WaitingEvent.objects.order_by("pk")]


def answer(case: Case, at_h: float, audience: Audience = Audience.CUSTOMER, **more: bool) -> Case:
    return actions.say(case.pk, Message("xiaomei", "您好", audience, **more), NOW + at_h * HOUR)


def test_a_case_has_two_clocks_and_columns_that_its_records_give() -> None:
    case = complain()
    assert (case.number, case.status, case.severity) == (f"C{case.pk:06d}", "open", 2)
    assert (case.first_response_due, case.solution_due) == (NOW + HOUR, NOW + 24 * HOUR)
    assert (case.burns_at, case.look_at) == (NOW + HOUR, NOW + 0.5 * HOUR)
    assert [row.type for row in case.records.order_by("sequence")] == ["opened", "policy given", "said"]
    assert list_told() == ["complain"]


def test_columns_are_what_the_list_of_records_gives_at_any_time(agent: Person) -> None:
    case = complain()
    answer(case, 0.5)
    actions.pause(agent, case.pk, PauseReason.PARTS, NOW + 30 * HOUR, NOW + HOUR)
    case.refresh_from_db()
    derived = describe_columns(derive_case(load_events([case.pk])[case.pk], NOW + HOUR), NOW + HOUR)
    assert {name: getattr(case, name) for name in derived} == derived
    assert (case.status, case.burns_at) == ("paused", FAR)


def test_an_answer_meets_the_first_response_and_an_automatic_or_inner_one_does_not() -> None:
    case = complain()
    answer(case, 0.1, Audience.INSIDE)
    answer(case, 0.2, is_automatic=True)
    assert queries.derive(case.pk, NOW + 0.3 * HOUR).first_response_at is None
    answer(case, 0.4)
    clock = queries.derive(case.pk, NOW + 0.5 * HOUR).find_clock(ClockName.FIRST_RESPONSE)
    assert clock is not None
    assert (clock.status, clock.used_s) == (ClockStatus.MET, 1440)
    assert list_told() == ["complain", "reply"]
    assert WaitingEvent.objects.last().event["text"] == "—"  # what one person was answered is no word of mouth


def test_what_staff_take_down_is_a_note_and_answers_nobody() -> None:
    case = actions.open_case("xiaomei", CaseDraft(CaseKind.COMPLAINT, "电话投诉：漏水", Channel.STAFF), NOW).case
    assert queries.derive(case.pk, NOW).first_response_at is None
    assert queries.list_seen_outside(case) == []


def test_solving_asks_once_and_takes_one_rating_whatever_it_is(agent: Person) -> None:
    case = complain()
    with pytest.raises(Conflict):
        actions.rate(case.pk, 5, "", NOW)
    actions.solve(agent, case.pk, NOW + HOUR)
    actions.reopen("customer", case.pk, "坏了又坏", NOW + 2 * HOUR)
    actions.solve(agent, case.pk, NOW + 3 * HOUR)
    with pytest.raises(BadInput):
        actions.rate(case.pk, 6, "", NOW + 4 * HOUR)
    actions.rate(case.pk, 1, "太慢", NOW + 4 * HOUR)
    with pytest.raises(Conflict):
        actions.rate(case.pk, 5, "", NOW + 5 * HOUR)
    assert [row.type for row in case.records.filter(type="rating asked")] == ["rating asked"]
    assert Case.objects.get().rating == 1
    assert list_told() == ["complain", "resolve", "resolve", "rate"]


def test_a_customer_who_writes_after_it_was_solved_starts_no_clock(agent: Person) -> None:
    case = complain()
    actions.solve(agent, case.pk, NOW + HOUR)
    actions.say(case.pk, Message("customer", "还在吗", is_customer=True), NOW + 2 * HOUR)
    case.refresh_from_db()
    assert (case.is_open, case.burns_at, case.look_at) == (False, FAR, None)


def test_a_refused_step_keeps_nothing(agent: Person) -> None:
    case = complain()
    for step in (
        lambda: actions.resume(agent, case.pk, NOW),
        lambda: actions.reopen("x", case.pk, "", NOW),
        lambda: actions.pause(agent, case.pk, PauseReason.LAB, NOW - HOUR, NOW),
        lambda: actions.reset_clock(agent, case.pk, ClockName.SOLUTION, " ", NOW),
        lambda: actions.say(case.pk, Message("x", " \0 "), NOW),
    ):
        with pytest.raises((BadInput, Conflict)):
            step()
    assert (CaseRecord.objects.count(), CaseMessage.objects.count()) == (3, 1)


def test_a_reset_needs_a_reason_and_is_logged_with_the_person(agent: Person) -> None:
    case = complain()
    actions.reset_clock(agent, case.pk, ClockName.SOLUTION, "客户换了车", NOW + 3 * HOUR)
    case.refresh_from_db()
    assert case.solution_due == NOW + 27 * HOUR
    body = case.records.get(type="clock reset").body
    assert (body["by"], body["reason"]) == ("xiaomei", "客户换了车")


def test_the_same_post_is_one_case_and_near_copies_join_it() -> None:
    first = actions.open_case("li", mention("p1"), NOW)
    again = actions.open_case("li", mention("p1"), NOW)
    near = actions.open_case("li", mention("p2", BROKEN + "！http://t.cn/x", NOW + 3 * HOUR), NOW + 3 * HOUR)
    other = actions.open_case("li", mention("p3", product="su8"), NOW)
    far = actions.open_case("li", mention("p4", "屏幕漏光厉害，太失望"), NOW)
    late = actions.open_case("li", mention("p5", at=NOW + 28 * HOUR), NOW + 28 * HOUR)
    assert [each.is_new for each in (first, again, near, other, far, late)] == [True, False, False, True, True, True]
    row = Case.objects.get(pk=first.case.pk)
    assert (row.reach, row.mentions.count(), row.mentioned_at) == (2000, 2, NOW + 3 * HOUR)
    assert list_told() == []  # the posts are in the lake already


def test_who_writes_to_us_gets_a_case_of_their_own() -> None:
    assert complain().pk != complain().pk


def test_splitting_and_merging_move_mentions_and_keep_both_lists(agent: Person) -> None:
    case = actions.open_case("li", mention("p1"), NOW).case
    actions.open_case("li", mention("p2"), NOW)
    made = actions.split(agent, case.pk, SplitWish(("p2",), CaseKind.COMPLAINT, Harm.MONEY), NOW + HOUR)
    assert ([row.key for row in case.mentions.all()], [row.key for row in made.mentions.all()]) == (["p1"], ["p2"])
    with pytest.raises(BadInput):
        actions.split(agent, case.pk, SplitWish(("p1",), CaseKind.COMPLAINT, Harm.MONEY), NOW + HOUR)
    actions.merge(agent, made.pk, case.pk, NOW + 2 * HOUR)
    assert sorted(row.key for row in case.mentions.all()) == ["p1", "p2"]
    assert queries.derive(made.pk, NOW + 3 * HOUR).status is Status.MERGED
    with pytest.raises(Conflict):
        actions.solve(agent, made.pk, NOW + 3 * HOUR)
    with pytest.raises(NothingSaid):
        actions.merge(agent, case.pk, case.pk, NOW + 3 * HOUR)


def test_whoever_wrote_to_a_merged_case_sees_public_answers_of_the_other_one_only(agent: Person) -> None:
    mine, theirs = complain(), complain(text="车门关不上，冬天漏风")
    actions.merge(agent, mine.pk, theirs.pk, NOW + HOUR)
    actions.say(theirs.pk, Message("xiaomei", "您的手机号 138", Audience.CUSTOMER), NOW + 2 * HOUR)
    actions.say(theirs.pk, Message("xiaomei", "已经修好", Audience.PUBLIC), NOW + 2 * HOUR)
    mine.refresh_from_db()
    assert [row.text for row in queries.list_seen_outside(mine)] == [BROKEN, "已经修好"]


def test_a_case_goes_to_whoever_has_the_skill_and_least_to_do(accounts: Callable[..., Person], agent: Person) -> None:
    other = accounts(name="lin")
    make_agent(agent, skills=("battery",), most_cases=1)
    make_agent(other, skills=("battery", "english"), most_cases=4)
    names = []
    for number in range(3):
        draft = replace(mention(f"s{number}", f"{number}" * 30), skills=("battery",))
        names.append(actions.open_case("li", draft, NOW).case.assignee)
    assert names == ["lin", "xiaomei", "lin"]
    with pytest.raises(CareUnfit):
        policies.save_agent(agent, policies.AgentDraft("ghost", (), 1, True, (), "", ()), NOW)


def test_a_policy_that_is_changed_or_withdrawn_leaves_running_cases_alone(agent: Person) -> None:
    assert choose_policy(CaseKind.COMPLAINT) == STANDARD
    make_policy(agent)
    case = complain()
    make_policy(agent, hours=48)
    answer(case, 0.5)
    case.refresh_from_db()
    assert case.solution_due == NOW + 24 * HOUR
    policies.withdraw_policy(agent, "all")
    answer(case, 0.6)
    case.refresh_from_db()
    assert case.solution_due == NOW + 24 * HOUR
    assert choose_policy(CaseKind.COMPLAINT) == STANDARD
    assert PolicyCopy.objects.count() == 1


def test_recalculating_says_first_how_many_dues_move_and_keeps_pauses(agent: Person) -> None:
    make_policy(agent)
    case = complain()
    answer(case, 0.5)
    actions.pause(agent, case.pk, PauseReason.LAB, NOW + 4 * HOUR, NOW + HOUR)
    make_policy(agent, hours=48)
    later = NOW + 5 * HOUR
    _cases, found = preview_policy(load_named_policy(get_policy_row(agent, "all")), later)
    assert (found.dues, len(found.moves), found.later) == (1, 1, 1)
    with pytest.raises(NameTaken):
        policies.recalculate_policy(agent, "all", 7, later)
    assert policies.recalculate_policy(agent, "all", 1, later) == 1
    case.refresh_from_db()
    assert case.solution_due == NOW + 51 * HOUR


def test_a_calendar_that_is_gone_by_cannot_be_withdrawn_and_a_bad_one_not_kept(agent: Person) -> None:
    policies.save_calendar(agent, "office", WEEK, NOW)
    policies.save_policy(agent, policies.PolicyDraft("p", "office", (), 3600, None, None, (), ()), NOW)
    with pytest.raises(CareUnfit, match="p"):
        policies.withdraw_calendar(agent, "office")
    for text in (
        "zone: Asia/Shanghai\nhours: {}",
        "zone: Mars/Base\nhours: {mon: [9-5]}",
        "[",
        WEEK.replace("18", "08"),
    ):
        with pytest.raises(BadInput):
            policies.save_calendar(agent, "office", text, NOW)
    assert CareCalendar.objects.count() == 1


def test_a_crisis_has_its_clock_at_once_and_at_night(agent: Person) -> None:
    policies.save_calendar(agent, "office", WEEK, NOW)
    policies.save_policy(agent, policies.PolicyDraft("p", "office", (), 3600, 36000, None, (50, 100), ()), NOW)
    night = NOW.replace(hour=15)
    case = complain(night)
    assert case.first_response_due == NOW.replace(day=3, hour=2)
    actions.judge(agent, case.pk, (CaseKind.CRISIS, Harm.SAFETY, 5_000_000), night + 0.1 * HOUR)
    case.refresh_from_db()
    assert (case.first_response_due, case.severity) == (night + HOUR, 4)


def test_a_record_has_one_place_for_ever() -> None:
    case = complain()
    row = case.records.get(sequence=2)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_hostile_words_are_kept_as_they_are_and_cut() -> None:
    text = "<script>alert(1)</script>\0" + "坏" * 20_000
    case = complain(text=text)
    kept = case.messages.get().text
    assert (len(kept), "\0" in kept, kept[:8]) == (10_000, False, "<script>")


def test_an_erased_customer_is_gone_from_cases_and_the_clocks_stay(
    tmp_path: Path, use_lake: Callable[[Path], None], agent: Person
) -> None:
    lake = open_lake(tmp_path / "care.lake", create=True)
    use_lake(tmp_path / "care.lake")
    case, other = complain(), complain(text="别人的车门")
    answer(case, 0.5)
    relay()
    whose = Whose("", 0, (), (case.person,))
    held = {one.name: list(one.rows(whose)) for one in HOLDINGS if one.name.startswith("case")}
    assert [row["text"] for row in held["case_messages"]] == [BROKEN, "您好"]
    assert "link_digest" not in held["cases"][0]
    lake.erase(case.person)
    assert forget_erased().cases == 3
    assert forget_erased().cases == 0
    case.refresh_from_db()
    assert (case.person, case.title, case.link_digest, case.contact) == ("", "", None, "")
    assert [row.text for row in case.messages.all()] == ["", ""]
    assert case.solution_due == NOW + timedelta(hours=24)
    assert other.messages.get().text == "别人的车门"
    assert queries.derive(case.pk, NOW + HOUR).first_response_at == NOW + 0.5 * HOUR


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan of a query is told differently elsewhere")
def test_the_queue_is_read_in_the_order_of_an_index() -> None:
    for chosen, index in (({"is_open__in": YES}, "burns_next"), ({"is_missed__in": YES, "is_open__in": YES}, "missed")):
        plan = Case.objects.filter(**chosen).order_by(*ORDERS["burns"])[:50].explain()
        assert f"care_{index}" in plan
        assert "TEMP B-TREE" not in plan
