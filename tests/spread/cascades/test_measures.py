from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.spread.cascades import REPOST_SCHEMA, build_cascades, measure_cascades

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Tree = list[tuple[int, str]]  # per repost: its parent (0 is the post, n the n-th repost) and its account


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    count = draw(st.integers(0, 14))
    return [(draw(st.integers(0, n)), draw(st.sampled_from("uvwx"))) for n in range(count)]


def make_rows(tree: Tree, root: str = "0") -> list[dict[str, object]]:
    post = {"root": root, "id": root, "author": "brand", "time": NOON}
    return [post] + [
        {
            "root": root,
            "id": f"{root}.{n}",
            "parent": f"{root}.{above}" if above else root,
            "author": account,
            "time": NOON + timedelta(minutes=n),
        }
        for n, (above, account) in enumerate(tree, 1)
    ]


def walk_up(tree: Tree, node: int) -> list[int]:
    way = [node]
    while way[-1]:
        way.append(tree[way[-1] - 1][0])
    return way


def walk_between(tree: Tree, one: int, two: int) -> list[int]:
    up, down = walk_up(tree, one), walk_up(tree, two)
    meet = next(node for node in up if node in down)
    return up[: up.index(meet) + 1] + down[: down.index(meet)][::-1]


def judge_accounts(tree: Tree) -> dict[str, tuple[int, int, int, int]]:
    """Reposts, direct, carried and joined of each account, by walking every pair."""
    own = defaultdict(set)
    for node, (_, account) in enumerate(tree, 1):
        own[account].add(node)
    found = {}
    for account, nodes in own.items():
        others = [node for node in range(len(tree) + 1) if node not in nodes]
        direct = sum(node > 0 and tree[node - 1][0] in nodes for node in others)
        carried = sum(bool(nodes & set(walk_up(tree, node))) for node in others)
        joined = sum(bool(nodes & set(walk_between(tree, one, two))) for one, two in combinations(others, 2))
        found[account] = (len(nodes), direct, carried, joined)
    return found


@settings(deadline=None)  # the first call compiles
@given(trees(), trees())
def test_measures_are_those_of_every_pair_walked(one: Tree, two: Tree) -> None:
    rows = make_rows(one, "0") + make_rows(two, "1")
    found = measure_cascades(build_cascades(pa.Table.from_pylist(rows, schema=REPOST_SCHEMA)))
    for tree, row in zip((one, two), found.cascades.to_pylist(), strict=True):
        depths = [len(walk_up(tree, node)) - 1 for node in range(len(tree) + 1)]
        pairs = [len(walk_between(tree, *pair)) - 1 for pair in combinations(range(len(tree) + 1), 2)]
        assert row["by_depth"] == [depths.count(depth) for depth in range(max(depths) + 1)]
        assert (row["size"], row["depth"]) == (len(tree) + 1, max(depths))
        assert row["width"] == max(row["by_depth"])
        assert row["structural_virality"] == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)
        assert row["authors"] == len({account for _, account in tree})
    for tree, root in ((one, "0"), (two, "1")):
        rows = [row for row in found.accounts.to_pylist() if row["root"] == root]
        names = ("reposts", "direct", "carried", "joined")
        assert {row["author"]: tuple(row[name] for name in names) for row in rows} == judge_accounts(tree)


@settings(deadline=None)  # the first call compiles
@given(trees())
def test_the_order_of_rows_of_different_times_changes_nothing(tree: Tree) -> None:
    rows = make_rows(tree)
    forward = measure_cascades(build_cascades(pa.Table.from_pylist(rows, schema=REPOST_SCHEMA)))
    backward = measure_cascades(build_cascades(pa.Table.from_pylist(rows[::-1], schema=REPOST_SCHEMA)))
    assert forward.cascades.equals(backward.cascades)
    assert forward.accounts.equals(backward.accounts)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 20)), max_size=14))
def test_whatever_the_parents_and_clocks_every_repost_is_in_the_tree_once(rows: list[tuple[int, int, int]]) -> None:
    table = [
        {"root": "0", "id": str(name), "parent": str(above), "author": "u", "time": NOON + timedelta(minutes=minute)}
        for name, above, minute in rows
    ]
    found = build_cascades(pa.Table.from_pylist(table, schema=REPOST_SCHEMA))
    ids = sorted({str(name) for name, _, _ in rows} - {"0"})
    assert sorted(found.make_edges()["id"].to_pylist()) == ids
    assert measure_cascades(found).cascades["size"].to_pylist() == ([len(ids) + 1] if rows else [])
    assert sorted(found.enter.tolist()) == list(range(len(found.parent)))


def measure(*minutes: int | None, post: datetime | None = NOON) -> dict[str, object]:
    rows: list[dict[str, object]] = [{"root": "p", "id": "p", "time": post}]
    for n, minute in enumerate(minutes):
        rows.append({"root": "p", "id": str(n), "time": None if minute is None else NOON + timedelta(minutes=minute)})
    found = measure_cascades(build_cascades(pa.Table.from_pylist(rows, schema=REPOST_SCHEMA)))
    row: dict[str, object] = found.cascades.to_pylist()[0]
    return row


def test_half_of_the_timed_reposts_have_come_by_the_half_life() -> None:
    assert measure(30, 1, 5, 2)["half_life_s"] == 120
    assert measure(30, 1, 5)["half_life_s"] == 300
    assert measure(30, 1, None, None)["half_life_s"] == 60
    assert measure(30, 10, 12, post=None)["half_life_s"] == 120
    assert measure(-5, -4)["half_life_s"] == 0
    assert measure(None)["half_life_s"] is None
    assert measure()["half_life_s"] is None


def test_first_and_last_are_those_of_the_reposts() -> None:
    row = measure(30, None, 1)
    assert (row["first"], row["last"]) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=30))
    assert measure()["first"] is None


@pytest.mark.parametrize("nodes", [1000, 2001])
def test_virality_of_stars_and_chains_is_the_closed_form(nodes: int) -> None:
    star = [(0, "u")] * (nodes - 1)
    chain = [(n, "u") for n in range(nodes - 1)]
    rows = make_rows(star, "0") + make_rows(chain, "1")
    found = measure_cascades(build_cascades(pa.Table.from_pylist(rows, schema=REPOST_SCHEMA))).cascades.to_pylist()
    assert found[0]["structural_virality"] == pytest.approx(2 - 2 / nodes)
    assert found[1]["structural_virality"] == pytest.approx((nodes + 1) / 3)


def test_shares_are_of_the_reposts_and_pairs_of_others() -> None:
    rows = make_rows([(0, "u"), (1, "v"), (1, "w"), (0, "x"), (3, "u")])
    found = measure_cascades(build_cascades(pa.Table.from_pylist(rows, schema=REPOST_SCHEMA))).accounts.to_pylist()
    assert [(row["author"], row["share"], row["bridging"]) for row in found] == [
        ("u", 2 / 3, 5 / 6),  # of v, w and x; of the six pairs only that of x and the post stays
        ("w", 1 / 4, 4 / 10),
        ("v", 0, 0),
        ("x", 0, 0),
    ]


def test_accounts_add_up_over_cascades_the_greatest_carrier_first() -> None:
    rows = make_rows([(0, "u"), (1, "v"), (2, "w")], "0") + make_rows([(0, "v"), (1, "u"), (1, "w")], "1")
    found = measure_cascades(build_cascades(pa.Table.from_pylist(rows, schema=REPOST_SCHEMA))).sum_accounts()
    assert found.to_pylist() == [
        {"author": "v", "cascades": 2, "reposts": 2, "direct": 3, "carried": 3, "joined": 5},
        {"author": "u", "cascades": 2, "reposts": 2, "direct": 1, "carried": 2, "joined": 2},
        {"author": "w", "cascades": 2, "reposts": 2, "direct": 0, "carried": 0, "joined": 0},
    ]
