"""Hostile posts through the whole chain of commands: scored or refused with a reason, never a crash."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import canyu
from canyu.kit.jsonio import dump_json, parse_json
from hostile_posts import (
    ALONE,
    COPIES,
    FIRST_DAY,
    LAST_DAY,
    TRICKS,
    fill_hostile_lake,
    make_id,
    run,
    write_hostile_file,
)

DAYS = ("--from", FIRST_DAY, "--to", LAST_DAY)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "hostile.lake"
    fill_hostile_lake(path)
    return path


@pytest.fixture(scope="module")
def lake(path: Path) -> canyu.Lake:
    return canyu.open(path)


def test_every_line_is_kept_or_refused_with_a_reason(path: Path, lake: canyu.Lake) -> None:
    again = run("import", str(path.with_name("hostile.jsonl")), "--lake", str(path), "--json")
    lines = write_hostile_file(path.with_name("again.jsonl"))
    assert again["rows"] == lines - 1 == again["kept"] + again["refused"]  # a line of NUL bytes only is no row
    refused = lake.engine.run(lake.scan("quarantine")).to_pylist()
    assert Counter(row["reason"] for row in refused) == {
        "not_json": 4, "too_long": 1, "missing_field": 1, "time_before_1990": 1, "time_in_future": 1,
    }  # fmt: skip
    assert all(row["mend"] for row in refused)
    assert again["added"] == 0


def test_every_text_is_scored_and_none_twice(lake: canyu.Lake) -> None:
    scores, events = lake.scan("scores"), lake.scan("events")
    said = events.filter(events.text.length() > 0, events.type != "observe").count().to_pyarrow().as_py()
    assert scores.count().to_pyarrow().as_py() == scores.event_id.nunique().to_pyarrow().as_py() == said
    rows = lake.engine.run(scores.filter(scores.lang == "zh").select("p_negative", "sentiment")).to_pylist()
    assert all(row["sentiment"] is None or 0 <= row["p_negative"] <= 1 for row in rows)


def test_a_million_copies_scaled_down_are_one_voice(lake: canyu.Lake) -> None:
    scores = lake.scan("scores")
    mass = lake.engine.run(scores.filter(scores.event_id.startswith("mass:"))).to_pylist()
    assert (len(mass), len({row["cluster_id"] for row in mass})) == (COPIES, 1)
    assert sum(not row["is_copy"] for row in mass) <= 1


def test_the_file_itself_is_scored_row_by_row(path: Path, tmp_path: Path) -> None:
    source, out = path.with_name("hostile.jsonl"), tmp_path / "out.jsonl"
    told = run("score", "--in", str(source), "--text-column", "text", "--out", str(out), "--json")
    rows = [parse_json(line) for line in out.read_bytes().split(b"\n") if line]
    assert len(rows) == told["rows"]
    by_id = {row["id"]: row for row in rows if row.get("id")}
    assert {make_id(name, "review") for name in TRICKS} <= by_id.keys()
    assert by_id[make_id("emoji-only", "alone")]["text"] == ALONE["emoji-only"]
    assert {row["lang"] for row in rows if row.get("sentiment")} <= {"zh", "en"}
    assert not [row["id"] for row in rows if row["lang"] in {"zh", "en"} and not row["sentiment"]]
    assert {by_id[make_id(name, "review")]["sentiment"] for name in ("script", "sql", "bidi")} == {"negative"}


@pytest.mark.parametrize("name", [*TRICKS, *ALONE])
def test_marketing_copy_is_checked_whatever_stands_in_it(name: str, tmp_path: Path) -> None:
    file = tmp_path / "copy.txt"
    file.write_text(f"全网第一{TRICKS.get(name, ALONE.get(name, ''))}", "utf-8")
    found = run("check-copy", str(file), "--whole", "--json", code=1)
    assert "第一" in dump_json(found)


def test_topics_claims_alerts_and_shares_are_found(path: Path) -> None:
    topics = run("topics", "--lake", str(path), *DAYS, "--unit", "week", "--json")
    claims = run("rumours", "--lake", str(path), "--json")
    shares = run("share-of-voice", "--lake", str(path), *DAYS, "--json")
    replayed = run("alerts", "replay", "--lake", str(path), "--days", "20", "--now", LAST_DAY, "--json")
    assert "小米" in dump_json(topics)
    assert "SU7" in dump_json(claims)
    assert "xiaomi" in dump_json(shares)
    assert "xiaomi/su7" in dump_json(replayed)


@pytest.mark.parametrize("name", ["script", "controls", "megabyte"])
def test_a_hostile_post_can_be_erased_by_its_hostile_id(name: str, path: Path, lake: canyu.Lake) -> None:
    wanted = make_id(name, "review" if name in TRICKS else "alone")
    done = run("lake", "erase-posts", wanted, "--lake", str(path), "--yes", "--json")
    assert (done["rows"], done["unknown"]) == (1, [])
    assert lake.engine.run(lake.scan().filter(lake.scan().id == wanted)).num_rows == 0
