"""What can go wrong with jobs, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import Conflict


class LeaseLost(Conflict):
    """The job is another worker's by now; what this one did in the same transaction is rolled back."""

    code = "lease_lost"


class NotDead(Conflict):
    """The job is not given up, or is being tried again already."""

    code = "job_not_dead"
