"""Referral credit: which orders came through somebody's share, and who up the tree gets how much of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.attribution.attribution import NOT_LIFT
from canyu.measure.attribution.referral_expressions import HOPS, LEVELS, count_referrals, list_sharers
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.figure import OverviewQuery, Proof
from canyu.measure.intervals import compute_share_interval
from canyu.measure.journeys.asking import find_ground

WILSON = Words("Wilson 95% 区间", "Wilson's 95 % interval")
NO_ORDERS = Words("期间内没有订单。", "There are no orders in the period.")
DEFINITION = Words(
    f"沿父事件从订单上溯（最多 {HOPS} 步）：点击、扫码、到访、加入，直至他人的分享。直接推荐：最近的分享者得全部。"
    f"树形推荐：往上每一级减半，至多 {LEVELS} 级，每单合计为 1。自己的分享不算。",
    f"Each order's chain of parents, climbed up to {HOPS} steps (click, scan, visit, join) to shares of other people. "
    f"Direct: the nearest sharer gets all. Tree: each level above gets half as much, {LEVELS} levels at most, 1 per "
    "order. Nobody's own share counts.",
)
STATES: dict[str, Words] = {
    "referred": Words("经由他人分享", "through somebody's share"),
    "other": Words("有来路，但不是分享", "a chain without a share"),
    "alone": Words("没有来路", "no parent"),
    "broken": Words("来路断了：父事件不在湖中", "a broken chain: the parent is not in the lake"),
    "long": Words(f"来路超过 {HOPS} 步", f"a chain of more than {HOPS} steps"),
}


@dataclass(frozen=True, slots=True)
class ReferralChannel:
    """What shares on one channel get: orders directly, and by the tree; money in minor units, directly."""

    name: str
    direct: int
    tree: float
    value: int


@dataclass(frozen=True, slots=True)
class Sharer:
    """A person (by the lake's salted key) and the orders that came through their shares directly."""

    actor: str
    orders: int
    value: int


@dataclass(frozen=True, slots=True)
class Referral:
    """The referral credit of a period: orders by where their chain led, channels and people by what they get."""

    orders: int
    share: Estimate
    states: dict[str, int]
    channels: tuple[ReferralChannel, ...]
    sharers: tuple[Sharer, ...]
    currency: str
    notes: tuple[Words, ...]
    proof: Proof
    caveat: Words = NOT_LIFT


def compute_referral(lake: Lake, start: date, end: date, *, zone: str = "Asia/Shanghai", market: str = "") -> Referral:
    """Return the referral credit of the period's orders, as the lake stands now."""
    ground = find_ground(lake, OverviewQuery(start, end, zone, market=market))
    answer = ground.reader.ask(count_referrals, "events", ground.scope)
    rows = answer.table.to_pylist()
    firsts = [row for row in rows if row["level"] == 1]
    states = {state: sum(row["orders"] for row in firsts if row["state"] == state) for state in STATES}
    orders, referred = sum(states.values()), states["referred"]
    currencies = {row["currency"]: 0 for row in firsts}
    for row in firsts:
        currencies[row["currency"]] += row["orders"]
    currency = max(sorted(currencies), key=lambda name: currencies[name], default="")
    channels: dict[str, list[float]] = {}
    for row in rows:
        if row["state"] == "referred":
            got = channels.setdefault(row["channel"], [0, 0.0, 0])
            got[1] += row["orders"] * share_of_level(row["level"], row["depth"])
            if row["level"] == 1:
                got[0] += row["orders"]
                got[2] += row["value"] if row["currency"] == currency else 0
    told = [ReferralChannel(name, int(got[0]), got[1], int(got[2])) for name, got in channels.items()]
    people = ground.reader.ask(list_sharers, "events", ground.scope).table.to_pylist()
    low, high = compute_share_interval(referred, orders)
    share = Estimate(referred / orders, low, high, None, WILSON) if orders else tell_missing(NO_ORDERS, WILSON)
    engine = lake.engine.name
    return Referral(
        orders,
        share,
        states,
        tuple(sorted(told, key=lambda channel: (-channel.tree, channel.name))),
        tuple(Sharer(**row) for row in people),
        currency,
        ground.notes,
        Proof(DEFINITION, answer.sql, answer.versions, orders, engine, (say.CAVEAT_COLLECTED,)),
    )


def share_of_level(level: int, depth: int) -> float:
    """Return what a level of the tree gets of an order with ``depth`` sharers: half as much per level, 1 in all.

    >>> [round(share_of_level(level, 3), 3) for level in (1, 2, 3)], share_of_level(1, 1)
    ([0.571, 0.286, 0.143], 1.0)
    """
    return 0.5 ** (level - 1) / sum(0.5**above for above in range(depth))
