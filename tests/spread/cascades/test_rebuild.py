from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.cascades import CONFIDENCE, REPOST_SCHEMA, CascadeReport, How, build_cascades, measure_agreement

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POST = {"root": "p", "id": "p", "author": "brand", "time": NOON}


def repost(key: str | None, minute: int | None, /, **more: Any) -> dict[str, Any]:
    time = None if minute is None else NOON + timedelta(minutes=minute)
    return {"root": "p", "id": key, "author": f"@{key}", "time": time} | more


def rebuild(*rows: dict[str, Any]) -> tuple[dict[str, tuple[str, str]], CascadeReport]:
    found = build_cascades(pa.Table.from_pylist(list(rows), schema=REPOST_SCHEMA))
    edges = found.make_edges().to_pylist()
    assert len(edges) == found.report.reposts == sum(found.report.by_how.values())
    assert found.report.rows == found.report.reposts + found.report.root_rows + found.report.repeats
    assert all(edge["confidence"] == pytest.approx(CONFIDENCE[How(edge["how"])]) for edge in edges)
    return {edge["id"]: (edge["parent"], edge["how"]) for edge in edges}, found.report


def test_a_stated_parent_is_taken_and_without_any_sign_the_root() -> None:
    edges, report = rebuild(POST, repost("a", 1), repost("b", 2, parent="a"), repost("c", 3, parent="p"))
    assert edges == {"a": ("p", "root"), "b": ("a", "stated"), "c": ("p", "stated")}
    assert report.by_how == {How.STATED: 2, How.ROOT: 1}


def test_the_nearest_quoted_name_gives_the_parent_by_its_latest_earlier_repost() -> None:
    rows = [
        repost("a", 1, author="u", name="小明"),
        repost("b", 3, author="u", name="小明"),
        repost("c", 5, author="u", name="小明"),
        repost("d", 2, text="好//@小明:看看"),
        repost("e", 4, text="好//@小明：看看"),
    ]
    edges, _ = rebuild(POST, *rows)
    assert (edges["d"], edges["e"]) == (("a", "quoted"), ("b", "quoted_several"))


def test_a_name_further_down_the_chain_stands_in_for_one_that_is_not_there() -> None:
    edges, _ = rebuild(POST, repost("a", 1, name="小明"), repost("b", 2, text="//@路人:哈 //@小明 :看"))
    assert edges["b"] == ("a", "quoted_further")


def test_a_quoted_author_of_the_post_is_the_root() -> None:
    edges, _ = rebuild(POST | {"name": "品牌"}, repost("a", 1, text="支持//@品牌:新品"))
    assert edges["a"] == ("p", "quoted")


def test_names_are_learnt_where_the_parent_is_stated() -> None:
    learnt = [
        repost("a", 1),
        repost("b", 2, parent="a", text="//@Li_Lei-9:x"),
        repost("c", 3, text="ok RT @Li_Lei-9: x"),
    ]
    edges, _ = rebuild(POST, *learnt)
    assert edges["c"] == ("a", "quoted")


def test_edges_to_the_post_and_to_ones_own_reposts_teach_no_name() -> None:
    to_root = repost("b", 2, parent="p", text="回复@路人:x")
    assert rebuild(POST, to_root, repost("c", 3, text="//@路人:x"))[0]["c"] == ("p", "root_unfound")
    to_own = [repost("a", 1, author="u"), repost("b", 2, author="u", parent="a", text="回复@路人:x")]
    assert rebuild(POST, *to_own, repost("c", 3, text="//@路人:x"))[0]["c"] == ("p", "root_unfound")


def test_behind_an_answer_the_chain_teaches_the_name() -> None:
    rows = [repost("a", 1), repost("b", 2, parent="a", text="回复@路人:x//@小明:y"), repost("c", 3, text="//@小明:x")]
    edges, _ = rebuild(POST, *rows, repost("d", 4, text="//@路人:x"))
    assert (edges["c"], edges["d"]) == (("a", "quoted"), ("p", "root_unfound"))


def test_of_a_chain_only_the_nearest_name_is_learnt() -> None:
    rows = [repost("a", 1), repost("b", 2, parent="a", text="//@小明:x//@路人:y"), repost("c", 3, text="//@小明:x")]
    edges, _ = rebuild(POST, *rows, repost("d", 4, text="//@路人:x"))
    assert (edges["c"], edges["d"]) == (("a", "quoted"), ("p", "root_unfound"))


def test_a_told_name_outweighs_a_learnt_one() -> None:
    learnt = [repost(f"l{n}", 4 + n, parent="a", text="//@小明:x") for n in range(3)]
    edges, _ = rebuild(POST, repost("a", 1), repost("b", 2, name="小明"), *learnt, repost("c", 9, text="//@小明:x"))
    assert edges["c"] == ("b", "quoted")


def test_two_accounts_of_one_name_are_several_and_the_one_voted_for_more_is_taken() -> None:
    rows = [repost("a", 1), repost("b", 1), repost("s", 2, parent="a", text="//@小明:x")]
    rows += [repost(f"t{n}", 3, parent="b", text="//@小明:x") for n in range(2)]
    edges, _ = rebuild(POST, *rows, repost("z", 5, text="//@小明:x"))
    assert edges["z"] == ("b", "quoted_several")


def test_a_name_of_very_many_accounts_names_nobody() -> None:
    rows = [repost(f"u{n}", 1, name="微信用户") for n in range(101)]
    assert rebuild(POST, *rows[:100], repost("z", 2, text="//@微信用户:x"))[0]["z"][1] == "quoted_several"
    assert rebuild(POST, *rows, repost("z", 2, text="//@微信用户:x"))[0]["z"] == ("p", "root_unfound")


def test_an_answer_hangs_on_the_one_answered_or_else_on_the_answerers_own_repost() -> None:
    rows = [
        repost("a", 1, author="u", name="小明"),
        repost("b", 2, text="回复@小明:是的"),
        repost("c", 3, text="回复 @路人:是的"),
        repost("d", 4, author="@c", text="回覆@路人：不"),
        repost("e", 5, author="u", name="小明"),
        repost("f", 6, text="回復@小明:是的"),
    ]
    edges, _ = rebuild(POST, *rows)
    assert [edges[name] for name in "bcdf"] == [
        ("a", "answered"),
        ("p", "root_unfound"),
        ("c", "own"),
        ("e", "answered_several"),
    ]


def test_behind_a_chain_the_one_answered_is_not_the_parent() -> None:
    edges, _ = rebuild(POST, repost("a", 1, name="小明"), repost("b", 2, text="回复@路人:哈//@路人:嗯//@小明:看"))
    assert edges["b"] == ("a", "quoted_further")


@pytest.mark.parametrize(
    "text", ["好 @小明 看", "问@小明:在吗", "//@小明", "//@:x", "//@小[明:x", "不回复@小明:x", None, ""]
)
def test_a_friend_who_is_called_is_no_parent(text: str | None) -> None:
    edges, _ = rebuild(POST, repost("a", 1, name="小明"), repost("b", 2, text=text))
    assert edges["b"] == ("p", "root")


def test_what_is_quoted_came_earlier() -> None:
    edges, _ = rebuild(POST, repost("b", 1, text="//@小明:x"), repost("a", 2, name="小明"))
    assert edges["b"] == ("p", "root_unfound")


def test_orphans_stay_on_the_root_unless_they_quote_someone() -> None:
    rows = [repost("a", 1, name="小明"), repost("b", 2, parent="gone"), repost("c", 3, parent="gone", text="//@小明:x")]
    edges, report = rebuild(POST, *rows)
    assert (edges["b"], edges["c"], report.orphans) == (("p", "orphan"), ("a", "quoted"), 2)


def test_a_parent_in_another_cascade_is_none() -> None:
    other = {"root": "q", "id": "x", "author": "v", "time": NOON}
    edges, report = rebuild(POST, repost("a", 1, parent="x"), other)
    assert (edges["a"], edges["x"], report.orphans) == (("p", "orphan"), ("q", "root"), 1)


def test_the_same_id_in_two_cascades_is_two_reposts() -> None:
    found = build_cascades(
        pa.Table.from_pylist(
            [
                repost("a", 1),
                repost("b", 2, parent="a"),
                repost("a", 1, root="q"),
                repost("b", 2, parent="a", root="q"),
            ],
            schema=REPOST_SCHEMA,
        )
    )
    rows = found.make_edges().select(["root", "id", "parent"]).to_pylist()
    assert [(row["root"], row["id"], row["parent"]) for row in rows] == [
        ("p", "a", "p"),
        ("p", "b", "a"),
        ("q", "a", "q"),
        ("q", "b", "a"),
    ]


def test_a_circle_is_cut_at_its_weakest_then_earliest_edge() -> None:
    circle = [repost("a", 1, parent="c"), repost("b", 2, parent="a"), repost("c", 3, parent="b")]
    edges, report = rebuild(POST, *circle, repost("d", 4, parent="b"))
    assert edges == {"a": ("p", "cut"), "b": ("a", "stated"), "c": ("b", "stated"), "d": ("b", "stated")}
    assert (report.cycles, report.backward) == (1, 1)
    edges, _ = rebuild(POST, repost("d", 0, parent="c"), *circle)
    assert (edges["a"], edges["c"], edges["d"]) == (("p", "cut"), ("b", "stated"), ("c", "stated"))
    edges, report = rebuild(POST, repost("a", 2, name="小明", parent="b"), repost("b", 3, text="//@小明:x"))
    assert (edges, report.cycles) == ({"a": ("b", "stated"), "b": ("p", "cut")}, 1)


def test_a_repost_of_itself_hangs_on_the_root() -> None:
    edges, report = rebuild(POST, repost("a", 1, parent="a"))
    assert (edges["a"], report.self_parents, report.cycles) == (("p", "cut"), 1, 0)


def test_ids_beat_clocks_and_the_clock_is_counted() -> None:
    edges, report = rebuild(POST, repost("a", 5), repost("b", 2, parent="a"), repost("c", -3))
    assert (edges["b"], report.backward, report.before_root) == (("a", "stated"), 1, 1)


def test_of_repeats_the_first_by_time_stays_and_takes_the_parent_from_the_other() -> None:
    edges, report = rebuild(POST, repost("a", 1), repost("b", 5, parent="a"), repost("b", 3, text="x"), POST)
    assert (edges["b"], report.repeats, report.reposts, report.root_rows) == (("a", "stated"), 2, 2, 1)


def test_reposts_without_time_author_or_id_stay() -> None:
    rows = [repost("a", None), repost("b", 2, author=None), repost("x", 3, id=None, parent="a")]
    edges, report = rebuild(POST, *rows)
    assert edges == {"a": ("p", "root"), "b": ("p", "root"), None: ("a", "stated")}
    assert (report.without_time, report.without_author, report.without_id, report.backward) == (1, 1, 1, 0)


def test_many_reposts_without_an_id_are_many() -> None:
    assert rebuild(*[repost("x", n, id=None) for n in range(3)])[1].reposts == 3


def test_a_post_that_is_no_row_is_still_the_root() -> None:
    edges, report = rebuild(repost("a", 1, parent="p"), repost("b", 2))
    assert (edges, report.root_rows) == ({"a": ("p", "stated"), "b": ("p", "root")}, 0)


def test_an_empty_table_gives_no_trees() -> None:
    assert rebuild()[1].by_how == {}


def test_whole_numbers_are_ids_too() -> None:
    table = pa.table({"root": [7, 7], "id": [8, 9], "parent": [None, 8], "author": [1, 2], "time": [NOON, NOON]})
    assert build_cascades(table).make_edges()["parent"].to_pylist() == ["7", "8"]


def test_input_that_cannot_be_used_is_named() -> None:
    table = pa.Table.from_pylist([POST, repost("a", 1, root=None)], schema=pa.schema(list(REPOST_SCHEMA)))
    with pytest.raises(BadInput, match="Row 2 has no root"):
        build_cascades(table)
    with pytest.raises(BadInput, match="no column parent"):
        build_cascades(table.drop_columns(["parent"]))
    with pytest.raises(BadInput, match="without a time zone"):
        build_cascades(table.slice(0, 1).set_column(6, "time", pa.array([NOON.replace(tzinfo=None)])))
    with pytest.raises(BadInput, match="Column id is of type double"):
        build_cascades(table.slice(0, 1).set_column(1, "id", pa.array([1.5])))
    with pytest.raises(BadInput, match="folds=1"):
        measure_agreement(table, folds=1)


def test_agreement_counts_the_guesses_that_are_right() -> None:
    rows = [POST, repost("a", 1, name="小明"), repost("b", 2, parent="a", text="//@小明:x"), repost("c", 3, parent="a")]
    found = measure_agreement(pa.Table.from_pylist(rows, schema=REPOST_SCHEMA), folds=2).to_pylist()
    assert found == [
        {"how": "quoted", "judged": 1, "right": 1, "of_stated": 1, "right_of_stated": 1},
        {"how": "root", "judged": 2, "right": 1, "of_stated": 1, "right_of_stated": 0},
    ]
