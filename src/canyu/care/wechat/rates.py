"""How often something may be sent: at most so many within any span of so many seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from canyu.kit.clock import get_now

ROBOT_RATE = (20, 60)
"""Messages and seconds: what WeCom takes from one robot of a group."""


class Rate(Protocol):
    """Says when something may be sent. Of a server with several processes, all that send share one."""

    def take(self) -> float:
        """Take one place and return 0; or take none and return the seconds until the next one is free."""
        ...


class LocalRate:
    """The rate of one process: never more than ``most`` within any ``within_s`` seconds."""

    def __init__(self, most: int, within_s: float, clock: Callable[[], datetime] = get_now) -> None:
        self._most = most
        self._within = timedelta(seconds=within_s)
        self._clock = clock
        self._taken: deque[datetime] = deque()
        self._lock = Lock()

    def take(self) -> float:
        """Take one place, or say how long to wait."""
        with self._lock:
            now = self._clock()
            while self._taken and self._taken[0] <= now - self._within:
                self._taken.popleft()
            if len(self._taken) >= self._most:
                return (self._taken[0] + self._within - now).total_seconds()
            self._taken.append(now)
            return 0.0
