"""The process beside the web processes: it carries the inbox into the lake, and does what comes round again."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canyu.ops.settings")

import django

django.setup()

from django.db import close_old_connections  # noqa: E402 - Django must be set up first
from filelock import FileLock, Timeout  # noqa: E402

from canyu.events.collector import Carrier  # noqa: E402
from canyu.kit.clock import get_now  # noqa: E402
from canyu.ops.config import load_config  # noqa: E402
from canyu.ops.ledger.actions import expire_holds  # noqa: E402
from canyu.ops.offers.drops.actions import sweep_drops  # noqa: E402
from canyu.ops.outbox.actions import relay  # noqa: E402
from canyu.ops.queue.rules import Lane  # noqa: E402
from canyu.ops.queue.worker import Worker, read_name  # noqa: E402
from canyu.ops.rounds import ROUNDS  # noqa: E402
from canyu.ops.sources.desk import ConsoleDesk  # noqa: E402
from canyu.ops.sources.outbound import actions as outbound  # noqa: E402

LOCK, SLOW_LOCK = "errands.lock", "slow-errands.lock"
BEAT_S = 0.5
logger = logging.getLogger("canyu.errands")


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that is looked after every few seconds; safe to repeat, to kill and to run twice at once."""

    name: str
    every_s: float
    run: Callable[[], object]


def free_benches() -> None:
    """Free the benches of stations whose hold has run out."""
    from canyu.ops.stations.queries import is_expiry_due

    if is_expiry_due(get_now()):
        from canyu.ops.stations.booking.actions import expire_holds as expire

        expire(get_now())


def answer_wechat() -> None:
    """Work on what came by WeChat, and send what is to be sent; both safe to repeat, to kill and to run twice."""
    from canyu.ops.wechat.queries import is_sending_due, is_work_due

    if is_work_due(get_now()):
        from canyu.ops.wechat.working.actions import work

        work(get_now)
    if is_sending_due(get_now()):
        from canyu.ops.wechat.sending.actions import send_due

        send_due(get_now)


BEATS: tuple[Beat, ...] = (
    Beat("relay", 5.0, relay),
    Beat("free unpaid units and serve who waits", 1.0, lambda: sweep_drops(get_now())),
    Beat("free what was held for offers", 5.0, lambda: expire_holds(get_now())),
    Beat("deliver webhooks", 1.0, lambda: outbound.deliver(get_now())),
    Beat("free benches of stations", 5.0, free_benches),
)
"""What comes more seldom is a round (``canyu.ops.rounds``) with a row that says who does it and how it went; that row
costs two commits to the disk a turn, too much for these. What they have to do is in rows that they take themselves."""
SLOW_BEATS: tuple[Beat, ...] = (Beat("answer WeChat", 1.0, answer_wechat),)
"""Those that wait for somebody else's server have a thread of their own, so that nobody's units wait for them."""


def run_beats(beats: tuple[Beat, ...], is_over: threading.Event) -> None:
    """Run each beat when its time has come; one that fails is told in the log and comes again."""
    due = {beat.name: time.monotonic() for beat in beats}
    while not is_over.wait(BEAT_S):
        for beat in beats:
            if time.monotonic() < due[beat.name] or is_over.is_set():
                continue
            close_old_connections()
            try:
                beat.run()
            except Exception:
                logger.exception("the beat %s failed; it comes again", beat.name)
            due[beat.name] = time.monotonic() + beat.every_s


def run_lane(lane: Lane, name: str, is_over: threading.Event) -> None:
    """Do the rounds and jobs of a lane, after taking back what the process before this one left when it died."""
    worker = Worker(lane, name, [this for this in ROUNDS if this.lane is lane])
    worker.release()
    worker.work(is_over)


def run_alone(work: Callable[[threading.Event], None], name: str, is_over: threading.Event) -> None:
    """Work while no other process of this state folder does the same, told by the lock of this name."""
    lock = FileLock(load_config().inbox_path / name)
    while not is_over.is_set():
        try:
            with lock.acquire(timeout=1.0):
                work(is_over)
        except Timeout:
            continue


def main() -> None:
    """Work until the server that started this process closes its end of the pipe, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server decides
    is_over = threading.Event()
    folder = load_config().inbox_path
    carrier = Carrier(folder, ConsoleDesk(close_old_connections))
    works: list[Callable[[], None]] = [
        lambda: carrier.run(is_over),
        lambda: run_alone(partial(run_beats, BEATS), LOCK, is_over),
        lambda: run_alone(partial(run_beats, SLOW_BEATS), SLOW_LOCK, is_over),
    ]
    for lane in Lane:
        work = partial(run_lane, lane, read_name(folder, lane))
        works.append(partial(run_alone, work, f"{lane}-worker.lock", is_over))
    # The end does not wait for the slow lane, the last: it may be killed at any time.
    threads = [threading.Thread(target=_guard, args=(work, is_over), daemon=work is works[-1]) for work in works]
    for thread in threads:
        thread.start()
    sys.stdin.buffer.read()  # returns when the server is gone
    is_over.set()
    for thread in threads[:-1]:
        thread.join()


def _guard(work: Callable[[], None], is_over: threading.Event) -> None:
    """End the whole process where one of its threads fails unforeseen: the server starts a fresh one."""
    try:
        work()
    except Exception:
        if not is_over.is_set():
            logger.exception("the process of errands ends")
            os._exit(1)


if __name__ == "__main__":
    main()
