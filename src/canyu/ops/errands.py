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
from canyu.ops.lakes import find_lake  # noqa: E402
from canyu.ops.ledger.actions import expire_holds  # noqa: E402
from canyu.ops.offers.drops.actions import sweep_drops  # noqa: E402
from canyu.ops.outbox.actions import relay  # noqa: E402
from canyu.ops.sources.actions import drop_old as drop_old_refused  # noqa: E402
from canyu.ops.sources.desk import ConsoleDesk  # noqa: E402
from canyu.ops.sources.outbound import actions as outbound  # noqa: E402

LOCK, SLOW_LOCK = "errands.lock", "slow-errands.lock"
BEAT_S = 0.5
LATER_S = 60.0  # what comes round more seldom than this is not done at the start
logger = logging.getLogger("canyu.errands")


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing that comes round again; safe to repeat, to kill and to run twice at once."""

    name: str
    every_s: float
    run: Callable[[], object]


def compact() -> None:
    """Make one file of the many that a day's commits left; pages read fewer files then."""
    lake = find_lake()
    if lake is not None:
        lake.compact()


def follow_campaigns() -> None:
    """Tell campaigns and their pledges of orders and refunds, pay what is due, drop hashes that nothing needs more."""
    from canyu.ops.campaigns.charity.following import follow_gifts
    from canyu.ops.campaigns.charity.gifts.actions import end_hidden as end_hidden_gifts
    from canyu.ops.campaigns.charity.pictures.actions import sweep_files
    from canyu.ops.campaigns.referral.actions import end_hidden as end_hidden_sales
    from canyu.ops.campaigns.referral.following import follow_lake
    from canyu.ops.campaigns.referral.rewards.actions import settle_due

    follow_lake(get_now())
    settle_due(get_now())
    follow_gifts(get_now())
    sweep_files(get_now())
    end_hidden_sales(get_now())
    end_hidden_gifts(get_now())


def collect_posts() -> None:
    """Make entries of the posts that carry a challenge's hashtag, and count what people did with them."""
    from canyu.ops.campaigns.challenges.collecting.actions import collect_posts as collect

    collect(get_now())


def sweep_pictures() -> None:
    """Delete images of challenges that no entry names."""
    from canyu.ops.campaigns.challenges.actions import sweep_pictures as sweep

    sweep(get_now())


def link_fans() -> None:
    """Link what identify events say."""
    from canyu.ops.fans.identity.following import follow_lake

    follow_lake(get_now())


def answer_fans() -> None:
    """Finish what people asked for."""
    from canyu.ops.fans.erasing.actions import finish_erasures
    from canyu.ops.fans.subject.actions import end_old_copies

    end_old_copies(get_now())
    finish_erasures(get_now)


def check_claims() -> None:
    """Hold claims against the lake that somebody asked about."""
    from canyu.ops.proof.queries import is_check_due

    if is_check_due(get_now()):
        from canyu.ops.proof.claims.actions import run_checks

        run_checks(get_now())


def free_benches() -> None:
    """Free the benches of stations whose hold has run out."""
    from canyu.ops.stations.queries import is_expiry_due

    if is_expiry_due(get_now()):
        from canyu.ops.stations.booking.actions import expire_holds as expire

        expire(get_now())


def remind_visitors() -> None:
    """Send the mails of bookings whose time has come."""
    from canyu.ops.stations.queries import is_mail_due

    if is_mail_due(get_now()):
        from canyu.ops.stations.reminding.actions import send_due

        send_due(get_now())


def drop_old_contacts() -> None:
    """Empty names and contacts of visits that are long over."""
    from canyu.ops.stations.actions import drop_old_contacts as drop

    drop(get_now())


def sweep_cases() -> None:
    """Look at the cases whose clocks passed something, and send what is to be told."""
    from canyu.ops.care.sweeping.actions import send_notices, sweep

    sweep(get_now())
    send_notices(get_now())


def sweep_crises() -> None:
    """Note what is overdue in the runs of crises."""
    from canyu.ops.crisis.actions import sweep

    sweep(get_now())


def mail_scorecards() -> None:
    """Send the scorecards whose time has come."""
    from canyu.ops.proof.queries import is_mail_due

    if is_mail_due(get_now()):
        from canyu.ops.proof.mailing.actions import send_due

        send_due(get_now())


ERRANDS: tuple[Errand, ...] = (
    Errand("relay", 5.0, relay),
    Errand("announce alerts", 30.0, lambda: outbound.announce_alerts(get_now())),
    Errand("free unpaid units and serve who waits", 1.0, lambda: sweep_drops(get_now())),
    Errand("free what was held for offers", 5.0, lambda: expire_holds(get_now())),
    Errand("deliver webhooks", 1.0, lambda: outbound.deliver(get_now())),
    Errand("follow campaigns", 300.0, follow_campaigns),
    Errand("collect posts of challenges", 120.0, collect_posts),
    Errand("sweep images of challenges", 3600.0, sweep_pictures),
    Errand("link fans", 60.0, link_fans),
    Errand("answer fans", 60.0, answer_fans),  # apart: an erasure that cannot end yet keeps nobody from being linked
    Errand("free benches of stations", 5.0, free_benches),
    Errand("note what is overdue in crises", 60.0, sweep_crises),
    Errand("drop old contacts of visitors", 3600.0, drop_old_contacts),
    Errand("compact", 3600.0, compact),
    Errand("drop old deliveries", 3600.0, lambda: outbound.drop_old(get_now())),
    Errand("drop old refused events", 3600.0, lambda: drop_old_refused(get_now())),
)
"""A room with an errand of its own is one more line here."""
SLOW_ERRANDS: tuple[Errand, ...] = (
    Errand("sweep cases", 60.0, sweep_cases),  # here: a mail server that does not answer keeps no unit from being sold
    Errand("check claims", 2.0, check_claims),
    Errand("mail scorecards", 30.0, mail_scorecards),
    Errand("remind visitors", 30.0, remind_visitors),
)
"""Those that may take minutes have a thread of their own, so that nobody's units wait for them."""


def run_errands(errands: tuple[Errand, ...], is_over: threading.Event) -> None:
    """Run each errand when its time has come; one that fails is told in the log and comes round again."""
    due = {errand.name: time.monotonic() + (errand.every_s if errand.every_s > LATER_S else 0.0) for errand in errands}
    while not is_over.wait(BEAT_S):
        for errand in errands:
            if time.monotonic() < due[errand.name] or is_over.is_set():
                continue
            close_old_connections()
            try:
                errand.run()
            except Exception:
                logger.exception("the errand %s failed; it comes round again", errand.name)
            due[errand.name] = time.monotonic() + errand.every_s


def run_alone(errands: tuple[Errand, ...], name: str, is_over: threading.Event) -> None:
    """Run errands while no other process of this state folder does, told by the lock of this name."""
    lock = FileLock(load_config().inbox_path / name)
    while not is_over.is_set():
        try:
            with lock.acquire(timeout=1.0):
                run_errands(errands, is_over)
        except Timeout:
            continue


def main() -> None:
    """Work until the server that started this process closes its end of the pipe, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server decides
    is_over = threading.Event()
    carrier = Carrier(load_config().inbox_path, ConsoleDesk(close_old_connections))
    threads = [
        threading.Thread(target=_guard, args=(work, is_over))
        for work in (lambda: carrier.run(is_over), lambda: run_alone(ERRANDS, LOCK, is_over))
    ]
    # The end does not wait for what is slow: it may be killed at any time.
    work_slowly = partial(run_alone, SLOW_ERRANDS, SLOW_LOCK, is_over)
    for thread in (*threads, threading.Thread(target=_guard, args=(work_slowly, is_over), daemon=True)):
        thread.start()
    sys.stdin.buffer.read()  # returns when the server is gone
    is_over.set()
    for thread in threads:
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
