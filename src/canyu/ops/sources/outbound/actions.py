"""The only place that changes subscriptions and deliveries."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from canyu.events.suppression import find_erased_actors
from canyu.ops.config import load_config
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person
from canyu.ops.sources.errors import SourceNameTaken
from canyu.ops.sources.models import Delivery, Sending, Subscription
from canyu.ops.sources.outbound import queries
from canyu.ops.sources.outbound.rules import (
    ALERT,
    MOST_ATTEMPTS,
    check_kinds,
    check_url,
    derive_secret,
    find_wait,
    write_alert,
    write_event,
)
from canyu.ops.sources.outbound.sending import Letter, send_letter

LEASE = timedelta(minutes=2)  # a sender that died is taken over after this
KEPT_FOR = timedelta(days=7)
MOST_WAITING = 10_000  # per subscription: beyond it events are skipped and counted, and the page says so
MOST_AT_ONCE = 50
AT_ONCE = 500
logger = logging.getLogger("canyu.sources")


@dataclass(frozen=True, slots=True)
class SubscriptionDraft:
    """What a person sets of a subscription."""

    name: str
    url: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of sending did."""

    sent: int
    failed: int
    dead: int


def save_subscription(
    viewer: Person, subscription_id: int | None, draft: SubscriptionDraft, now: datetime
) -> Subscription:
    """Keep a subscription, a new one where no id is given. Raises NotFound, AddressRefused, SourceNameTaken."""
    row = Subscription(made_by=viewer.username, made_at=now)
    if subscription_id is not None:
        row = queries.get_subscription(viewer, subscription_id)
    row.name, row.kinds = draft.name, list(check_kinds(draft.kinds))
    row.url = check_url(draft.url, may_be_plain=load_config().webhook_private)
    row.changed_by, row.changed_at = viewer.username, now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise SourceNameTaken(_("Another webhook has this name."), mend=_("Choose another one.")) from error
    logger.info("%s kept the webhook %s", viewer.username, row.pk)
    return row


def switch_subscription(viewer: Person, subscription_id: int, is_on: bool, now: datetime) -> None:
    """Switch a subscription on or off; what waits, waits."""
    row = queries.get_subscription(viewer, subscription_id)
    row.is_on, row.changed_by, row.changed_at = is_on, viewer.username, now
    row.save(update_fields=["is_on", "changed_by", "changed_at"])
    logger.info("%s switched the webhook %s %s", viewer.username, row.pk, "on" if is_on else "off")


def rotate_secret(viewer: Person, subscription_id: int, now: datetime) -> str:
    """Give a subscription a new secret and return it; from now on it signs."""
    row = queries.get_subscription(viewer, subscription_id)
    row.turn, row.changed_by, row.changed_at = row.turn + 1, viewer.username, now
    row.save(update_fields=["turn", "changed_by", "changed_at"])
    logger.info("%s rotated the secret of the webhook %s", viewer.username, row.pk)
    return get_secret(row)


def get_secret(row: Subscription) -> str:
    """Return the secret that signs a subscription's deliveries."""
    return derive_secret(settings.SECRET_KEY, row.pk, row.turn)


def announce_events(events: pa.Table, now: datetime) -> int:
    """Put these events on their way to whoever subscribed to their types; each goes to each once. Returns how many."""
    made = 0
    for subscription in queries.list_active():
        chosen = events.filter(pc.is_in(events["type"], value_set=pa.array(subscription.kinds, pa.string())))
        if not chosen.num_rows:
            continue
        room = _find_room(subscription)
        if chosen.num_rows > room:
            Subscription.objects.filter(pk=subscription.pk).update(skipped=F("skipped") + chosen.num_rows - room)
            chosen = chosen.slice(0, room)
        rows = [_build(subscription, event["type"], event["id"], write_event(event), now) for event in _list(chosen)]
        for row, actor in zip(rows, chosen["actor"].to_pylist(), strict=True):
            row.actor = actor or ""
        made += _keep(rows)
    return made


def announce_alerts(now: datetime) -> int:
    """Put alerts that fired since a subscription was made on their way to it; each goes to each once."""
    subscriptions = list(queries.list_active(ALERT))
    if not subscriptions:
        return 0
    from canyu.ops.alerts.queries import list_fired_since  # brings kernels, which nothing else here needs

    made = 0
    for subscription in subscriptions:
        since = max(subscription.made_at, now - KEPT_FOR / 2)
        known = set(subscription.deliveries.filter(kind=ALERT).values_list("event_id", flat=True))
        made += _keep(
            [
                _build(subscription, ALERT, alert.alert_id, write_alert(alert.alert_id, alert.found, alert.facts), now)
                for alert in list_fired_since(since)
                if alert.alert_id not in known
            ]
        )
    return made


def deliver(now: datetime) -> Delivered:
    """Send what is due. Safe to run twice at once: a delivery is leased before it is sent, and taken over if it dies.

    A receiver may get one twice where the sender died after sending: source and id tell.
    """
    counts = dict.fromkeys(Sending.values, 0)
    for delivery in queries.list_due(now, MOST_AT_ONCE):
        mine = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, due_at=delivery.due_at).update(
            attempts=delivery.attempts + 1, due_at=now + LEASE
        )
        if mine:
            counts[_send(delivery, now)] += 1
    return Delivered(counts[Sending.SENT], counts[Sending.WAITING], counts[Sending.DEAD])


def replay(viewer: Person, subscription_id: int, states: Iterable[str], now: datetime) -> int:
    """Make deliveries of these states due again, from the first attempt; return how many."""
    chosen = [state for state in states if state in Sending.values]
    rows = Delivery.objects.filter(subscription=queries.get_subscription(viewer, subscription_id), state__in=chosen)
    count = rows.update(state=Sending.WAITING, due_at=now, attempts=0, fault="")
    logger.info("%s replays %s deliveries of the webhook %s", viewer.username, count, subscription_id)
    return count


def drop_old(now: datetime) -> int:
    """Drop deliveries that were sent, or given up, more than a week ago; return how many."""
    old = Delivery.objects.filter(made_at__lt=now - KEPT_FOR).exclude(state=Sending.WAITING)
    return old.delete()[0]


def forget_erased() -> int:
    """Drop deliveries about people who were erased from the lake; return how many."""
    lake = find_lake()
    if lake is None:
        return 0
    gone = sorted(find_erased_actors(lake.store, queries.list_told_actors()))
    return sum(
        Delivery.objects.filter(actor__in=gone[start : start + AT_ONCE]).delete()[0]
        for start in range(0, len(gone), AT_ONCE)
    )


def _send(delivery: Delivery, now: datetime) -> str:
    subscription = delivery.subscription
    letter = Letter(subscription.url, delivery.body, get_secret(subscription), load_config().webhook_private)
    status, fault = send_letter(letter, now)
    attempts = delivery.attempts + 1
    if not fault:
        changes: dict[str, Any] = {"state": Sending.SENT, "sent_at": now}
    elif attempts >= MOST_ATTEMPTS:
        changes = {"state": Sending.DEAD}
    else:
        changes = {"state": Sending.WAITING, "due_at": now + find_wait(attempts)}
    Delivery.objects.filter(pk=delivery.pk).update(status=status, fault=fault, **changes)
    if fault:
        logger.warning("delivery %s of the webhook %s was not taken: %s", delivery.pk, subscription.pk, fault)
    return str(changes["state"].value)


def _find_room(subscription: Subscription) -> int:
    waiting = subscription.deliveries.filter(state=Sending.WAITING).count()
    return max(0, MOST_WAITING - waiting)


def _list(events: pa.Table) -> list[dict[str, Any]]:
    return list(events.to_pylist())


def _build(subscription: Subscription, kind: str, event_id: str, body: str, now: datetime) -> Delivery:
    return Delivery(subscription=subscription, event_id=event_id[:64], kind=kind, body=body, due_at=now, made_at=now)


def _keep(rows: Sequence[Delivery]) -> int:
    Delivery.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    return len(rows)
