"""Kinds of jobs that the tests of the queue ask for: they note in the database that they were done."""

from __future__ import annotations

import os
import time
from datetime import timedelta

from django.contrib.sessions.models import Session

from canyu.kit.clock import get_now
from canyu.kit.words import Words
from canyu.ops.queue.kinds import kind
from canyu.ops.queue.rules import Lane

TITLE = Words("试验", "Test")
LEASE = timedelta(seconds=30)


def count_notes() -> int:
    return Session.objects.count()


def note(name: str) -> None:
    """Write a row; a second one of the same name would be another row."""
    number = Session.objects.filter(session_key__startswith=f"{name}.").count()
    Session.objects.create(session_key=f"{name}.{number}", session_data="", expire_date=get_now())


def tell_given_up(name: str, **_: object) -> None:
    note(f"dead-{name}")


@kind(Lane.QUICK, title=TITLE, lease=LEASE, most_attempts=3, give_up=tell_given_up)
def write(name: str, fault: str = "") -> None:
    note(name)
    if fault:
        raise ValueError(f"{fault} must not be kept")


@kind(Lane.SLOW, title=TITLE, lease=LEASE, is_atomic=False)
def write_apart(name: str) -> None:
    note(name)


SHORT = timedelta(seconds=1)
log: list[int] = []
"""A file to which the killed workers tell what they begin."""


def tell(word: str) -> None:
    os.write(log[0], f"{word}\n".encode())


@kind(Lane.QUICK, title=TITLE, lease=SHORT, most_attempts=20)
def work(name: str) -> None:
    tell(f"began {name}")
    note(name)
    time.sleep(0.004)


@kind(Lane.QUICK, title=TITLE, lease=SHORT, most_attempts=20, is_atomic=False)
def work_apart(name: str) -> None:
    """The same without one transaction: the negative control."""
    note(name)
    tell(f"began {name}")
    time.sleep(0.3)
