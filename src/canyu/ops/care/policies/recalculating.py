"""What recalculating by a policy would move, before anybody says so; nothing is changed."""

from __future__ import annotations

from datetime import datetime

from canyu import care
from canyu.care import Policy, Recalculation
from canyu.ops.care.queries import list_open_of_policy
from canyu.ops.care.records import load_events


def preview_policy(policy: Policy, now: datetime) -> tuple[list[int], Recalculation]:
    """Return the open cases of a policy's name, and what giving them this version would move."""
    cases = list_open_of_policy(policy.name)
    events = load_events(cases)
    return cases, care.preview_recalculation(((str(case), events[case]) for case in cases), policy, now)
