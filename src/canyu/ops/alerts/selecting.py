"""How a rule or a route takes over what a form selects."""

from __future__ import annotations

from datetime import datetime, time

from canyu.listen.bursts.settings import check_zone
from canyu.ops.alerts.models import Addressed, Selected
from canyu.ops.alerts.schemas import Selector
from canyu.ops.people.models import Person


def fill_addressed(row: Addressed, selector: Selector, viewer: Person, now: datetime) -> None:
    """Set team, products, quiet hours and who changed it; raises BadInput for a zone that is none. Saves nothing."""
    check_zone("time_zone", selector.time_zone)
    row.team, row.time_zone, row.products = selector.team, selector.time_zone, list(selector.products)
    ends = selector.quiet or (None, None)
    row.quiet_from, row.quiet_to = (time.fromisoformat(end) if end else None for end in ends)
    row.changed_by, row.changed_at = viewer.username, now


def fill_selected(row: Selected, selector: Selector, viewer: Person, now: datetime) -> None:
    """Set which series are meant besides. Saves nothing."""
    fill_addressed(row, selector, viewer, now)
    row.aspects, row.sentiments = list(selector.aspects), list(selector.sentiments)
