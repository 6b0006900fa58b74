"""All reads of subscriptions and deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.people.models import Person
from canyu.ops.sources.models import Delivery, Sending, Subscription

SHOWN = 100


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """One subscription and how its deliveries stand."""

    row: Subscription
    waiting: int
    sent: int
    dead: int


def list_subscriptions(viewer: Person) -> list[SubscriptionLine]:  # noqa: ARG001 - reads take the viewer first
    """Return every subscription, by name."""
    counted: dict[int, dict[str, int]] = {}
    for pk, state, n in Delivery.objects.values_list("subscription", "state").annotate(n=Count("pk")):
        counted.setdefault(pk, {})[state] = n
    lines = []
    for row in Subscription.objects.order_by("name"):
        states = counted.get(row.pk, {})
        waiting, sent, dead = (states.get(state, 0) for state in (Sending.WAITING, Sending.SENT, Sending.DEAD))
        lines.append(SubscriptionLine(row, waiting, sent, dead))
    return lines


def get_subscription(viewer: Person, subscription_id: int) -> Subscription:  # noqa: ARG001 - the viewer first
    """Return one subscription; raises NotFound."""
    found = Subscription.objects.filter(pk=subscription_id).first()
    if found is None:
        raise NotFound(_("There is no such webhook."), mend=_("Choose one from the list."))
    return found


def list_deliveries(viewer: Person, subscription_id: int, state: str) -> list[Delivery]:  # noqa: ARG001 - viewer first
    """Return the newest deliveries of a subscription, of one state where one is named."""
    rows = Delivery.objects.filter(subscription_id=subscription_id).defer("body")
    rows = rows.filter(state=state) if state in Sending.values else rows
    return list(rows.order_by("-made_at", "-pk")[:SHOWN])


def list_active(kind_wanted: str = "") -> list[Subscription]:
    """Return the subscriptions that are on, those that want a kind where one is named."""
    rows = list(Subscription.objects.filter(is_on=True))
    return [row for row in rows if not kind_wanted or kind_wanted in row.kinds]


def list_due(now: datetime, most: int) -> list[Delivery]:
    """Return deliveries whose time has come, the longest waiting first."""
    due = Delivery.objects.filter(state=Sending.WAITING, due_at__lte=now, subscription__is_on=True)
    return list(due.select_related("subscription").order_by("due_at", "pk")[:most])


def list_told_actors() -> list[str]:
    """Return the people that deliveries which are still kept are of."""
    return list(Delivery.objects.exclude(actor="").values_list("actor", flat=True).distinct())
