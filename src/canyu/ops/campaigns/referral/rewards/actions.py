"""The only place that changes rewards: every one is a hold in the ledger before it is paid, and a reversal after.

Called inside the transaction of its cause, which holds the campaign's lock.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from canyu.events import make_event_id
from canyu.ledger import Hold, OpenAccount, Reverse, Settle, Transfer, Verdict, Void
from canyu.ops.campaigns.models import Campaign, Edge, Member, Reward, Sale
from canyu.ops.campaigns.referral import events, queries
from canyu.ops.campaigns.referral.rules import (
    COUNTED,
    EdgeState,
    RewardRule,
    RewardState,
    Side,
    combine_states,
    compute_amount,
    judge_edge,
)
from canyu.ops.campaigns.rules import name_budget
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.ledger.queries import open_books
from canyu.ops.refunds import share_kept

AT_ONCE = 200
GONE = frozenset({RewardState.VOID, RewardState.RETURNED, RewardState.REFUSED, RewardState.UNFUNDED})
logger = logging.getLogger("canyu.campaigns")


@dataclass(frozen=True, slots=True)
class Owed:
    """What one member would be owed: for which edge and order, on which side, how many generations up."""

    member: Member
    edge: Edge
    sale: Sale | None
    side: Side
    level: int
    state: EdgeState


def give_rewards(campaign: Campaign, edge: Edge, sale: Sale | None, now: datetime) -> list[Reward]:
    """Keep what is owed for a person who joined (``sale`` is None) or ordered; what waits for a person is held.

    Only the rewarded depth is climbed, however deep the tree is. Safe to repeat.
    """
    rule = queries.find_rule(campaign)
    if rule.cause != ("order" if sale else "join") or edge.state == EdgeState.REFUSED or not edge.is_tree:
        return []
    return [made for owed in _list_owed(rule, edge, sale) if (made := _give(campaign, rule, owed, now))]


def judge_again(campaign: Campaign, edge: Edge, now: datetime) -> None:
    """Look at a clean edge with what is known by now; where something speaks against it, it is held from here on."""
    if edge.state != EdgeState.CLEAN:
        return
    facts = queries.gather_facts(edge.inviter, edge.invitee, False, edge.made_at, False)
    reasons = judge_edge(facts, queries.find_rule(campaign))
    if not reasons:
        return
    edge.state, edge.reasons = EdgeState.HELD, [reason.value for reason in reasons]
    edge.save(update_fields=["state", "reasons"])
    for reward in _list_through(campaign, edge, RewardState.PENDING):
        use_ledger().require([Void(f"{_name_hold(reward)}:void", _name_hold(reward))], now)
        _set_state(reward, RewardState.HELD, now)


def release_waiting(campaign: Campaign, now: datetime) -> None:
    """Put into the ledger what was held for edges that all count by now."""
    for reward in campaign.rewards.filter(state=RewardState.HELD).select_related("edge", "member"):
        if _find_state(reward) is EdgeState.CLEAN:
            reward.attempt += 1
            reward.save(update_fields=["attempt"])
            _hold(campaign, reward, now)


def refuse_rewards(campaign: Campaign, edge: Edge, now: datetime) -> None:
    """Take back what was given or held through an edge that a person refused."""
    for state in (RewardState.HELD, RewardState.PENDING, RewardState.PAID):
        for reward in _list_through(campaign, edge, state):
            _undo(campaign, reward, now, RewardState.REFUSED)


def undo_rewards(campaign: Campaign, sale: Sale, now: datetime) -> None:
    """Take back what was owed for an order that was given back: a void before it was paid, a reversal after."""
    for reward in campaign.rewards.filter(sale=sale).exclude(state__in=GONE).select_related("edge__inviter", "member"):
        _undo(campaign, reward, now, RewardState.VOID)


def lower_rewards(campaign: Campaign, sale: Sale, now: datetime) -> None:
    """Take back the part of each percentage that a part of its order brought; flat amounts wait for the whole.

    What stays is in proportion to what is kept of the order, rounded down; told again, nothing more goes back.
    """
    if not queries.find_rule(campaign).is_percent:
        return
    for reward in campaign.rewards.filter(sale=sale).exclude(state__in=GONE).select_related("edge__inviter", "member"):
        given = reward.amount_minor + reward.returned_minor
        kept = share_kept(given, sale.amount_minor or 0, sale.refunded_minor)
        if kept < reward.amount_minor:
            _lower(campaign, reward, kept, now)


def settle_due(now: datetime) -> int:
    """Pay every reward whose waiting is over, once each; return how many. Safe to repeat and to run twice at once."""
    paid = 0
    while due := queries.list_due(now, AT_ONCE):
        with transaction.atomic():
            rows = Reward.objects.select_for_update().filter(pk__in=due, state=RewardState.PENDING)
            for reward in rows.select_related("campaign", "edge__inviter", "member").order_by("pk"):
                use_ledger().require([Settle(f"{_name_hold(reward)}:paid", _name_hold(reward))], now)
                _set_state(reward, RewardState.PAID, now)
                events.tell_paid(reward.campaign, reward, now)
                paid += 1
    return paid


def _list_owed(rule: RewardRule, edge: Edge, sale: Sale | None) -> list[Owed]:
    states: list[EdgeState] = []
    owed = [Owed(edge.invitee, edge, sale, Side.INVITEE, 1, _read_state(edge))]
    for level, (step, inviter) in enumerate(queries.climb(edge.invitee), 1):
        if level > rule.depth:
            break
        states.append(_read_state(step))
        owed.append(Owed(inviter, edge, sale, Side.INVITER, level, combine_states(states)))
    return owed


def _give(campaign: Campaign, rule: RewardRule, owed: Owed, now: datetime) -> Reward | None:
    if owed.state is EdgeState.REFUSED:
        return None
    sale = owed.sale
    amount = sale.amount_minor if sale and sale.currency == campaign.currency else None
    nth = queries.count_brought(owed.member, owed.edge) if owed.side is Side.INVITER and owed.level == 1 else 1
    minor = compute_amount(rule, owed.side, owed.level, amount, nth)
    earlier = Reward.objects.filter(member=owed.member, edge=owed.edge, side=owed.side, level=owed.level)
    if minor <= 0 or (not rule.is_every_order and earlier.exclude(state__in=GONE).exists()):
        return None
    cause = f"sale:{sale.pk}" if sale else "join"  # the ledger never forgets: by no order's own number
    parts = (str(campaign.pk), str(owed.edge.pk), str(owed.member.pk), owed.side, str(owed.level), cause)
    reward, is_new = Reward.objects.get_or_create(
        key=make_event_id("reward", *parts),
        defaults={
            "campaign": campaign,
            "member": owed.member,
            "edge": owed.edge,
            "sale": sale,
            "side": owed.side,
            "level": owed.level,
            "amount_minor": minor,
            "currency": campaign.currency,
            "state": RewardState.HELD,
            "due_at": (sale.ordered_at if sale else owed.edge.made_at) + timedelta(days=rule.pending_days),
            "made_at": now,
            "changed_at": now,
        },
    )
    if is_new and owed.state is EdgeState.CLEAN:
        _hold(campaign, reward, now)
    return reward


def _hold(campaign: Campaign, reward: Reward, now: datetime) -> None:
    """Set the amount aside from the budget; where the budget does not reach, the reward says so and is kept."""
    account = _name_account(reward)
    hold = Hold(_name_hold(reward), name_budget(campaign.pk), account, reward.amount_minor, reward.currency)
    opened, held = use_ledger().apply([OpenAccount(account, reward.currency), hold], now)
    opened.require()
    if held.verdict is Verdict.BEYOND_LIMIT:
        logger.warning("the budget of campaign %s does not reach for reward %s", campaign.pk, reward.key)
        _set_state(reward, RewardState.UNFUNDED, now)
        return
    held.require()
    _set_state(reward, RewardState.PENDING, now)


def _undo(campaign: Campaign, reward: Reward, now: datetime, gone: RewardState) -> None:
    hold = _name_hold(reward)
    if reward.state == RewardState.PENDING:
        use_ledger().require([Void(f"{hold}:void", hold)], now)
    if reward.state == RewardState.PAID:
        is_whole = _read_amount(f"{hold}:paid") == reward.amount_minor
        back = Reverse(f"{hold}:back", f"{hold}:paid") if is_whole else _move_back(reward, 0)
        use_ledger().require([back], now)
        events.tell_returned(campaign, reward, reward.amount_minor, now)
        gone = RewardState.RETURNED
    reward.amount_minor, reward.returned_minor = reward.amount_minor + reward.returned_minor, 0
    reward.save(update_fields=["amount_minor", "returned_minor"])
    _set_state(reward, gone, now)


def _lower(campaign: Campaign, reward: Reward, kept: int, now: datetime) -> None:
    """Let a reward be what is kept of it: held anew where it waits, given back in part where it was paid."""
    if not kept:
        _undo(campaign, reward, now, RewardState.VOID)
        return
    back = reward.amount_minor - kept
    if reward.state == RewardState.PENDING:
        use_ledger().require([Void(f"{_name_hold(reward)}:void", _name_hold(reward))], now)
        reward.attempt += 1
    if reward.state == RewardState.PAID:
        use_ledger().require([_move_back(reward, kept)], now)
        events.tell_returned(campaign, reward, back, now)
    reward.amount_minor, reward.returned_minor, reward.changed_at = kept, reward.returned_minor + back, now
    reward.save(update_fields=["attempt", "amount_minor", "returned_minor", "changed_at"])
    if reward.state == RewardState.PENDING:
        _hold(campaign, reward, now)


def _read_amount(row: str) -> int:
    with open_books() as reader:
        return reader.get_row(row).row.amount


def _move_back(reward: Reward, kept: int) -> Transfer:
    """Return what moves a part of a paid reward back into the budget; by what is kept of it then, so once."""
    goal, amount = name_budget(reward.campaign_id), reward.amount_minor - kept
    return Transfer(f"{_name_hold(reward)}:back-to-{kept}", _name_account(reward), goal, amount, reward.currency)


def _set_state(reward: Reward, state: RewardState, now: datetime) -> None:
    reward.state, reward.changed_at = state, now
    reward.save(update_fields=["state", "changed_at"])


def _list_through(campaign: Campaign, edge: Edge, state: RewardState) -> list[Reward]:
    """Return rewards whose way from the buyer to who is rewarded leads over an edge."""
    rows = campaign.rewards.filter(state=state, edge__invitee__generation__gte=edge.invitee.generation)
    rows = rows.select_related("edge__inviter", "edge__invitee", "member")
    return [reward for reward in rows if edge.pk in {step.pk for step in _list_way(reward)}]


def _list_way(reward: Reward) -> list[Edge]:
    way = []
    for level, (step, _inviter) in enumerate(queries.climb(reward.edge.invitee), 1):
        if level > reward.level:
            break
        way.append(step)
    return way


def _find_state(reward: Reward) -> EdgeState:
    return combine_states([_read_state(step) for step in _list_way(reward)])


def _read_state(edge: Edge) -> EdgeState:
    """Return whether an edge counts, whoever decided so."""
    return EdgeState.CLEAN if edge.state in COUNTED else EdgeState(edge.state)


def _name_hold(reward: Reward) -> str:
    return f"reward:{reward.key}:{reward.attempt}"


def _name_account(reward: Reward) -> str:
    """Return the ledger's account of a member's rewards: opaque, and still there when the person is forgotten."""
    return f"campaign:{reward.campaign_id}:member:{reward.member_id}"
