"""Bookings: what can be booked, holds that run out, cancelling, the guard of the database, and many at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from canyu.kit.errors import CanyuError
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from canyu.ops.stations import queries
from canyu.ops.stations.actions import StationDraft, drop_old_contacts, save_station, switch_bench
from canyu.ops.stations.booking import actions
from canyu.ops.stations.errors import ConsentMissing, HoldOver, SlotTaken
from canyu.ops.stations.models import Booking, Cell, Reminder
from racing import run_together
from station_fixtures import DRAFT, HALF_PAST, NOW, TEN, ask, book, make_guest, open_station

CLIENTS = 50


@pytest.mark.django_db
def test_the_narrowest_bench_is_taken_first_and_a_full_time_is_refused() -> None:
    station = open_station()
    names = [actions.hold(ask(station, visit), NOW).bench.name for visit in ("a", "b")]
    assert names == ["B2", "B1"]
    with pytest.raises(SlotTaken):
        actions.hold(ask(station, "c"), NOW)
    assert actions.hold(ask(station, "c", HALF_PAST), NOW).state == "held"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "skill"),
    [
        (TEN - timedelta(minutes=30), "screen"),  # closed
        (TEN + timedelta(minutes=10), "screen"),  # no start of a slot
        (TEN + timedelta(minutes=90, hours=1), "screen"),  # ends after closing
        (TEN + timedelta(days=14), "screen"),  # beyond the horizon
        (TEN, "car"),  # no bench can
    ],
)
def test_what_cannot_be_booked(start: object, skill: str) -> None:
    with pytest.raises(SlotTaken):
        actions.hold(ask(open_station(), "a", start, skill), NOW)  # type: ignore[arg-type]
    assert (Booking.objects.count(), Cell.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_holiday_of_the_official_table_and_too_short_a_notice() -> None:
    station = open_station(horizon_days=60)
    with pytest.raises(SlotTaken):
        actions.hold(ask(station, "a", TEN.replace(month=4, day=6)), NOW)  # Qingming, a Monday
    with pytest.raises(SlotTaken):
        actions.hold(ask(station, "a"), TEN - timedelta(minutes=59))


@pytest.mark.django_db
def test_the_same_form_twice_is_one_hold_and_another_choice_lets_the_first_go() -> None:
    station = open_station()
    first, again = (actions.hold(ask(station, "a"), NOW) for _ in range(2))
    other = actions.hold(ask(station, "a", HALF_PAST), NOW)
    first.refresh_from_db()
    assert (first.pk == again.pk, first.state, other.state, Cell.objects.count()) == (True, "cancelled", "held", 2)


@pytest.mark.django_db
def test_a_hold_that_ran_out_is_free_again_and_books_nothing() -> None:
    station = open_station(("screen",))
    late = NOW + timedelta(minutes=10)
    held = actions.hold(ask(station, "a"), NOW)
    with pytest.raises(HoldOver):
        actions.confirm(held, make_guest(), late)
    assert actions.hold(ask(station, "b"), late).bench == held.bench
    held.refresh_from_db()
    assert (held.state, held.name, actions.expire_holds(late)) == ("expired", "", 0)


@pytest.mark.django_db
def test_booked_once_with_consent_and_told_to_the_lake_without_a_name() -> None:
    station = open_station()
    held = actions.hold(ask(station, "a"), NOW)
    with pytest.raises(ConsentMissing):
        actions.confirm(held, make_guest(consent=""), NOW)
    for _ in range(2):
        actions.confirm(held, make_guest(), NOW)
    event = WaitingEvent.objects.get().event
    assert (event["type"], event["actor"], event["object"]) == ("book", held.person, "station:haidian")
    assert "Mei" not in str(event)
    assert sorted(Reminder.objects.values_list("notice", flat=True)) == ["booked"]


@pytest.mark.django_db
def test_cancelling_frees_the_bench_and_keeps_back_the_mails() -> None:
    station = open_station(("screen",))
    booking = book(station, "a", TEN + timedelta(days=1))
    assert Reminder.objects.count() == 2
    for _ in range(2):
        assert actions.cancel(booking, "visitor", NOW).state == "cancelled"
    assert (Cell.objects.count(), Reminder.objects.count()) == (0, 0)
    assert book(station, "b", TEN + timedelta(days=1)).bench == booking.bench


@pytest.mark.django_db
def test_who_came_is_noted_from_the_start_on() -> None:
    keeper, booking = Person.objects.create(username="k"), book(open_station(), "a")
    with pytest.raises(HoldOver):
        actions.note_visit(keeper, booking, True, TEN - timedelta(seconds=1))
    assert [actions.note_visit(keeper, booking, came, TEN).state for came in (True, False)] == ["came", "missed"]
    with pytest.raises(HoldOver):
        actions.cancel(booking, "k", TEN)


@pytest.mark.django_db
def test_longer_slots_do_not_book_over_what_is_there() -> None:
    station = open_station(("screen",))
    booking = book(station, "a", HALF_PAST)
    station = save_station(
        Person.objects.get(username="keeper"), StationDraft(**{**DRAFT, "slot_minutes": 60}), station, NOW
    )
    with pytest.raises(SlotTaken):
        actions.hold(ask(station, "b"), NOW)
    board = queries.find_board(Person(), station, TEN.date())
    assert (board.beside, board.lines[0].start) == ((booking,), TEN)


@pytest.mark.django_db
def test_a_bench_out_of_use_takes_nobody_and_keeps_whom_it_has() -> None:
    station = open_station(("screen",))
    booking = book(station, "a")
    switch_bench(Person(username="k"), station, booking.bench_id, False)
    with pytest.raises(SlotTaken):
        actions.hold(ask(station, "b", HALF_PAST), NOW)
    assert queries.find_board(Person(), station, TEN.date()).lines[0].cells == ((booking.bench, booking),)


@pytest.mark.django_db
def test_contacts_go_thirty_days_after_the_visit() -> None:
    booking = book(open_station(), "a", note="cracked")
    assert [drop_old_contacts(booking.ends_at + timedelta(days=days)) for days in (29, 31, 32)] == [0, 1, 0]
    booking.refresh_from_db()
    assert (booking.name, booking.phone, booking.mail, booking.note, booking.state) == ("", "", "", "", "booked")


@pytest.mark.django_db
def test_the_offer_counts_what_is_left(django_assert_num_queries: object) -> None:
    station = open_station()
    book(station, "a")
    with django_assert_num_queries(2):  # type: ignore[operator]
        offer = queries.find_offer(station, "screen", TEN.date(), NOW)
    assert [slot.free for slot in offer.slots] == [1, 2, 2, 2]
    assert offer.days == ((TEN.date(), 4), ((TEN + timedelta(days=1)).date(), 4))


@pytest.mark.django_db(transaction=True)
def test_fifty_clients_at_once_book_each_bench_once() -> None:
    station = open_station(("screen",), ("screen",), ("screen",))

    def visit(number: int) -> None:
        booking = actions.hold(ask(station, f"v{number}"), NOW)
        actions.confirm(booking, make_guest(), NOW)

    faults = run_together(*[lambda at=at: visit(at) for at in range(CLIENTS)])
    assert faults == ["slot_taken"] * (CLIENTS - 3)
    assert Booking.objects.filter(state="booked").values("bench", "starts_at").distinct().count() == 3
    assert (Booking.objects.filter(state="booked").count(), Cell.objects.count()) == (3, 6)
    assert WaitingEvent.objects.count() == 3


@contextmanager
def without_the_guard() -> Iterator[None]:
    """Take the constraint off the table for the time of the block."""
    guards = Cell._meta.constraints
    Cell._meta.constraints = []  # SQLite makes the table anew from what the model says
    with connection.schema_editor() as editor:
        editor.remove_constraint(Cell, guards[0])
    try:
        yield
    finally:
        Cell.objects.all().delete()
        Cell._meta.constraints = guards
        with connection.schema_editor() as editor:
            editor.add_constraint(Cell, guards[0])


def race_for_one_bench() -> int:
    """Let all see the bench free, then take it at once; return how many got it."""
    station = open_station(("screen",))
    asked = [ask(station, f"v{at}") for at in range(CLIENTS)]
    seen = [actions.find_benches(each, NOW) for each in asked]
    bench = station.benches.get().pk
    assert seen == [[bench]] * CLIENTS
    faults = run_together(*[lambda each=each: actions.take(each, bench, NOW) for each in asked])
    assert set(faults) <= {"slot_taken"}
    return CLIENTS - len(faults)


@pytest.mark.django_db(transaction=True)
def test_fifty_who_all_saw_one_bench_free() -> None:
    assert race_for_one_bench() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_guard_all_of_them_book_it() -> None:
    with without_the_guard():
        assert race_for_one_bench() == CLIENTS


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_five_times_at_once_is_one_hold() -> None:
    station = open_station(("screen",), ("screen",), ("screen",))
    for _ in range(10):  # the moment between looking and writing is short
        found: list[int] = []
        assert run_together(*[lambda found=found: found.append(actions.hold(ask(station, "same"), NOW).pk)] * 5) == []
        assert (len(found), len(set(found)), Cell.objects.count()) == (5, 1, 2)
        Booking.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_booking_and_running_out_at_once_end_in_one_of_the_two() -> None:
    held, late = actions.hold(ask(open_station(("screen",)), "a"), NOW), NOW + timedelta(minutes=10)

    def confirm() -> None:
        try:
            actions.confirm(held, make_guest(), late - timedelta(seconds=1))
        except CanyuError:
            return

    run_together(confirm, lambda: actions.expire_holds(late))
    held = Booking.objects.get()
    assert (held.state, Cell.objects.count(), bool(held.name)) in {("booked", 2, True), ("expired", 0, False)}
