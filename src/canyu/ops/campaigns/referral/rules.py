"""What referral calls things, who is rewarded with how much, and what speaks against an edge; pure, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from canyu.kit.words import Words
from canyu.ops.campaigns.errors import AcknowledgementMissing, RuleUnusable

T = TypeVar("T")
MOST_DEPTH_WITHOUT_WORD = 2
"""Three levels or more is where China's Regulation on the Prohibition of Pyramid Selling (2005), art. 7, begins to
look at rewards drawn from the orders of people further down; so more than two needs somebody who answers for it."""
MOST_DEPTH = 10
PERCENT_BASE = 10_000
LEAST_STATEMENT = 20


class Touch(StrEnum):
    """Whose code counts where a person came through several."""

    FIRST = "first"
    LAST = "last"


class Side(StrEnum):
    """Who is rewarded."""

    INVITER = "inviter"
    INVITEE = "invitee"


class EdgeState(StrEnum):
    """Where an edge stands: ``clean`` and ``released`` count, ``held`` waits for a person, ``refused`` never counts."""

    CLEAN = "clean"
    HELD = "held"
    RELEASED = "released"
    REFUSED = "refused"


class RewardState(StrEnum):
    """Where a reward stands; only ``pending`` and ``paid`` have anything in the ledger that is still in force."""

    HELD = "held"
    PENDING = "pending"
    PAID = "paid"
    VOID = "void"
    RETURNED = "returned"
    REFUSED = "refused"
    UNFUNDED = "unfunded"


class SignalKind(StrEnum):
    """What a keyed fingerprint was made from."""

    DEVICE = "device"
    PAYMENT = "payment"
    ADDRESS = "address"
    CONTACT = "contact"


class Reason(StrEnum):
    """What speaks against an edge."""

    SELF_PERSON = "self_person"
    SELF_DEVICE = "self_device"
    SELF_PAYMENT = "self_payment"
    SELF_ADDRESS = "self_address"
    SELF_CONTACT = "self_contact"
    SHARED_DEVICE = "shared_device"
    SHARED_PAYMENT = "shared_payment"
    SHARED_CONTACT = "shared_contact"
    CYCLE = "cycle"
    ALREADY_IN = "already_in"
    VELOCITY = "velocity"
    DISPOSABLE = "disposable"


STRUCTURAL = frozenset({Reason.SELF_PERSON, Reason.CYCLE, Reason.ALREADY_IN})
"""These cannot be in a tree at all: kept, refused, and no person can release them."""
COUNTED = frozenset({EdgeState.CLEAN, EdgeState.RELEASED})
SHARED = {
    SignalKind.DEVICE: Reason.SHARED_DEVICE,
    SignalKind.PAYMENT: Reason.SHARED_PAYMENT,
    SignalKind.CONTACT: Reason.SHARED_CONTACT,
}
"""A household shares its address without being one person, so an address speaks against its own inviter only."""
REASON_WORDS: dict[str, Words] = {
    Reason.SELF_PERSON: Words("邀请了自己", "invited themselves"),
    Reason.SELF_DEVICE: Words("与邀请人是同一设备", "same device as the inviter"),
    Reason.SELF_PAYMENT: Words("与邀请人是同一付款方式", "same means of payment as the inviter"),
    Reason.SELF_ADDRESS: Words("与邀请人是同一地址", "same address as the inviter"),
    Reason.SELF_CONTACT: Words("与邀请人是同一联系方式", "same contact as the inviter"),
    Reason.SHARED_DEVICE: Words("同一设备上已有别的参与者", "another participant uses this device"),
    Reason.SHARED_PAYMENT: Words("同一付款方式已有别的参与者", "another participant pays this way"),
    Reason.SHARED_CONTACT: Words("同一联系方式已有别的参与者", "another participant gave this contact"),
    Reason.CYCLE: Words("邀请成环：邀请人是此人带来的", "a circle: this person brought the inviter"),
    Reason.ALREADY_IN: Words("此人早已参与", "had joined before"),
    Reason.VELOCITY: Words("邀请人一小时内带来的人过多", "the inviter brought too many within an hour"),
    Reason.DISPOSABLE: Words("一次性邮箱", "throw-away mail address"),
}
EDGE_WORDS: dict[str, Words] = {
    EdgeState.CLEAN: Words("正常", "clean"),
    EdgeState.HELD: Words("暂扣", "held"),
    EdgeState.RELEASED: Words("已放行", "released"),
    EdgeState.REFUSED: Words("已拒绝", "refused"),
}
REWARD_WORDS: dict[str, Words] = {
    RewardState.HELD: Words("暂扣待查", "held for a look"),
    RewardState.PENDING: Words("等待期内", "pending"),
    RewardState.PAID: Words("已入账", "paid"),
    RewardState.VOID: Words("入账前撤销", "void before it was paid"),
    RewardState.RETURNED: Words("入账后追回", "clawed back"),
    RewardState.REFUSED: Words("已拒绝", "refused"),
    RewardState.UNFUNDED: Words("预算不足，未发", "beyond the budget, not given"),
}


@dataclass(frozen=True, slots=True)
class RewardRule:
    """How referral is rewarded.

    ``levels`` holds the amount for the first generation, the second and so on: its length is the rewarded depth.
    Amounts are minor units, or hundredths of a percent of the order where ``is_percent``. ``tiers`` are pairs of how
    many people somebody has brought and the first generation's amount from then on.
    """

    levels: tuple[int, ...] = (0,)
    invitee: int = 0
    is_percent: bool = False
    tiers: tuple[tuple[int, int], ...] = ()
    touch: Touch = Touch.LAST
    cause: str = "order"
    is_every_order: bool = False
    pending_days: int = 14
    most_joins_an_hour: int = 20

    @property
    def depth(self) -> int:
        """How many generations up are rewarded."""
        return len(self.levels)


@dataclass(frozen=True, slots=True)
class EdgeFacts:
    """What is known of one person coming through another's code."""

    is_same_person: bool = False
    is_circle: bool = False
    was_in: bool = False
    same_as_inviter: frozenset[SignalKind] = frozenset()
    same_as_others: frozenset[SignalKind] = frozenset()
    joins_in_hour: int = 0
    is_disposable: bool = False


def check_rule(rule: RewardRule, statement: str = "") -> None:
    """Refuse a rule that cannot be used; raises RuleUnusable or AcknowledgementMissing.

    >>> check_rule(RewardRule(levels=(500, 200)))
    """
    amounts = (*rule.levels, rule.invitee, *(amount for _, amount in rule.tiers))
    if not 1 <= rule.depth <= MOST_DEPTH:
        raise _refuse(f"奖励层数须在 1 到 {MOST_DEPTH} 之间。", f"Between 1 and {MOST_DEPTH} generations are rewarded.")
    if min(amounts) < 0 or (rule.is_percent and max(amounts) > PERCENT_BASE):
        raise _refuse(
            "奖励须是不小于零的金额，或不超过 100% 的比例。", "Rewards are amounts from zero on, or 100% at most."
        )
    starts = [start for start, _ in rule.tiers]
    if starts != sorted(set(starts)) or any(start < 1 for start in starts):
        raise _refuse("阶梯须按人数从小到大，各不相同。", "Tiers begin at different numbers of people, in order.")
    if rule.is_percent and rule.cause != "order":
        raise _refuse("只有订单才能按比例奖励。", "Only orders can be rewarded by percent.")
    if rule.depth > MOST_DEPTH_WITHOUT_WORD and len(statement.strip()) < LEAST_STATEMENT:
        raise AcknowledgementMissing(
            Words("奖励超过两层，须有人明确承担法律判断。", "Rewards deeper than two generations need a legal word."),
            mend=Words(
                f"请写明法律意见（至少 {LEAST_STATEMENT} 字），姓名与时间会一并留存；或把层数降到 2。",
                f"Write down the legal view ({LEAST_STATEMENT} letters at least); it is kept with your name and the"
                " time. Or reward two generations.",
            ),
        )


def compute_amount(rule: RewardRule, side: Side, level: int, order_minor: int | None, nth: int = 1) -> int:
    """Return a reward in minor units, rounded down; a percentage of no amount is nothing, never a flat sum.

    >>> compute_amount(RewardRule((1000,), is_percent=True), Side.INVITER, 1, None)
    0
    >>> compute_amount(RewardRule((500, 200), tiers=((3, 900),)), Side.INVITER, 1, None, nth=3)
    900
    """
    rate = rule.invitee if side is Side.INVITEE else rule.levels[level - 1] if level <= rule.depth else 0
    if side is Side.INVITER and level == 1:
        rate = next((amount for start, amount in reversed(rule.tiers) if nth >= start), rate)
    return (order_minor or 0) * rate // PERCENT_BASE if rule.is_percent else rate


def judge_edge(facts: EdgeFacts, rule: RewardRule) -> tuple[Reason, ...]:
    """Return everything that speaks against an edge, the weightiest first; empty where nothing does."""
    found = [
        (facts.is_same_person, Reason.SELF_PERSON),
        (facts.is_circle, Reason.CYCLE),
        (facts.was_in and not facts.is_circle and not facts.is_same_person, Reason.ALREADY_IN),
        *((kind in facts.same_as_inviter, Reason(f"self_{kind}")) for kind in SignalKind),
        *((kind in facts.same_as_others, reason) for kind, reason in SHARED.items()),
        (facts.joins_in_hour >= rule.most_joins_an_hour, Reason.VELOCITY),
        (facts.is_disposable, Reason.DISPOSABLE),
    ]
    return tuple(reason for is_so, reason in found if is_so)


def choose_state(reasons: Sequence[Reason]) -> EdgeState:
    """Return where an edge stands at first.

    >>> choose_state([]), choose_state([Reason.VELOCITY]), choose_state([Reason.CYCLE, Reason.SELF_DEVICE])
    (<EdgeState.CLEAN: 'clean'>, <EdgeState.HELD: 'held'>, <EdgeState.REFUSED: 'refused'>)
    """
    if STRUCTURAL.intersection(reasons):
        return EdgeState.REFUSED
    return EdgeState.HELD if reasons else EdgeState.CLEAN


def combine_states(states: Sequence[EdgeState]) -> EdgeState:
    """Return the state of a way through several edges: it counts only where each does."""
    for worst in (EdgeState.REFUSED, EdgeState.HELD):
        if worst in states:
            return worst
    return EdgeState.CLEAN


def choose_touch(touch: Touch, first: T | None, last: T | None) -> T | None:
    """Return the touch that counts; one alone is both."""
    return (first or last) if touch is Touch.FIRST else (last or first)


def _refuse(zh: str, en: str) -> RuleUnusable:
    return RuleUnusable(Words(zh, en), mend=Words("请改正后再保存。", "Mend it and keep it again."))
