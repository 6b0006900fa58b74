"""How the records of a run are read back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from canyu.care.crisis import RunEvent, read_run_event
from canyu.ops.crisis.models import RunRecord

AT_ONCE = 500


def load_events(runs: Sequence[int]) -> dict[int, list[RunEvent]]:
    """Return the events of many runs in the order in which they were written."""
    found: dict[int, list[RunEvent]] = defaultdict(list)
    for start in range(0, len(runs), AT_ONCE):
        rows = RunRecord.objects.filter(run__in=runs[start : start + AT_ONCE]).order_by("run_id", "sequence")
        for run_id, body in rows.values_list("run_id", "body"):
            found[run_id].append(read_run_event(body))
    return found
