"""The rules of planning: addresses, steps, amounts, and reach from followers and from both uncertainties."""

from __future__ import annotations

from urllib.parse import parse_qs

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.kit.errors import BadInput
from canyu.ops.kols.planning.amounts import say_money, spell_money
from canyu.ops.kols.planning.answers import combine_ranges
from canyu.ops.kols.planning.impressions import calculate
from canyu.ops.kols.planning.keys import parse_keys
from canyu.ops.kols.planning.pictures import Curve, Look, draw_curve, title_curve
from canyu.ops.kols.planning.plain import estimate_plain
from canyu.ops.kols.planning.rules import link_plan, move, read_query
from canyu.ops.kols.planning.schemas import Goal, PlanQuery, Quota, Sort
from canyu.spread.reach import Range, compute_unique

KEYS = st.lists(st.integers(0, 10**9), unique=True, max_size=12).map(tuple)


@st.composite
def draw_queries(draw: st.DrawFn) -> PlanQuery:
    chosen = draw(KEYS)
    quotas = draw(
        st.lists(st.tuples(st.sampled_from(["weibo", "a b&c=d", "é"]), st.integers(0, 9)), unique_by=lambda q: q[0])
    )
    return PlanQuery(
        goal=draw(st.sampled_from(Goal)),
        target=draw(st.integers(1, 10**9)),
        budget_minor=draw(st.integers(0, 10**12)),
        currency=draw(st.sampled_from(["CNY", "JPY", "KWD"])),
        kind=draw(st.sampled_from(["post", "video", "live"])),
        hours=draw(st.integers(1, 2000)),
        market=draw(st.sampled_from(["", "cn", "our north"])),
        quotas=tuple(Quota("platform", name, least, least + 1) for name, least in quotas),
        chosen=chosen,
        must=chosen[:2],
        never=tuple(key for key in draw(KEYS) if key not in chosen),
        is_tired=draw(st.booleans()),
        people=draw(st.sampled_from([None, Range(600e6, 300e6, 1000e6)])),
        text=draw(st.sampled_from(["", "米"])),
        sort=draw(st.sampled_from(Sort)),
        was=draw(st.sampled_from([None, (), (5, 7)])),
        plan=draw(st.integers(0, 99)),
        version=draw(st.integers(0, 9)),
    )


@settings(max_examples=200, deadline=None)
@given(draw_queries())
def test_an_address_shows_the_plan_that_made_it(query: PlanQuery) -> None:
    asked = read_query(parse_qs(link_plan(query), keep_blank_values=True))
    assert asked.faults == []
    assert asked.query == query
    assert link_plan(asked.query) == link_plan(query)


def test_steps_move_accounts_and_keep_the_way_back() -> None:
    plan = PlanQuery(chosen=(1, 2), must=(1,), never=(3,))
    added = move(plan, {"add": ["3"]})
    assert added is not None
    assert (added.chosen, added.never, added.was) == ((1, 2, 3), (), (1, 2))
    dropped = move(plan, {"drop": ["1"]})
    assert dropped is not None
    assert (dropped.chosen, dropped.must, dropped.was) == ((2,), (), (1, 2))
    pinned, banned = move(plan, {"pin": ["2"]}), move(plan, {"ban": ["2"]})
    assert pinned is not None
    assert banned is not None
    assert (pinned.must, pinned.was) == ((1, 2), None)
    assert (banned.chosen, banned.never) == ((1,), (3, 2))
    back = move(added, {"undo": ["1"]})
    assert back is not None
    assert (back.chosen, back.was) == ((1, 2), None)
    assert move(plan, {"in": ["5"]}) is None


def test_a_plan_holds_so_many_and_no_more() -> None:
    full = PlanQuery(chosen=tuple(range(50_000)))
    with pytest.raises(BadInput, match="A plan holds 50,000 accounts at most"):
        move(full, {"add": ["50000"]})
    assert parse_keys("7.7.8") == (7, 8)


def test_amounts_are_told_short_and_spelled_in_full() -> None:
    assert say_money(99_800_000, "CNY").zh == "99.8万元"
    assert say_money(500, "JPY").en == "JPY 500"
    assert [spell_money(*one) for one in ((100, "CNY"), (101, "CNY"), (7, "JPY"), (1, "KWD"))] == [
        "1",
        "1.01",
        "7",
        "0.001",
    ]


def test_reach_from_followers_is_the_formula_and_swaps_keep_to_the_price() -> None:
    followers, costs = np.array([1e6, 2e6, np.nan, 5e5]), np.array([10.0, 9.0, 1.0, 12.0])
    people, seen = Range(10e6, 8e6, 12e6), Range(10.0, 10.0, 10.0)
    found = estimate_plain(followers, np.array([0, 3]), people, seen, costs)
    assert found.reach == pytest.approx(compute_unique(150_000, 10e6))
    assert found.low == pytest.approx(compute_unique(150_000, 8e6))
    assert found.high == pytest.approx(compute_unique(150_000, 12e6))
    assert found.adds.sum() == pytest.approx(found.reach)
    assert found.unique[1] == pytest.approx(found.reach - compute_unique(100_000, 10e6))
    assert found.gains[1] == pytest.approx(compute_unique(350_000, 10e6) - found.reach)
    assert np.isnan(found.gains[2])
    assert found.swaps.tolist() == [1, 1]
    assert found.swap_changes[0] == pytest.approx(compute_unique(250_000, 10e6) - found.reach)
    nobody = estimate_plain(followers, np.zeros(0, np.int64), people, seen, costs)
    assert (nobody.reach, nobody.low, nobody.high) == (0.0, 0.0, 0.0)


def test_two_uncertainties_widen_each_other() -> None:
    share = (np.array([0.5]), np.array([0.4]), np.array([0.625]))
    certain = combine_ranges(share, Range.certain(100.0))
    assert [round(float(end[0]), 6) for end in certain] == [50.0, 40.0, 62.5]
    both = combine_ranges(share, Range(100.0, 80.0, 125.0))
    width = np.hypot(np.log(1.25), np.log(1.25))
    assert both[1][0] == pytest.approx(50.0 * np.exp(-width))
    assert both[2][0] == pytest.approx(50.0 * np.exp(width))
    none = combine_ranges((np.array([0.0]), np.array([0.0]), np.array([0.01])), Range(100.0, 80.0, 125.0))
    assert [float(end[0]) for end in none] == [0.0, 0.0, 1.25]


def test_impressions_are_those_of_random_overlap() -> None:
    found = calculate("200000000", ("300000000", "600000000", "1000000000"))
    assert [round((row.impressions or 0) / 1e6, 1) for row in found.rows] == [329.6, 243.3, 223.1]
    assert calculate("4亿", ("3亿", "", "")).rows[0].impressions is None
    assert [fault.field for fault in calculate("x", ("-1", "", "")).faults] == ["unique", "audience"]


def test_the_curve_is_told_flat_only_where_it_is() -> None:
    costs = [100, 200, 300, 400, 500]
    straight = Curve(list("abcde"), costs, [1.0, 2.0, 3.0, 4.0, 5.0], [0.9] * 5, [5.5] * 5, "CNY", 0, 0)
    flat = Curve(list("abcde"), costs, [4.0, 4.8, 4.9, 4.95, 5.0], [0.9] * 5, [5.5] * 5, "CNY", 0, 0)
    assert title_curve(straight).en == "5 accounts for CNY 5 reach 5 people"
    assert title_curve(flat).en == "5 accounts for CNY 5 reach 5 people, and the last ones bring little"
    drawn = draw_curve(flat, Look("en", "light", 600, 300), "one")
    assert drawn.count("<circle") == 5
    assert "<title>1. a · 4 · CNY 1</title>" in drawn
    empty = Curve([], [], [], [], [], "CNY", 500, 10)
    assert "<polyline" not in draw_curve(empty, Look("zh-hans", "auto", 320, 200), "two")
