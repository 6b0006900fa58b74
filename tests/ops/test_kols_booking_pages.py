"""The pages of bookings: who may take which step, what is told on the way, nothing changed on refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from canyu.ops.kols.bookings import actions
from canyu.ops.kols.models import Booking, BookingState, BookingStep, Kol
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from kol_fixtures import NOW, add_account, book, bring_to_posted

State = BookingState
STEPS = ("brief", "send", "answer", "posted", "check", "pay", "undo", "measure")


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


@pytest.fixture
def booking(accounts: Callable[..., Person], kol_lake: Path) -> Booking:
    return book(accounts(Role.KOL_MANAGER, name="maker"))


def count_all() -> list[object]:
    rows = list(Booking.objects.values_list("state", "brief", "sent_at", "post_id", "actual_reach"))
    return [rows, BookingStep.objects.count(), WaitingEvent.objects.count()]


def test_only_those_who_manage_kols_take_steps(booking: Booking, sign_in: Callable[..., Client]) -> None:
    before = count_all()
    addresses = [f"/kols/bookings/{booking.pk}/{step}/" for step in STEPS]
    addresses.append(f"/kols/accounts/{booking.account_id}/book/")
    assert [Client().post(address).status_code for address in addresses] == [302] * 9
    client = sign_in(Role.DATA_ANALYST)
    assert [client.post(address).status_code for address in addresses] == [403] * 9
    assert "/send/" not in read(client, f"/kols/bookings/{booking.pk}/")
    assert sign_in(Role.CARE_AGENT).get(f"/kols/bookings/{booking.pk}/").status_code == 403
    assert count_all() == before


def test_a_manager_may_not_pay_and_a_lead_pays_what_another_checked(
    booking: Booking, sign_in: Callable[..., Client], accounts: Callable[..., Person]
) -> None:
    bring_to_posted(Person.objects.get(username="maker"), booking)
    manager, lead = sign_in(Role.KOL_MANAGER), sign_in(Role.MARKETING_LEAD)
    address = f"/kols/bookings/{booking.pk}/"
    assert manager.post(f"{address}check/").status_code == 302
    before = count_all()
    assert manager.post(f"{address}pay/", {"reference": "T"}).status_code == 403
    amount = {"amount": "5,000.00"}
    assert lead.post(f"{address}pay/", {"reference": "", **amount}).status_code == 400
    for typed in ({}, {"amount": "500"}, {"amount": "yes"}):
        refused = lead.post(f"{address}pay/", {"reference": "T-1", **typed})
        assert (refused.status_code, "is not that of the booking" in refused.content.decode()) == (400, True)
    assert count_all() == before
    assert "¥5,000 is paid" in read(lead, address)
    assert lead.post(f"{address}pay/", {"reference": "T-1", **amount}).status_code == 302
    assert lead.post(f"{address}pay/", {"reference": "T-2", **amount}).status_code == 409
    assert Booking.objects.get().payment_reference == "T-1"


def test_a_lead_who_checked_is_told_to_ask_somebody_else(booking: Booking, sign_in: Callable[..., Client]) -> None:
    bring_to_posted(Person.objects.get(username="maker"), booking)
    lead, address = sign_in(Role.MARKETING_LEAD), f"/kols/bookings/{booking.pk}/"
    lead.post(f"{address}check/")
    answer = lead.post(f"{address}pay/", {"reference": "T", "amount": "5000"})
    assert (answer.status_code, "Ask a second person to pay" in answer.content.decode()) == (409, True)
    assert Booking.objects.get().state == State.CHECKED


def test_a_booking_is_opened_with_the_price_in_force(kol_lake: Path, sign_in: Callable[..., Client]) -> None:
    client, account = sign_in(Role.KOL_MANAGER), add_account()
    address = f"/kols/accounts/{account.pk}/book/"
    assert 'value="5000.00"' in read(client, address)
    given = {
        "kind": "post",
        "price": "4800",
        "currency": "CNY",
        "due": "2025-05-01",
        "brief": "请试驾",
        "campaign": "s",
    }
    assert client.post(address, given | {"price": "cheap"}).status_code == 400
    assert Booking.objects.count() == 0
    answer = client.post(address, given)
    row = Booking.objects.get()
    assert (answer.url, row.price_minor, row.state) == (f"/kols/bookings/{row.pk}/", 480_000, State.BRIEF)
    assert row.post_due_at is not None
    assert row.post_due_at.isoformat() == "2025-05-01T15:59:00+00:00"
    Kol.objects.update(is_blocked=True)
    assert client.post(address, given).status_code == 409
    assert Booking.objects.count() == 1


def test_a_brief_against_the_law_is_warned_before_it_goes_out(booking: Booking, sign_in: Callable[..., Client]) -> None:
    client, address = sign_in(Role.KOL_MANAGER), f"/kols/bookings/{booking.pk}/"
    client.post(f"{address}brief/", {"brief": "全网最低价 <script>alert(1)</script>", "due": ""})
    page = read(client, address)
    assert ("Send it although the law forbids some of it" in page, "<script>alert" in page) == (True, False)
    refused = client.post(f"{address}send/")
    assert (refused.status_code, "advertising law forbids" in refused.content.decode()) == (409, True)
    assert Booking.objects.get().sent_at is None
    client.post(f"{address}send/", {"sure": "1"})
    client.post(f"{address}answer/", {"state": "accepted", "note": "ok"})
    assert Booking.objects.get().state == State.ACCEPTED
    assert client.post(f"{address}answer/", {"state": "nonsense"}).status_code == 404


def test_the_accounts_posts_are_offered_and_the_check_tells_what_is_missing(
    booking: Booking, sign_in: Callable[..., Client]
) -> None:
    client, address = sign_in(Role.KOL_MANAGER), f"/kols/bookings/{booking.pk}/"
    client.post(f"{address}send/")
    client.post(f"{address}answer/", {"state": "accepted"})
    page = read(client, address)
    assert all(f'value="{name}"' in page for name in ("marked", "weak", "bare"))
    assert ("<script>window" in page, 'value="other"' in page) == (False, False)
    client.post(f"{address}posted/", {"chosen": "bare"})
    refused = client.post(f"{address}check/")
    assert (refused.status_code, "not marked clearly" in refused.content.decode()) == (409, True)
    told = read(client, address)
    assert ("not marked as advertising" in told, "<script>window" in told) == (True, False)
    client.post(f"{address}undo/")
    client.post(f"{address}posted/", {"chosen": "marked"})
    assert client.post(f"{address}check/").status_code == 302
    client.post(f"{address}measure/")
    page = read(client, address)
    assert ("within 72 hours" in page, "marked clearly" in page) == (True, True)


def test_a_step_from_an_old_page_is_refused_and_says_so(booking: Booking, sign_in: Callable[..., Client]) -> None:
    client, address = sign_in(Role.KOL_MANAGER), f"/kols/bookings/{booking.pk}/"
    client.post(f"{address}answer/", {"state": "cancelled"})
    before = count_all()
    answer = client.post(f"{address}answer/", {"state": "declined"})
    assert (answer.status_code, "does not follow" in answer.content.decode()) == (409, True)
    assert count_all() == before
    client.post(f"{address}undo/")
    assert Booking.objects.get().state == State.BRIEF
    assert client.post("/kols/bookings/999/undo/").status_code == 404


def test_the_list_tells_what_is_late_to_check_and_to_pay(booking: Booking, sign_in: Callable[..., Client]) -> None:
    maker = Person.objects.get(username="maker")
    second = bring_to_posted(maker, book(maker))
    actions.approve_check(maker, second.pk, "", NOW)
    client = sign_in(Role.CAMPAIGN_MANAGER)
    page = read(client, "/kols/bookings/")
    assert all(f"/kols/bookings/{row.pk}/" in page for row in (booking, second))
    assert "¥5,000" in read(client, "/kols/bookings/?need=pay")
    assert "late</span>" in read(client, "/kols/bookings/?need=late")
    assert client.get("/kols/bookings/?need=love").status_code == 400


def test_a_booking_asks_the_database_a_few_times_only(
    booking: Booking, sign_in: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    bring_to_posted(Person.objects.get(username="maker"), booking)
    client = sign_in(Role.MARKETING_LEAD)
    with django_assert_max_num_queries(9):
        read(client, f"/kols/bookings/{booking.pk}/")
