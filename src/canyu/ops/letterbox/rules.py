"""What a mail server's fault means for a mail, and when it is tried again; pure, no database."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from enum import StrEnum

LEASE = timedelta(minutes=15)
"""A process that died before it spoke to the mail server is taken over after this."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
MOST_ATTEMPTS = 12


class LetterState(StrEnum):
    """Where a mail stands; unclear: the server was talking to us when it ended. A room may know more states."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCLEAR = "unclear"


class Fate(StrEnum):
    """What a fault of a mail server means for the mail."""

    AGAIN = "again"
    NEVER = "never"
    UNCLEAR = "unclear"


def read_fault(error: Exception) -> tuple[Fate, str]:
    """Return what an error of the mail server means, and the error in few words.

    A server that answered with a refusal has not taken the mail; of one that fell silent nobody knows.
    """
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return Fate.UNCLEAR, type(error).__name__
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return (Fate.AGAIN if 400 <= code < 500 else Fate.NEVER), f"{code} {said}"[:200]


def find_wait(attempts: int) -> timedelta:
    """Return how long to wait after so many failures.

    >>> str(find_wait(1)), str(find_wait(4)), str(find_wait(40))
    ('0:05:00', '0:40:00', '6:00:00')
    """
    return min(FIRST_WAIT * (1 << min(attempts - 1, 10)), LONGEST_WAIT)
