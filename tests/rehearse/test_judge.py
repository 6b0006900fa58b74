"""Simple estimators, given the events alone, find what the truth says: the rehearsal can judge others."""

from __future__ import annotations

import math
from typing import Any

import pytest


def test_reposts_per_post_recover_the_branching_mean(ask: Any, truth: dict[str, Any]) -> None:
    rows = ask(
        "SELECT p.channel, count(DISTINCT p.id), count(c.id) FROM events p LEFT JOIN events c ON c.parent = p.id AND "
        "c.type = 'repost' WHERE p.type = 'post' AND p.campaign IS NULL AND p.id NOT IN (SELECT event_id FROM labels "
        "WHERE origin = 'coordinated') GROUP BY 1"
    )
    organic = truth["branching"]["organic"]
    for channel, roots, reposts in rows:
        assert (roots, reposts) == (organic[channel]["roots"], organic[channel]["reposts_of_roots"])


def test_walking_the_share_tree_recovers_the_k_factor_of_each_generation(ask: Any, truth: dict[str, Any]) -> None:
    rows = ask(
        "WITH RECURSIVE joined AS ("
        " SELECT id, 0 AS generation FROM events WHERE campaign = 'yu7-drive-together' AND type = 'join' "
        "  AND parent IS NULL"
        " UNION ALL SELECT j.id, generation + 1 FROM joined JOIN events s ON s.parent = joined.id AND s.type = 'share'"
        "  JOIN events c ON c.parent = s.id AND c.type = 'scan' JOIN events j ON j.parent = c.id AND j.type = 'join') "
        "SELECT generation, count(*) FROM joined GROUP BY 1 ORDER BY 1"
    )
    planted = truth["campaigns"]["yu7-drive-together"]["generations"]
    people = dict(rows)
    assert people == {int(n): row["people"] for n, row in planted.items() if row["people"]}
    for generation in range(3):
        row = planted[str(generation)]
        k = people.get(generation + 1, 0) / people[generation]
        assert k == pytest.approx(row["realised_k"], abs=1e-6)
        # a person's newcomers vary more than a Poisson's: posters are all or nothing
        error = math.sqrt((row["planted_k"] + row["planted_k"] ** 2 * 0.25) / people[generation])
        assert abs(k - row["planted_k"]) < 4.5 * error


def test_chains_of_parents_recover_the_orders_that_word_of_mouth_brought(ask: Any, truth: dict[str, Any]) -> None:
    rows = ask(
        "SELECT coalesce(o.campaign, 'none'), count(*) FROM events o JOIN events c ON o.parent = c.id JOIN events p "
        "ON c.parent = p.id WHERE o.type = 'order' AND c.type = 'click' AND p.type IN ('post', 'repost') GROUP BY 1"
    )
    found = dict(rows)
    assert found["none"] == truth["order_causes"]["none"]["word_of_mouth"]
    for campaign in ("night-shot-challenge", "17-pro-max-kol"):
        assert found[campaign] == truth["campaigns"][campaign]["orders_caused_by_word_of_mouth"]


def test_treated_against_control_recovers_the_regional_lift(ask: Any, truth: dict[str, Any]) -> None:
    facts = truth["campaigns"]["ac-region-test"]
    ((inside,),) = ask(
        "SELECT count(*) FROM events WHERE type = 'order' AND market = 'cn' AND object = 'xiaomi/aircon' AND parent "
        "IS NULL AND time >= '2025-07-20 16:00:00+00' AND time < '2025-08-17 16:00:00+00' AND "
        "list_contains(?, props::JSON ->> 'region')",
        facts["planted"]["treated"],
    )
    assert inside == facts["baseline_orders_treated"] + facts["incremental_orders"]
    lift = facts["incremental_orders"] / facts["baseline_orders_treated"]
    assert abs(lift - 0.25) < 4.5 * math.sqrt(0.25 / facts["baseline_orders_treated"])


def test_the_opinion_turns_after_the_statement_at_the_planted_pace(ask: Any, truth: dict[str, Any]) -> None:
    facts = truth["campaigns"]["su7-brake-rumour"]
    rows = ask(
        "SELECT time < ?::TIMESTAMPTZ, avg((sentiment = 'negative')::INT), count(*) FROM events JOIN labels ON "
        "id = event_id WHERE type = 'post' AND campaign = 'su7-brake-rumour' AND origin <> 'statement' GROUP BY 1",
        facts["statement"],
    )
    share = {before: (negative, count) for before, negative, count in rows}
    negative, count = share[True]
    assert abs(negative - 0.86) < 4.5 * math.sqrt(0.86 * 0.14 / count)
    assert share[False][0] < 0.5
    assert sum(count for _, count in share.values()) == sum(facts["turn"]["posts"])


def test_near_copies_within_minutes_give_the_coordinated_group_away(ask: Any, truth: dict[str, Any]) -> None:
    rows = ask(
        "WITH started AS (SELECT actor, substr(regexp_replace(text, '^[^Y小]*', ''), 4, 30) AS words, "
        "time_bucket(INTERVAL 10 MINUTE, time) AS slot FROM events WHERE type = 'post' AND channel = 'weibo' AND "
        "text LIKE '%YU7%' AND campaign IS NULL) SELECT actor FROM started JOIN (SELECT slot FROM started GROUP BY "
        "slot HAVING count(DISTINCT actor) >= 8) USING (slot) GROUP BY actor HAVING count(DISTINCT slot) >= 3"
    )
    assert {actor for (actor,) in rows} == set(truth["campaigns"]["yu7-smear-group"]["accounts"])
