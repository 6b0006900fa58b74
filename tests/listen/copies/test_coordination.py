from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.listen.copies import GROUPS_SCHEMA, CoordinationRules, GroupKind, build_group_table, find_coordination
from canyu.listen.copies.background import build_background as build_background_of_times
from canyu.listen.copies.chance import adjust_p_values, compute_poisson_tail
from canyu.listen.copies.coordination import prepare_posts
from canyu.listen.copies.ties import tie_repeated_pairs
from canyu.listen.copies.traces import build_traces

MORNING = datetime(2026, 5, 1, 16, tzinfo=UTC)  # 00:00 in Shanghai
DAYS = 3
Rows = list[dict[str, object]]


def make_text(rng: random.Random) -> str:
    return "".join(chr(rng.randrange(0x4E00, 0x5E00)) for _ in range(30))


def build_background(rng: random.Random, count: int = 3_000) -> Rows:
    """Posts of one's own by day and evening, and 40 texts that people copy at any hour of a day."""
    copied = [(make_text(rng), rng.randrange(DAYS)) for _ in range(40)]
    rows: Rows = []
    for number in range(count):
        text, day = make_text(rng), rng.randrange(DAYS)
        if number % 10 == 0:
            text, day = copied[number // 10 % 40]
        second = int(rng.betavariate(3, 2) * 86_399)
        rows.append(
            {"time": MORNING + timedelta(days=day, seconds=second), "actor": f"a{number % 1_500}", "text": text}
        )
    return rows


def plant(rng: random.Random, text: str, accounts: list[str], gaps: list[float]) -> Rows:
    at = MORNING + timedelta(days=1, hours=rng.randrange(8, 15), minutes=rng.randrange(60))
    rows: Rows = []
    for account, gap in zip(accounts, gaps, strict=True):
        at += timedelta(seconds=gap)
        rows.append({"time": at, "actor": account, "text": text})
    return rows


def build_posts(rows: Rows) -> pa.Table:
    fields = ("time", "actor", "text", "channel", "type", "parent", "props")
    numbered = [{"event_id": f"e{n}", **{name: row.get(name) for name in fields}} for n, row in enumerate(rows)]
    names = [(name, pa.string()) for name in ("event_id", *fields) if name != "time"]
    return pa.Table.from_pylist(numbered, pa.schema([*names, ("time", pa.timestamp("us", tz="UTC"))]))


def test_chance_copies_are_no_coordination() -> None:
    for seed in range(4):
        assert find_coordination(build_posts(build_background(random.Random(seed))), seed=seed) == []


def test_planted_groups_are_found_and_nobody_else_is() -> None:
    rng = random.Random(11)
    rows = build_background(rng)
    sizes = (4, 5, 6, 8, 10, 12, 15, 20)
    planted = []
    for group, size in enumerate(sizes):
        accounts = [f"g{group}-{n}" for n in range(size)]
        planted.append(set(accounts))
        rows += plant(rng, make_text(rng), accounts, [rng.uniform(5, 120) for _ in accounts])
    groups = find_coordination(build_posts(rows), seed=1)
    actors = build_posts(rows)["actor"].to_pylist()
    found = [{actors[int(event[1:])] for event in group.event_ids} for group in groups]
    assert sorted(map(len, found), reverse=True) == sorted(sizes, reverse=True)
    assert all(members in planted for members in found)
    assert all(group.kind == GroupKind.COORDINATED and group.q_value <= 0.01 for group in groups)


def plant_meetings(rng: random.Random, minutes: range) -> Rows:
    rows: Rows = []
    for minute in minutes:
        text, at = make_text(rng), MORNING + timedelta(days=1, minutes=minute)
        rows += [{"time": at + timedelta(seconds=90 * n), "actor": f"t{n}", "text": text} for n in range(3)]
    return rows


def count_pair_ties(rows: Rows) -> int:
    rules, posts = CoordinationRules(), prepare_posts(build_posts(rows))
    background = build_background_of_times(posts, rules)
    return len(tie_repeated_pairs(background, build_traces(posts, background.actors, 3), rules).pairs)


def test_three_accounts_that_meet_again_and_again_are_found() -> None:
    rng = random.Random(20)
    rows = build_background(rng) + plant_meetings(rng, range(60, 780, 180))
    assert count_pair_ties(rows) == 4 * 3
    (group,) = find_coordination(build_posts(rows), seed=1)
    assert (group.posts, group.authors, group.copies, group.traces) == (12, 3, 3, {"text": 4})
    assert group.p_value < 1e-3


def test_meetings_of_one_sitting_count_once() -> None:
    rng = random.Random(21)
    assert count_pair_ties(build_background(rng) + plant_meetings(rng, range(1_200, 1_240, 10))) == 0


def test_a_regular_beat_outside_the_window_is_found() -> None:
    rng = random.Random(12)
    rows = build_background(rng)
    accounts = [f"r{n}" for n in range(16)]
    rows += plant(rng, make_text(rng), accounts, [1_200 + rng.uniform(-20, 20) for _ in accounts])
    (group,) = find_coordination(build_posts(rows), seed=1)
    assert (group.posts, group.authors, group.synchronous) == (16, 16, 0)
    assert group.gap_variation is not None
    assert group.gap_variation_expected is not None
    assert group.gap_variation < 0.1 < 0.6 < group.gap_variation_expected


def test_the_evidence_counts_what_was_planted() -> None:
    rng = random.Random(13)
    rows = build_background(rng)
    first = len(rows)
    members = plant(rng, "#甲车上市# #乙队必胜# 都来看看这一台新车", [f"w{n % 8}" for n in range(10)], [30.0] * 10)
    for number, row in enumerate(members):
        row["text"] = f"{row['text']}{make_text(rng)} http://t.cn/A6same"
        row["channel"] = "weibo" if number < 6 else "xhs"
        created = MORNING - timedelta(days=10 if number < 4 else 900)
        row["props"] = dump_json({"account_created": created, "account_name": "用户1234567" if number == 2 else "小王"})
    (group,) = find_coordination(build_posts(rows + members), seed=1)
    assert (group.posts, group.authors, group.group_id, group.span_s) == (10, 8, f"e{first}", 270.0)
    assert (group.traces, group.channels) == ({"hashtags": 1, "link": 1}, ("weibo", "xhs"))
    assert (group.new_account_share, group.machine_name_share) == (0.25, 0.125)
    assert (group.synchronous, group.gap_variation) == (9, 0.0)
    assert group.synchronous_expected < 1
    assert 0.008 < group.day_share < 0.012


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("关注并转发，抽三位朋友送新款手机一台，周五开奖", GroupKind.LOTTERY),
        ("超话打榜今日份已完成，姐妹们一起冲第一名加油", GroupKind.FAN_CLUB),
        ("收到货就来五星好评，联系客服返现十元真的很划算", GroupKind.REWARD),
        ("【新车上市】今天上午十点发布会准时开始，售价公布", GroupKind.NEWS),
        ("这台车真的是我开过最安静的一台，全家都非常满意", GroupKind.COORDINATED),
    ],
)
def test_the_usual_reasons_are_named(text: str, kind: GroupKind) -> None:
    rng = random.Random(14)
    rows = build_background(rng) + plant(rng, text, [f"k{n}" for n in range(9)], [40.0] * 9)
    (group,) = find_coordination(build_posts(rows), seed=1)
    assert (group.kind, group.copies, group.new_account_share) == (kind, 9, None)


def test_reposts_of_one_post_with_the_same_words_are_official_reposts() -> None:
    rng = random.Random(15)
    members = plant(rng, make_text(rng), [f"k{n}" for n in range(9)], [40.0] * 9)
    for row in members:
        row |= {"type": "repost", "parent": "brand-post"}
    (group,) = find_coordination(build_posts(build_background(rng) + members), seed=1)
    assert (group.kind, group.traces) == (GroupKind.OFFICIAL_REPOST, {"text": 1})


def test_a_post_that_spreads_and_short_words_tie_nobody() -> None:
    rng = random.Random(22)
    members = plant(rng, "转发微博", [f"k{n}" for n in range(60)], [20.0] * 60)
    for row in members:
        row |= {"type": "repost", "parent": "brand-post"}
    assert find_coordination(build_posts(build_background(rng) + members), seed=1) == []


def test_accounts_that_repost_the_same_posts_together_all_day_are_found() -> None:
    rng = random.Random(23)
    members = plant_meetings(rng, range(60, 900, 140))
    for number, row in enumerate(members):
        row |= {"type": "repost", "parent": f"post-{number // 3}", "text": ""}
    (group,) = find_coordination(build_posts(build_background(rng) + members), seed=1)
    assert (group.kind, group.authors, group.traces) == (GroupKind.COORDINATED, 3, {"repost": 6})


def test_one_account_that_repeats_itself_is_no_group() -> None:
    rng = random.Random(16)
    rows = build_background(rng) + plant(rng, make_text(rng), ["same"] * 30, [20.0] * 30)
    assert find_coordination(build_posts(rows), seed=1) == []


def test_posts_without_authors_count_one_by_one() -> None:
    rng = random.Random(17)
    members = plant(rng, make_text(rng), ["x"] * 8, [40.0] * 8)
    for row in members:
        row["actor"] = None
    (group,) = find_coordination(build_posts(build_background(rng) + members), seed=1)
    assert (group.posts, group.authors) == (8, None)


def test_the_same_seed_gives_the_same_groups_in_any_order() -> None:
    rng = random.Random(18)
    posts = build_posts(
        build_background(rng, 2_000) + plant(rng, make_text(rng), [f"m{n}" for n in range(7)], [30.0] * 7)
    )
    mixed = posts.take(pa.array(np.random.Generator(np.random.PCG64(1)).permutation(len(posts))))
    groups = find_coordination(posts, seed=5)
    assert groups == find_coordination(mixed, seed=5)
    assert build_group_table(groups).schema == GROUPS_SCHEMA
    assert build_group_table(groups)["event_ids"].to_pylist() == [list(groups[0].event_ids)]


def test_empty_and_hostile_posts_are_read() -> None:
    assert find_coordination(build_posts([]), seed=1) == []
    hostile = [None, "", "#" * 9_999, "http://" + "x" * 100_000, "##" * 99, "\x00", "🎉", "#a##b#" * 500]
    rows: Rows = [{"time": MORNING, "actor": f"h{n}", "text": text, "props": "["} for n, text in enumerate(hostile * 4)]
    assert find_coordination(build_posts(rows), seed=1) == []
    assert build_group_table([]).schema == GROUPS_SCHEMA


def test_times_without_zone_and_missing_columns_are_refused() -> None:
    posts = build_posts([{"time": MORNING, "text": "x"}])
    with pytest.raises(BadInput, match="no time zone"):
        find_coordination(posts.set_column(7, "time", posts["time"].cast(pa.timestamp("us"))), seed=1)
    with pytest.raises(BadInput, match="lacks these columns: text"):
        find_coordination(posts.drop_columns(["text"]), seed=1)


def test_the_poisson_tail_and_the_false_discovery_rate_are_exact() -> None:
    assert compute_poisson_tail(5, 0.1) == pytest.approx(7.667e-8, rel=1e-3)
    assert compute_poisson_tail(1, 2.0) == pytest.approx(0.8646647)
    assert adjust_p_values(np.array([0.001, 0.9, 0.02])).tolist() == pytest.approx([0.003, 0.9, 0.03])
    assert adjust_p_values(np.zeros(0)).tolist() == []
