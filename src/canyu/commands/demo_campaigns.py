"""How the demo brings a campaign from a plan to the public, as two people would have done it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from canyu.ops.campaigns import actions
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.rules import CampaignDraft, Market
from canyu.ops.people.models import Person

ZONE = "Asia/Shanghai"
WRITER, SECOND = Person(username="canyu serve --demo"), Person(username="rehearsal")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign of the demo says of itself."""

    slug: str
    texts: Mapping[str, str]
    channels: list[str]
    starts_at: datetime
    ends_at: datetime
    goals: Mapping[str, float]


def release(plan: Plan, equip: Callable[[Campaign], object], now: datetime) -> Campaign | None:
    """Return the campaign, live, with what ``equip`` gave its draft; None where it is kept already.

    Inside the caller's transaction, so that a demo that is killed has the whole campaign or nothing of it.
    """
    if Campaign.objects.filter(slug=plan.slug).exists():
        return None
    draft = CampaignDraft(
        slug=plan.slug,
        name=plan.texts["title_zh"],
        owner=WRITER.username,
        texts=plan.texts,
        goals=dict(plan.goals),
        markets=[Market("cn", "zh", "CNY", ZONE)],
        channels=plan.channels,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
    )
    with transaction.atomic():
        kept = actions.create_campaign(WRITER, draft, now)
        equip(kept)
        actions.send_to_review(WRITER, kept.pk, now)
        return actions.release(SECOND, kept.pk, now)


def read_start(year: int, said: str) -> datetime:
    """Return the instant that the rehearsal's settings name: a month, a day and a time in Shanghai."""
    return datetime.fromisoformat(f"{year}-{said.replace(' ', 'T')}").replace(tzinfo=ZoneInfo(ZONE))
