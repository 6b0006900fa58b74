"""How long a job waits for its next try, when a lease is over, and what is kept of a fault; pure, no database."""

from __future__ import annotations

import traceback
import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import canyu
from canyu.kit.words import Words

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
KEPT_DONE, KEPT_DEAD = timedelta(days=7), timedelta(days=90)
"""How long the row of a job that is done, and of one that was given up, stays; a key is remembered as long."""
SPACE = uuid.UUID("6f1d6b3c-53e4-4b52-9c39-0e5d1f6f2a11")
SOURCE, HERE = Path(canyu.__file__).resolve().parent, Path(__file__).resolve().parent


UNFINISHED, UNKNOWN = "unfinished", "unknown"
FAULTS = {
    UNFINISHED: Words("进程中止，或超过了租期", "its process ended, or it took longer than its lease"),
    UNKNOWN: Words("已没有这一种任务", "there is no such kind of jobs any more"),
}
"""What is kept of a job that failed without an error of its own."""
MISSED = timedelta(minutes=10)


class Lane(StrEnum):
    """Which thread does it: in seconds, or in minutes and with servers that may not answer."""

    QUICK = "quick"
    SLOW = "slow"


class Lease(StrEnum):
    """Where a lease stands; ahead: it begins in the future, so the clock was set back."""

    HELD = "held"
    OVER = "over"
    AHEAD = "ahead"


def find_wait(attempts: int) -> timedelta:
    """Return how long to wait after so many failures.

    >>> str(find_wait(1)), str(find_wait(4)), str(find_wait(40))
    ('0:00:10', '0:01:20', '1:00:00')
    """
    return min(FIRST_WAIT * (1 << min(attempts - 1, 12)), LONGEST_WAIT)


def judge_lease(started_at: datetime, lease: timedelta, now: datetime) -> Lease:
    """Say where the lease of something stands that was started then."""
    if started_at > now:
        return Lease.AHEAD
    return Lease.HELD if now < started_at + lease else Lease.OVER


def is_round_due(next_at: datetime, every: timedelta, now: datetime) -> bool:
    """Say whether a round is due; one that is further away than its rhythm is: the clock was set back."""
    return next_at <= now or next_at > now + every


def is_late(next_at: datetime, every: timedelta, now: datetime) -> bool:
    """Say whether a round is so late that somebody should look: its worker has much to do, or does not run."""
    return now > next_at + max(every, MISSED)


def describe_every(every: timedelta) -> Words:
    """Return how often, in the largest unit that fits.

    >>> describe_every(timedelta(minutes=5)).en, describe_every(timedelta(seconds=30)).zh
    ('every 5 min', '每 30 秒')
    """
    seconds = int(every.total_seconds())
    for length, unit in ((3600, Words("小时", "h")), (60, Words("分钟", "min"))):
        if seconds % length == 0:
            return Words(f"每 {seconds // length} {unit.zh}", f"every {seconds // length} {unit.en}")
    return Words(f"每 {seconds} 秒", f"every {seconds} s")


def read_fault(kept: str) -> Words:
    """Return what was kept of a fault, for people."""
    return FAULTS.get(kept, Words(kept, kept))


def make_id(kind: str, key: str) -> uuid.UUID:
    """Return the one id that a job of this kind and key has, for ever: what makes the second one impossible."""
    return uuid.uuid5(SPACE, f"{kind}\n{key}")


def describe_fault(error: BaseException) -> str:
    """Return which error it was and where it came from: no word of its message, which may name a person or a secret.

    >>> try: int("Li Lei")
    ... except ValueError as error: describe_fault(error)
    'ValueError'
    """
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [at for at in frames if at[0].is_relative_to(SOURCE) and not at[0].is_relative_to(HERE)]
    name = type(error).__name__
    return f"{name} ({ours[-1][0].relative_to(SOURCE).as_posix()}:{ours[-1][1]})" if ours else name
