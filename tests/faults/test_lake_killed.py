"""kill -9 at any moment: what was acknowledged is there, once; what was not can be repeated."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import canyu
from canyu.events import TABLES

pytestmark = pytest.mark.faults


def read(lake: canyu.Lake, name: str = "events") -> list[dict[str, Any]]:
    return list(lake.engine.run(lake.scan(name)).to_pylist())


def list_doubled(lake: canyu.Lake) -> list[str]:
    return [key for key, times in Counter(row["id"] for row in read(lake)).items() if times > 1]


def test_killed_while_appending(tmp_path: Path, worker: Any) -> None:
    path = tmp_path / "my.lake"
    chance = random.Random(7)
    acknowledged: set[str] = set()
    begin = 0
    for _ in range(12):
        child = worker.start("append", path, first=begin, last=100_000, step=20)
        child.wait_for("start")
        time.sleep(chance.uniform(0.01, 0.25))
        done = [int(line.split()[0]) for line in child.kill() if line[0].isdigit()]
        acknowledged |= {f"e{number + at}" for number in done for at in range(20)}
        lake = canyu.open(path, create=True)
        assert acknowledged <= {row["id"] for row in read(lake)}
        assert list_doubled(lake) == []
        begin = max([begin, *(number + 20 for number in done)]) - 20 * (len(done) > 0)
    child = worker.start("append", path, first=0, last=begin + 40, step=200)
    child.wait_for("end")
    lake = canyu.open(path)
    assert list_doubled(lake) == []
    assert len(read(lake)) >= len(acknowledged) > 0
    assert lake.check() == []


def test_killed_while_compacting(tmp_path: Path, worker: Any) -> None:
    path = tmp_path / "my.lake"
    chance = random.Random(8)
    worker.start("append", path, first=0, last=480, step=8).wait_for("end")
    for number in range(7):
        child = worker.start("compact", path, files_per_day=1)
        child.wait_for("start")
        time.sleep(chance.uniform(0, 0.12))
        child.kill()
        lake = canyu.open(path)
        assert sorted(row["id"] for row in read(lake)) == sorted(f"e{at}" for at in range(480 + 48 * number))
        assert lake.check() == []
        begin = 480 + 48 * number
        worker.start("append", path, first=begin, last=begin + 48, step=8).wait_for("end")
    lake = canyu.open(path)
    lake.compact(files_per_day=1)
    lake.vacuum(keep_hours=0)
    assert len(read(lake)) == 480 + 7 * 48
    assert len(list(path.glob("events/day=*/*.parquet"))) == 34


def test_killed_while_erasing(tmp_path: Path, worker: Any) -> None:
    path = tmp_path / "my.lake"
    chance = random.Random(9)
    worker.start("append", path, first=0, last=480, step=48).wait_for("end")
    lake = canyu.open(path)
    _score(lake)
    others = {row["id"] for row in read(lake) if row["actor"] not in {"person-0", "person-1"}}
    for number in range(12):
        child = worker.start("erase", path, actor=f"person-{number % 2}")
        child.wait_for("start")
        time.sleep(chance.uniform(0, 0.3))
        child.kill()
        assert others <= {row["id"] for row in read(lake)}
        assert lake.check() == []
    for actor in ("person-0", "person-1"):
        lake.erase(actor)
    assert {row["id"] for row in read(lake)} == {row["event_id"] for row in read(lake, "scores")} == others
    assert {row["actor"] for row in read(lake)} == {"person-2", "person-3", "person-4"}


def test_an_erasure_killed_before_the_events_went_still_finds_what_was_computed(tmp_path: Path, worker: Any) -> None:
    """The order matters: ids of computed rows are only known as long as the events are there."""
    path = tmp_path / "my.lake"
    worker.start("append", path, first=0, last=480, step=48).wait_for("end")
    lake = canyu.open(path)
    _score(lake)
    child = worker.start("erase", path, actor="person-3")
    while lake.version("suppressed") is None:
        time.sleep(0.001)
    child.kill()
    lake.erase("person-3")
    left = {row["id"] for row in read(lake)}
    assert {row["event_id"] for row in read(lake, "scores")} == left
    assert len(left) == 480 - 96


def test_killed_while_erasing_posts(tmp_path: Path, worker: Any) -> None:
    """e0 is what all others are copies of: they are heard anew, whenever the kill comes."""
    path = tmp_path / "my.lake"
    chance = random.Random(10)
    worker.start("append", path, first=0, last=240, step=48).wait_for("end")
    lake = canyu.open(path)
    _score(lake, with_copies=True)
    goes = ["e0", "e100", "e200"]
    for _ in range(6):
        child = worker.start("erase_posts", path, ids=goes)
        child.wait_for("start")
        time.sleep(chance.uniform(0, 0.25))
        child.kill()
        assert len(read(lake)) in {237, 240}
        assert lake.check() == []
    again = lake.erase_posts(goes)
    assert set(again.unknown) in (set(), set(goes))  # the latter where one was done before its kill
    assert {row["id"] for row in read(lake)} == {f"e{at}" for at in range(240)} - set(goes)
    assert {row["event_id"] for row in read(lake, "scores")} == {f"e{at}" for at in range(1, 240, 2)}
    assert {row["event_id"] for row in read(lake, "mentions")} == {f"e{at}" for at in range(1, 240, 2)}
    assert lake.find_unfinished(goes) == []


def test_two_erasures_of_posts_at_once_are_both_done(tmp_path: Path, worker: Any) -> None:
    path = tmp_path / "my.lake"
    worker.start("append", path, first=0, last=96, step=48).wait_for("end")
    wanted = [["e1", "e2", "e3"], ["e3", "e4"], ["e1", "e2", "e3"]]
    children = [worker.start("erase_posts", path, ids=ids) for ids in wanted]
    told = [child.wait_for("end")[1] for child in children]
    lake = canyu.open(path)
    assert sum(int(line.split()[1]) for line in told) == 4
    assert [line.split()[2] for line in told] == ["0"] * 3
    assert {row["id"] for row in read(lake)} == {f"e{at}" for at in range(96)} - {"e1", "e2", "e3", "e4"}
    assert len(read(lake, "receipts")) == 3


def _score(lake: canyu.Lake, *, with_copies: bool = False) -> None:
    rows = [
        {"event_id": row["id"], "day": row["day"], "time": row["time"], "type": "post", "model_version": "1"}
        | {"cluster_id": "e0" if with_copies and int(row["id"][1:]) % 2 == 0 else row["id"], "brand": "b", "link": "b"}
        for row in sorted(read(lake), key=lambda row: row["time"])
    ]
    for row in rows:
        row["is_first_of_brand"] = True
    for name in ("mentions", "scores"):
        lake.write_derived(name, pa.Table.from_pylist(rows, TABLES[name].schema))
