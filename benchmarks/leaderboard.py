"""The place of one of half a million entrants, exact within ties, against what shops do and a sorted list.

A table of 500,000 entrants on SQLite as it is served. Measured: one place, the first hundred, one changed score with
its place, and making the ranking anew from the table. Beside it in the same run: a window over all, counting the ranges
of the index that come before, and ``sortedcontainers.SortedList``. All four have to say the same. One JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any

FOLDER = tempfile.TemporaryDirectory()
os.environ |= {"CANYU_LAKE": f"{FOLDER.name}/none.lake", "CANYU_STATE_FOLDER": FOLDER.name}
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canyu.ops.settings")

import django  # noqa: E402 - Django reads the folder above

django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Q  # noqa: E402
from sortedcontainers import SortedList  # noqa: E402

from canyu.kit.clock import get_now  # noqa: E402
from canyu.ops.campaigns.challenges import queries  # noqa: E402
from canyu.ops.campaigns.challenges.board import Board  # noqa: E402
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry  # noqa: E402
from canyu.ops.campaigns.challenges.ranking import Ranking  # noqa: E402
from canyu.ops.campaigns.challenges.scoring.actions import count_votes, lock_challenge  # noqa: E402
from canyu.ops.campaigns.models import Campaign  # noqa: E402

WINDOW = """
SELECT place FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY score DESC, reached_us, id) AS place
FROM challenges_entrant WHERE challenge_id = %s AND score IS NOT NULL) WHERE id = %s
"""
INSERT = """
INSERT INTO challenges_entrant (challenge_id, person, name, score, reached_us, seq, made_at)
VALUES (%s, %s, '', %s, %s, 0, %s)
"""
TIED = 300
"""Different scores: with half a million people, places are mostly decided within ties."""


def fill(entrants: int) -> Challenge:
    """Keep a challenge with so many entrants on its board."""
    call_command("migrate", verbosity=0)
    now, draw = get_now(), np.random.default_rng(5)
    campaign = Campaign.objects.create(
        slug="bench", state="live", state_at=now, currency="CNY", made_at=now, changed_at=now, released_by="x"
    )
    challenge = Challenge.objects.create(
        campaign=campaign, zone="Asia/Shanghai", opens_at=now, closes_at=now, weights={"votes": 1}, changed_at=now,
        most_entries_a_day=1, most_votes_a_day=1, mark="bench",
    )  # fmt: skip
    scores = (draw.pareto(1.2, entrants) * 3).astype(int) % TIED
    reached = draw.integers(1_764_000_000_000_000, 1_764_000_600_000_000, entrants)
    rows = zip([f"p{at}" for at in range(entrants)], scores.tolist(), reached.tolist(), strict=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(INSERT, [(challenge.pk, *row, now) for row in rows])
    return challenge


def rank_by_window(challenge: Challenge, entrant: Entrant) -> int:
    """Return a place as the definition says it."""
    with connection.cursor() as cursor:
        cursor.execute(WINDOW, [challenge.pk, entrant.pk])
        return int(cursor.fetchone()[0])


def rank_by_ranges(challenge: Challenge, entrant: Entrant) -> int:
    """Return a place by counting the three ranges of the index that come before it."""
    score, us = entrant.score, entrant.reached_us
    found = Entrant.objects.filter(challenge=challenge, score__isnull=False)
    ahead = (Q(score__gt=score), Q(score=score, reached_us__lt=us), Q(score=score, reached_us=us, pk__lt=entrant.pk))
    return 1 + sum(found.filter(one).count() for one in ahead)


def time_each(what: Callable[[Any], object], asked: Iterable[Any]) -> tuple[list[object], dict[str, float]]:
    """Return the answers, and their times in milliseconds: by the clock, and of the processor alone (p99)."""
    answers, times, used = [], [], []
    for one in asked:
        begin, before = time.perf_counter(), time.process_time()
        answers.append(what(one))
        used.append(1000 * (time.process_time() - before))
        times.append(1000 * (time.perf_counter() - begin))
    p50, p99, cpu = float(np.median(times)), float(np.quantile(times, 0.99)), float(np.quantile(used, 0.99))
    return answers, {"p50_ms": round(p50, 4), "p99_ms": round(p99, 4), "cpu_p99_ms": round(cpu, 4)}


def keep_entry(entrant: Entrant) -> int:
    """Keep the shown entry with which an entrant stands where they stand; return its number."""
    now = get_now()
    kept = Entry.objects.create(
        challenge=entrant.challenge, entrant=entrant, key=entrant.person, way="upload", state="shown", day=now.date(),
        submitted_at=now, votes=entrant.score or 0, score=entrant.score or 0, reached_us=entrant.reached_us or 0,
    )  # fmt: skip
    return int(kept.pk)


def vote_for(challenge: Challenge, entry_id: int) -> None:
    """Count one vote in a transaction of its own, durable, with the place that it gives."""
    with transaction.atomic():
        count_votes(lock_challenge(challenge.pk), {entry_id: 1}, get_now())


def measure(challenge: Challenge, asked: list[Entrant]) -> dict[str, Any]:
    """Return what the product does, and its three peers, over the same table."""
    begin = time.perf_counter()
    board = Board()
    board.find_rank(challenge, 0)
    told: dict[str, Any] = {"rebuild_s": round(time.perf_counter() - begin, 2)}

    ours, told["rank"] = time_each(lambda one: board.find_rank(challenge, one.pk)[0], asked)
    rows = Entrant.objects.filter(challenge=challenge).values_list("pk", "score", "reached_us")
    table = list(rows.iterator(chunk_size=10_000))
    ranking = Ranking(*zip(*table, strict=True))
    in_memory, told["rank_in_memory"] = time_each(lambda one: ranking.find_rank(one.pk), asked)
    _rows, told["top_100"] = time_each(lambda _one: queries.list_board(challenge), asked[:300])
    begin = time.perf_counter()
    keys = {pk: (-score, us, pk) for pk, score, us in rows.iterator(chunk_size=10_000)}
    peer = SortedList(keys.values())
    told["sorted_list_rebuild_s"] = round(time.perf_counter() - begin, 2)
    listed, told["sorted_list"] = time_each(lambda one: peer.index(keys[one.pk]) + 1, asked)
    few = asked[:20]
    windowed, told["window"] = time_each(lambda one: rank_by_window(challenge, one), few)
    ranged, told["ranges"] = time_each(lambda one: rank_by_ranges(challenge, one), asked[:200])
    assert ours == in_memory == listed, "the sorted list says otherwise"
    assert ours[: len(few)] == windowed, "the window says otherwise"
    assert ours[:200] == ranged, "the ranges say otherwise"
    entries = [keep_entry(one) for one in asked[:300]]
    _done, told["vote"] = time_each(lambda pk: vote_for(challenge, pk), entries)
    begin = time.perf_counter()
    board.find_rank(challenge, 0)
    told["change_us"] = round(1e6 * (time.perf_counter() - begin) / len(entries), 1)
    assert [board.find_rank(challenge, one.pk)[0] for one in few] == [rank_by_window(challenge, one) for one in few]
    changes = [(pk, score + 1, us + 1) for pk, score, us in table[:: max(1, len(table) // len(asked))]]
    _none, told["update_in_memory"] = time_each(lambda row: ranking.put(*row), changes)

    def change_peer(row: tuple[int, int, int]) -> None:
        pk, score, us = row
        peer.remove(keys[pk])
        keys[pk] = (-score, us, pk)
        peer.add(keys[pk])

    _none, told["sorted_list_update"] = time_each(change_peer, changes)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entrants", type=int, default=500_000)
    parser.add_argument("--asked", type=int, default=2_000)
    given = parser.parse_args()
    challenge = fill(given.entrants)
    chosen = np.random.default_rng(6).choice(given.entrants, given.asked, replace=False) + 1
    told = measure(challenge, list(Entrant.objects.filter(pk__in=chosen.tolist()).order_by("person")))
    line = {
        "benchmark": "leaderboard",
        "entrants": given.entrants,
        **told,
        "times_window": round(told["window"]["p50_ms"] / told["rank"]["p50_ms"]),
        "times_ranges": round(told["ranges"]["p50_ms"] / told["rank"]["p50_ms"], 1),
        "times_sorted_list": round(told["sorted_list"]["p50_ms"] / told["rank_in_memory"]["p50_ms"], 2),
        "load_average": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
