"""A program that loads Django once and starts workers and askers of the queue as copies of itself, to be killed.

Orders come as lines of JSON; each is answered by one: the process that was started, or what the tables hold.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "canyu.ops.settings"

import django

django.setup()

from django.contrib.sessions.models import Session  # noqa: E402 - Django must be set up first
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

import queue_kinds  # noqa: E402
from canyu.ops.config import load_config  # noqa: E402
from canyu.ops.queue import worker  # noqa: E402
from canyu.ops.queue.actions import ask_once  # noqa: E402
from canyu.ops.queue.rules import Lane  # noqa: E402


def ask(count: int) -> None:
    """Ask for every job from the first on, as somebody who does not know how far they came."""
    for number in range(count):
        ask_once(queue_kinds.work, f"key-{number}", f"job-{number}")
        queue_kinds.tell(f"asked {number}")


def work(reaps: bool) -> None:
    worker.REAP_S, worker.BEAT_S = 0.2, 0.02
    if not reaps:
        worker.reap = lambda _now: 0
    worker.Worker(Lane.QUICK, f"w{os.getpid()}").work(threading.Event())


def start(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    queue_kinds.log[:] = [os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)]
    if order["do"] == "ask":
        ask(order["count"])
    else:
        work(order["reaps"])
    os._exit(0)


def count() -> dict[str, Any]:
    notes = Counter(key.rpartition(".")[0] for key in Session.objects.values_list("session_key", flat=True))
    states = Counter(DBTaskResult.objects.values_list("status", flat=True))
    return {"notes": notes, "states": states}


def answer(told: object) -> None:
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()


def main() -> None:
    load_config().state_path.mkdir(parents=True, exist_ok=True)
    for app in ("django_tasks_database", "sessions"):
        call_command("migrate", app, verbosity=0)
    answer("ready")
    for line in sys.stdin:
        order = json.loads(line)
        connections.close_all()  # a connection is nobody's twice
        if order["do"] == "count":
            answer(json.dumps(count()))
        elif order["do"] == "clear":
            DBTaskResult.objects.all().delete()
            Session.objects.all().delete()
            answer("done")
        elif order["do"] == "enqueue":
            queue_kinds.work_apart.enqueue(order["name"])
            answer("done")
        elif order["do"] == "wait":
            os.waitpid(order["pid"], 0)
            answer("gone")
        else:
            answer(start(order))


if __name__ == "__main__":
    main()
