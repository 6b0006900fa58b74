from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from canyu.rehearse import MarketPlan, RehearsalResult, World, cascades, play_parts, rehearsal, rehearse_market
from canyu.rehearse.kols import FOLLOWS_SCHEMA, ROSTER_SCHEMA, write_roster
from canyu.spread.influence import measure_follower_jumps

TINY = MarketPlan(year=2025, scale=2e-5, seed=3)


def count_shared(audience: Any, one: int, other: int) -> int:
    first, second = (audience.people[audience.starts[row] : audience.starts[row + 1]] for row in (one, other))
    return len(np.intersect1d(first, second))


def test_the_roster_has_a_row_per_account_with_prices_in_its_market_s_money(played: RehearsalResult) -> None:
    assert played.kols.schema == ROSTER_SCHEMA
    rows = played.kols.to_pylist()
    assert len(rows) == len({row["actor"] for row in rows}) == len({row["handle"] for row in rows}) == 4_782
    assert {row["kind"] for row in rows} == {"creator", "media", "agency", "employee"}
    money = {"cn": "CNY", "in": "INR", "id": "IDR", "de": "EUR", "es": "EUR"}
    assert all(row["currency"] == money[row["markets"].split(";")[0]] for row in rows)
    assert all(float(row["price_post"]) >= 0 for row in rows)
    assert all(row["price_video"] == "" for row in rows if row["platform"] == "weibo")
    assert all("模拟" in row["note"] and row["handle"].startswith("sim_") for row in rows)


def test_the_roster_is_written_as_csv(played: RehearsalResult, tmp_path: Path) -> None:
    write_roster(played.kols, tmp_path / "kols.csv")
    with (tmp_path / "kols.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ROSTER_SCHEMA.names
    assert [int(row["followers"]) for row in rows] == played.kols["followers"].to_pylist()


def test_followers_are_the_audience_in_people_and_what_was_bought(played: RehearsalResult) -> None:
    assert played.follows.schema == FOLLOWS_SCHEMA
    facts = played.truth["kols"]
    assert facts["people_per_follower"] == pytest.approx(1 / 0.0003)
    assert played.follows.num_rows == facts["arcs_to_people"] + facts["arcs_to_accounts"]
    people = played.follows.filter(pc.starts_with(played.follows["dst"], "p:"))
    sizes = dict(zip(*(column.to_pylist() for column in people["src"].value_counts().flatten()), strict=True))
    for row in played.kols.to_pylist():
        bought = facts["bought_followers"].get(row["actor"], {"bought": 0})["bought"]
        real = (row["followers"] - bought) / facts["people_per_follower"]
        assert abs(real - sizes[row["actor"]]) < 0.5
    assert facts["bought_followers"]


def test_each_follower_follows_an_account_once_and_nobody_himself(played: RehearsalResult) -> None:
    assert played.follows.group_by(["src", "dst"]).aggregate([]).num_rows == played.follows.num_rows
    assert not pc.any(pc.equal(played.follows["src"], played.follows["dst"])).as_py()
    assert 0 < pc.min(played.follows["probability"]).as_py() < pc.max(played.follows["probability"]).as_py() < 0.81


def test_audiences_overlap_as_communities_topics_and_markets_do() -> None:
    world = World(MarketPlan(year=2025, scale=0.0002, seed=7))
    cast, audience = world.kols.cast, world.kols.audience
    home = np.flatnonzero((cast.market == 0) & (audience.sizes > 300))
    first = home[0]
    others = home[cast.kol[home] != cast.kol[first]]
    alike = others[cast.community[others] == cast.community[first]]
    unlike = others[cast.topic[others] != cast.topic[first]]
    share_alike = np.mean([count_shared(audience, first, one) / audience.sizes[one] for one in alike])
    share_unlike = np.mean([count_shared(audience, first, one) / audience.sizes[one] for one in unlike])
    assert share_alike > 3 * share_unlike > 0
    abroad = np.flatnonzero((cast.market == 1) & (audience.sizes > 20))
    assert all(count_shared(audience, first, one) == 0 for one in abroad)


def test_kols_change_actors_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with_kols = rehearse_market(TINY).events
    monkeypatch.setattr(rehearsal, "give_posts", lambda _stage, posts, _influence: posts)
    monkeypatch.setattr(cascades, "redirect_reposters", lambda _stage, _carriers, _market, drawn: drawn)
    without = pa.concat_tables([part.events for part in play_parts(World(TINY))])
    same = [name for name in with_kols.column_names if name != "actor"]
    great = pc.and_(pc.equal(with_kols["campaign"], "su7-brake-rumour"), pc.equal(with_kols["type"], "repost"))
    great = pc.fill_null(great, False)  # the great cascade asks whom its KOLs reach either way
    assert with_kols.select(same).equals(without.select(same))
    differs = pc.and_(pc.not_equal(with_kols["actor"], without["actor"]), pc.invert(great))
    kinds = set(with_kols.filter(pc.fill_null(differs, False))["type"].to_pylist())
    assert kinds == {"post", "repost"}


def test_who_passes_a_kol_s_post_on_is_mostly_of_its_audience(ask: Any, played: RehearsalResult) -> None:
    rows = ask(
        "SELECT p.actor, r.actor FROM events p JOIN events r ON r.parent = p.id WHERE p.type = 'post' AND "
        "r.type = 'repost' AND p.actor LIKE 'k:%'"
    )
    follows = set(zip(played.follows["src"].to_pylist(), played.follows["dst"].to_pylist(), strict=True))
    share = np.mean([pair in follows for pair in rows])
    assert len(rows) > 2_000
    assert 0.78 < share < 0.9  # four of five, the KOLs who follow, and some by chance
    ((posts,),) = ask("SELECT count(*) FROM events WHERE type = 'post' AND actor LIKE 'k:%' AND campaign IS NULL")
    assert posts == played.truth["kols"]["posts"]


def test_large_audiences_carry_more(ask: Any, played: RehearsalResult) -> None:
    posts = dict(ask("SELECT actor, count(*) FROM events WHERE type = 'post' AND actor LIKE 'k:%' GROUP BY 1"))
    followers = dict(zip(played.kols["actor"].to_pylist(), played.kols["followers"].to_pylist(), strict=True))
    largest = sorted(followers, key=lambda actor: -followers[actor])
    tenth = len(largest) // 10
    assert sum(posts.get(one, 0) for one in largest[:tenth]) > 5 * sum(posts.get(one, 0) for one in largest[-tenth:])


def test_followers_are_observed_each_month_and_end_at_the_roster_s(ask: Any, played: RehearsalResult) -> None:
    rows = ask(
        "SELECT object, list(value ORDER BY time), count(actor) FROM events WHERE type = 'observe' AND "
        "object LIKE 'k:%' AND props LIKE '%\"followers\"%' GROUP BY 1 ORDER BY 1"
    )
    assert [len(values) for _, values, _ in rows] == [12] * 4_782
    assert sum(actors for _, _, actors in rows) == 0
    shown = dict(zip(played.kols["actor"].to_pylist(), played.kols["followers"].to_pylist(), strict=True))
    assert {name: values[-1] for name, values, _ in rows} == shown


def test_a_jump_gives_away_who_bought_followers_and_nobody_else(ask: Any, played: RehearsalResult) -> None:
    bought = played.truth["kols"]["bought_followers"]
    rows = ask(
        "SELECT object, epoch_us(time), value FROM events WHERE type = 'observe' AND object LIKE 'k:%' ORDER BY object"
    )
    histories: dict[str, list[tuple[Any, int]]] = {}
    for name, moment, value in rows:
        histories.setdefault(name, []).append((moment, value))
    for name in [*bought, *list(histories)[:300]]:
        times, values = zip(*histories[name], strict=True)
        signal = measure_follower_jumps(
            pa.table({"time": pa.array(times, pa.timestamp("us", "UTC")), "followers": values})
        )
        assert signal.is_outside == (name in bought)
        if name in bought:
            assert signal.evidence["end"][0].as_py().month == bought[name]["month"]


def test_one_rumour_post_goes_round_by_the_kols_in_the_truth(ask: Any, truth: dict[str, Any]) -> None:
    facts = truth["campaigns"]["su7-brake-rumour"]["great_cascade"]
    rows = ask(
        "WITH RECURSIVE below AS (SELECT id, id AS root FROM events WHERE type = 'post' AND "
        "campaign = 'su7-brake-rumour' UNION ALL SELECT e.id, root FROM below JOIN events e ON e.parent = below.id "
        "WHERE e.type = 'repost') SELECT root, count(*) - 1 AS many FROM below GROUP BY 1 ORDER BY many DESC LIMIT 1"
    )
    ((root, many),) = rows
    assert facts["reposts"] <= many < facts["reposts"] + 60  # the ordinary spread of the same post comes on top
    assert 5_000 < facts["reposts"] < 7_000
    assert ask("SELECT actor FROM events WHERE id = ?", root) == [(facts["root_actor"],)]
    carriers = dict(
        ask(
            "SELECT p.actor, count(*) FROM events p JOIN events r ON r.parent = p.id AND r.type = 'repost' WHERE "
            "p.type = 'repost' AND p.campaign = 'su7-brake-rumour' AND p.actor LIKE 'k:%' AND "
            "r.actor NOT LIKE 'k:%' GROUP BY 1 ORDER BY 2 DESC LIMIT 14"
        )
    )
    for name, direct in sorted(facts["carriers"].items(), key=lambda item: -item[1])[:5]:
        assert abs(carriers[name] - direct) < 0.1 * direct + 5  # a few of them are KOLs, not counted here
