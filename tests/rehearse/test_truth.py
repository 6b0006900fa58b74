from __future__ import annotations

import math
from typing import Any

import pytest

from canyu.kit.jsonio import dump_json, parse_json
from canyu.rehearse import RehearsalResult

SURE = 4.5  # standard errors: a fair draw leaves this once in 150,000 times


def test_truth_is_plain_json(truth: dict[str, Any]) -> None:
    assert parse_json(dump_json(truth)) == truth
    assert truth["kind"] == "canyu rehearsal"
    assert truth["plan"] == {"year": 2025, "scale": 0.0003, "seed": 11, "campaign_share": 0.03}


def test_counts_are_those_of_the_events(truth: dict[str, Any], played: RehearsalResult) -> None:
    counts = truth["counts"]
    assert counts["events"] == played.events.num_rows
    for column, name in (("type", "by_type"), ("market", "by_market"), ("channel", "by_channel"), ("lang", "by_lang")):
        rows = played.events[column].drop_null().value_counts().to_pylist()
        assert counts[name] == {row["values"]: row["counts"] for row in rows}


def test_causes_add_up(ask: Any, truth: dict[str, Any], played: RehearsalResult) -> None:
    rows = ask("SELECT coalesce(campaign, 'none'), cause, count(*) FROM orders GROUP BY ALL")
    assert {(a, b): n for a, causes in truth["order_causes"].items() for b, n in causes.items()} == {
        (campaign, cause): n for campaign, cause, n in rows
    }
    assert sum(truth["orders"].values()) == played.orders.num_rows
    found = dict(ask("SELECT object, count(*) FROM orders GROUP BY 1"))
    assert {name: row["orders"] for name, row in truth["products"].items()} == found


@pytest.mark.parametrize("channel", ["weibo", "douyin", "xiaohongshu", "bilibili", "wechat", "x"])
def test_planted_branching_is_what_the_cascades_show(truth: dict[str, Any], channel: str) -> None:
    row = truth["branching"]["organic"][channel]
    mean, roots = row["planted_root_reposts"], row["roots"]
    spread = math.exp(truth["planted"]["influence_sigma"] ** 2) - 1
    error = math.sqrt(roots * (mean + spread * mean * mean))
    assert abs(row["reposts_of_roots"] - roots * mean) < SURE * error
    later, carriers = row["planted_later_reposts"], row["carriers"]
    assert abs(row["reposts_of_reposts"] - carriers * later) < SURE * math.sqrt(carriers * later) + 0.01 * carriers


def test_planted_sentiment_is_what_is_posted(truth: dict[str, Any]) -> None:
    for row in truth["sentiment"].values():
        posts = sum(row["organic_posts"].values())
        for tone, share in row["planted_mix"].items():
            found = row["organic_posts"].get(tone, 0)
            assert abs(found - posts * share) < SURE * math.sqrt(posts * share * (1 - share))


def test_planted_odds_after_a_sale_are_what_happens(truth: dict[str, Any]) -> None:
    for kind in ("phone", "car", "tablet", "appliance"):
        row = truth["after_sale"][kind]
        for name, odds in row["planted"].items():
            missing = 0.03 * row["order"] * odds  # December's tail falls after the year's end
            error = SURE * math.sqrt(row["order"] * odds * (1 - odds))
            assert abs(row.get(name, 0) - row["order"] * odds) < error + missing


def test_the_livestream_has_viewers_by_minute_with_a_feed_that_failed(ask: Any, truth: dict[str, Any]) -> None:
    facts = truth["campaigns"]["su7-ultra-launch"]
    told = ask("SELECT value, props FROM events WHERE object = 'livestream/su7-ultra-launch' AND type = 'observe'")
    failed = [props for value, props in told if value == 0 and "is_zero" not in props]
    assert len(told) == 180
    assert len(failed) == facts["feed_fails_minutes"] == 7
    assert max(value for value, _ in told) == facts["peak_viewers"] > 10
    assert all('"simulated":true' in props for _, props in told)


def test_the_livestream_sells_exactly_what_was_planted(ask: Any, truth: dict[str, Any]) -> None:
    facts = truth["campaigns"]["su7-ultra-launch"]
    assert facts["orders_first_10_minutes"] == round(3_680 * 0.03) == 110
    opened = facts["orders_open"]
    rows = ask(
        "SELECT count(*) FROM events e JOIN orders o ON id = event_id WHERE o.campaign = 'su7-ultra-launch' AND "
        "o.cause = 'campaign' AND e.time >= $1::TIMESTAMPTZ AND e.time < $1::TIMESTAMPTZ + INTERVAL 10 MINUTE",
        opened,
    )
    assert rows == [(110,)]


def test_the_drop_grants_each_unit_once_and_by_arrival(ask: Any, truth: dict[str, Any]) -> None:
    rows = ask(
        "SELECT actor, (props::JSON ->> 'granted')::BOOLEAN FROM events WHERE type = 'claim' AND "
        "campaign = '17-limited-drop' ORDER BY time, id"
    )
    winners = [actor for actor, granted in rows if granted]
    arrived = list(dict.fromkeys(actor for actor, _ in rows))
    assert len(winners) == truth["campaigns"]["17-limited-drop"]["units_granted"] == 30
    assert sorted(winners) == sorted(arrived[:30])


def test_the_geo_experiment_s_orders_look_like_any_other(ask: Any, truth: dict[str, Any]) -> None:
    facts = truth["campaigns"]["ac-region-test"]
    rows = ask(
        "SELECT count(*), count(parent), count(e.campaign), count(DISTINCT e.object) FROM events e JOIN orders o "
        "ON id = event_id WHERE o.campaign = 'ac-region-test'"
    )
    assert rows == [(facts["incremental_orders"], 0, 0, 1)]


def test_a_voucher_does_not_bring_every_order_made_with_it(truth: dict[str, Any]) -> None:
    facts = truth["campaigns"]["car-home-bundle"]
    assert facts["incremental_orders"] + facts["orders_that_would_have_come"] == facts["redeemed"]
    assert facts["orders_by_cause"]["baseline"] == facts["orders_that_would_have_come"] > 0


def test_the_coordinated_group_is_named_in_the_truth_alone(ask: Any, truth: dict[str, Any]) -> None:
    facts = truth["campaigns"]["yu7-smear-group"]
    rows = ask(
        "SELECT count(*), count(DISTINCT actor), count(campaign) FROM events JOIN labels ON id = event_id WHERE "
        "origin = 'coordinated'"
    )
    assert rows == [(facts["posts"], 12, 0)]
    assert len(facts["accounts"]) == 12


def test_hot_list_minutes_are_those_of_the_snapshots(ask: Any, truth: dict[str, Any]) -> None:
    for board, minutes in (("weibo", 30), ("douyin", 60)):
        rows = dict(
            ask(
                "SELECT object, count(*) * ? FROM events WHERE type = 'observe' AND channel = ? AND "
                "props LIKE '%hot_rank%' GROUP BY 1",
                minutes,
                board,
            )
        )
        for title, planted in truth["boards"][board]["titles"].items():
            assert rows[title] == planted
    shared = ask("SELECT count(*) - count(DISTINCT (channel, time, value)) FROM events WHERE props LIKE '%hot_rank%'")
    assert shared == [(0,)]


def test_a_snapshot_follows_each_snapshot_so_that_a_title_is_seen_to_go(ask: Any, truth: dict[str, Any]) -> None:
    ((most,),) = ask(
        "WITH seen AS (SELECT time, list(object) AS titles FROM events WHERE channel = 'weibo' AND "
        "props LIKE '%hot_rank%' GROUP BY time), followed AS (SELECT titles, lead(time) OVER (ORDER BY time) - time AS "
        "gap FROM seen) SELECT max(gap) FROM followed WHERE list_has_any(titles, ?)",
        list(truth["boards"]["weibo"]["titles"]),
    )
    assert most.total_seconds() == 1_800
