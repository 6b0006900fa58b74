"""How records are kept and read back: events as JSON, policies by the digest of what they say."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from canyu.care import CaseEvent, Policy, case_events, describe_event, describe_policy, read_event, read_policy
from canyu.kit.jsonio import dump_json_bytes
from canyu.ops.care.models import CaseRecord, PolicyCopy

AT_ONCE = 500


def digest_policy(policy: Policy) -> tuple[str, dict[str, Any]]:
    """Return the digest of what a policy says, and what it says."""
    body = describe_policy(policy)
    return hashlib.blake2b(dump_json_bytes(body), digest_size=16).hexdigest(), body


def describe_record(event: CaseEvent) -> dict[str, Any]:
    """Return an event as its record keeps it: a policy by its digest."""
    if isinstance(event, case_events.PolicyGiven) and event.policy is not None:
        told = describe_event(case_events.PolicyGiven(event.at, event.by, None, event.reason))
        return told | {"policy": digest_policy(event.policy)[0]}
    return describe_event(event)


def read_record(body: dict[str, Any]) -> CaseEvent:
    """Return the event of a record."""
    if isinstance(body.get("policy"), str):
        event = read_event(body | {"policy": None})
        return case_events.PolicyGiven(event.at, event.by, find_copy(body["policy"]), body["reason"])
    return read_event(body)


@lru_cache(maxsize=1024)
def find_copy(digest: str) -> Policy:
    """Return the policy that a digest stands for; what a digest says never changes."""
    return read_policy(PolicyCopy.objects.get(digest=digest).body)


def load_events(cases: Sequence[int]) -> dict[int, list[CaseEvent]]:
    """Return the events of many cases in the order in which they were written."""
    found: dict[int, list[CaseEvent]] = defaultdict(list)
    for start in range(0, len(cases), AT_ONCE):
        rows = CaseRecord.objects.filter(case__in=cases[start : start + AT_ONCE]).order_by("case_id", "sequence")
        for case_id, body in rows.values_list("case_id", "body"):
            found[case_id].append(read_record(body))
    return found


def list_policies(events: Iterable[CaseEvent]) -> list[Policy]:
    """Return the policies that events give."""
    return [each.policy for each in events if isinstance(each, case_events.PolicyGiven) and each.policy is not None]
