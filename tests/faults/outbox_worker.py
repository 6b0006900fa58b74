"""A program that books events and relays them until it is killed, or that kills itself at one named moment."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from canyu.commands.alerts import prepare_database
from canyu.commands.serve import configure
from canyu.events import Event

START = datetime(2025, 3, 1, tzinfo=UTC)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    lake, first, moment = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    configure(lake, "127.0.0.1")
    prepare_database()
    from django.db import transaction

    from canyu.events.lake import Lake
    from canyu.ops.outbox import actions

    append = Lake.append
    if moment == "before":
        Lake.append = lambda *_: die()  # type: ignore[assignment, method-assign]
    if moment == "after":
        Lake.append = lambda *given: (append(*given), die())  # type: ignore[assignment, method-assign, return-value]
    log = Path(lake, f"kept-{first}.log")
    for number in range(first, first + 1000):
        time = START + timedelta(minutes=number)
        with transaction.atomic():
            actions.add_event(Event(f"b{number}", "book", time, time, "console", actor="k", object="o"), time)
        with log.open("a") as file:
            file.write(f"b{number}\n")
            file.flush()
            os.fsync(file.fileno())
        actions.relay()


if __name__ == "__main__":
    main()
