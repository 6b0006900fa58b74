"""Rebuttals planned two hours into the held-out rumours of CED, replayed on what really came, beside simple choices.

Nothing here was fitted on: the size model and the habits of carriers come from earlier posts. Prices are assumed.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.influence import read_cascades
from canyu.spread.influence.public_set import load_public_cascades
from canyu.spread.prediction import Predictor, load_predictor
from canyu.spread.rebuttal import (
    CED_HABITS,
    Asked,
    Habits,
    Situation,
    Story,
    describe_story,
    fit_habits,
    learn_ties,
    make_pace,
    plan_rebuttal,
    price_by_activity,
    replay_plan,
    set_board,
    tell_story,
)
from canyu.spread.rebuttal.habits import resample_pace
from canyu.spread.rebuttal.public_set import FIT_SHARE, LEAST_SEEN, HeldOut, choose_cascade, load_held_out
from canyu.spread.selection import Limits

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
AGE_H, BUDGET, DRAWS, RESAMPLES = 2.0, 200_000, 400, 2000
BUDGETS = (200_000, 500_000, 1_000_000)
Numbers = NDArray[np.float64]


def draw_around(values: Numbers, weights: Numbers | None = None) -> dict[str, Any]:
    """Return median, mean and (with weights) the pooled share, each with its 95 % interval, cascades drawn anew."""
    draws = np.random.default_rng(7).integers(0, len(values), (RESAMPLES, len(values)))
    told = {"median": (np.median(values), np.median(values[draws], axis=1))}
    told["mean"] = (np.mean(values), values[draws].mean(axis=1))
    if weights is not None:
        pooled = (values * weights)[draws].sum(axis=1) / weights[draws].sum(axis=1)
        told["pooled"] = ((values * weights).sum() / weights.sum(), pooled)
    return {
        name: [round(float(n), 4) for n in (value, *np.quantile(drawn, [0.025, 0.975]))]
        for name, (value, drawn) in told.items()
    }


def tell_all(held: HeldOut, roots: list[str], predictor: Predictor, asked: Asked, *, with_author: bool) -> list[Story]:
    """Return the story of each rumour with enough reactions seen."""
    stories = []
    for root in roots:
        case, seen = held.open_case(root)
        if case.count_seen(AGE_H) >= LEAST_SEEN:
            prices = price_by_activity(case, AGE_H, with_author=with_author)
            stories.append(tell_story(case, seen, predictor, Situation(0.0), replace(asked, accounts=prices)))
    return stories


def measure(stories: list[Story]) -> dict[str, Any]:
    """Return what all rumours together say; a rumour without anybody to come saves a share of 0."""
    came = np.array([one.came for one in stories], float)
    shares = {name: np.array([one.choices[name].share for one in stories]) for name in stories[0].choices}
    foreseen = np.array([one.foreseen for one in stories])
    real = shares["plan"] * came
    expected = np.array([one.expected[0] for one in stories])
    inside = (foreseen[:, 1] <= real) & (real <= foreseen[:, 2])
    told = {name: draw_around(values, came) for name, values in shares.items()}
    for name in ("most_direct", "random"):
        told[f"plan_minus_{name}"] = draw_around(shares["plan"] - shares[name], came)
    return {
        "rumours": len(stories),
        "came": int(came.sum()),
        "expected": round(float(expected.sum())),
        "shares": told,
        "foreseen_saved": round(float(foreseen[:, 0].sum()), 1),
        "replayed_saved": round(float(real.sum()), 1),
        "within_80": round(float(inside.mean()), 4),
        "ratio_median": round(float(np.median([one.plan.selection.ratio for one in stories])), 4),
    }


def measure_reach(held: HeldOut, roots: list[str], ties: pa.Table) -> dict[str, float]:
    """Return pooled shares: of everybody who carried it speaking at once, with the author, and by ties, planned."""
    totals = np.zeros(5)
    for root in roots:
        case, _ = held.open_case(root)
        if case.count_seen(AGE_H) < LEAST_SEEN:
            continue
        prices, pace = price_by_activity(case, AGE_H), make_pace(CED_HABITS, 50)
        to_come = float(len(case.people) - case.count_seen(AGE_H))
        board = set_board(case, Situation(to_come))
        every = pa.concat_arrays([prices["id"].combine_chunks(), case.accounts.take(pa.array([case.author]))])
        tied = set_board(case, Situation(to_come, ties=ties))
        plan = plan_rebuttal(tied, prices, Limits(BUDGET))
        found = [replay_plan(board, every[:-1], pace), replay_plan(board, every[-1:], pace)]
        found.append(replay_plan(set_board(case, Situation(to_come, delay_h=0.0, reads=1.0)), every, pace))
        saved = [one.saved.mean() for one in found]
        totals += [*saved, replay_plan(tied, plan.chosen, pace).saved.mean(), found[0].to_come]
    names = ("all_carriers", "author_alone", "all_at_once_all_read", "plan_by_ties")
    return {name: round(float(value / totals[-1]), 4) for name, value in zip(names, totals, strict=False)}


def vary(held: HeldOut, roots: list[str], told: list[Story]) -> dict[str, Any]:
    """Return the pooled share that the same choices save where less or more is assumed of them."""
    kept = [root for root in roots if held.open_case(root)[0].count_seen(AGE_H) >= LEAST_SEEN]
    found, pace = {}, make_pace(CED_HABITS, 50)
    kinds = {
        "reads_0.25": {"reads": 0.25},
        "reads_1": {"reads": 1.0},
        "delay_0": {"delay_h": 0.0},
        "delay_3": {"delay_h": 3.0},
    }
    for name, changed in kinds.items():
        saved, came = dict.fromkeys(("plan", "most_direct"), 0.0), 0
        for root, story in zip(kept, told, strict=True):
            board = set_board(held.open_case(root)[0], Situation(0.0, **changed))
            for way in saved:
                saved[way] += replay_plan(board, pa.array(story.choices[way].chosen, pa.string()), pace).saved.mean()
            came += story.came
        found[name] = {way: round(float(number / came), 4) for way, number in saved.items()}
    return found


def tell_habits(habits: Habits) -> dict[str, Any]:
    numbers = {"shape": habits.shape, "median_h": habits.median_h, "sigma": habits.sigma}
    return {"rates": np.round(habits.rates, 3).tolist(), **{name: round(n, 3) for name, n in numbers.items()}}


def main() -> None:
    if not SHARED.is_dir():
        sys.exit(f"no public data sets at {SHARED}")
    begun = time.process_time()
    actions = read_cascades(load_public_cascades(SHARED))
    earlier = actions.take(0, int(FIT_SHARE * len(actions)))
    habits, pace = fit_habits(earlier, AGE_H), resample_pace(earlier, DRAWS)
    held, predictor = load_held_out(SHARED), load_predictor()
    asked = Asked(pa.table({}), Limits(BUDGET), pace=pace)
    root = choose_cascade(held)
    case, seen = held.open_case(root)
    stories, latest = {}, {}
    for budget in BUDGETS:
        within = replace(asked, limits=Limits(budget))
        for name, with_author in (("without_author", False), ("with_author", True)):
            prices = price_by_activity(case, AGE_H, with_author=with_author)
            told = tell_story(case, seen, predictor, Situation(0.0), replace(within, accounts=prices))
            stories[f"{budget}_{name}"] = describe_story(told)
        latest[budget] = tell_all(held, held.latest, predictor, within, with_author=False)
    asking = tell_all(held, held.latest, predictor, asked, with_author=True)
    line = {
        "benchmark": "rebuttal",
        "habits": tell_habits(habits),
        "story": {"root": root, "posted": case.posted.isoformat(), "size": len(case.people), **stories},
        "latest": {str(budget): measure(found) for budget, found in latest.items()},
        "latest_with_author": measure(asking),
        "set_aside": measure(tell_all(held, held.set_aside, predictor, asked, with_author=False)),
        "varied": vary(held, held.latest, latest[BUDGET]),
        "reach": measure_reach(held, held.latest, learn_ties(actions)),
        "cpu_s": round(time.process_time() - begun),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
