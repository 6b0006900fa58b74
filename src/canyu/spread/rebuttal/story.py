"""A rumour from what is seen of it to what a rebuttal would save: predicted, planned, replayed, beside others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.prediction import Prediction, Predictor, SeenCascade
from canyu.spread.rebuttal.cases import Case
from canyu.spread.rebuttal.planning import Board, Plan, Situation, plan_rebuttal, set_board
from canyu.spread.rebuttal.replay import DRAWS, foresee_saved, make_pace, replay_plan
from canyu.spread.selection import Limits

RANDOM_CHOICES = 20
BASE_PRICE, PRICE_EACH = 10_000, 1_000  # fen, assumed
LOW, HIGH = 0.1, 0.9  # the interval of predictions
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a story is told of: who can be had at what price, within what, and the seed of chance.

    ``pace``: median and log deviation of delays per draw, (draws, 2), where they are uncertain; None: the fitted ones.
    """

    accounts: pa.Table
    limits: Limits
    seed: int = 7
    pace: Real | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Accounts chosen in one way, what they cost, and the share of the real people to come that they save.

    ``share_low``, ``share_high``: 95 % interval over who reads, and when. NaN where nothing came after the plan.
    """

    chosen: list[str]
    cost: int
    share: float
    share_low: float
    share_high: float


@dataclass(frozen=True, slots=True)
class Story:
    """A rumour's story; sizes count people but for ``prediction``, which counts reactions.

    ``expected``: people to come by the prediction, with its 80 % interval. ``foreseen``: people whom the plan saves if
    as many come as expected, and the 80 % interval, in which the number to come is drawn as well. ``came``: people who
    really came, and ``choices``: what each way of choosing would have saved of them: plan, most_direct, random.
    """

    seen: int
    prediction: Prediction
    expected: tuple[float, float, float]
    plan: Plan
    foreseen: tuple[float, float, float]
    came: int
    choices: dict[str, Choice]


def tell_story(case: Case, seen: SeenCascade, predictor: Predictor, situation: Situation, asked: Asked) -> Story:
    """Predict, plan and replay one rumour; ``to_come`` of the situation is filled in from the prediction.

    Raises BadInput as the predictor and ``plan_rebuttal`` do.
    """
    prediction = predictor.predict(seen, timedelta(hours=situation.age_h))
    reactions = case.count_seen(situation.age_h)
    persons = int(case.find_first()[:reactions].sum()) / max(reactions, 1)
    sizes = [prediction.final.size, prediction.final.low, prediction.final.high]
    to_come, low, high = (max(size - reactions, 0) * persons for size in sizes)
    board = set_board(case, replace(situation, to_come=to_come, to_come_range=(low, high)))
    plan = plan_rebuttal(board, asked.accounts, asked.limits, asked.seed)
    pace = make_pace(situation.habits) if asked.pace is None else asked.pace
    saved = foresee_saved(board, plan.chosen, pace, asked.seed)
    ends = np.quantile(saved, (LOW, HIGH))
    foreseen = (plan.selection.spread, float(ends[0]), float(ends[1]))
    choices = compare_choices(board, plan, asked, pace)
    came = replay_plan(board, plan.chosen, pace[:1], asked.seed).to_come
    return Story(reactions, prediction, (to_come, low, high), plan, foreseen, came, choices)


def compare_choices(board: Board, plan: Plan, asked: Asked, pace: Real) -> dict[str, Choice]:
    """Return what the plan, the accounts with most direct reactions, and random ones would have saved."""
    prices = dict(
        zip(asked.accounts["id"].cast(pa.string()).to_pylist(), asked.accounts["cost"].to_pylist(), strict=True)
    )
    for name in asked.limits.never:
        prices.pop(str(name), None)
    direct = count_direct(board.case, board.seen)
    ranked = sorted(prices, key=lambda name: (-direct.get(name, 0), name))
    random = np.random.default_rng(asked.seed)
    drawn = [fill_budget(random.permutation(sorted(prices)).tolist(), prices, asked) for _ in range(RANDOM_CHOICES)]
    part = pace[:: max(len(pace) // (DRAWS // RANDOM_CHOICES), 1)]
    shares = np.concatenate([replay_plan(board, pa.array(one, pa.string()), part, asked.seed).shares for one in drawn])
    return {
        "plan": judge(board, plan.chosen.to_pylist(), prices, pace, asked.seed),
        "most_direct": judge(board, fill_budget(ranked, prices, asked), prices, pace, asked.seed),
        "random": summarise([], round(float(np.mean([sum(prices[n] for n in one) for one in drawn]))), shares),
    }


def fill_budget(order: Sequence[str], prices: dict[str, int], asked: Asked) -> list[str]:
    """Return what must be in, and then each account of an order that the budget still pays; quotas are not kept."""
    chosen = [str(name) for name in asked.limits.must]
    left = asked.limits.budget - sum(prices[name] for name in chosen)
    for name in order:
        if name not in chosen and prices[name] <= left:
            chosen.append(name)
            left -= prices[name]
    return chosen


def judge(board: Board, chosen: list[str], prices: dict[str, int], pace: Real, seed: int) -> Choice:
    """Replay one choice."""
    shares = replay_plan(board, pa.array(chosen, pa.string()), pace, seed).shares
    return summarise(chosen, sum(prices[name] for name in chosen), shares)


def summarise(chosen: list[str], cost: int, shares: Real) -> Choice:
    """Return a choice with its mean share and interval."""
    low, high = (float(end) for end in np.quantile(shares, (0.025, 0.975)))
    return Choice(chosen, cost, float(shares.mean()), low, high)


def count_direct(case: Case, seen: int) -> dict[str, int]:
    """Return how many of the first ``seen`` reactions answer each account, the author's post included."""
    parents = case.parents[:seen]
    counts = np.bincount(case.people[parents[parents >= 0]], minlength=len(case.accounts))
    if case.author >= 0:
        counts[case.author] += int((parents < 0).sum())
    names = case.accounts.to_pylist()
    return {names[at]: int(counts[at]) for at in np.flatnonzero(counts)}


def price_by_activity(case: Case, age_h: float, *, with_author: bool = False) -> pa.Table:
    """Return a price for every account that has carried the rumour: an assumption, not a market; columns id, cost.

    BASE_PRICE for each and PRICE_EACH per reaction that it has drawn by ``age_h``. ``with_author``: the post's author
    too, for BASE_PRICE: who wrote it may be willing to correct it, but is not for sale.
    """
    seen = case.count_seen(age_h)
    direct = count_direct(case, seen)
    carriers = np.unique(case.people[:seen])
    listed = case.accounts.take(pa.array(carriers[carriers != case.author])).to_pylist()
    names = [name for name in listed if not name.startswith("\x00")]
    costs = [BASE_PRICE + PRICE_EACH * direct.get(name, 0) for name in names]
    if with_author and case.author >= 0:
        names, costs = [*names, case.accounts[case.author].as_py()], [*costs, BASE_PRICE]
    return pa.table({"id": pa.array(names, pa.string()), "cost": pa.array(costs, pa.int64())})


def describe_story(story: Story) -> dict[str, Any]:
    """Return a story as a program reads it."""
    found, selection = story.prediction, story.plan.selection
    sizes = {
        name: {"size": one.size, "low": one.low, "high": one.high}
        for name, one in (("day", found.day), ("final", found.final))
    }
    return {
        "seen": story.seen,
        "model": found.version,
        "predicted_reactions": sizes,
        "is_beyond_data": found.is_beyond_data,
        "expected_people": dict(zip(("mean", "low", "high"), (round(n, 1) for n in story.expected), strict=True)),
        "plan": {
            "accounts": story.plan.chosen.to_pylist(),
            "cost": story.plan.cost,
            "saved": round(selection.spread, 2),
            "lower": round(selection.lower, 2),
            "upper": round(selection.upper, 2),
            "ratio": round(selection.ratio, 4),
            "delta": selection.delta,
        },
        "foreseen_people": dict(zip(("mean", "low", "high"), (round(n, 1) for n in story.foreseen), strict=True)),
        "came": story.came,
        "replayed": {
            name: {
                "cost": one.cost,
                "accounts": len(one.chosen),
                "share": round(one.share, 4),
                "low": round(one.share_low, 4),
                "high": round(one.share_high, 4),
            }
            for name, one in story.choices.items()
        },
    }
