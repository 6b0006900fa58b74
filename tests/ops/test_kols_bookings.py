"""Bookings: each step follows only from where it may, names who and when, and sends its event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from canyu.ops.kols.bookings import actions, queries
from canyu.ops.kols.bookings.marks import Mark, find_mark
from canyu.ops.kols.bookings.rules import MOVES, Need
from canyu.ops.kols.errors import BriefUnfit, CheckFailed, KolBlocked, PostTaken, SecondPersonNeeded, WrongStep
from canyu.ops.kols.models import Booking, BookingState, BookingStep, Contract, Kol
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from kol_fixtures import NOW, OUT, add_account, book, bring_to_posted

State = BookingState


@pytest.fixture
def manager(accounts: Callable[..., Person], kol_lake: Path) -> Person:
    return accounts(Role.KOL_MANAGER)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def lead(manager: Person) -> Person:
    return Person.objects.create(username="lead")


def test_a_booking_goes_from_the_brief_to_the_payment(manager: Person, lead: Person) -> None:
    booking = bring_to_posted(manager, book(manager))
    actions.approve_check(manager, booking.pk, "", NOW)
    actions.pay(lead, booking.pk, "T-1", NOW)
    booking = queries.get_booking(manager, booking.pk)
    assert (booking.state, booking.payment_reference, booking.posted_at) == (State.PAID, "T-1", OUT)
    steps = queries.list_steps(manager, booking)
    assert [(step.before, step.after, step.who) for step in steps] == [
        ("", "brief", "kol_manager"),
        ("brief", "accepted", "kol_manager"),
        ("accepted", "posted", "kol_manager"),
        ("posted", "checked", "kol_manager"),
        ("checked", "paid", "lead"),
    ]
    found = booking.checks["post"]
    assert (found["mark"], found["is_own"], len(found["sha256"])) == ("clear", True, 64)


def test_every_step_sends_its_event(manager: Person) -> None:
    booking = bring_to_posted(manager, book(manager))
    events = [row.event for row in WaitingEvent.objects.order_by("pk")]
    assert [parse_json(event["props"])["state"] for event in events] == ["brief", "accepted", "posted"]
    assert len({event["id"] for event in events}) == 3
    first = {name: events[0][name] for name in ("type", "source", "actor", "object", "value", "currency", "campaign")}
    assert first == {
        "type": "book", "source": "console", "actor": "k_mei", "object": f"kol-booking:{booking.pk}",
        "value": 500_000, "currency": "CNY", "campaign": "spring",
    }  # fmt: skip


STEPS: dict[str, Callable[[Person, int], Any]] = {
    State.ACCEPTED: lambda viewer, pk: actions.accept(viewer, pk, "", NOW),
    State.DECLINED: lambda viewer, pk: actions.decline(viewer, pk, "", NOW),
    State.CANCELLED: lambda viewer, pk: actions.cancel(viewer, pk, "", NOW),
    State.POSTED: lambda viewer, pk: actions.mark_posted(viewer, pk, "marked", "", NOW),
    State.CHECKED: lambda viewer, pk: actions.approve_check(viewer, pk, "seen", NOW),
    State.PAID: lambda viewer, pk: actions.pay(viewer, pk, "T", NOW),
}


@pytest.mark.parametrize("before", list(State))
def test_no_other_step_is_possible_and_a_refused_one_changes_nothing(
    before: str, manager: Person, lead: Person
) -> None:
    booking = book(manager)
    Booking.objects.filter(pk=booking.pk).update(state=before, sent_at=NOW, checked_by="somebody")
    for after in set(STEPS) - MOVES[before]:
        kept = Booking.objects.values().get(pk=booking.pk), BookingStep.objects.count(), WaitingEvent.objects.count()
        with pytest.raises(WrongStep):
            STEPS[after](lead, booking.pk)
        assert kept == (
            Booking.objects.values().get(pk=booking.pk), BookingStep.objects.count(), WaitingEvent.objects.count()
        )  # fmt: skip
    for after in MOVES[before]:
        Booking.objects.filter(pk=booking.pk).update(state=before, post_id="", checked_by="somebody")
        STEPS[after](lead, booking.pk)
        assert Booking.objects.get(pk=booking.pk).state == after


def test_who_approved_the_check_does_not_pay(manager: Person, lead: Person) -> None:
    booking = bring_to_posted(manager, book(manager))
    actions.approve_check(lead, booking.pk, "", NOW)
    with pytest.raises(SecondPersonNeeded):
        actions.pay(lead, booking.pk, "T-1", NOW)
    with pytest.raises(BadInput):
        actions.pay(manager, booking.pk, "  ", NOW)
    assert Booking.objects.get().state == State.CHECKED
    assert actions.pay(manager, booking.pk, "T-1", NOW).state == State.PAID


def test_a_brief_is_checked_before_it_goes_out(manager: Person) -> None:
    booking = book(manager, brief="全网最低价，根治失眠")
    with pytest.raises(BriefUnfit, match="advertising law"):
        actions.send_brief(manager, booking.pk, False, NOW)
    with pytest.raises(WrongStep):
        actions.accept(manager, booking.pk, "", NOW)
    sent = actions.send_brief(manager, booking.pk, True, NOW)
    assert (sent.sent_at, sent.checks["brief"]["verdict"]) == (NOW, "blocked")
    changed = actions.save_brief(manager, booking.pk, "请试驾一天", None, NOW)
    assert (changed.sent_at, changed.checks, changed.post_due_at) == (None, {}, None)
    with pytest.raises(BriefUnfit, match="empty"):
        actions.send_brief(manager, book(manager, brief=" ").pk, True, NOW)


@pytest.mark.parametrize(
    ("post", "fault"),
    [
        ("weak", "not marked clearly"),
        ("bare", "not marked clearly"),
        ("other", "not by the booked account"),
        ("nowhere", "not in the lake"),
    ],
)
def test_a_post_that_is_not_as_agreed_needs_a_word(post: str, fault: str, manager: Person) -> None:
    booking = bring_to_posted(manager, book(manager), post)
    with pytest.raises(CheckFailed, match=fault):
        actions.approve_check(manager, booking.pk, " ", NOW)
    assert Booking.objects.get().state == State.POSTED
    actions.approve_check(manager, booking.pk, "the platform shows its own mark", NOW)
    assert BookingStep.objects.latest("pk").note == "the platform shows its own mark"


def test_an_account_without_the_duty_needs_no_mark(manager: Person) -> None:
    account = add_account(has_disclosure_duty=False)
    booking = bring_to_posted(manager, book(manager, account), "bare")
    assert actions.approve_check(manager, booking.pk, "", NOW).state == State.CHECKED


def test_a_contract_may_ask_for_the_mark(manager: Person) -> None:
    account = add_account(has_disclosure_duty=False)
    Contract.objects.create(kol=account.kol, since=OUT.date(), until=OUT.date())
    booking = bring_to_posted(manager, book(manager, account), "bare")
    with pytest.raises(CheckFailed, match="not marked clearly"):
        actions.approve_check(manager, booking.pk, "", NOW)


def test_late_steps_are_marked(manager: Person) -> None:
    booking = book(manager, post_due_at=OUT - timedelta(hours=1))
    assert queries.list_bookings(manager, Need.LATE, 1, NOW).rows == (booking,)
    bring_to_posted(manager, booking)
    assert [(step.after, step.is_late) for step in queries.list_steps(manager, booking)] == [
        ("brief", False), ("accepted", False), ("posted", True),
    ]  # fmt: skip
    assert queries.list_bookings(manager, Need.LATE, 1, NOW).rows == ()


def test_the_last_step_can_be_undone_but_not_a_payment(manager: Person, lead: Person) -> None:
    booking = bring_to_posted(manager, book(manager))
    undone = actions.undo(manager, booking.pk, NOW)
    assert (undone.state, undone.post_id, undone.posted_at) == (State.ACCEPTED, "", None)
    with pytest.raises(WrongStep):
        actions.undo(manager, booking.pk, NOW)
    actions.mark_posted(manager, booking.pk, "marked", "", NOW)
    actions.approve_check(manager, booking.pk, "", NOW)
    actions.pay(lead, booking.pk, "T", NOW)
    with pytest.raises(WrongStep):
        actions.undo(manager, booking.pk, NOW)
    assert Booking.objects.get().state == State.PAID


def test_a_blocked_kol_is_not_booked(manager: Person) -> None:
    account = add_account()
    Kol.objects.update(is_blocked=True)
    with pytest.raises(KolBlocked):
        book(manager, account)
    assert (Booking.objects.count(), WaitingEvent.objects.count()) == (0, 0)


def test_one_post_is_paid_for_once(manager: Person) -> None:
    bring_to_posted(manager, book(manager))
    second = book(manager)
    with pytest.raises(PostTaken):
        bring_to_posted(manager, second)
    assert Booking.objects.get(pk=second.pk).state == State.ACCEPTED
    with pytest.raises(BadInput, match="no web address"):
        actions.mark_posted(manager, second.pk, "", "javascript:alert(1)", NOW)


def test_who_reacted_is_counted_once_within_the_hours(manager: Person) -> None:
    booking = bring_to_posted(manager, book(manager))
    assert actions.measure_booking(booking, NOW) == 4
    kept = Booking.objects.get()
    assert kept.actual_reach == 4
    assert kept.actual["by_verb"] == {"repost": 2, "comment": 1, "like": 1, "view": 1}
    assert (kept.actual["events"], kept.actual["nameless"], kept.actual["is_whole"]) == (8, 1, True)
    early = actions.measure_booking(booking, OUT + timedelta(hours=3))
    assert (early, Booking.objects.get().actual["is_whole"]) == (4, False)


@pytest.mark.parametrize(
    ("text", "market", "mark"),
    [
        ("广告 试驾", "cn", Mark.CLEAR),
        ("这不是广告", "cn", Mark.NONE),
        ("品牌合作", None, Mark.WEAK),
        ("", "cn", Mark.NONE),
        ("Paid partnership with us", "us", Mark.CLEAR),
        ("#advent calendar, had lunch", "gb", Mark.NONE),
        ("#sp Day one", "us", Mark.WEAK),
        ("This is not sponsored", "us", Mark.NONE),
        ("【PR】新しい車", "jp", Mark.CLEAR),
        ("#ad 新しい車", "jp", Mark.WEAK),
        ("Anzeige: ein Tag", "de", Mark.CLEAR),
        ("#ad ein Tag", "de", Mark.WEAK),
        ("Collaboration commerciale", "fr", Mark.CLEAR),
        ("유료광고 포함", "kr", Mark.CLEAR),
        ("#ad", "th", Mark.CLEAR),
    ],
)
def test_marks_by_the_law_of_the_market(text: str, market: str | None, mark: Mark) -> None:
    assert find_mark(text, market).mark is mark


def test_there_is_no_booking_that_was_never_made(manager: Person) -> None:
    with pytest.raises(NotFound):
        actions.accept(manager, 99, "", NOW)
