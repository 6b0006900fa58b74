"""What can go wrong with plans, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class PlanChanged(Conflict):
    """Somebody else changed the plan meanwhile, or it is approved and does not change any more."""

    code = "plan_changed"


class StillDrawing(Conflict):
    """The samples of the graph are still being drawn: there is no reach yet, and nothing was done."""

    code = "still_drawing"


class PlanUnfit(BadInput):
    """A plan without a name or an account is not kept, one over its budget not approved."""

    code = "plan_unfit"
