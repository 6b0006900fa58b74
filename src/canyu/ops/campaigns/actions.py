"""The only place that changes campaigns: every step names who and when, and its event goes out with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events import Event, Verb, make_event_id
from canyu.kit.jsonio import dump_json
from canyu.ledger import OpenAccount, Transfer
from canyu.ledger import Side as LedgerSide
from canyu.ops.campaigns import queries
from canyu.ops.campaigns.copy_rules import check_texts, find_open
from canyu.ops.campaigns.errors import PlanUnfit, ReasonMissing, SecondPersonNeeded, SlugTaken, WrongStep
from canyu.ops.campaigns.models import Campaign, CampaignStep, CopyAnswer, ReferralRule
from canyu.ops.campaigns.referral.rules import RewardRule, check_rule
from canyu.ops.campaigns.rules import (
    MOVES,
    CampaignDraft,
    CampaignState,
    is_second_person,
    list_gaps,
    name_bank,
    name_budget,
)
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.rules import CONSOLE
from canyu.ops.people.models import Person

State = CampaignState
MOST_NOTE = 2000
logger = logging.getLogger("canyu.campaigns")


@dataclass(frozen=True, slots=True)
class Step:
    """One step as somebody takes it: what was done, where to, and a word on it."""

    what: str
    after: str
    note: str = ""


def create_campaign(viewer: Person, draft: CampaignDraft, now: datetime) -> Campaign:
    """Keep a new plan as a draft. Raises SlugTaken."""
    campaign = Campaign(state=State.DRAFT, state_at=now, made_by=viewer.username, made_at=now)
    with transaction.atomic():
        _fill(campaign, draft, viewer, now)
        _record(campaign, "", Step("created", State.DRAFT), viewer, now)
    return campaign


def save_campaign(viewer: Person, campaign_id: int, draft: CampaignDraft, now: datetime) -> Campaign:
    """Keep a changed draft. Raises NotFound, WrongStep where it is no draft any more, or SlugTaken."""
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        _need_state(campaign, State.DRAFT)
        campaign.revision += 1
        _fill(campaign, draft, viewer, now)
        _record(campaign, campaign.state, Step("saved", campaign.state), viewer, now)
    return campaign


def save_referral(viewer: Person, campaign_id: int, rule: RewardRule, statement: str, now: datetime) -> ReferralRule:
    """Keep how a draft rewards referral; deeper than two generations the statement is kept with name and time.

    Raises NotFound, WrongStep, RuleUnusable or AcknowledgementMissing.
    """
    statement = _clean(statement)
    check_rule(rule, statement)
    with change_draft(viewer, campaign_id, Step("rule_saved", State.DRAFT, statement), now) as campaign:
        kept, _is_new = ReferralRule.objects.update_or_create(
            campaign=campaign, defaults=_describe_rule(rule, statement, viewer, now)
        )
    return kept


@contextmanager
def change_draft(viewer: Person, campaign_id: int, step: Step, now: datetime) -> Iterator[Campaign]:
    """Hold a draft while a room changes its part of the plan; the change and its step are kept both, or neither.

    Raises NotFound, or WrongStep where it is no draft any more.
    """
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        _need_state(campaign, State.DRAFT)
        yield campaign
        _record(campaign, campaign.state, step, viewer, now)


def answer_finding(viewer: Person, campaign_id: int, key: str, reason: str, now: datetime) -> CopyAnswer:
    """Keep why a finding in the copy does not keep it from going out. Raises NotFound, WrongStep or ReasonMissing."""
    reason = _clean(reason)[:1000]
    if not reason:
        raise ReasonMissing(_("The answer is empty."), mend=_("Write what proves the claim, or change the copy."))
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        if campaign.state not in {State.DRAFT, State.REVIEW}:
            raise _refuse_step()
        found = next((one for one in check_texts(queries.list_texts(campaign)) if one.key == key), None)
        if found is None:
            raise PlanUnfit(_("The copy has changed meanwhile."), mend=_("Open the plan again."))
        values = {"term": found.finding.term[:200], "reason": reason, "who": viewer.username, "at": now}
        answer, _is_new = CopyAnswer.objects.update_or_create(campaign=campaign, key=key, defaults=values)
        _record(campaign, campaign.state, Step("answered", campaign.state, f"{answer.term}: {reason}"), viewer, now)
    return answer


def send_to_review(viewer: Person, campaign_id: int, now: datetime) -> Campaign:
    """Ask for a second person. Raises WrongStep, or PlanUnfit naming what the plan lacks."""
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        _check_fit(campaign)
        return _take(campaign, Step("sent", State.REVIEW), viewer, now)


def return_to_draft(viewer: Person, campaign_id: int, note: str, now: datetime) -> Campaign:
    """Send a plan back to who wrote it, with a reason. Raises WrongStep or ReasonMissing."""
    note = _clean(note)
    if not note:
        raise ReasonMissing(_("Sending it back needs a reason."), mend=_("Write what should be changed."))
    with transaction.atomic():
        return _take(_lock(viewer, campaign_id), Step("returned", State.DRAFT, note), viewer, now)


def release(viewer: Person, campaign_id: int, now: datetime) -> Campaign:
    """Let a campaign go live and put its budget into the ledger, both or neither.

    Raises WrongStep, PlanUnfit, or SecondPersonNeeded where the viewer wrote, sent or answered any of it.
    """
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        _check_move(campaign, State.LIVE)
        _check_fit(campaign)
        if not is_second_person(viewer.username, queries.list_authors(campaign)):
            raise SecondPersonNeeded(
                _("You worked on this plan yourself."), mend=_("Ask a second person to release it; nothing changed.")
            )
        campaign.released_by = viewer.username
        campaign.save(update_fields=["released_by"])
        _fund(campaign, now)
        return _take(campaign, Step("released", State.LIVE), viewer, now)


def close_campaign(viewer: Person, campaign_id: int, note: str, now: datetime) -> Campaign:
    """End a campaign, or drop a draft; what is free of the budget goes back. Raises WrongStep."""
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        was_live = campaign.state == State.LIVE
        campaign = _take(campaign, Step("closed", State.CLOSED, _clean(note)), viewer, now)
        if was_live:
            _return_budget(campaign, now)
        return campaign


def note_step(viewer: Person, campaign: Campaign, what: str, note: str, now: datetime) -> None:
    """Keep, in the transaction of the change, what was done to something that a campaign has switched on."""
    _record(campaign, campaign.state, Step(what, campaign.state, note), viewer, now)


def _fill(campaign: Campaign, draft: CampaignDraft, viewer: Person, now: datetime) -> None:
    for name, text in draft.texts.items():
        setattr(campaign, name, text)
    campaign.slug, campaign.name, campaign.owner = draft.slug, draft.name, draft.owner
    campaign.goals, campaign.channels = dict(draft.goals), list(draft.channels)
    campaign.markets = [market.dump() for market in draft.markets]
    campaign.budget_minor, campaign.currency = draft.budget_minor, draft.currency
    campaign.starts_at, campaign.ends_at = draft.starts_at, draft.ends_at
    campaign.changed_by, campaign.changed_at = viewer.username, now
    try:
        with transaction.atomic():
            campaign.save()
    except IntegrityError as error:
        raise SlugTaken(_("Another campaign has this address."), mend=_("Choose another one.")) from error


def _describe_rule(rule: RewardRule, statement: str, viewer: Person, now: datetime) -> dict[str, Any]:
    is_deep = rule.depth > 2
    return {
        "touch": rule.touch,
        "cause": rule.cause,
        "is_percent": rule.is_percent,
        "levels": list(rule.levels),
        "invitee_amount": rule.invitee,
        "tiers": [list(tier) for tier in rule.tiers],
        "is_every_order": rule.is_every_order,
        "pending_days": rule.pending_days,
        "most_joins_an_hour": rule.most_joins_an_hour,
        "acknowledged_by": viewer.username if is_deep else "",
        "acknowledged_at": now if is_deep else None,
        "statement": statement if is_deep else "",
        "changed_by": viewer.username,
        "changed_at": now,
    }


def _check_fit(campaign: Campaign) -> None:
    gaps = list_gaps(queries.make_draft(campaign))
    if gaps:
        told = _(", ").join(str(gap) for gap in gaps)
        raise PlanUnfit(_("The plan still lacks: %s.") % told, mend=_("Fill it in, then send it to review."))
    findings = check_texts(queries.list_texts(campaign))
    waiting = find_open(findings, queries.list_answered(campaign))
    if waiting:
        terms = _(", ").join(dict.fromkeys(one.finding.term for one in waiting))
        raise PlanUnfit(
            _("Findings of the copy check wait for an answer: %s.") % terms,
            mend=_("Change the copy, or answer each finding below."),
        )


def _fund(campaign: Campaign, now: datetime) -> None:
    bank, budget = name_bank(campaign.currency), name_budget(campaign.pk)
    operations: list[Any] = [
        OpenAccount(bank, campaign.currency),
        OpenAccount(budget, campaign.currency, LedgerSide.CREDIT),
    ]
    if campaign.budget_minor:
        operations.append(Transfer(f"{budget}:fund", bank, budget, campaign.budget_minor, campaign.currency))
    use_ledger().require(operations, now)


def _return_budget(campaign: Campaign, now: datetime) -> None:
    ledger, budget = use_ledger(), name_budget(campaign.pk)
    row = ledger.find_balance(budget)
    free = row.credits - row.debits - row.debits_held if row else 0
    if free > 0:
        back = Transfer(f"{budget}:back", budget, name_bank(campaign.currency), free, campaign.currency)
        ledger.require([back], now)


def _lock(viewer: Person, campaign_id: int) -> Campaign:
    queries.get_campaign(viewer, campaign_id)
    return Campaign.objects.select_for_update().get(pk=campaign_id)


def _need_state(campaign: Campaign, state: str) -> None:
    if campaign.state != state:
        raise _refuse_step()


def _check_move(campaign: Campaign, after: str) -> None:
    if after not in MOVES[campaign.state]:
        raise _refuse_step()


def _refuse_step() -> WrongStep:
    return WrongStep(
        _("This step does not follow from where the campaign stands."),
        mend=_("Open it again: somebody may have taken a step meanwhile."),
    )


def _take(campaign: Campaign, step: Step, viewer: Person, now: datetime) -> Campaign:
    _check_move(campaign, step.after)
    before = campaign.state
    if not Campaign.objects.filter(pk=campaign.pk, state=before).update(state=step.after, state_at=now):
        raise _refuse_step()
    campaign.state, campaign.state_at = State(step.after), now
    _record(campaign, before, step, viewer, now)
    return campaign


def _record(campaign: Campaign, before: str, step: Step, viewer: Person, now: datetime) -> None:
    kept = CampaignStep.objects.create(
        campaign=campaign,
        before=before,
        after=step.after,
        what=step.what,
        who=viewer.username,
        at=now,
        note=step.note[:MOST_NOTE],
    )
    logger.info("%s: campaign %s %s", viewer.username, campaign.pk, step.what)
    props = {"step": step.what, "state": step.after, "before": before, "revision": campaign.revision}
    add_event(
        Event(
            id=make_event_id(CONSOLE, "campaign", str(campaign.pk), str(kept.pk), now.isoformat()),
            type=str(Verb.BOOK),
            time=now,
            received=now,
            source=CONSOLE,
            market=next((market["market"] for market in campaign.markets), None),
            actor=f"staff:{viewer.pk}",
            object=f"campaign-plan:{campaign.pk}",
            campaign=campaign.slug,
            props=dump_json(props),
        ),
        now,
    )


def _clean(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").strip()[:MOST_NOTE]
