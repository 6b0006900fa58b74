"""Experiments: people, communities in which it is passed on, hours that change turns, and daily looks."""

from __future__ import annotations

from functools import partial

import numpy as np

from canyu.measure.estimate import Estimate
from canyu.measure.experiments import Asking, Clusters, Sums, compare, compare_clusters
from canyu.measure.experiments.comparing import compare_within
from canyu.rehearse.worlds import CommunityWorld, draw_amounts, draw_communities, draw_days, draw_hours, draw_people
from coverage_parts.judging import Answer, Trial

ROOM = "experiments"


def draw_lift(chance: np.random.Generator, least: float, most: float) -> float:
    """Return no lift in every second world."""
    return 0.0 if chance.random() < 0.5 else float(chance.uniform(least, most))


def ask_people(chance: np.random.Generator, kind: str) -> Answer:
    world = draw_people(chance, draw_lift(chance, 0.1, 0.4))
    arms = []
    for arm in (world.control, world.treated):
        columns = {"y": arm.orders.tolist()}
        if kind == "ratio":
            columns["d"] = arm.visits.tolist()
        if kind == "cuped":
            columns["x"] = arm.before.tolist()
        arms.append(Sums.of_columns(columns))
    asking = Asking(is_relative=kind == "relative", has_covariate=kind == "cuped")
    truth = world.lift / world.base if kind == "relative" else world.lift
    return Answer(compare(*arms, asking), truth)


def ask_ratio(chance: np.random.Generator) -> Answer:
    """Orders per visit, where people have odds of their own and visit as often as they like."""
    people, lift = int(chance.integers(120, 500)), draw_lift(chance, 0.02, 0.1)
    odds = chance.uniform(0.1, 0.4)
    arms = []
    for more in (0.0, lift):
        visits = 1 + chance.poisson(chance.gamma(1.5, 2.0, people))
        own = 0.5 * chance.beta(16 * odds, 16 * (0.5 - odds), people)  # at most a half, so that there is room above
        orders = chance.binomial(visits, own * (1 + more / odds))
        arms.append(Sums.of_columns({"y": orders.tolist(), "d": visits.tolist()}))
    return Answer(compare(*arms, Asking()), lift)


def ask_proportion(chance: np.random.Generator) -> Answer:
    base, lift = chance.uniform(0.05, 0.5), draw_lift(chance, 0.03, 0.15)
    sizes = chance.integers(120, 500, 2).tolist()
    arms = [
        Sums.of_share(size, int(chance.binomial(size, share)))
        for size, share in zip(sizes, (base, base + lift), strict=True)
    ]
    return Answer(compare(*arms, Asking()), lift)


def ask_money(chance: np.random.Generator) -> Answer:
    """Money is nothing for most people, and log-normal for the others."""
    base, lift = 0.2, draw_lift(chance, 0.05, 0.15)
    drawn = [draw_amounts(chance, int(chance.integers(200, 600)), buyers, 0.8) for buyers in (base, base + lift)]
    arms = [Sums.of_columns({"y": amounts.tolist()}) for amounts, _ in drawn]
    return Answer(compare(*arms, Asking()), drawn[1][1] - drawn[0][1] if lift else 0.0)


def ask_communities(chance: np.random.Generator, target: str, count: int) -> Answer:
    effects = (
        (0.0, 0.0) if chance.random() < 0.5 else (float(chance.uniform(0.2, 0.6)), float(chance.uniform(0.2, 0.6)))
    )
    world = draw_communities(chance, count, effects)
    return Answer(_compare_communities(world, target), getattr(world, target))


def _compare_communities(world: CommunityWorld, target: str) -> Estimate:
    control, treated = world.control, world.treated
    if target == "direct":
        columns = {
            "y": treated.treated_orders.tolist(),
            "d": treated.treated_people.tolist(),
            "x": treated.untreated_orders.tolist(),
            "e": treated.untreated_people.tolist(),
        }
        return compare_within(Sums.of_columns(columns))
    orders = {"total": treated.treated_orders, "spillover": treated.untreated_orders}
    people = {"total": treated.treated_people, "spillover": treated.untreated_people}
    base = Clusters(
        tuple((control.treated_orders + control.untreated_orders).tolist()),
        tuple((control.treated_people + control.untreated_people).tolist()),
    )
    other = Clusters(
        tuple(orders.get(target, treated.treated_orders + treated.untreated_orders).tolist()),
        tuple(people.get(target, treated.treated_people + treated.untreated_people).tolist()),
    )
    return compare_clusters(base, other, Asking())


def ask_switchback(chance: np.random.Generator, periods: int) -> Answer:
    lift = draw_lift(chance, 3.0, 10.0)
    arms = [Clusters(tuple(orders.tolist()), (1,) * len(orders)) for orders in draw_hours(chance, periods, lift)]
    return Answer(compare_clusters(*arms, Asking()), lift)


def ask_daily(chance: np.random.Generator, looks: int = 28) -> Answer:
    """Ask at each look; what all intervals share holds the truth only where every one does."""
    lift = draw_lift(chance, 2.0, 8.0)
    control, treated = draw_days(chance, looks, lift)
    asking = Asking(expected_units=2 * control.size)
    found = []
    for look in range(1, looks + 1):
        arms = [
            Sums.of_mean(rows.size, float(rows.sum()), float((rows**2).sum()))
            for rows in (control[:look], treated[:look])
        ]
        found.append(compare(*arms, asking))
    low, high = max(each.low for each in found), min(each.high for each in found)
    p_value = min(each.p_value for each in found)
    return Answer(Estimate(found[-1].value, low, high, p_value, found[-1].method), lift)


TRIALS = (
    Trial(ROOM, "mean (Welch)", "120 to 500 people an arm", partial(ask_people, kind="mean"), is_quick=True),
    Trial(
        ROOM, "relative lift (delta)", "120 to 500 people an arm", partial(ask_people, kind="relative"), is_quick=True
    ),
    Trial(ROOM, "CUPED", "120 to 500 people an arm", partial(ask_people, kind="cuped"), is_quick=True),
    Trial(ROOM, "ratio (delta)", "orders per visit", ask_ratio, is_quick=True),
    Trial(ROOM, "proportion", "120 to 500 people an arm", ask_proportion, is_quick=True),
    Trial(ROOM, "mean (Welch)", "money, most spend nothing", ask_money, is_quick=True),
    *(
        Trial(
            ROOM,
            f"{target} (clusters)",
            f"2 x {count} communities, share trees",
            partial(ask_communities, target=target, count=count),
            is_quick=count >= 40 or target == "total",
        )
        for target in ("total", "overall", "spillover", "direct")
        for count in (12, 40)
    ),
    Trial(ROOM, "switchback", "28 periods", partial(ask_switchback, periods=28)),
    Trial(ROOM, "switchback", "84 periods", partial(ask_switchback, periods=84), is_quick=True),
    Trial(ROOM, "confidence sequence", "28 daily looks, all of them", ask_daily, is_quick=True),
)
