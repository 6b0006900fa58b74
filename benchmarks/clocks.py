"""Clocks: a million due times by China's workdays, beside businesstimedelta on what it can do, and cases rebuilt.

The peer knows no make-up days and no pauses: both run a plain week with a lunch break, on the same starts and targets,
and must agree to the second. The million is then measured on China's calendar as well.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from canyu.care import (
    Calendar,
    case_events,
    derive_case,
    due_times,
    load_workdays,
    make_week,
    worked_seconds,
)
from canyu.care.opening import OpenHours
from canyu.care.policies import Policy

MANY = 1_000_000
FEW = 400
ROUNDS = 5
ZONE = "Asia/Shanghai"
START = np.datetime64("2024-01-01", "us")
THREE_YEARS_S = 1096 * 86_400


def measure(task: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of one call, and what it returned."""
    begun = time.process_time()
    found = task()
    return time.process_time() - begun, found


def reckon_by_peer(starts: list[datetime], targets: list[int]) -> list[datetime]:
    """Return the due times of businesstimedelta on the plain week."""
    import businesstimedelta
    import pytz

    day = businesstimedelta.WorkDayRule(
        start_time=day_time(9), end_time=day_time(18), working_days=[0, 1, 2, 3, 4], tz=pytz.timezone(ZONE)
    )
    lunch = businesstimedelta.LunchTimeRule(
        start_time=day_time(12), end_time=day_time(13, 30), working_days=[0, 1, 2, 3, 4], tz=pytz.timezone(ZONE)
    )
    rules = businesstimedelta.Rules([day, lunch])
    return [
        start + businesstimedelta.BusinessTimeDelta(rules, seconds=target)
        for start, target in zip(starts, targets, strict=True)
    ]


def build_cases(count: int) -> list[list[case_events.CaseEvent]]:
    """Return cases of nine events: answered, paused twice, solved, reopened."""
    policy = Policy("office", Calendar(ZONE, make_week("09:00-12:00 13:30-18:00"), workdays=load_workdays("CN")))
    begun = datetime(2026, 2, 10, tzinfo=UTC)
    parts = case_events.PauseReason.PARTS
    cases: list[list[case_events.CaseEvent]] = []
    for number in range(count):
        at = begun + timedelta(minutes=number % 9000)
        later = [at + timedelta(hours=hours) for hours in (1, 3, 9, 20, 26, 40, 60)]
        cases.append(
            [
                case_events.Opened(at, "web"),
                case_events.PolicyGiven(at, "web", policy),
                case_events.Said(later[0], "li", "m"),
                case_events.Paused(later[1], "li", parts, later[5]),
                case_events.Resumed(later[2], "li"),
                case_events.Paused(later[3], "li", parts, later[5]),
                case_events.Resumed(later[4], "li"),
                case_events.Solved(later[5], "li"),
                case_events.Reopened(later[6], "li"),
            ]
        )
    return cases


def main() -> None:
    random = np.random.default_rng(7)
    plain = Calendar(ZONE, make_week("09:00-12:00 13:30-18:00"))
    china = replace(plain, workdays=load_workdays("CN"))
    starts = START + (random.integers(0, THREE_YEARS_S, MANY) * 1_000_000).astype("timedelta64[us]")
    targets = random.integers(60, 48 * 3600, MANY)
    few = [one.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)) for one in starts[:FEW].tolist()]
    seconds = targets[:FEW].tolist()
    ours, theirs, whole, back = [], [], [], []
    for _ in range(ROUNDS):
        spent, dues = measure(lambda: due_times(plain, starts, targets))
        ours.append(spent)
        spent, by_peer = measure(lambda: reckon_by_peer(few, seconds))
        theirs.append(spent)
        whole.append(measure(lambda: OpenHours(china).find_dues(starts.astype(np.int64), targets * 1_000_000))[0])
        spent, worked = measure(lambda dues=dues: worked_seconds(plain, starts, dues))
        back.append(spent)
    agree = sum(one.replace(tzinfo=UTC) == other for one, other in zip(dues[:FEW].tolist(), by_peer, strict=True))
    assert (worked == targets).all()
    cases = build_cases(2_000)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    spent, _ = measure(lambda: [derive_case(case, now) for case in cases])
    each_us, peer_us = statistics.median(ours) / MANY * 1e6, statistics.median(theirs) / FEW * 1e6
    line = {
        "benchmark": "clocks",
        "due_times": MANY,
        "cpu_s": round(statistics.median(ours), 3),
        "china_with_layout_cpu_s": round(statistics.median(whole), 3),
        "worked_cpu_s": round(statistics.median(back), 3),
        "us_each": round(each_us, 3),
        "peer": "businesstimedelta 1.0.1",
        "peer_us_each": round(peer_us, 1),
        "ratio": round(peer_us / each_us),
        "peer_agrees": f"{agree} of {FEW}",
        "case_us": round(spent / len(cases) * 1e6),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
