"""The sweep and the queue: 100,000 open clocks of 50,000 cases, one minute of them due, and a list of 100,000 cases.

The peer is the naive loop that help desks run: derive every open case, each minute, to see whether something passed.
It is run on a part and told for all. The database is SQLite on a disk, as an embedded console has it.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = tempfile.TemporaryDirectory(prefix="canyu-sweep-")
os.environ["CANYU_LAKE"] = str(Path(FOLDER.name) / "my.lake")
os.environ["CANYU_STATE_FOLDER"] = FOLDER.name
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canyu.ops.settings")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from canyu import care  # noqa: E402
from canyu.care import CaseKind, Harm, case_events  # noqa: E402
from canyu.kit.jsonio import dump_json  # noqa: E402
from canyu.ops.care.actions import keep_copies  # noqa: E402
from canyu.ops.care.models import Case, CaseRecord, Channel, Notice  # noqa: E402
from canyu.ops.care.policies.queries import STANDARD  # noqa: E402
from canyu.ops.care.queries import CaseFilter, list_cases  # noqa: E402
from canyu.ops.care.records import describe_record, load_events  # noqa: E402
from canyu.ops.care.rules import describe_columns  # noqa: E402
from canyu.ops.care.sweeping.actions import sweep  # noqa: E402
from canyu.ops.people.models import Person  # noqa: E402

CLOCKS, CASES = 100_000, 100_000
DAY_S = 86_400
NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
PEER = 1_000
ROUNDS = 5


def measure(task: Callable[[], Any]) -> tuple[float, Any]:
    """Return the wall seconds of one call, and what it returned."""
    begun = time.perf_counter()
    found = task()
    return time.perf_counter() - begun, found


@lru_cache(maxsize=DAY_S)
def make_events(at: datetime) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the records of a case opened at a time, with what sweeps of each minute have told, and its columns."""
    events: list[care.CaseEvent] = [
        case_events.Opened(at, "web", CaseKind.COMPLAINT, Harm.MONEY, 10, "product"),
        case_events.PolicyGiven(at, "canyu", STANDARD),
    ]
    crossed = care.list_crossings(care.derive_case(events, NOW), NOW)
    events += [case_events.Warned(each.at, "canyu", each.clock, each.threshold) for each in crossed]
    calls = care.list_calls(care.derive_case(events, NOW), NOW)
    events += [case_events.Escalated(call.at, "canyu", call.step, call.role) for call in calls]
    records = [
        {
            "sequence": place,
            "type": event.name,
            "at": event.at,
            "by": event.by,
            "audience": "inside",
            "body": describe_record(event),
        }
        for place, event in enumerate(events, 1)
    ]
    return records, describe_columns(care.derive_case(events, NOW), NOW)


def make_cases(count: int, first: int, *, with_records: bool) -> None:
    """Keep open cases, opened evenly over the minutes of the last day."""
    rows, records = [], []
    for number in range(first, first + count):
        at = NOW - timedelta(minutes=(number * 7919) % (DAY_S // 60))
        told, columns = make_events(at)
        rows.append(
            Case(
                pk=number + 1,
                title=f"case {number}",
                product=f"product-{number % 40}",
                market="CN",
                channel=Channel.WEB,
                opened_at=at,
                mentioned_at=at,
                records_count=len(told),
                **columns,
            )
        )
        if with_records:
            records += [CaseRecord(case_id=number + 1, **record) for record in told]
    Case.objects.bulk_create(rows, batch_size=500)
    CaseRecord.objects.bulk_create(records, batch_size=500)


def sweep_naively(cases: list[int], now: datetime) -> int:
    """Derive every case and count what passed and was not told."""
    passed = 0
    for start in range(0, len(cases), 200):
        for events in load_events(cases[start : start + 200]).values():
            state = care.derive_case(events, now)
            passed += len(care.list_crossings(state, now)) + len(care.list_calls(state, now))
    return passed


def main() -> None:
    """Measure and print one line."""
    call_command("migrate", verbosity=0)
    keep_copies([STANDARD])
    for start in range(0, CLOCKS // 2, 5_000):
        make_cases(5_000, start, with_records=True)
    minutes = [NOW + timedelta(minutes=at) for at in range(1, ROUNDS + 1)]
    part = list(Case.objects.filter(is_open=True).order_by("pk").values_list("pk", flat=True)[:PEER])
    naive_s, _passed = measure(lambda: sweep_naively(part, minutes[0]))
    cpu_s = time.process_time()
    runs = [measure(lambda at=at: sweep(at)) for at in minutes]
    cpu_s = (time.process_time() - cpu_s) / ROUNDS
    idle_s, idle = measure(lambda: sweep(minutes[-1]))
    told = Notice.objects.values_list("case", "clock", "threshold", "role")
    is_once = len(told) == len(set(told))
    for start in range(CLOCKS // 2, CASES, 5_000):
        make_cases(5_000, start, with_records=False)  # a list reads columns alone
    viewer = Person(username="bench")
    lists = [measure(lambda: list_cases(viewer, CaseFilter(), 1, 50))[0] for _ in range(ROUNDS)]
    missed = [measure(lambda: list_cases(viewer, CaseFilter(stand="missed"), 1, 50))[0] for _ in range(ROUNDS)]
    line = {
        "benchmark": "sweep",
        "open_clocks": CLOCKS,
        "swept_cases": [run[1].cases for run in runs],
        "told": [run[1].warned + run[1].called for run in runs],
        "minute_s": round(statistics.median(run[0] for run in runs), 3),
        "minute_worst_s": round(max(run[0] for run in runs), 3),
        "minute_cpu_s": round(cpu_s, 3),
        "idle_s": round(idle_s, 4),
        "idle_cases": idle.cases,
        "each_notice_once": is_once,
        "peer_naive_s": round(naive_s * (CLOCKS // 2) / PEER, 1),
        "list_cases": CASES,
        "list_ms": round(statistics.median(lists) * 1000, 1),
        "list_missed_ms": round(statistics.median(missed) * 1000, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load": os.getloadavg()[0],
    }
    sys.stdout.write(dump_json(line) + "\n")


if __name__ == "__main__":
    main()
