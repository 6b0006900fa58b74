"""The only place where a part of an order is given back: what its offers took off goes back in proportion."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from canyu.events import Verb, make_event_id
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.offers.actions import return_clawback
from canyu.ops.offers.errors import OrderReused
from canyu.ops.offers.models import Code, PartRefund, Redemption, RedemptionLine, RedemptionState
from canyu.ops.offers.redeeming.actions import find_locked, move_back, reverse, tell_order
from canyu.ops.order_names import hide, is_hidden, list_forms
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.rules import CONSOLE
from canyu.ops.refunds import add_refund, share_kept

logger = logging.getLogger("canyu.offers")


def reverse_part(order: str, refund: str, minor: int, now: datetime) -> Redemption | None:
    """Give back so much of an order, once per refund; the refund that makes it whole is ``reverse``.

    Each offer's discount stays in proportion to what is kept of the total, rounded down; the rest goes back to budget
    and voucher. Uses stay used, and what the order entitled to stays, until the whole is back. All refunds together are
    the total at most. Returns the order's row, None where it used nothing. Raises OrderReused where the refund was
    told before with another amount.
    """
    with transaction.atomic():
        row = find_locked(order)
        if row is None or row.state != RedemptionState.REDEEMED:
            return row
        known = row.refunds.filter(refund__in=list_forms([refund])).first()
        if known is not None:
            if known.amount_minor != minor:
                raise OrderReused(
                    _("This refund was told before with another amount."), mend=_("Give every refund an id of its own.")
                )
            return row
        name = hide(refund) if is_hidden(row.order) else refund
        PartRefund.objects.create(redemption=row, refund=name, amount_minor=minor, at=now)
        before, refunded = row.refunded_minor, add_refund(row.total_minor, row.refunded_minor, minor)
        if refunded >= row.total_minor:
            return reverse(row.order, now)
        row.refunded_minor, row.changed_at = refunded, now
        row.save(update_fields=["refunded_minor", "changed_at"])
        for line in row.lines.select_related("offer").order_by("pk"):
            if not line.offer.keeps_on_refund:
                _lower(line, share_kept(line.discount_minor, row.total_minor, refunded), now)
        for code in Code.objects.filter(lines__redemption=row, clawed_minor__gt=0).select_related("offer"):
            return_clawback(code, now)
        told = tell_order(row, Verb.REFUND, now)
        number = make_event_id(CONSOLE, f"offer_{Verb.REFUND}", row.order, name)
        add_event(replace(told, id=number, value=refunded - before), now)
    logger.info("a part of the order %s was given back", row.pk)
    return row


def _lower(line: RedemptionLine, kept: int, now: datetime) -> None:
    back = move_back(line, kept)
    if back:
        use_ledger().require(back, now)
        RedemptionLine.objects.filter(pk=line.pk).update(returned_minor=line.discount_minor - kept)
