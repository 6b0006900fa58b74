"""Alerts of a lake: counts by hour, a replay that finds the planted burst, and the posts behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from click.testing import CliRunner

from canyu.commands.alerts import command
from canyu.events import TABLES, Lake
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import parse_json
from canyu.listen.watch import count_hours, find_last_hour, read_matrix, replay_alerts

START = datetime(2025, 3, 3, tzinfo=UTC)
BURST = START + timedelta(days=40, hours=6)
MODEL = "m1"


def fill(lake: Lake) -> None:
    """Two posts of su7 an hour for six weeks, and in two hours of 12 April sixty more about its brakes, half copies."""
    posts = [
        (START + timedelta(hours=hour, minutes=20 * turn), "neutral", False)
        for hour in range(42 * 24)
        for turn in (0, 1)
    ]
    posts += [(BURST + timedelta(minutes=turn), "negative", turn % 2 == 1) for turn in range(120)]
    mentions, scores, opinions = [], [], []
    for number, (time, sentiment, is_copy) in enumerate(sorted(posts)):
        base = {"event_id": f"e{number}", "day": time.date(), "time": time, "type": "post", "model_version": MODEL}
        base |= {"sentiment": sentiment, "is_copy": is_copy}
        mentions.append({**base, "brand": "xiaomi", "link": "xiaomi/su7", "is_first_of_brand": True})
        scores.append({**base, "cluster_id": f"e{number}"})
        if sentiment == "negative":
            said = {"aspect": "car/brakes", "polarity": -1, "is_first_of_aspect": True}
            opinions.append({**base, **said, "brand": "xiaomi", "link": "xiaomi/su7"})
    for name, rows in (("mentions", mentions), ("scores", scores), ("opinions", opinions)):
        lake.write_derived(name, pa.Table.from_pylist(rows, TABLES[name].schema))
    heard = {"number": 1, "time": START, "model_version": MODEL, "events_version": 0, "scored": len(posts)}
    lake.write_derived("listenings", pa.Table.from_pylist([heard], TABLES["listenings"].schema))


def test_hours_are_counted_with_copies_and_without(lake: Lake) -> None:
    fill(lake)
    rows = count_hours(lake, BURST, BURST + timedelta(hours=2)).to_pylist()
    found = {(row["series"], row["hour"]): (row["count"], row["unique"]) for row in rows}
    assert found[("xiaomi/su7|||posts", BURST)] == (62, 32)
    assert found[("xiaomi/su7||negative|posts", BURST)] == (60, 30)
    assert found[("xiaomi/su7|car/brakes|negative|posts", BURST + timedelta(hours=1))] == (60, 30)


def test_a_replay_finds_the_planted_burst_within_the_hour_and_shows_its_posts(lake: Lake) -> None:
    fill(lake)
    now = find_last_hour(lake)
    assert now == START + timedelta(days=42)
    found = replay_alerts(lake, days=14, now=now)
    assert {str(alert.series) for alert in found.alerts} == {
        "xiaomi/su7|||posts", "xiaomi/su7||negative|posts", "xiaomi/su7|car/brakes|negative|posts"
    }  # fmt: skip
    assert {alert.found for alert in found.alerts} == {BURST}
    assert all(len(alert.evidence) == 10 for alert in found.alerts)


def test_the_command_tells_alerts_a_week_and_false_ones(lake: Lake) -> None:
    fill(lake)
    done = CliRunner().invoke(
        command, ["replay", "--lake", lake.path, "--days", "14", "--json"], catch_exceptions=False
    )
    told = parse_json(done.stdout)
    assert (len(told["alerts"]), told["per_week"]) == (3, 1.5)
    assert (
        told["false_alarms_per_week"]["low"]
        <= told["false_alarms_per_week"]["value"]
        <= told["false_alarms_per_week"]["high"]
    )
    assert told["alerts"][0]["product"] == "xiaomi/su7"
    assert (told["things"], told["watched_hours"]) == (1, 336)
    (test,) = told["rules"]
    assert (test["source"], test["alerts"]) == ("bursts", 3)
    assert test["false_alarms_per_week_calm_days"]["low"] <= test["false_alarms_per_week_calm_days"]["high"]
    assert told["alerts"][0]["at_finding"]["came"] == 30  # the burst's second hour, copies left out


def test_days_before_the_collecting_began_are_not_watched(lake: Lake) -> None:
    fill(lake)
    now = START + timedelta(days=42)
    assert read_matrix(lake, START, now).first_hour == int(START.timestamp()) // 3600
    begin = START + timedelta(days=30)
    base = {"type": "post", "model_version": MODEL}
    times = [begin + timedelta(seconds=30 * number) for number in range(12 * 24 * 120)]
    rows = [{**base, "event_id": f"o{n}", "day": time.date(), "time": time} for n, time in enumerate(times)]
    lake.write_derived("scores", pa.Table.from_pylist(rows, TABLES["scores"].schema))
    shown = read_matrix(lake, START, now)
    assert (shown.first_hour, len(shown.counts)) == (int(begin.timestamp()) // 3600, 12 * 24)


def test_a_lake_that_nobody_listened_to_says_what_to_run(lake: Lake) -> None:
    lake.store.create("events")
    with pytest.raises(NotFound, match="Run canyu listen first"):
        CliRunner().invoke(command, ["replay", "--lake", lake.path], catch_exceptions=False)
