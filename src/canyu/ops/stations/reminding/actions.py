"""The only place that sends mails of bookings: each once, and none after the visit began."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from canyu.kit.errors import CanyuError
from canyu.kit.words import speak
from canyu.ops.letterbox.actions import Letterbox
from canyu.ops.stations.models import BookingState, Mail, Reminder, Station
from canyu.ops.stations.reminding.letters import write_letter

AT_ONCE = 200


def send_due(now: datetime) -> int:
    """Send every mail of a booking whose time has come; returns how many left.

    What could not leave before the visit began does not leave, nor what belongs to a booking that was given up.
    """
    waiting = REMINDERS.list_waiting(now)
    waiting.filter(booking__starts_at__lte=now).update(state=Mail.LATE)
    due = list(waiting.select_related("booking__station").order_by("next_try", "pk")[:AT_ONCE])
    return REMINDERS.send([each for each in due if REMINDERS.take(each, now)], write_letter, now)


def send_again(station: Station, now: datetime) -> int:
    """Try mails again that were refused or are not clear; a person decides it, since the latter may arrive twice."""
    return REMINDERS.send_again(Reminder.objects.filter(booking__station=station), now)


def _tell(error: CanyuError | None) -> str:
    if error is None:
        return ""
    with speak("en"):
        return str(error)[:200]


REMINDERS = Letterbox(Reminder, _tell, Q(booking__state=BookingState.BOOKED))
