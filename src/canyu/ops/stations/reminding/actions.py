"""The only place that sends mails of bookings: each once, whoever runs twice or dies in between."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F

from canyu.ops.config import load_config
from canyu.ops.proof.mailing.letters import Fate, read_fault
from canyu.ops.proof.mailing.rules import MOST_ATTEMPTS, find_wait
from canyu.ops.stations.models import BookingState, Mail, Reminder, Station
from canyu.ops.stations.reminding.letters import write_letter

LEASE = timedelta(minutes=15)  # a process that died before it spoke to the mail server is taken over after this
NO_SERVER, UNREACHED = "no mail server", "mail server unreached"
AT_ONCE = 200
logger = logging.getLogger("canyu.stations")


def send_due(now: datetime) -> int:
    """Send every mail of a booking whose time has come; returns how many left.

    A mail is marked before the server is told of it, and never told again by itself: what a process left marked when
    it died may have left, and is shown as unclear. What could not leave before the visit began does not leave.
    """
    Reminder.objects.filter(state=Mail.SENDING, next_try__lte=now).update(state=Mail.UNCLEAR)
    waiting = Reminder.objects.filter(state=Mail.WAITING, next_try__lte=now)
    waiting.filter(booking__starts_at__lte=now).update(state=Mail.LATE)
    sent = 0
    for reminder in list(waiting.select_related("booking__station").order_by("next_try", "pk")[:AT_ONCE]):
        connection = get_connection()
        if not _take(reminder, now):
            continue
        try:
            if not load_config().mail_host:
                _put_off(reminder, NO_SERVER, now)
                continue
            connection.open()
        except OSError:  # all errors of smtplib are such: nothing was said of the mail yet
            _put_off(reminder, UNREACHED, now)
            continue
        try:
            sent += _send_one(connection, reminder, now)
        finally:
            connection.close()
    return sent


def send_again(station: Station, now: datetime) -> int:
    """Try mails again that were refused or are not clear; a person decides it, since the latter may arrive twice."""
    stuck = Reminder.objects.filter(booking__station=station, state__in=(Mail.REFUSED, Mail.UNCLEAR))
    return stuck.update(state=Mail.WAITING, next_try=now, attempts=0, fault="")


def _take(reminder: Reminder, now: datetime) -> bool:
    """Lease a mail that nobody else has leased."""
    mine = Reminder.objects.filter(pk=reminder.pk, state=Mail.WAITING, next_try=reminder.next_try)
    reminder.attempts += 1
    return bool(mine.update(next_try=now + LEASE, attempts=F("attempts") + 1))


def _send_one(connection: BaseEmailBackend, reminder: Reminder, now: datetime) -> bool:
    """Mark a mail that is still this process's own and whose booking stands, then tell the server of it."""
    mine = Reminder.objects.filter(
        pk=reminder.pk, state=Mail.WAITING, attempts=reminder.attempts, booking__state=BookingState.BOOKED
    )
    if not mine.update(state=Mail.SENDING):
        return False
    rows = Reminder.objects.filter(pk=reminder.pk)
    try:
        connection.send_messages([write_letter(reminder)])
    except OSError as error:
        fate, said = read_fault(error)
        if fate is Fate.AGAIN:
            _put_off(reminder, said, now)
        else:
            rows.update(state=Mail.REFUSED if fate is Fate.NEVER else Mail.UNCLEAR, fault=said[:200])
        return False
    rows.update(state=Mail.SENT, sent_at=now, fault="")
    return True


def _put_off(reminder: Reminder, said: str, now: datetime) -> None:
    """Keep a mail that has certainly not left for another try, at last as not sent."""
    state = Mail.WAITING if reminder.attempts < MOST_ATTEMPTS else Mail.REFUSED
    Reminder.objects.filter(pk=reminder.pk).update(
        state=state, next_try=now + find_wait(reminder.attempts), fault=said[:200]
    )
