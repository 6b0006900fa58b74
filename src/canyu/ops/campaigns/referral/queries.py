"""All reads of referral; staff's reads take the viewer first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.campaigns.models import Campaign, Edge, Member, ReferralRule, Reward, Sale, Signal
from canyu.ops.campaigns.referral.rules import (
    COUNTED,
    EdgeFacts,
    EdgeState,
    RewardRule,
    RewardState,
    SignalKind,
    Touch,
)
from canyu.ops.campaigns.referral.tree import Factor, Generation, Node, measure_factor, measure_generations
from canyu.ops.order_names import list_forms
from canyu.ops.people.models import Person

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TreeMember:
    """One member as the drawing needs it."""

    id: int
    parent: int | None
    code: str
    joined_at: datetime
    edge: str
    """State of the edge from the parent; ``clean`` for a seed."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The share tree of one campaign, with K by generation and over all."""

    members: list[TreeMember]
    generations: list[Generation]
    factor: Factor


@dataclass(frozen=True, slots=True)
class Totals:
    """What came through share codes, and what is owed for it (minor units by state of the reward)."""

    clicks: int
    visits: int
    joined: int
    seeds: int
    orders: int
    refunded: int
    held: int
    refused: int
    rewards: dict[str, int]


@dataclass(frozen=True, slots=True)
class EdgePage:
    """One page of edges that a person may decide on, or has."""

    rows: list[Edge]
    total: int
    page: int
    pages: int


def find_rule(campaign: Campaign) -> RewardRule:
    """Return how a campaign rewards; one that keeps no rule rewards nothing, and measures all the same."""
    kept = ReferralRule.objects.filter(campaign=campaign).first()
    return load_rule(kept) if kept else RewardRule()


def load_rule(kept: ReferralRule) -> RewardRule:
    """Return a rule as it was kept."""
    return RewardRule(
        levels=tuple(kept.levels),
        invitee=kept.invitee_amount,
        is_percent=kept.is_percent,
        tiers=tuple((start, amount) for start, amount in kept.tiers),
        touch=Touch(kept.touch),
        cause=kept.cause,
        is_every_order=kept.is_every_order,
        pending_days=kept.pending_days,
        most_joins_an_hour=kept.most_joins_an_hour,
    )


def measure_tree(viewer: Person, campaign: Campaign) -> Tree:  # noqa: ARG001 - reads take the viewer first
    """Return the share tree: two queries however large it is."""
    states = dict(Edge.objects.filter(campaign=campaign, is_tree=True).values_list("invitee_id", "state"))
    rows = Member.objects.filter(campaign=campaign).order_by("pk").values_list("pk", "parent_id", "code", "joined_at")
    members = [TreeMember(*row, states.get(row[0], EdgeState.CLEAN)) for row in rows]
    nodes = [Node(one.id, one.parent, one.edge in COUNTED) for one in members]
    generations = measure_generations(nodes)
    return Tree(members, generations, measure_factor(generations))


def measure_totals(viewer: Person, campaign: Campaign) -> Totals:  # noqa: ARG001 - reads take the viewer first
    """Return what came through share codes."""
    sums = campaign.members.aggregate(clicks=Sum("clicks"), visits=Sum("visits"), joined=Count("pk"))
    edges = Counter(dict(campaign.edges.values_list("state").annotate(Count("pk"))))
    rewards = dict(campaign.rewards.values_list("state").annotate(Sum("amount_minor")))
    sales = Counter(dict(campaign.sales.values_list("is_refunded").annotate(Count("pk"))))
    return Totals(
        clicks=sums["clicks"] or 0,
        visits=sums["visits"] or 0,
        joined=sums["joined"],
        seeds=campaign.members.filter(parent=None).count(),
        orders=sum(sales.values()),
        refunded=sales[True],
        held=edges[EdgeState.HELD],
        refused=edges[EdgeState.REFUSED],
        rewards=rewards,
    )


def list_edges(viewer: Person, campaign: Campaign, state: str, page: int, size: int) -> EdgePage:  # noqa: ARG001 - reads take the viewer first
    """Return edges of one state, oldest first, with both members."""
    rows = Edge.objects.filter(campaign=campaign, state=state).select_related("inviter", "invitee")
    total = rows.count()
    start = (page - 1) * size
    return EdgePage(list(rows.order_by("made_at", "pk")[start : start + size]), total, page, max(1, -(-total // size)))


def get_edge(viewer: Person, campaign: Campaign, edge_id: int) -> Edge:  # noqa: ARG001 - reads take the viewer first
    """Return one edge; raises NotFound."""
    found = Edge.objects.filter(campaign=campaign, pk=edge_id).select_related("inviter", "invitee").first()
    if found is None:
        raise NotFound(_("There is no such share."))
    return found


def find_member(campaign: Campaign, code: str) -> Member | None:
    """Return whose share code this is in a campaign."""
    return Member.objects.filter(campaign=campaign, code=code).first() if code else None


def is_member_anywhere(person: str) -> bool:
    """Say whether a person takes part in any campaign."""
    return bool(person) and Member.objects.filter(person=person).exists()


def find_person(campaign: Campaign, person: str) -> Member | None:
    """Return a person's place in a campaign."""
    return Member.objects.filter(campaign=campaign, person=person).first() if person else None


def climb(member: Member) -> Iterator[tuple[Edge, Member]]:
    """Yield the edges above a member, the nearest first, each with who brought."""
    at = member
    while at.parent_id is not None:
        edge = Edge.objects.select_related("inviter").get(invitee=at, is_tree=True)
        yield edge, edge.inviter
        at = edge.inviter


def is_below(member: Member, above: Member) -> bool:
    """Say whether a member was brought by another, over however many others."""
    if member.generation <= above.generation:
        return False
    at: Member | None = member
    while at is not None and at.generation > above.generation:
        at = at.parent
    return at is not None and at.pk == above.pk


def gather_facts(inviter: Member, invitee: Member, was_in: bool, now: datetime, is_disposable: bool) -> EdgeFacts:
    """Return what is known of one person coming through another's code."""
    if inviter.pk == invitee.pk:
        return EdgeFacts(is_same_person=True, was_in=True)
    theirs = set(Signal.objects.filter(member=invitee).values_list("kind", "digest"))
    return EdgeFacts(
        is_circle=is_below(inviter, invitee),
        was_in=was_in,
        same_as_inviter=_find_same(theirs, Signal.objects.filter(member=inviter)),
        same_as_others=_find_same(
            theirs, Signal.objects.filter(campaign=invitee.campaign_id).exclude(member__in=(inviter, invitee))
        ),
        joins_in_hour=inviter.brought.filter(is_tree=True, made_at__gt=now - HOUR, made_at__lte=now)
        .exclude(invitee=invitee)
        .count(),
        is_disposable=is_disposable,
    )


def count_brought(member: Member, before: Edge) -> int:
    """Return the how-manieth person this edge brings to a member, among those that were not refused."""
    earlier = member.brought.filter(is_tree=True, pk__lt=before.pk).exclude(state=EdgeState.REFUSED)
    return earlier.count() + 1


def find_sale(campaign: Campaign, order: str) -> Sale | None:
    """Return the sale that was told under an id, also where its person was erased since."""
    return Sale.objects.filter(campaign=campaign, order__in=list_forms([order])).select_related("member").first()


def list_due(now: datetime, most: int) -> list[int]:
    """Return rewards whose waiting is over, the longest first."""
    due = Reward.objects.filter(state=RewardState.PENDING, due_at__lte=now).order_by("due_at", "pk")
    return list(due.values_list("pk", flat=True)[:most])


def sum_rewards(member: Member) -> dict[str, int]:
    """Return what one member is owed, in minor units by state."""
    return dict(member.rewards.values_list("state").annotate(Sum("amount_minor")))


def count_invited(member: Member) -> int:
    """Return how many people joined through a member's code and count."""
    return member.brought.filter(is_tree=True, state__in=COUNTED).count()


def _find_same(theirs: set[tuple[str, str]], others: Iterable[Signal]) -> frozenset[SignalKind]:
    digests = [digest for _kind, digest in theirs]
    rows = others.filter(digest__in=digests).values_list("kind", "digest")  # type: ignore[attr-defined]
    return frozenset(SignalKind(kind) for kind, _digest in theirs.intersection(set(rows)))
