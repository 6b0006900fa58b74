"""The only place that changes the counts of brakes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from canyu.ops.campaigns.models import BrakeCount


def count_one(name: str, ends_at: datetime, now: datetime) -> int:
    """Count one more under a name until an instant; return how many by now. Of two at once, each counts.

    Counts that have ended go with the first of a new one.
    """
    with transaction.atomic():
        BrakeCount.objects.bulk_create([BrakeCount(name=name, count=0, ends_at=ends_at)], ignore_conflicts=True)
        _add_one(name)
        count = int(BrakeCount.objects.values_list("count", flat=True).get(name=name))
    if count == 1:
        BrakeCount.objects.filter(ends_at__lt=now).delete()
    return count


def _add_one(name: str) -> None:
    """Add in the database itself, which holds the row until the transaction ends."""
    BrakeCount.objects.filter(name=name).update(count=F("count") + 1)
