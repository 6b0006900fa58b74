"""The board of reach: exact on its sets, by brute force, and the same figures as choosing and explaining give."""

from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.spread.graphs import build_graph
from canyu.spread.selection import Draw, Limits, Purse, ReachBoard, build_board, explain, select_within
from canyu.spread.selection.explaining import STREAM as EXPLAINED
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.sampling import ReverseSampler, Sampler, Sets
from exact_spread import list_worlds, make_graph, measure

UNLIMITED = np.full((0, 1), 1 << 40, np.int64)


class Told(Sampler):
    """Hands out sets that are known beforehand."""

    def __init__(self, sets: list[list[int]], nodes: int) -> None:
        super().__init__()
        self.sets, self.worth = sets, float(nodes)

    def draw_part(self, stream: int, first: int, count: int) -> Sets:  # noqa: ARG002 - one stream
        part = self.sets[first : first + count]
        members = np.array([node for one in part for node in one], np.int32)
        return members, np.cumsum([0, *map(len, part)]).astype(np.int64)

    def count_part(
        self,
        stream: int,  # noqa: ARG002 - one stream
        first: int,
        count: int,
        marks: NDArray[np.uint8],
        groups: int,
    ) -> NDArray[np.int64]:
        met = [np.bitwise_or.reduce(marks[one]) if one else 0 for one in self.sets[first : first + count]]
        return np.array([sum(int(bits) >> group & 1 for bits in met) for group in range(groups)], np.int64)


def hold(sets: list[list[int]], accounts: int) -> ReachBoard:
    ids = pa.array(range(accounts), pa.int64())
    return build_board(Told(sets, len(sets)), np.arange(accounts), ids, Draw(len(sets)))


def ask(board: ReachBoard, chosen: list[int]) -> pa.Array:
    return pa.array(chosen, pa.int64())


@st.composite
def draw_boards(draw: st.DrawFn) -> tuple[list[list[int]], int, list[int]]:
    accounts = draw(st.integers(1, 7))
    known = st.lists(st.integers(0, accounts + 1), unique=True, max_size=accounts + 2)
    sets = draw(st.lists(known, min_size=1, max_size=40))
    return sets, accounts, draw(st.lists(st.integers(0, accounts - 1), unique=True, max_size=accounts))


@settings(max_examples=200, deadline=None)
@given(draw_boards(), st.booleans())
def test_every_figure_is_what_counting_by_hand_gives(
    drawn: tuple[list[list[int]], int, list[int]], is_many: bool
) -> None:
    sets, accounts, chosen = drawn
    sets = sets * 260 if is_many else sets  # beyond one block, and accounts that stand in most sets
    holders = [{number for number, one in enumerate(sets) if node in one} for node in range(accounts)]
    board = hold(sets, accounts)
    found, swaps = board.measure(ask(board, chosen)), board.measure_swaps(ask(board, chosen))
    covered: set[int] = set()
    for place, node in enumerate(chosen):
        others = set().union(*(holders[other] for other in chosen if other != node))
        assert found.adds[place] == len(holders[node] - covered)
        assert found.alone[place] == len(holders[node])
        assert found.unique[place] == len(holders[node] - others)
        for other in set(range(accounts)) - set(chosen):
            change = len(others | holders[other]) - len(others | holders[node])
            assert swaps[place, other] == change
        covered |= holders[node]
    assert (found.reach, found.hits) == (len(covered), len(covered))
    gains = [0 if node in chosen else len(holders[node] - covered) for node in range(accounts)]
    assert found.gains.tolist() == gains


@settings(max_examples=100, deadline=None)
@given(draw_boards(), st.randoms())
def test_more_accounts_never_reach_fewer_and_add_ever_less(
    drawn: tuple[list[list[int]], int, list[int]], chance: object
) -> None:
    sets, accounts, chosen = drawn
    board = hold(sets, accounts)
    whole = board.measure(ask(board, chosen))
    shuffled = sorted(chosen, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert board.measure(ask(board, shuffled)).reach == whole.reach
    before = board.measure(ask(board, []))
    for size in range(len(chosen) + 1):
        found = board.measure(ask(board, chosen[:size]))
        assert found.reach >= before.reach
        outside = [node for node in range(accounts) if node not in chosen[:size]]
        assert all(found.gains[node] <= before.gains[node] for node in outside)
        before = found


def test_an_account_in_most_sets_takes_a_row_of_bits_and_memory_stays_bounded() -> None:
    rng = np.random.default_rng(5)
    sets = [[0, *np.flatnonzero(rng.random(30) < 0.5).tolist()] for _ in range(20_000)]
    board = hold([sorted(set(one)) for one in sets], 30)
    assert board.measure(ask(board, [0])).reach == 20_000
    assert board.bytes <= 30 * (20_032 / 8 + 12) + 8


def test_the_board_agrees_with_what_explains_a_plan() -> None:
    rng = np.random.default_rng(3)
    graph = make_graph(rng, 40, 160)
    seeds = [3, 11, 17, 25]
    accounts = pa.table({"id": list(range(40)), "cost": [1] * 40})
    rows = explain(graph, pa.array(seeds), accounts, "ic", seed=9, samples=30_000).to_pylist()
    sampler = ReverseSampler(graph, read_arcs(graph, "ic", None), np.zeros(0), 9)
    ids = accounts["id"].combine_chunks()
    board = build_board(sampler, graph.find_nodes(ids), ids, Draw(30_000, EXPLAINED))
    found = board.measure(pa.array(seeds))
    assert found.alone.tolist() == pytest.approx([row["alone"] for row in rows])
    assert found.unique.tolist() == pytest.approx([row["unique"] for row in rows])
    assert found.shared.tolist() == pytest.approx([row["shared"] for row in rows])
    swaps = np.delete(board.measure_swaps(pa.array(seeds)), seeds, axis=1)
    assert swaps.max(axis=1).tolist() == pytest.approx([row["change"] for row in rows])


def test_the_board_agrees_with_the_choice_on_the_same_sets() -> None:
    rng = np.random.default_rng(4)
    graph = make_graph(rng, 40, 160)
    accounts = pa.table({"id": list(range(40)), "cost": rng.integers(1, 9, 40).tolist()})
    chosen = select_within(graph, accounts, Limits(12), "ic", samples=20_000)
    sampler = ReverseSampler(graph, read_arcs(graph, "ic", None), np.zeros(0), 7)
    ids = accounts["id"].combine_chunks()
    on_same = build_board(sampler, graph.find_nodes(ids), ids, Draw(20_000, stream=0))
    on_fresh = build_board(sampler, graph.find_nodes(ids), ids, Draw(20_000, stream=1))
    assert on_same.measure(chosen.seeds).adds.tolist() == pytest.approx(chosen.gains.tolist())
    judged = on_fresh.measure(chosen.seeds)
    assert judged.reach == pytest.approx(chosen.spread)
    assert judged.low == pytest.approx(chosen.spread_low, rel=1e-3)


def test_reach_is_that_of_going_through_every_way_arcs_can_fall() -> None:
    rng = np.random.default_rng(6)
    graph = make_graph(rng, 6, 9)
    worlds = list_worlds(graph, "ic")
    ids = pa.array(range(6))
    sampler = ReverseSampler(graph, read_arcs(graph, "ic", None), np.zeros(0), 1)
    board = build_board(sampler, graph.find_nodes(ids), ids)
    for chosen in ([0], [1, 4], [2, 3, 5]):
        found = board.measure(pa.array(chosen))
        assert found.low <= measure(worlds, chosen) <= found.high
        assert found.high - found.low < 0.06


def test_what_is_worth_more_counts_more() -> None:
    graph = build_graph(pa.table({"a": ["x", "y"], "b": ["p", "q"]}), "a", "b")
    values = np.array([0.0, 0.0, 1.0, 9.0])[np.argsort(graph.find_nodes(pa.array(["x", "y", "p", "q"])))]
    sampler = ReverseSampler(graph, read_arcs(graph, "uniform", 1.0), values, 1)
    ids = pa.array(["x", "y"])
    board = build_board(sampler, graph.find_nodes(ids), ids, Draw(50_000))
    assert board.measure(ids).reach == 10.0
    assert board.measure(pa.array(["y"])).reach == pytest.approx(9.0, abs=0.05)


def test_accounts_are_added_by_new_reach_per_cost_until_the_target() -> None:
    board = hold([[0, 1], [0], [0], [0], [1, 2], [2], [3]], 4)
    purse = Purse(np.array([40, 5, 30, 10]), 100, np.zeros((0, 4), np.int32), UNLIMITED)
    assert board.extend(pa.array([], pa.int64()), purse, 3.0).to_pylist() == [1, 3]
    assert board.extend(pa.array([], pa.int64()), purse, 5.0).to_pylist() == [1, 3, 0]
    assert board.extend(pa.array([2]), purse).to_pylist() == [1, 3, 0]
    small = Purse(purse.costs, 44, purse.labels, UNLIMITED)
    assert board.extend(pa.array([2]), small).to_pylist() == [1]
    banned = Purse(np.array([40, -1, 30, 10]), 100, purse.labels, UNLIMITED)
    assert board.extend(pa.array([], pa.int64()), banned, 3.0).to_pylist() == [0]


def test_quotas_hold_when_accounts_are_added() -> None:
    board = hold([[0], [0], [1], [2]], 3)
    labels, caps = np.array([[1, 1, 0]], np.int32), np.array([[1 << 40, 1]], np.int64)
    purse = Purse(np.array([1, 1, 1]), 10, labels, caps)
    assert board.extend(pa.array([], pa.int64()), purse).to_pylist() == [0, 2]
    assert board.extend(pa.array([1]), purse).to_pylist() == [2]


def test_many_threads_get_the_same_answer() -> None:
    rng = np.random.default_rng(8)
    sets = [np.flatnonzero(rng.random(50) < 0.1).tolist() for _ in range(9_000)]
    board = hold(sets, 50)
    expected = board.measure(ask(board, [1, 2, 3])).reach
    found: list[float] = []
    work = [threading.Thread(target=lambda: found.append(board.measure(ask(board, [1, 2, 3])).reach)) for _ in range(8)]
    for one in work:
        one.start()
    for one in work:
        one.join()
    assert found == [expected] * 8


def test_the_builder_tells_how_far_it_is() -> None:
    heard: list[tuple[int, int]] = []
    sets = [[0]] * 20_000
    build_board(
        Told(sets, 1), np.arange(1), pa.array([0]), Draw(20_000), lambda done, total: heard.append((done, total))
    )
    assert heard == [(8192, 20_000), (16384, 20_000), (20_000, 20_000)]


def test_unknown_and_repeated_accounts_are_told() -> None:
    board = hold([[0], [1]], 2)
    with pytest.raises(BadInput, match="there is no account 7 on the board"):
        board.measure(pa.array([7]))
    with pytest.raises(BadInput, match="an account stands twice in the choice"):
        board.measure(pa.array([1, 1]))
    with pytest.raises(BadInput, match="the graph has no account 9"):
        build_board(Told([[0]], 1), np.array([0, -1]), pa.array([0, 9]))
    with pytest.raises(BadInput, match="an account stands twice"):
        build_board(Told([[0]], 1), np.array([0, 0]), pa.array([0, 9]))
