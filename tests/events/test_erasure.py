"""Erasing a person leaves nothing of them, in no version and no file, and they do not come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import canyu
from canyu.events.suppression import hash_actor, read_salt
from canyu.kit.errors import BadInput, NotFound, StorageFailure
from erasure_lake import count, fill, find_bytes

Maker = Callable[..., pa.Table]
PERSON = "openid-Zhang.San_007"


@pytest.fixture
def peopled(lake: canyu.Lake, make_posts: Maker) -> canyu.Lake:
    """30 posts of others, 4 of the person on two days, and what was computed from them."""
    lake.append(make_posts(30))
    lake.append(pa.concat_tables([make_posts(2, first=100, actor=PERSON), make_posts(2, first=110, actor=PERSON)]))
    lake.append(make_posts(1, first=200, object=PERSON, text=f"回复@{PERSON}:谢谢"))
    lake.write_derived("scores", fill("scores", {"event_id": "post-100", "actor": PERSON}, {"event_id": "post-1"}))
    lake.write_derived("mentions", fill("mentions", {"event_id": "post-100"}, {"event_id": "post-1"}))
    lake.write_derived("engagement", fill("engagement", {"event_id": "post-101"}, {"event_id": "post-1"}))
    lake.write_derived("board", fill("board", {"event_id": "post-111"}, {"event_id": "post-1"}))
    lake.refuse(fill("quarantine", {"id": "q1", "raw": f"1,{PERSON},x"}, {"id": "q2", "raw": f"2,x{PERSON}1,x"}))
    return lake


def test_events_and_all_computed_from_them_are_gone(peopled: canyu.Lake) -> None:
    done = peopled.erase(PERSON)
    assert (done.rows, count(peopled)) == (4, 31)
    assert [count(peopled, name) for name in ("scores", "mentions", "engagement", "board", "quarantine")] == [1] * 5
    assert done.mentions == 1  # the words of somebody else stay, and are told


def test_no_file_of_any_version_names_the_person(peopled: canyu.Lake) -> None:
    peopled.compact(files_per_day=1)
    peopled.erase(PERSON)
    kept = {"回复@" + PERSON + ":谢谢", "x" + PERSON + "1"}
    for path in find_bytes(peopled, PERSON):
        cells = str(pq.ParquetFile(path).read().to_pylist())
        for allowed in kept:
            cells = cells.replace(allowed, "")
        assert PERSON not in cells
    assert not [path for path in find_bytes(peopled, PERSON) if path.endswith(".json")]
    assert find_bytes(peopled, "post-100") == find_bytes(peopled, "post-111") == []


def test_what_pointed_at_the_person_points_at_nobody(peopled: canyu.Lake) -> None:
    peopled.erase(PERSON)
    table = peopled.scan()
    assert peopled.engine.run(table.filter(table.id == "post-200"))["object"].to_pylist() == ["erased"]


def test_an_erased_person_does_not_come_back(peopled: canyu.Lake, make_posts: Maker) -> None:
    peopled.erase(PERSON)
    for lake in (peopled, canyu.open(peopled.path)):
        result = lake.append(pa.concat_tables([make_posts(2, first=100, actor=PERSON), make_posts(1, first=300)]))
        assert result.suppressed == 2
    assert count(peopled) == 32
    peopled.write_derived("scores", fill("scores", {"event_id": "post-100", "actor": PERSON}))
    assert count(peopled, "scores") == 1


def test_the_receipt_proves_and_names_nobody(peopled: canyu.Lake) -> None:
    done = peopled.erase(PERSON)
    receipt = peopled.engine.run(peopled.scan("receipts")).to_pylist()[0]
    assert receipt["actor_hash"] == hash_actor(read_salt(peopled.store), PERSON)
    assert (receipt["id"], receipt["rows"], receipt["files_scanned"]) == (done.receipt, 4, done.files_scanned)


def test_other_lakes_remember_the_person_under_another_hash(peopled: canyu.Lake, tmp_path: Path) -> None:
    other = canyu.open(tmp_path / "other.lake", create=True)
    assert hash_actor(read_salt(other.store), PERSON) != hash_actor(read_salt(peopled.store), PERSON)


def test_versions_without_the_person_stay_readable_and_the_others_say_why_not(peopled: canyu.Lake) -> None:
    peopled.pin({"events": 1, "scores": 1}, "report")
    peopled.erase(PERSON)
    assert peopled.scan(version=1).count().to_pyarrow().as_py() == 30
    with pytest.raises(NotFound, match="An erasure removes for good"):
        peopled.scan(version=2)


def test_erasing_twice_or_somebody_unknown_is_safe(peopled: canyu.Lake) -> None:
    peopled.erase(PERSON)
    assert (peopled.erase(PERSON).rows, peopled.erase("nobody").rows, count(peopled)) == (0, 0, 31)
    with pytest.raises(BadInput, match="Whom"):
        peopled.erase("  ")


def test_an_actor_called_like_a_source_erases_no_source(lake: canyu.Lake, make_posts: Maker) -> None:
    lake.append(make_posts(5))
    lake.append(make_posts(1, first=9, actor="weibo"))
    assert (lake.erase("weibo").rows, count(lake)) == (1, 5)


def test_other_names_are_looked_for_in_refused_rows(lake: canyu.Lake) -> None:
    lake.refuse(fill("quarantine", {"id": "q1", "raw": "张三,真快"}, {"id": "q2", "raw": "张三丰,真快"}))
    lake.erase("hash-of-zhang", names=["张三"])
    assert lake.engine.run(lake.scan("quarantine"))["id"].to_pylist() == ["q2"]


def test_a_killed_writers_orphan_is_found_and_removed(peopled: canyu.Lake, make_posts: Maker) -> None:
    orphan = Path(peopled.path, "events", "day=2025-03-01", "part-orphan.parquet")
    pq.write_table(make_posts(1, first=999, actor=PERSON), orphan)
    peopled.erase(PERSON)
    assert not orphan.exists()


def test_a_trace_in_a_log_is_told_and_no_receipt_is_given(peopled: canyu.Lake) -> None:
    log = Path(peopled.path, "events", "_delta_log", "00000000000000000001.json")
    log.write_text(log.read_text() + '\n{"commitInfo":{"predicate":"actor = \'' + PERSON + "'\"}}\n")
    with pytest.raises(StorageFailure, match="Traces are left in 1 files"):
        peopled.erase(PERSON)
    assert count(peopled, "receipts") == 0
