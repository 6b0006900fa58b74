"""A released campaign that gives with each order, and a lake that the shop writes its orders and refunds to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from campaign_fixtures import NOW, SLUG, draft
from canyu.events import Event, Lake, build_event_table
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.charity import actions
from canyu.ops.campaigns.charity.models import Pledge
from canyu.ops.campaigns.charity.rules import Basis, PledgeDraft
from canyu.ops.people.models import Person

HOUR = timedelta(hours=1)


def pledge_draft(**changes: Any) -> PledgeDraft:
    values: dict[str, Any] = {
        "basis": Basis.ORDER,
        "amount_minor": 100,
        "cap_minor": None,
        "starts_at": NOW,
        "ends_at": NOW + timedelta(days=30),
        "recipient": "Bright Road Foundation",
        "recipient_number": "53110000A",
        "note_zh": "每单捐一元。",
        "note_en": "One yuan of each order is given.",
    }
    return PledgeDraft(**{**values, **changes})


def plan_pledge(writer: Person, **changes: Any) -> Pledge:
    campaign = campaigns.create_campaign(writer, draft(), NOW)
    return actions.save_pledge(writer, campaign.pk, pledge_draft(**changes), NOW)


def release_pledge(staff: tuple[Person, Person], **changes: Any) -> Pledge:
    writer, second = staff
    pledge = plan_pledge(writer, **changes)
    campaigns.send_to_review(writer, pledge.campaign_id, NOW)
    campaigns.release(second, pledge.campaign_id, NOW)
    pledge.refresh_from_db()
    return pledge


def make_order(name: str, at: datetime = NOW + HOUR, **more: Any) -> Event:
    fields = {"actor": f"buyer-{name}", "object": "brand/t7", "value": 10_000, "currency": "CNY", "campaign": SLUG}
    return Event(name, "order", at, at, "shop", **{**fields, **more})


def make_refund(name: str, order: str | None, value: int | None = 10_000, **more: Any) -> Event:
    at = NOW + 2 * HOUR
    return Event(name, "refund", at, at, "shop", object="brand/t7", parent=order, value=value, currency="CNY", **more)


def tell(lake: Lake, *events: Event) -> None:
    lake.append(build_event_table(list(events)))
