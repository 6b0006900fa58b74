"""Campaigns: from the draft to the close, by two people, each step kept and told."""

from __future__ import annotations

import pytest
from django.db import transaction

from campaign_fixtures import CHINA, NOW, TEXTS, draft, release
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import parse_json
from canyu.ops.campaigns import actions, queries
from canyu.ops.campaigns.errors import (
    AcknowledgementMissing,
    PlanUnfit,
    ReasonMissing,
    SecondPersonNeeded,
    SlugTaken,
    WrongStep,
)
from canyu.ops.campaigns.models import Campaign, CampaignStep, ReferralRule
from canyu.ops.campaigns.referral.rules import RewardRule
from canyu.ops.campaigns.rules import name_budget
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person

Staff = tuple[Person, Person]


def find_balance(campaign: Campaign) -> int | None:
    with transaction.atomic():
        row = use_ledger().find_balance(name_budget(campaign.pk))
    return row.credits - row.debits if row else None


def test_a_campaign_goes_from_the_draft_to_the_close(staff: Staff) -> None:
    writer, second = staff
    campaign = release(writer, second, RewardRule((500,)))
    assert (campaign.state, campaign.released_by, find_balance(campaign)) == ("live", "lin", 100_000)
    actions.close_campaign(writer, campaign.pk, "the spring is over", NOW)
    assert find_balance(campaign) == 0
    steps = [(step.what, step.before, step.after, step.who) for step in queries.list_steps(writer, campaign)]
    assert steps == [
        ("created", "", "draft", "mei"),
        ("rule_saved", "draft", "draft", "mei"),
        ("sent", "draft", "review", "mei"),
        ("released", "review", "live", "lin"),
        ("closed", "live", "closed", "mei"),
    ]
    told = [row.event for row in WaitingEvent.objects.order_by("pk")]
    assert [parse_json(event["props"])["step"] for event in told] == [step[0] for step in steps]
    assert {(event["type"], event["campaign"], event["market"]) for event in told} == {("book", "spring-road", "cn")}
    assert {event["actor"] for event in told} == {f"staff:{writer.pk}", f"staff:{second.pk}"}


def test_nobody_releases_their_own_plan_and_nothing_changes(staff: Staff) -> None:
    writer, second = staff
    campaign = actions.create_campaign(writer, draft(), NOW)
    actions.save_campaign(second, campaign.pk, draft(name="Spring roads"), NOW)
    actions.send_to_review(writer, campaign.pk, NOW)
    for person in staff:  # one sent it, the other wrote it last
        with pytest.raises(SecondPersonNeeded):
            actions.release(person, campaign.pk, NOW)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.released_by, find_balance(campaign)) == ("review", "", None)
    third = Person.objects.create(username="third")
    assert actions.release(third, campaign.pk, NOW).state == "live"


def test_a_plan_that_lacks_something_is_named(staff: Staff) -> None:
    campaign = actions.create_campaign(staff[0], draft(goals={}, texts={**TEXTS, "strategy_fans": " "}), NOW)
    with pytest.raises(PlanUnfit, match="Make fans, at least one goal"):
        actions.send_to_review(staff[0], campaign.pk, NOW)
    assert queries.get_campaign(staff[0], campaign.pk).state == "draft"


def test_findings_of_the_copy_are_answered_before_release_and_anew_for_other_words(staff: Staff) -> None:
    writer, _ = staff
    texts = {**TEXTS, "copy_zh": "全网第一的扫地机"}
    campaign = actions.create_campaign(writer, draft(texts=texts), NOW)
    with pytest.raises(PlanUnfit, match="第一"):
        actions.send_to_review(writer, campaign.pk, NOW)
    ((finding, answer),) = queries.check_campaign(writer, campaign).rows
    assert answer is None
    with pytest.raises(ReasonMissing):
        actions.answer_finding(writer, campaign.pk, finding.key, "", NOW)
    actions.answer_finding(writer, campaign.pk, finding.key, "survey of 2026, n = 2,000, on file", NOW)
    assert queries.check_campaign(writer, campaign).waiting == 0
    actions.save_campaign(writer, campaign.pk, draft(texts={**texts, "copy_zh": "全网第一的好扫地机"}), NOW)
    with pytest.raises(PlanUnfit, match="第一"):
        actions.send_to_review(writer, campaign.pk, NOW)


def test_who_answered_for_the_copy_may_not_release_it(staff: Staff) -> None:
    writer, second = staff
    campaign = actions.create_campaign(writer, draft(texts={**TEXTS, "copy_zh": "全网第一的扫地机"}), NOW)
    ((finding, _),) = queries.check_campaign(writer, campaign).rows
    actions.answer_finding(second, campaign.pk, finding.key, "on file", NOW)
    actions.send_to_review(writer, campaign.pk, NOW)
    with pytest.raises(SecondPersonNeeded):
        actions.release(second, campaign.pk, NOW)


def test_only_a_draft_changes_and_it_goes_back_with_a_reason(staff: Staff) -> None:
    writer, second = staff
    campaign = actions.create_campaign(writer, draft(), NOW)
    actions.send_to_review(writer, campaign.pk, NOW)
    with pytest.raises(WrongStep):
        actions.save_campaign(writer, campaign.pk, draft(name="other"), NOW)
    with pytest.raises(ReasonMissing):
        actions.return_to_draft(second, campaign.pk, "", NOW)
    actions.return_to_draft(second, campaign.pk, "who pays for the buses?", NOW)
    assert actions.save_campaign(writer, campaign.pk, draft(name="other"), NOW).revision == 2
    with pytest.raises(WrongStep):
        actions.release(second, campaign.pk, NOW)


def test_an_address_is_taken_once(staff: Staff) -> None:
    actions.create_campaign(staff[0], draft(), NOW)
    with pytest.raises(SlugTaken):
        actions.create_campaign(staff[0], draft(), NOW)
    assert (Campaign.objects.count(), CampaignStep.objects.count(), WaitingEvent.objects.count()) == (1, 1, 1)


def test_a_deep_rule_keeps_who_answers_for_it(staff: Staff) -> None:
    campaign = actions.create_campaign(staff[0], draft(), NOW)
    deep = RewardRule((500, 200, 100))
    with pytest.raises(AcknowledgementMissing):
        actions.save_referral(staff[0], campaign.pk, deep, "", NOW)
    assert not ReferralRule.objects.exists()
    kept = actions.save_referral(staff[0], campaign.pk, deep, "Counsel's opinion of 1 November is on file.", NOW)
    assert (kept.acknowledged_by, kept.acknowledged_at) == ("mei", NOW)
    kept = actions.save_referral(staff[0], campaign.pk, RewardRule((500,)), "no word needed for one generation", NOW)
    assert (kept.acknowledged_by, kept.acknowledged_at, kept.statement) == ("", None, "")


def test_what_is_kept_is_what_was_planned(staff: Staff) -> None:
    campaign = actions.create_campaign(staff[0], draft(), NOW)
    assert queries.make_draft(queries.get_campaign(staff[0], campaign.pk)) == draft()
    assert campaign.markets == [CHINA.dump()]
    with pytest.raises(NotFound):
        queries.get_campaign(staff[0], campaign.pk + 1)
