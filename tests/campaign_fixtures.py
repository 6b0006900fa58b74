"""A released campaign with a referral rule, and short ways to join, order and refund in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from canyu.ops.campaigns import actions
from canyu.ops.campaigns.models import Campaign, Sale
from canyu.ops.campaigns.referral import actions as referral
from canyu.ops.campaigns.referral.actions import Joined
from canyu.ops.campaigns.referral.rules import RewardRule
from canyu.ops.campaigns.referral.schemas import Joining, RefundFact, SaleFact
from canyu.ops.campaigns.rules import COPY_FIELDS, STRATEGY, TACTIC, CampaignDraft, Goal, Market
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
SLUG = "spring-road"
TEXTS = {name: f"words for {name}" for name in (*STRATEGY, *TACTIC, *COPY_FIELDS)}
CHINA = Market("cn", "zh", "CNY", "Asia/Shanghai", (("2027-02-06", "春节"),))


def draft(**changes: Any) -> CampaignDraft:
    values: dict[str, Any] = {
        "slug": SLUG,
        "name": "Spring road trip",
        "owner": "mei",
        "texts": TEXTS,
        "goals": {Goal.PARTICIPANTS: 100.0, Goal.K_FACTOR: 0.5},
        "markets": [CHINA],
        "channels": ["wechat", "weibo"],
        "budget_minor": 100_000,
        "currency": "CNY",
        "starts_at": NOW - timedelta(days=1),
        "ends_at": NOW + timedelta(days=90),
    }
    return CampaignDraft(**{**values, **changes})


def release(
    writer: Person, second: Person, rule: RewardRule | None = None, statement: str = "", **changes: Any
) -> Campaign:
    campaign = actions.create_campaign(writer, draft(**changes), NOW)
    if rule is not None:
        actions.save_referral(writer, campaign.pk, rule, statement, NOW)
    actions.send_to_review(writer, campaign.pk, NOW)
    return actions.release(second, campaign.pk, NOW)


def join(person: str, code: str = "", *, last: str = "", at: datetime = NOW, **signals: Any) -> Joined:
    asked = Joining(SLUG, person, "c0ffee", first_code=code, last_code=last or code, **signals)
    return referral.join(asked, at)


def order(person: str, name: str, minor: int | None = 10_000, at: datetime = NOW, **more: Any) -> Sale:
    return referral.record_sale(SaleFact(SLUG, name, person, minor, "CNY", at, **more), at)


def refund(name: str, refund_id: str, minor: int | None = None, at: datetime = NOW) -> Sale:
    return referral.record_refund(RefundFact(SLUG, name, refund_id, minor, at), at)


@pytest.fixture
def staff(empty_ledger: None, brand_lake: Path, accounts: Callable[..., Person]) -> tuple[Person, Person]:
    """Who writes plans and who releases them, over an empty ledger."""
    return accounts(Role.CAMPAIGN_MANAGER, name="mei"), accounts(Role.MARKETING_LEAD, name="lin")
