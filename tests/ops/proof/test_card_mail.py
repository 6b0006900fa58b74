"""The scorecard by mail, through a real mail server: once per due time, whoever runs twice or dies in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.test import Client

from canyu.ops.config import load_config
from canyu.ops.letterbox.rules import LEASE, MOST_ATTEMPTS
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.ops.proof.mailing import actions, letters
from canyu.ops.proof.mailing.actions import ScheduleDraft, create_schedule, send_due
from canyu.ops.proof.models import Letter, Mailing, Rhythm, Schedule
from canyu.ops.proof.queries import is_mail_due
from mail_server import MailServer, run_mail_server

MADE = datetime(2025, 5, 2, 12, tzinfo=UTC)
DUE = datetime(2025, 5, 5, 1, tzinfo=UTC)  # Monday, 9 o'clock in Shanghai
FORM = {
    "rhythm": "week",
    "weekday": "0",
    "hour": "9",
    "zone": "Asia/Shanghai",
    "language": "zh",
    "by": "channel",
    "recipients": "lead@example.com\nboss@example.com\nlead@example.com",
}


@pytest.fixture
def server(metric_lake: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[MailServer]:
    """A mail server that the console knows."""
    with run_mail_server() as server:
        monkeypatch.setenv("CANYU_MAIL_HOST", "127.0.0.1")
        load_config.cache_clear()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # the tests' runner puts its own in
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        settings.EMAIL_TIMEOUT, settings.DEFAULT_FROM_EMAIL = 5, "Canyu <card@example.com>"
        yield server


@pytest.fixture
def lead(accounts: Callable[..., Person]) -> Person:
    return accounts(Role.MARKETING_LEAD)


def plan(viewer: Person, *recipients: str, **changes: Any) -> Schedule:
    given = {"rhythm": Rhythm.WEEK, "day": 0, "hour": 9, "zone": "Asia/Shanghai", "language": "en", "by": "channel"}
    draft = ScheduleDraft(**{**given, **changes}, recipients=recipients or ("lead@example.com",))
    return create_schedule(viewer, draft, MADE)


def tell_states() -> list[str]:
    return list(Mailing.objects.order_by("due_at", "recipient").values_list("state", flat=True))


def test_a_card_goes_out_with_its_pdf_at_its_time_and_once(server: MailServer, lead: Person) -> None:
    schedule = plan(lead, "lead@example.com", "boss@example.com", language="zh")
    assert schedule.next_due == DUE
    assert (is_mail_due(DUE - timedelta(seconds=1)), is_mail_due(DUE)) == (False, True)
    assert send_due(DUE - timedelta(seconds=1)) == 0
    assert send_due(DUE) == 2
    assert not is_mail_due(DUE + timedelta(days=1))
    assert (send_due(DUE), send_due(DUE + timedelta(days=1))) == (0, 0)
    assert sorted(recipient for recipient, _ in server.mails) == ["boss@example.com", "lead@example.com"]
    message = server.mails[0][1]
    assert "口碑记分卡" in str(make_header(decode_header(str(message["Subject"]))))
    text, pdf = message.get_payload()
    told = text.get_payload(decode=True).decode()
    assert "附件" in told
    assert "权重：女性占比 1、" in told
    assert pdf.get_filename() == "canyu-scorecard-2025-04-28-2025-05-04.pdf"
    assert pdf.get_payload(decode=True).startswith(b"%PDF-")
    assert tell_states() == [Letter.SENT, Letter.SENT]
    assert send_due(DUE + timedelta(days=7)) == 2


def test_two_processes_send_it_once(server: MailServer, lead: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first writes the letter, and again while it speaks with the mail server."""
    plan(lead)
    write, address, others = letters.write_letter, letters.address_letter, []

    def write_beside(*given: Any) -> Any:
        others.append(send_due(DUE))
        return write(*given)

    def address_beside(*given: Any) -> Any:
        others.append(send_due(DUE))
        return address(*given)

    monkeypatch.setattr(letters, "write_letter", write_beside)
    monkeypatch.setattr(letters, "address_letter", address_beside)
    assert send_due(DUE) == 1
    assert others == [0, 0]
    assert len(server.mails) == 1


def test_a_process_that_dies_before_it_speaks_is_taken_over(
    server: MailServer, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(lead)
    with monkeypatch.context() as patch:
        patch.setattr(letters, "write_letter", die)
        with pytest.raises(SystemExit):
            send_due(DUE)
    assert send_due(DUE + timedelta(minutes=1)) == 0
    assert (is_mail_due(DUE + timedelta(minutes=1)), is_mail_due(DUE + LEASE)) == (False, True)
    assert send_due(DUE + LEASE) == 1
    assert len(server.mails) == 1


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_process_that_dies_as_it_speaks_is_never_repeated_unasked(
    server: MailServer, lead: Person, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    """Whether the mail left or not, nobody knows: the page says so, and a person decides."""
    schedule = plan(lead)
    send = EmailBackend.send_messages

    def send_and_die(backend: EmailBackend, messages: Any) -> None:
        if is_taken:
            send(backend, messages)
        die()

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", send_and_die)
        with pytest.raises(SystemExit):
            send_due(DUE)
    for later in (timedelta(minutes=1), LEASE, timedelta(days=1)):
        assert send_due(DUE + later) == 0
    assert len(server.mails) == int(is_taken)
    assert tell_states() == [Letter.UNCLEAR]
    actions.send_again(lead, schedule, DUE + timedelta(days=1))
    assert send_due(DUE + timedelta(days=1)) == 1
    assert len({str(message["Message-ID"]) for _, message in server.mails}) == 1  # a repeat can be told


def test_faults_are_told_and_tried_again_where_nothing_left(server: MailServer, lead: Person) -> None:
    plan(lead)
    server.answers = {"RCPT": "451 try later"}
    assert send_due(DUE) == 0
    row = Mailing.objects.get()
    assert (row.state, row.fault["en"], row.next_try - DUE) == (Letter.WAITING, "451 try later", timedelta(minutes=5))
    server.answers = {"RCPT": "550 no such box"}
    assert send_due(DUE + timedelta(minutes=5)) == 0
    assert (tell_states(), Mailing.objects.get().fault["zh"]) == ([Letter.REFUSED], "550 no such box")


def test_a_server_that_falls_silent_leaves_it_unclear(server: MailServer, lead: Person) -> None:
    plan(lead)
    server.hangs_up = True
    assert send_due(DUE) == 0
    assert tell_states() == [Letter.UNCLEAR]
    server.hangs_up = False
    assert send_due(DUE + timedelta(days=1)) == 0


def test_without_a_server_it_waits_and_is_given_up_at_last(server: MailServer, lead: Person, settings: Any) -> None:
    plan(lead)
    settings.EMAIL_PORT = 1  # nobody listens
    assert send_due(DUE) == 0
    row = Mailing.objects.get()
    assert (row.state, row.attempts, row.next_try) == (Letter.WAITING, 1, DUE + timedelta(minutes=5))
    Mailing.objects.update(attempts=MOST_ATTEMPTS - 1)
    assert send_due(row.next_try) == 0
    row.refresh_from_db()
    assert (row.state, row.attempts) == (Letter.REFUSED, MOST_ATTEMPTS)
    assert row.fault == {"zh": "联系不上邮件服务器。", "en": "The mail server could not be reached."}


def test_a_slow_process_whose_lease_is_over_leaves_the_mail_to_the_next(
    server: MailServer, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(lead)
    write, others = letters.write_letter, []

    def write_slowly(*given: Any) -> Any:
        if not others:
            others.append(0)
            others[0] = send_due(DUE + LEASE)
        return write(*given)

    monkeypatch.setattr(letters, "write_letter", write_slowly)
    assert send_due(DUE) == 0
    assert others == [1]
    assert len(server.mails) == 1


def test_only_the_last_due_time_is_sent_after_a_pause(server: MailServer, lead: Person) -> None:
    plan(lead)
    assert send_due(DUE + timedelta(days=15)) == 1
    assert Mailing.objects.get().due_at == DUE + timedelta(days=14)
    assert Schedule.objects.get().next_due == DUE + timedelta(days=21)


def test_a_monthly_card_is_of_the_month_before(server: MailServer, lead: Person) -> None:
    plan(lead, rhythm=Rhythm.MONTH, day=3, hour=8)
    assert Schedule.objects.get().next_due == datetime(2025, 5, 3, 0, tzinfo=UTC)
    assert send_due(datetime(2025, 5, 3, 0, tzinfo=UTC)) == 1
    assert server.mails[0][1].get_payload()[1].get_filename() == "canyu-scorecard-2025-04-01-2025-04-30.pdf"


def test_the_page_keeps_a_schedule_and_tells_what_became_of_it(
    server: MailServer, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    wrong = (
        {"weekday": ""},
        {"zone": "Mars/Sea"},
        {"recipients": "a@b.c\nnobody"},
        {"recipients": "a@example.com\r\nBcc: b@example.com"},
        {"hour": "24"},
        {"rhythm": "month", "month_day": "31"},
        {"rhythm": "day"},
    )
    for change in wrong:
        assert client.post("/scorecard/mail/new/", FORM | change).status_code == 400, change
    assert Schedule.objects.count() == 0
    assert client.post("/scorecard/mail/new/", FORM).status_code == 302
    schedule = Schedule.objects.get()
    assert schedule.recipients == ["lead@example.com", "boss@example.com"]
    server.answers = {"RCPT": "550 <no> such box"}
    send_due(schedule.next_due)
    page = client.get("/scorecard/mail/").content.decode()
    assert "2 mails were not sent" in page
    assert "550 &lt;no&gt; such box" in page
    client.post(f"/scorecard/mail/{schedule.pk}/again/")
    assert set(tell_states()) == {Letter.WAITING}
    client.post(f"/scorecard/mail/{schedule.pk}/switch/", {"on": "0"})
    assert not Schedule.objects.get().is_on
    client.post(f"/scorecard/mail/{schedule.pk}/drop/")
    assert (Schedule.objects.count(), Mailing.objects.count()) == (0, 0)


def test_who_only_reads_cannot_have_it_sent(metric_lake: Path, sign_in: Callable[..., Client]) -> None:
    reader = sign_in(Role.SOCIAL_ANALYST)
    assert reader.get("/scorecard/mail/").status_code == 403
    assert reader.post("/scorecard/mail/new/", FORM).status_code == 403
    assert Schedule.objects.count() == 0


def die(*given: object) -> None:
    raise SystemExit(9)
