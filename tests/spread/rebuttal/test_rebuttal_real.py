"""The held-out rumours of the public set, from two hours of one of them to what a rebuttal would have saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from canyu.spread.prediction import load_predictor
from canyu.spread.rebuttal import Asked, Situation, make_pace, price_by_activity, replay_plan, set_board, tell_story
from canyu.spread.rebuttal.habits import CED_HABITS
from canyu.spread.rebuttal.public_set import HeldOut, choose_cascade, load_held_out
from canyu.spread.selection import Limits

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def held(shared_data: Path) -> HeldOut:
    return load_held_out(shared_data)


def test_the_rule_chooses_one_rumour_of_those_never_fitted(held: HeldOut) -> None:
    assert (len(held.latest), len(held.set_aside)) == (113, 19)
    assert not set(held.latest) & set(held.set_aside)
    assert choose_cascade(held) == "AaLM3wfsg"


def test_the_story_of_that_rumour_end_to_end(held: HeldOut) -> None:
    case, seen = held.open_case("AaLM3wfsg")
    asked = Asked(price_by_activity(case, 2.0), Limits(500_000))
    story = tell_story(case, seen, load_predictor(), Situation(0.0), asked)
    assert (len(case.people), story.seen, story.came) == (738, 476, 259)
    assert (story.prediction.day.size, story.prediction.final.size) == (622, 667)
    assert story.prediction.final.low <= len(case.people) <= story.prediction.final.high
    plan, direct, random = (story.choices[name] for name in ("plan", "most_direct", "random"))
    assert plan.cost <= 500_000
    assert story.plan.selection.ratio > 0.7
    assert plan.share == pytest.approx(direct.share, abs=0.03)
    assert plan.share > random.share
    assert 0.0 < plan.share < 0.5


def test_what_all_carriers_together_could_save_bounds_every_plan(held: HeldOut) -> None:
    pace, shares = make_pace(CED_HABITS, 20), []
    for root in held.latest[:30]:
        case, _ = held.open_case(root)
        if case.count_seen(2.0) < 10:
            continue
        prices, board = price_by_activity(case, 2.0), set_board(case, Situation(float(len(case.people))))
        every = replay_plan(board, prices["id"].combine_chunks(), pace)
        some = replay_plan(board, pa.array(prices["id"].to_pylist()[::2], pa.string()), pace)
        assert np.all(some.saved <= every.saved)
        shares.append(every.shares.mean())
    assert 0.02 < np.mean(shares) < 0.3
