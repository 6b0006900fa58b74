"""Pull-through: exact counts, official accounts left out, copies once, who began, what grows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.listen.storylines import (
    PullThroughSettings,
    compute_growth,
    compute_own,
    compute_pull_through,
    find_first_carriers,
    open_storylines,
)

SETTINGS = PullThroughSettings(frozenset({"brand"}))
GAMING = "first-for-gaming"


def make_posts(rows: list[tuple[str, int, str, list[str], str | None]]) -> pa.Table:
    """Return posts from (actor, day of June 2026, channel, storylines, cluster); all are about xiaomi."""
    return pa.table(
        {
            "event_id": [f"e{number}" for number in range(len(rows))],
            "time": pa.array([datetime(2026, 6, row[1], 12, tzinfo=UTC) for row in rows], pa.timestamp("us", "UTC")),
            "actor": [row[0] for row in rows],
            "channel": [row[2] for row in rows],
            "market": pa.nulls(len(rows), pa.string()),
            "links": pa.array([["xiaomi"]] * len(rows), pa.list_(pa.string())),
            "storylines": pa.array([row[3] for row in rows], pa.list_(pa.string())),
            "cluster_id": pa.array([row[4] for row in rows], pa.string()),
            "reach": pa.array([float(number) for number in range(len(rows))]),
        }
    )


POSTS = make_posts(
    [
        ("brand", 1, "weibo", [GAMING], None),
        ("ann", 2, "weibo", [GAMING], "c1"),
        ("bob", 3, "weibo", [GAMING], "c1"),
        ("cat", 3, "bbs", [], None),
        ("dan", 4, "bbs", [f"{GAMING}/overheats"], None),
        ("ann", 9, "bbs", [GAMING], None),
        ("eve", 9, "weibo", [f"{GAMING}/asked"], None),
    ]
)


def get_rows(cut: str) -> dict[str | None, dict[str, object]]:
    table = compute_pull_through(POSTS, open_storylines(), SETTINGS)
    return {row["value"]: row for row in table.to_pylist() if row["storyline"] == GAMING and row["cut"] == cut}


def test_what_the_brand_itself_says_is_told_apart() -> None:
    (row,) = [row for row in compute_own(POSTS, open_storylines(), SETTINGS).to_pylist() if row["storyline"] == GAMING]
    assert (row["posts"], row["carrying"], row["first_event_id"]) == (1, 1, "e0")
    assert row["first_time"] == datetime(2026, 6, 1, 12, tzinfo=UTC)
    nobody = compute_own(POSTS, open_storylines(), PullThroughSettings()).to_pylist()
    assert {(row["posts"], row["carrying"], row["first_time"]) for row in nobody} == {(0, 0, None)}


def test_the_share_leaves_the_brands_own_posts_out_and_counts_copies_once() -> None:
    row = get_rows("all")[None]
    assert (row["posts"], row["carrying"], row["share"]) == (6, 3, 0.5)
    assert (row["unique_posts"], row["unique_carrying"], row["unique_share"]) == (5, 2, 0.4)
    assert (row["countering"], row["unique_countering"]) == (1, 1)
    assert [round(float(str(row[name])), 4) for name in ("low", "high")] == [0.1876, 0.8124]


def test_the_share_is_told_by_channel_market_and_week() -> None:
    assert {name: (row["posts"], row["carrying"]) for name, row in get_rows("channel").items()} == {
        "bbs": (3, 1),
        "weibo": (3, 2),
    }
    assert {name: row["posts"] for name, row in get_rows("week").items()} == {"2026-06-01": 4, "2026-06-08": 2}
    assert list(get_rows("market")) == [None]


def test_the_first_carriers_come_by_time_and_once_each() -> None:
    rows = find_first_carriers(POSTS, open_storylines(), SETTINGS).to_pylist()
    assert [(row["place"], row["actor"], row["event_id"], row["reach"]) for row in rows] == [
        (1, "ann", "e1", 1.0),
        (2, "bob", "e2", 2.0),
    ]


def test_growth_compares_a_week_with_the_one_before() -> None:
    rows = compute_growth(POSTS, open_storylines(), SETTINGS).to_pylist()
    mine = [row for row in rows if row["id"] == GAMING]
    assert [(row["week"], row["unique_posts"]) for row in mine] == [(date(2026, 6, 1), 1), (date(2026, 6, 8), 1)]
    assert mine[0]["growth"] is None
    assert mine[1]["growth"] == pytest.approx(0.5)
    assert [row["unique_posts"] for row in rows if row["id"] == f"{GAMING}/overheats"] == [1, 0]


def test_a_counter_message_that_rises_from_nothing_is_a_clear_change() -> None:
    calm = [(f"a{number}", 2, "weibo", [], None) for number in range(60)]
    storm = [(f"b{number}", 9, "weibo", [f"{GAMING}/denied"], None) for number in range(60)]
    rows = compute_growth(make_posts([*calm, *storm]), open_storylines(), SETTINGS).to_pylist()
    assert [row["is_clear"] for row in rows if row["id"] == f"{GAMING}/denied"] == [False, True]


def test_no_posts_give_empty_tables() -> None:
    for compute in (compute_pull_through, find_first_carriers, compute_growth):
        assert len(compute(POSTS.slice(0, 0), open_storylines(), SETTINGS)) == 0


def test_missing_columns_and_zones_are_refused() -> None:
    with pytest.raises(BadInput, match="links"):
        compute_pull_through(POSTS.drop_columns(["links"]), open_storylines(), SETTINGS)
    with pytest.raises(BadInput, match="no time zone"):
        PullThroughSettings(time_zone="Moon/Base")
