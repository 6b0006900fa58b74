"""All reads of campaigns; the viewer comes first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ledger import Account
from canyu.ops.campaigns.charity.models import Pledge
from canyu.ops.campaigns.copy_rules import CopyFinding, check_texts, find_open
from canyu.ops.campaigns.models import Campaign, CampaignStep, CopyAnswer, ReferralRule
from canyu.ops.campaigns.referral.queries import measure_tree
from canyu.ops.campaigns.rules import (
    COPY_FIELDS,
    STRATEGY,
    TACTIC,
    CampaignDraft,
    CampaignState,
    Goal,
    Market,
    name_budget,
)
from canyu.ops.ledger.queries import open_books
from canyu.ops.people.models import Person

SENT = "sent"


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """One page of the list, and how many campaigns are in each state."""

    rows: list[Campaign]
    counts: dict[str, int]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Progress:
    """One goal: its target and what was measured; None where this room does not measure it."""

    goal: str
    target: float
    value: float | None


@dataclass(frozen=True, slots=True)
class CopyCheck:
    """What the check of advertising law finds in the copy, with the answers, and what still waits for one."""

    rows: list[tuple[CopyFinding, CopyAnswer | None]]
    waiting: int


def list_campaigns(viewer: Person, state: str, page: int, size: int) -> CampaignPage:  # noqa: ARG001 - reads take the viewer first
    """Return campaigns of one state (empty: all), newest first, with how many joined, and counts of each state."""
    counts = Counter(dict(Campaign.objects.values_list("state").annotate(Count("pk"))))
    rows = Campaign.objects.order_by("-state_at", "-pk").annotate(joined=Count("members"))
    rows = rows.filter(state=state) if state else rows
    total = counts[state] if state else sum(counts.values())
    start = (page - 1) * size
    found = {"": sum(counts.values()), **{one.value: counts[one.value] for one in CampaignState}}
    return CampaignPage(list(rows[start : start + size]), found, total, page, max(1, -(-total // size)))


def get_campaign(viewer: Person, campaign_id: int) -> Campaign:  # noqa: ARG001 - reads take the viewer first
    """Return one campaign; raises NotFound."""
    found = Campaign.objects.filter(pk=campaign_id).first()
    if found is None:
        raise NotFound(_("There is no such campaign."))
    return found


def list_steps(viewer: Person, campaign: Campaign) -> list[CampaignStep]:  # noqa: ARG001 - reads take the viewer first
    """Return what was done to a campaign, oldest first."""
    return list(campaign.steps.order_by("pk"))


def list_texts(campaign: Campaign) -> dict[str, str]:
    """Return the texts of a plan by name: the six parts of the 3-3 rule and the public copy."""
    return {name: getattr(campaign, name) for name in (*STRATEGY, *TACTIC, *COPY_FIELDS)}


def make_draft(campaign: Campaign) -> CampaignDraft:
    """Return a campaign as a draft."""
    return CampaignDraft(
        slug=campaign.slug,
        name=campaign.name,
        owner=campaign.owner,
        texts=list_texts(campaign),
        goals=campaign.goals,
        markets=[load_market(kept) for kept in campaign.markets],
        channels=campaign.channels,
        budget_minor=campaign.budget_minor,
        currency=campaign.currency,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
    )


def load_market(kept: dict[str, object]) -> Market:
    """Return a market as it was kept."""
    days = kept["festivals"]
    festivals = tuple((str(day), str(name)) for day, name in days) if isinstance(days, list) else ()
    return Market(
        str(kept["market"]), str(kept["language"]), str(kept["currency"]), str(kept["zone"]), festivals=festivals
    )


def list_answered(campaign: Campaign) -> set[str]:
    """Return the keys of findings that somebody answered."""
    return set(campaign.answers.values_list("key", flat=True))


def check_campaign(viewer: Person, campaign: Campaign) -> CopyCheck:  # noqa: ARG001 - reads take the viewer first
    """Return the findings in a campaign's copy with their answers."""
    answers = {answer.key: answer for answer in campaign.answers.all()}
    findings = check_texts(list_texts(campaign))
    rows = [(one, answers.get(one.key)) for one in findings if one.needs_answer]
    return CopyCheck(rows, len(find_open(findings, answers)))


def list_authors(campaign: Campaign) -> set[str]:
    """Return who had a hand in what would be released: the last writers, who sent it, who answered for its copy."""
    keys = {one.key for one in check_texts(list_texts(campaign))}
    answered = campaign.answers.filter(key__in=keys).values_list("who", flat=True)
    sender = campaign.steps.filter(what=SENT).order_by("-pk").values_list("who", flat=True)[:1]
    rule = ReferralRule.objects.filter(campaign=campaign).first()
    pledged = Pledge.objects.filter(campaign=campaign).values_list("changed_by", flat=True)
    mechanics = Campaign.objects.filter(pk=campaign.pk, challenge__isnull=False).values_list("challenge__changed_by")
    return {
        campaign.changed_by,
        *answered,
        *sender,
        *pledged,
        *(who for (who,) in mechanics),
        *([rule.changed_by, rule.acknowledged_by] if rule else ()),
    }


def measure_goals(viewer: Person, campaign: Campaign) -> list[Progress]:
    """Return each goal with what referral measured so far; volume is counted where posts are, not here."""
    sums = campaign.members.aggregate(joined=Count("pk"), sharing=Count("pk", Q(visits__gt=0)), visits=Sum("visits"))
    values: dict[str, float | None] = {
        Goal.PARTICIPANTS: sums["joined"],
        Goal.SHARES: sums["sharing"],
        Goal.VISITS: sums["visits"] or 0,
        Goal.ORDERS: campaign.sales.filter(is_refunded=False).count(),
    }
    if Goal.K_FACTOR in campaign.goals:
        values[Goal.K_FACTOR] = measure_tree(viewer, campaign).factor.k
    return [Progress(goal, _cut(campaign.goals[goal]), values.get(goal)) for goal in Goal if goal in campaign.goals]


def find_budget(viewer: Person, campaign: Campaign) -> Account | None:  # noqa: ARG001 - reads take the viewer first
    """Return the ledger's account of a campaign's budget; None before it was released."""
    if not campaign.released_by:
        return None
    with open_books() as reader:
        return reader.get_account(name_budget(campaign.pk))


def find_live(slug: str, now: datetime) -> Campaign | None:
    """Return the campaign that the public may see at an address: live or closed, from its beginning on or before."""
    states = (CampaignState.LIVE, CampaignState.CLOSED)
    found = Campaign.objects.filter(slug=slug, state__in=states).exclude(released_by="").first()
    return found if found and found.made_at <= now else None


def _cut(target: float) -> float:
    """Return a target without a decimal that is zero."""
    return int(target) if target == int(target) else target
