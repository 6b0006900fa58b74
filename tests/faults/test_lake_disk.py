"""A full disk, a read-only folder, a wrong clock: the message says what to do, and nothing acknowledged is lost."""

from __future__ import annotations

import random
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import canyu
from canyu.events import Event, build_event_table, split_valid
from canyu.kit.errors import StorageFailure

pytestmark = pytest.mark.faults
NOW = datetime(2025, 3, 1, tzinfo=UTC)


def make_posts(first: int, count: int = 500, time: datetime = NOW) -> pa.Table:
    noise = random.Random(first)
    return build_event_table(
        [Event(f"e{first + at}", "post", time, NOW, "t", text=noise.randbytes(100).hex()) for at in range(count)]
    )


def read_ids(lake: canyu.Lake) -> list[str]:
    return sorted(lake.engine.run(lake.scan().select("id"))["id"].to_pylist())


def test_a_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    lake = canyu.open(small_disk / "my.lake", create=True)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(2_500_000))
    results: list[int] = []
    stream = lake.append_batches((make_posts(first) for first in range(0, 100_000, 500)), rows_per_commit=500)
    with pytest.raises(StorageFailure, match=r"The disk is full.*Free some space and repeat"):
        results.extend(each.added for each in stream)
    acknowledged = sum(results)
    assert acknowledged > 0
    assert read_ids(canyu.open(lake.path)) == sorted(f"e{number}" for number in range(acknowledged))
    filler.unlink()
    assert lake.append(make_posts(0, acknowledged + 500)).added == 500
    assert len(set(read_ids(lake))) == len(read_ids(lake)) == acknowledged + 500
    assert lake.check() == []


@pytest.mark.parametrize("free", [0, 1_000, 4_000, 8_000, 16_000, 40_000, 80_000, 120_000, 200_000])
def test_however_little_is_left_an_append_counts_whole_or_not_at_all(small_disk: Path, free: int) -> None:
    lake = canyu.open(small_disk / "my.lake", create=True)
    lake.append(make_posts(0))
    stat = subprocess.run(["df", "--output=avail", "-B1", str(small_disk)], capture_output=True, text=True, check=True)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(max(0, int(stat.stdout.split()[1]) - free)))
    added = 500
    try:
        assert lake.append(make_posts(500)).added == 500
    except StorageFailure:
        added = 0
    expected = 500 + added
    assert len(read_ids(canyu.open(lake.path))) == expected
    filler.unlink()
    assert lake.append(make_posts(0, 1_500)).added == 1_500 - expected


def test_a_read_only_folder_can_be_read_and_says_why_it_cannot_be_written(small_disk: Path) -> None:
    canyu.open(small_disk / "my.lake", create=True).append(make_posts(0))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    lake = canyu.open(small_disk / "my.lake")
    assert len(read_ids(lake)) == 500
    assert [commit.rows for commit in lake.history()] == [500, None]
    for change in (lambda: lake.append(make_posts(500)), lake.vacuum, lambda: lake.erase("somebody")):
        with pytest.raises(StorageFailure, match="Give this user the right to write"):
            change()
    assert len(read_ids(lake)) == 500


def test_a_wrong_clock_is_refused_and_the_rest_is_kept(lake: canyu.Lake) -> None:
    fast = make_posts(0, 2, time=NOW + timedelta(days=400))
    dead_battery = make_posts(2, 2, time=datetime(1970, 1, 1, tzinfo=UTC))
    verdict = split_valid(pa.concat_tables([fast, dead_battery, make_posts(4, 6)]), now=NOW)
    assert lake.append(verdict.kept).added == 6
    assert verdict.refused["reason"].to_pylist() == ["time_in_future"] * 2 + ["time_before_1990"] * 2
    assert set(verdict.refused["mend"].to_pylist()) == {
        "Check the clock and time zone of the source.",
        "Check the unit and format of the time.",
    }


def test_a_clock_that_goes_back_between_appends_breaks_no_version(lake: canyu.Lake) -> None:
    versions = [lake.append(make_posts(first, 10, time=NOW - timedelta(days=first))).version for first in (0, 10, 20)]
    assert [lake.scan(version=version).count().to_pyarrow().as_py() for version in versions] == [10, 20, 30]
