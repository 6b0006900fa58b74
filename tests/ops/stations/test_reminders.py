"""Mails of bookings through a real mail server: each once, with the visitor's link, none after a cancellation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.test import Client

from canyu.ops.config import load_config
from canyu.ops.letterbox.actions import Letterbox
from canyu.ops.stations.booking.actions import cancel
from canyu.ops.stations.models import Reminder
from canyu.ops.stations.queries import is_mail_due
from canyu.ops.stations.reminding.actions import send_again, send_due
from mail_server import MailServer, run_mail_server
from station_fixtures import NOW, TEN, book, open_station

pytestmark = pytest.mark.django_db
TUESDAY = TEN + timedelta(days=1)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[MailServer]:
    """A mail server that the console knows."""
    with run_mail_server() as server:
        monkeypatch.setenv("CANYU_MAIL_HOST", "127.0.0.1")
        load_config.cache_clear()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # the tests' runner puts its own in
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        settings.EMAIL_TIMEOUT, settings.DEFAULT_FROM_EMAIL = 5, "Care <care@example.com>"
        yield server
    monkeypatch.undo()
    load_config.cache_clear()


def tell_states() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("state", flat=True))


def test_a_confirmation_at_once_and_a_reminder_a_day_before_each_once(server: MailServer) -> None:
    booking = book(open_station(), "a", TUESDAY)
    sent = [send_due(at) for at in (NOW, NOW, TUESDAY - timedelta(days=1), TUESDAY - timedelta(hours=1))]
    assert (sent, len(server.mails), is_mail_due(TUESDAY)) == ([1, 0, 1, 0], 2, False)
    (to, first), (_, second) = server.mails
    subject = str(make_header(decode_header(str(first["Subject"]))))
    assert (to, subject) == ("mei@example.com", "Booked: Haidian, 2026-03-03 10:00 (Asia/Shanghai)")
    assert first["Message-ID"] != second["Message-ID"]
    text = first.get_payload(decode=True).decode()
    link = text.partition("https://care.example.com")[2].split()[0]
    page = Client().get(link)
    assert (page.status_code, page.context["booking"].pk) == (200, booking.pk)


def test_no_mail_after_a_cancellation_and_none_without_an_address(server: MailServer) -> None:
    station = open_station()
    cancel(book(station, "a", TUESDAY), "visitor", NOW)
    book(station, "b", TUESDAY, mail="")
    assert (send_due(TUESDAY - timedelta(hours=1)), server.mails) == (0, [])


def test_cancelled_between_the_lease_and_the_sending_nothing_leaves(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking, take = book(open_station(), "a", TUESDAY), Letterbox.take
    monkeypatch.setattr(
        Letterbox, "take", lambda *given: (take(*given) and bool(cancel(booking, "visitor", NOW))) or True
    )
    assert (send_due(NOW), server.mails, tell_states()) == (0, [], [])


def test_a_server_that_is_away_for_a_day_loses_and_doubles_nothing(server: MailServer) -> None:
    book(open_station(), "a", TUESDAY)
    server.answers["MAIL"] = "451 later"
    assert [send_due(NOW + timedelta(hours=hours)) for hours in range(0, 24, 6)] == [0] * 4
    del server.answers["MAIL"]
    assert send_due(NOW + timedelta(hours=30)) == 2  # the confirmation, and the reminder that fell due meanwhile
    assert (tell_states(), len(server.mails)) == (["sent", "sent"], 2)


def test_what_could_not_leave_before_the_visit_does_not_leave_after(server: MailServer) -> None:
    book(open_station(), "a")
    assert (send_due(TEN), tell_states(), server.mails) == (0, ["late"], [])


def test_a_refused_and_an_unclear_mail_wait_for_a_person(server: MailServer) -> None:
    station = open_station()
    book(station, "a")
    server.hangs_up = True
    assert [send_due(NOW), send_due(NOW + timedelta(hours=1))] == [0, 0]
    assert tell_states() == ["unclear"]
    server.hangs_up = False
    assert send_again(station, NOW) == 1
    assert (send_due(NOW), tell_states()) == (1, ["sent"])
