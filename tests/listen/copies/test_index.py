from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.listen.copies import ASSIGNED_SCHEMA, INDEX_SCHEMA, assign_clusters, summarise_clusters

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
LONG = "这家酒店的位置很好，离地铁站只有五分钟，房间干净，早餐丰富，服务员态度也热情"
OTHER = "提车三个月，续航从五百二掉到四百六，客服只说冬天正常，有没有同样情况的车主"


def build_posts(texts: list[str | None], first: int = 0) -> pa.Table:
    numbers = range(first, first + len(texts))
    times = pa.array([START + timedelta(minutes=number) for number in numbers], pa.timestamp("us", tz="UTC"))
    return pa.table({"event_id": [f"p{n}" for n in numbers], "time": times, "text": pa.array(texts, pa.string())})


def test_a_post_joins_the_cluster_of_an_earlier_day() -> None:
    first = assign_clusters(build_posts([LONG, OTHER, ""]))
    second = assign_clusters(build_posts([OTHER + "？", LONG[3:], "新的一件事情，和前面没有关系"], 3), first.index)
    assert first.rows["cluster_id"].to_pylist() == ["p0", "p1", "p2"]
    assert first.rows["is_first"].to_pylist() == [True] * 3
    assert first.index["event_id"].to_pylist() == ["p0", "p1"]
    assert second.rows["cluster_id"].to_pylist() == ["p1", "p0", "p5"]
    assert second.rows["kind"].to_pylist() == ["exact", "near", None]
    assert second.rows["is_first"].to_pylist() == [False, False, True]
    assert second.index["event_id"].to_pylist() == ["p5"]
    assert (second.rows.schema, second.index.schema) == (ASSIGNED_SCHEMA, INDEX_SCHEMA)


def test_rewritten_posts_keep_their_family_over_time() -> None:
    plain = LONG.replace("，", "")
    rewritten = "".join("某" if at % 6 == 5 else letter for at, letter in enumerate(plain))
    first = assign_clusters(build_posts([LONG]))
    second = assign_clusters(build_posts([rewritten], 1), first.index)
    index = pa.concat_tables([first.index, second.index])
    third = assign_clusters(build_posts([rewritten + "。"], 2), index)
    assert second.rows.select(["cluster_id", "family_id", "kind"]).to_pylist() == [
        {"cluster_id": "p1", "family_id": "p0", "kind": "rewritten"}
    ]
    assert third.rows.select(["cluster_id", "family_id", "kind"]).to_pylist() == [
        {"cluster_id": "p1", "family_id": "p0", "kind": "exact"}
    ]


def test_the_order_of_rows_changes_nothing() -> None:
    rng = random.Random(3)
    posts = build_posts([text + "好" * rng.randrange(3) for text in (LONG, OTHER, LONG[2:], OTHER[2:]) * 5])
    order = list(range(len(posts)))
    rng.shuffle(order)
    plain, mixed = assign_clusters(posts), assign_clusters(posts.take(order))
    assert mixed.rows.to_pylist() == plain.rows.take(order).to_pylist()
    assert mixed.index.equals(plain.index)


def test_a_post_delivered_again_is_its_own_cluster_and_not_indexed_twice() -> None:
    posts = build_posts([LONG])
    first = assign_clusters(posts)
    again = assign_clusters(posts, first.index)
    assert again.rows.to_pylist() == first.rows.to_pylist()
    assert again.index.num_rows == 0


def test_nothing_new_gives_nothing() -> None:
    found = assign_clusters(build_posts([]))
    assert (found.rows.num_rows, found.index.num_rows) == (0, 0)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (pa.table({"event_id": ["a"], "text": ["x"]}), "lacks these columns: time"),
        (build_posts(["x"]).set_column(0, "event_id", pa.array([None], pa.string())), "hold nulls: event_id"),
    ],
)
def test_posts_without_id_or_time_are_refused(table: pa.Table, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        assign_clusters(table)


def test_the_summary_counts_copies_authors_span_and_channels() -> None:
    posts = build_posts([LONG, LONG + "！", OTHER, LONG[3:], LONG])
    posts = posts.append_column("actor", pa.array(["甲", "乙", "丙", None, "乙"]))
    posts = posts.append_column("channel", pa.array(["weibo", "xhs", "weibo", None, "weibo"]))
    (row,) = summarise_clusters(posts, assign_clusters(posts).rows).to_pylist()
    assert (row["cluster_id"], row["example_id"], row["channels"]) == ("p0", "p0", ["weibo", "xhs"])
    assert (row["copies"], row["exact"], row["near"], row["rewritten"]) == (4, 2, 1, 0)
    assert (row["authors"], row["authors_unknown"], row["span_s"]) == (2, 1, 240.0)


def test_authors_are_unknown_where_none_is_named() -> None:
    posts = build_posts([LONG, LONG])
    posts = posts.append_column("actor", pa.nulls(2, pa.string())).append_column("channel", pa.nulls(2, pa.string()))
    (row,) = summarise_clusters(posts, assign_clusters(posts).rows).to_pylist()
    assert (row["authors"], row["authors_unknown"], row["channels"]) == (None, 2, [])
