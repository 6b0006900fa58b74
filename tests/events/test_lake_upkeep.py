"""Fewer files, old files away, pins, and a look for damage: the rows stay the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

import canyu
from canyu.kit.errors import BadInput, NotFound

Maker = Callable[..., pa.Table]


def count(lake: canyu.Lake, version: int | None = None) -> int:
    return int(lake.scan(version=version).count().to_pyarrow().as_py())


def list_data_files(lake: canyu.Lake) -> list[Path]:
    return sorted(Path(lake.path, "events").glob("day=*/*.parquet"))


@pytest.fixture
def crowded(lake: canyu.Lake, make_posts: Maker) -> canyu.Lake:
    """Two days, the first in six files, the second in one."""
    for number in range(6):
        lake.append(make_posts(1, first=number))
    lake.append(make_posts(4, first=10))
    return lake


def test_only_days_above_the_limit_are_compacted(crowded: canyu.Lake) -> None:
    before = crowded.engine.run(crowded.scan().order_by("id"))
    done = crowded.compact(files_per_day=5)[0]
    assert (done.partitions, done.files_before, done.files_after) == (1, 7, 2)
    assert crowded.engine.run(crowded.scan().order_by("id")).equals(before)
    assert crowded.compact(files_per_day=5)[0].partitions == 0
    assert list(Path(crowded.path, "events", "_delta_log").glob("*.checkpoint.parquet"))


def test_after_a_compaction_known_ids_are_still_known(crowded: canyu.Lake, make_posts: Maker) -> None:
    other = canyu.open(crowded.path)
    other.compact(files_per_day=5)
    assert crowded.append(make_posts(6)).added == 0
    assert crowded.append(make_posts(7)).added == 1


def test_vacuum_removes_what_no_version_needs_and_keeps_pins(crowded: canyu.Lake) -> None:
    pinned = crowded.version()
    crowded.pin(int(pinned or 0), "annual report")
    crowded.compact(files_per_day=5)
    rehearsed = crowded.vacuum(keep_hours=0, is_rehearsal=True)
    assert (rehearsed, len(list_data_files(crowded))) == ([], 8)
    assert count(crowded, pinned) == 10
    assert crowded.unpin("annual report") == 1
    assert len(crowded.vacuum(keep_hours=0)) == 6 + 1  # the files of the day, and the empty list of pins
    assert (count(crowded), len(list_data_files(crowded))) == (10, 2)
    with pytest.raises(NotFound, match="can no longer be read"):
        crowded.scan(version=pinned)


def test_young_versions_stay_readable(crowded: canyu.Lake) -> None:
    version = crowded.version()
    crowded.compact(files_per_day=5)
    assert (crowded.vacuum(), count(crowded, version)) == ([], 10)


def test_a_pin_is_kept_once_and_must_make_sense(crowded: canyu.Lake) -> None:
    assert len(crowded.pin(1, "report")) == len(crowded.pin({"events": 1}, "report")) == 1
    assert [(pin.table, pin.version, pin.reason) for pin in crowded.pins()] == [("events", 1, "report")]
    with pytest.raises(BadInput, match="reason"):
        crowded.pin(1, " ")
    with pytest.raises(NotFound):
        crowded.pin(99, "report")


def test_a_whole_lake_has_no_damage(crowded: canyu.Lake) -> None:
    assert crowded.check() == []
