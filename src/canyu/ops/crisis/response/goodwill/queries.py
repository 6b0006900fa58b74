"""Reads of goodwill offers with what is left of their caps and which codes there are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from canyu.ops.crisis.response.models import Goodwill
from canyu.ops.offers import queries as offers
from canyu.ops.offers.models import Code, RedemptionLine, RedemptionState
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class GoodwillView:
    """A goodwill offer as it stands; amounts in minor units of its currency. ``used`` counts orders."""

    row: Goodwill
    codes: int
    batches: list[dict[str, object]]
    used: int
    spent_minor: int


def list_goodwill(viewer: Person, run_id: int) -> list[GoodwillView]:
    """Return the goodwill offers of a run, the first one first."""
    rows = Goodwill.objects.filter(run=run_id).select_related("offer").order_by("pk")
    return [_view(viewer, row) for row in rows]


def _view(viewer: Person, row: Goodwill) -> GoodwillView:
    lines = RedemptionLine.objects.filter(offer=row.offer_id, redemption__state=RedemptionState.REDEEMED)
    spent = lines.aggregate(spent=Sum("discount_minor"))["spent"] or 0
    batches = offers.list_batches(viewer, row.offer)
    return GoodwillView(row, Code.objects.filter(offer=row.offer_id).count(), batches, lines.count(), spent)
