from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.influence import Cascades, gather_evidence, learn_arcs, read_cascades

START = datetime(2026, 3, 1, tzinfo=UTC)
Line = tuple[str, str, int, str | None]


def make_table(lines: list[Line]) -> pa.Table:
    cascades, users, minutes, parents = zip(*lines, strict=True)
    times = pa.array([START + timedelta(minutes=minute) for minute in minutes], pa.timestamp("us", "UTC"))
    return pa.table(
        {"cascade": list(cascades), "user": list(users), "time": times, "parent": pa.array(parents, pa.string())}
    )


def make_cascades(lines: list[Line]) -> Cascades:
    return read_cascades(make_table(lines))


def make_arcs(*pairs: str) -> pa.Table:
    return pa.table({"source": [pair[0] for pair in pairs], "target": [pair[1] for pair in pairs]})


def test_cascades_are_in_order_of_time_with_each_account_once() -> None:
    read = make_cascades(
        [
            ("late", "a", 100, None),
            ("early", "b", 9, "a"),
            ("early", "a", 0, None),
            ("early", "b", 5, "b"),
            ("late", "c", 101, "a"),
        ]
    )
    names = read.ids.to_pylist()
    assert [names[user] for user in read.users] == ["a", "b", "a", "c"]
    assert read.starts.tolist() == [0, 2, 4]
    assert [names[parent] if parent >= 0 else None for parent in read.parents] == [None, None, None, "a"]
    assert (read.repeated, read.own_parents) == (1, 1)


def test_a_split_is_by_time_and_loses_nothing() -> None:
    read = make_cascades([(f"c{n}", "a", 60 - n, None) for n in range(10)])
    parts = read.split(0.5, 0.3)
    assert [len(part) for part in parts] == [5, 3, 2]
    assert sorted(time for part in parts for time in part.times) == [time for part in parts for time in part.times]


def test_an_arc_is_tried_where_its_source_was_active_before_its_target() -> None:
    cascades = make_cascades(
        [
            ("1", "a", 0, None), ("1", "b", 10, None),
            ("2", "a", 0, None),
            ("3", "b", 0, None), ("3", "a", 10, None),
            ("4", "c", 0, None), ("4", "a", 5, None), ("4", "b", 10, "c"),
        ]
    )  # fmt: skip
    evidence = gather_evidence(cascades, make_arcs("ab", "cb", "zb", "az"))
    assert evidence.trials.tolist() == [3, 1, 0, 4]
    assert evidence.failures.tolist() == [1, 0, 0, 4]
    assert evidence.delays_s.tolist() == [600.0, 300.0, 600.0]
    assert evidence.stated.tolist() == [-1, 2]


def test_who_answers_somebody_without_a_candidate_arc_is_a_failure_of_the_candidates() -> None:
    cascades = make_cascades([("1", "a", 0, None), ("1", "x", 1, None), ("1", "b", 10, "x")])
    evidence = gather_evidence(cascades, make_arcs("ab"))
    assert (evidence.stated.tolist(), evidence.trials.tolist()) == ([-2], [1])


def test_a_stated_parent_of_the_same_instant_counts_and_a_later_one_does_not() -> None:
    same = make_cascades([("1", "a", 0, None), ("1", "b", 0, "a")])
    assert gather_evidence(same, make_arcs("ab")).stated.tolist() == [0]
    unstated = make_cascades([("1", "a", 0, None), ("1", "b", 0, None)])
    assert gather_evidence(unstated, make_arcs("ab")).trials.tolist() == [0]
    backwards = make_cascades([("1", "a", 5, None), ("1", "b", 0, "a")])
    assert gather_evidence(backwards, make_arcs("ab")).trials.tolist() == [0]


def test_arcs_are_learnt_from_stated_parents() -> None:
    cascades = make_cascades(
        [("1", "a", 0, None), ("1", "b", 1, "a"), ("1", "c", 2, "b"), ("2", "a", 50, None), ("2", "b", 51, "a")]
    )
    assert learn_arcs(cascades).to_pylist() == [
        {"source": "a", "target": "b", "stated": 2},
        {"source": "b", "target": "c", "stated": 1},
    ]
    assert learn_arcs(cascades, fewest=2)["target"].to_pylist() == ["b"]


def test_repeated_and_own_arcs_are_left_out() -> None:
    cascades = make_cascades([("1", "a", 0, None), ("1", "b", 1, None)])
    arcs = gather_evidence(cascades, make_arcs("ab", "aa", "ab", "ba")).arcs
    assert arcs.to_pylist() == [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}]


def test_ids_may_be_integers() -> None:
    table = make_table([("1", "a", 0, None), ("1", "b", 1, None)])
    table = table.set_column(1, "user", pa.array([7, 1 << 60])).drop(["parent"])
    evidence = gather_evidence(read_cascades(table), pa.table({"source": [7], "target": [1 << 60]}))
    assert evidence.trials.tolist() == [1]
    with pytest.raises(BadInput, match="int64"):
        gather_evidence(read_cascades(table), make_arcs("ab"))


def test_bad_tables_are_refused_with_the_row() -> None:
    good = make_table([("1", "a", 0, None), ("1", "b", 1, None)])
    with pytest.raises(BadInput, match="column user is missing"):
        read_cascades(good.drop(["user"]))
    with pytest.raises(BadInput, match="row 2: user is empty"):
        read_cascades(good.set_column(1, "user", pa.array(["a", None])))
    with pytest.raises(BadInput, match="time zone"):
        read_cascades(good.set_column(2, "time", good["time"].cast(pa.timestamp("us"))))
    with pytest.raises(BadInput, match="two kinds"):
        read_cascades(good.set_column(1, "user", pa.array([1, 2])))
    with pytest.raises(BadInput, match="no candidate arc"):
        gather_evidence(read_cascades(good), make_arcs("aa"))


def test_no_cascade_is_read_as_none() -> None:
    assert len(read_cascades(make_table([("1", "a", 0, None)]).slice(0, 0))) == 0
