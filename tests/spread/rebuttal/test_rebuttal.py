"""A rebuttal planned on a made rumour and replayed on it: who comes, who is saved, by whom."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.spread.cascades import build_cascades
from canyu.spread.influence import read_cascades
from canyu.spread.prediction import Root, SeenCascade, load_predictor
from canyu.spread.rebuttal import (
    CED_HABITS,
    TIE_SCHEMA,
    Asked,
    Case,
    Situation,
    fit_habits,
    foresee_saved,
    learn_ties,
    make_pace,
    plan_rebuttal,
    price_by_activity,
    read_case,
    replay_plan,
    set_board,
    tell_story,
)
from canyu.spread.rebuttal.habits import resample_pace
from canyu.spread.selection import Limits
from rumour_cascade import POSTED, make_table

AT_ONCE = np.tile([1e-9, 1.0], (3, 1))  # delays of no length


def open_made() -> Case:
    return read_case(build_cascades(make_table()), "p")


def choose(*names: str) -> pa.Array:
    return pa.array(names, pa.string())


def test_a_case_is_read_in_order_of_time_with_its_author() -> None:
    case = open_made()
    assert (case.posted, case.accounts[case.author].as_py()) == (POSTED, "author")
    assert (case.count_seen(2.0), len(case.people)) == (18, 40)
    names = [case.accounts[int(person)].as_py() for person in case.people]
    assert names[:3] == ["spent", "early0", "early1"]
    assert names[case.parents[names.index("fan0")]] == "hub"
    assert case.parents[names.index("late0")] == -1
    assert case.find_first().all()


def test_a_post_that_is_not_there_or_never_timed_is_told() -> None:
    with pytest.raises(NotFound, match="there is no post q"):
        read_case(build_cascades(make_table()), "q")
    untimed = make_table().set_column(4, "time", pa.nulls(41, pa.timestamp("us", "UTC")))
    with pytest.raises(BadInput, match="no reaction to p has a time"):
        read_case(build_cascades(untimed), "p")


def test_a_rebuttal_saves_who_answers_the_account_later_and_all_who_hang_on_them() -> None:
    board = set_board(open_made(), Situation(22.0, reads=1.0))
    found = replay_plan(board, choose("hub"), AT_ONCE)
    assert (found.to_come, found.saved.tolist()) == (22, [10.0] * 3)  # k0 comes at 2.2 h, and k6 hangs on it
    assert replay_plan(board, choose("spent", "early0"), AT_ONCE).saved.tolist() == [0.0] * 3
    assert replay_plan(board, choose("author"), AT_ONCE).saved.tolist() == [9.0] * 3  # all but the one at 2.5 h
    assert replay_plan(board, choose(), AT_ONCE).saved.tolist() == [0.0] * 3


def test_who_reads_and_when_is_left_to_chance_as_stated() -> None:
    """Saved where it reads (half do) and the delay (median 1 h, sigma 1) is over by the time it would have come."""
    board = set_board(open_made(), Situation(22.0, reads=0.5))
    found = replay_plan(board, choose("hub"), np.tile([1.0, 1.0], (20_000, 1)))
    waits = [2.2 + 1.5 * n - 3.0 for n in range(6)]
    chances = [0.25 * math.erfc(-math.log(wait) / math.sqrt(2)) if wait > 0 else 0.0 for wait in waits]
    assert found.saved.mean() == pytest.approx(2 * sum(chances), abs=0.05)  # with each the one that hangs on it


def test_ties_known_before_the_plan_count_and_later_ones_do_not() -> None:
    times = [POSTED - timedelta(days=3), POSTED + timedelta(hours=9)]
    ties = pa.table([["early0", "early1"], ["late5", "late6"], times], schema=TIE_SCHEMA)
    board = set_board(open_made(), Situation(22.0, reads=1.0, ties=ties))
    assert replay_plan(board, choose("early0"), AT_ONCE).saved.tolist() == [1.0] * 3
    assert replay_plan(board, choose("early1"), AT_ONCE).saved.tolist() == [0.0] * 3


def test_people_ahead_hang_on_carriers_as_habits_say_and_the_rest_on_the_post() -> None:
    board = set_board(open_made(), Situation(30.0))
    ahead, names = board.ahead, [board.case.accounts[int(p)].as_py() for p in board.case.people]
    at = names.index("hub")
    expected = CED_HABITS.expect(np.array([6]), np.array([0.25]))[0]
    assert ahead.values[ahead.carriers == at].sum() == pytest.approx(expected)
    assert ahead.values.sum() == pytest.approx(30.0)
    assert board.waited_h[ahead.carriers == at] == pytest.approx(0.5)
    assert set(board.waited_h[ahead.carriers < 0].tolist()) == {2.0}


def test_the_plan_asks_the_hub_and_its_proof_agrees_with_what_is_foreseen() -> None:
    case = open_made()
    board, prices = set_board(case, Situation(30.0)), price_by_activity(case, 2.0)
    assert sorted(set(prices["cost"].to_pylist())) == [10_000, 14_000, 16_000]
    assert "author" not in prices["id"].to_pylist()
    plan = plan_rebuttal(board, prices, Limits(16_000))
    assert (plan.chosen.to_pylist(), plan.cost) == (["hub"], 16_000)
    foreseen = foresee_saved(board, plan.chosen, make_pace(CED_HABITS, 20_000))
    errors = [(plan.selection.spread_high - plan.selection.spread) / 1.96, foreseen.std() / np.sqrt(len(foreseen))]
    assert foreseen.mean() == pytest.approx(plan.selection.spread, abs=3.5 * np.hypot(*errors))
    assert plan.share == pytest.approx(plan.selection.spread / 30.0)
    assert plan.selection.lower <= foreseen.mean() <= plan.selection.upper
    asked = plan_rebuttal(board, price_by_activity(case, 2.0, with_author=True), Limits(26_000))
    assert sorted(asked.chosen.to_pylist()) == ["author", "hub"]


def test_a_story_predicts_plans_and_replays_beside_simple_choices() -> None:
    case, table = open_made(), make_table().slice(1)
    seen = SeenCascade(Root(POSTED, id="p"))
    seen.add(*(table[name].to_pylist() for name in ("time", "id", "parent")))
    asked = Asked(price_by_activity(case, 2.0), Limits(16_000))
    story = tell_story(case, seen, load_predictor(), Situation(0.0, reads=1.0), asked)
    assert (story.seen, story.came, story.plan.chosen.to_pylist()) == (18, 22, ["hub"])
    assert story.expected[1] <= story.expected[0] <= story.expected[2]
    assert story.expected[0] == story.prediction.final.size - 18
    assert story.foreseen[1] <= story.foreseen[0] <= story.foreseen[2]
    plan, direct = story.choices["plan"], story.choices["most_direct"]
    assert (direct.chosen, direct.cost) == (["hub"], 16_000)
    assert plan == direct
    assert plan.share_low <= plan.share <= plan.share_high <= 10 / 22
    assert story.choices["random"].share < plan.share


def test_habits_are_counted_on_earlier_cascades() -> None:
    """Two alike: the hub drew 6 in the last quarter of the time and 12 came below it; the spent one 4 and nobody."""
    rows = make_table()
    times = rows["time"].cast(pa.timestamp("us", "UTC"))
    names = dict(zip(rows["id"].to_pylist(), rows["author"].to_pylist(), strict=True))
    parents = [names.get(parent) for parent in rows["parent"].to_pylist()]
    parts = [
        pa.table({"cascade": [number] * len(rows), "user": rows["author"], "time": times, "parent": pa.array(parents)})
        for number in (1, 2)
    ]
    actions = read_cascades(pa.concat_tables(parts))
    habits = fit_habits(actions, 2.0)
    assert habits.rates[3].tolist() == pytest.approx([0.0, 2.0, 0.0])  # per reaction drawn: 12 / 6; 0 / 4
    assert habits.expect(np.array([6, 4, 0]), np.array([0.25, 0.975, 0.5])).tolist() == pytest.approx([12.0, 0.0, 0.0])
    pace = resample_pace(actions, 50)
    assert np.allclose(pace, [habits.median_h, habits.sigma])  # both cascades are alike
    ties = learn_ties(actions)
    assert ties.num_rows == 40
    assert ties["time"][0].as_py() == POSTED + timedelta(hours=0.05)
    with pytest.raises(BadInput, match="state nobody's parent"):
        fit_habits(actions.hide_parents())


@pytest.mark.parametrize(
    ("situation", "told"),
    [
        (Situation(1.0, age_h=0.45), "reactions seen by then: 9, too few"),
        (Situation(1.0, reads=1.5), "reads cannot be 1.5"),
        (Situation(1.0, delay_h=-1.0), "delay_h cannot be -1"),
        (Situation(-1.0), "to_come cannot be -1"),
    ],
)
def test_what_cannot_be_planned_is_told(situation: Situation, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        set_board(open_made(), situation)


def test_what_is_foreseen_is_as_unsure_as_the_number_to_come() -> None:
    case, pace = open_made(), make_pace(CED_HABITS, 20_000)
    sure = foresee_saved(set_board(case, Situation(60.0)), choose("author"), pace)
    unsure = foresee_saved(set_board(case, Situation(60.0, to_come_range=(30.0, 120.0))), choose("author"), pace)
    ends = [np.quantile(saved, (0.1, 0.5, 0.9)) for saved in (sure, unsure)]
    assert ends[1][0] < ends[0][0]
    assert ends[1][2] > ends[0][2]
    assert ends[1][1] == pytest.approx(ends[0][1], rel=0.15)
    none = foresee_saved(set_board(case, Situation(60.0, to_come_range=(0.0, 60.0))), choose("author"), pace)
    assert none.mean() < sure.mean()
