"""Several writers at once: each event once, with and without the lock; and what would happen without the check."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake.exceptions import CommitFailedError

import canyu
from canyu.events import Event, build_event_table
from canyu.events.store import Store
from canyu.events.writing import Change, commit
from waiting import LONGEST_S

pytestmark = pytest.mark.faults


def read_ids(path: Path) -> Counter[str]:
    lake = canyu.open(path)
    return Counter(lake.engine.run(lake.scan().select("id"))["id"].to_pylist())


def make_posts(first: int, count: int) -> pa.Table:
    from datetime import UTC, datetime

    time = datetime(2025, 3, 1, tzinfo=UTC)
    return build_event_table([Event(f"e{first + at}", "post", time, time, "t", text="x") for at in range(count)])


def test_processes_that_write_the_same_events(tmp_path: Path, worker: Any) -> None:
    path = tmp_path / "my.lake"
    children = [worker.start("append", path, first=first, last=600 + first, step=30) for first in (0, 90, 150)]
    told = [line.split() for child in children for line in child.wait_for("end") if line[0].isdigit()]
    assert sum(int(added) for _, added in told) == 750
    assert read_ids(path) == Counter({f"e{number}": 1 for number in range(750)})


def test_without_the_check_at_the_commit_events_are_doubled(tmp_path: Path, worker: Any) -> None:
    """The negative control: two writers that look first and write then."""
    path = tmp_path / "my.lake"
    worker.start("append", path, first=0, last=10, step=10).wait_for("end")
    logs = [str(tmp_path / name) for name in ("a.log", "b.log")]
    for log in logs:
        Path(log).touch()
    children = [worker.start("append_blind", path, first=0, last=50, log=log, others=logs) for log in logs]
    for child in children:
        child.wait_for("end")
    assert sum(times - 1 for times in read_ids(path).values()) == 40


def test_writers_without_a_lock_are_told_apart_by_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on an object store, which has no lock: both look at the same version, one commit must lose and look again."""
    canyu.open(tmp_path / "my.lake", create=True).append(make_posts(0, 10))
    barrier = threading.Barrier(2)

    @contextmanager
    def no_lock(store: Store) -> Iterator[None]:
        yield

    monkeypatch.setattr(Store, "writing", no_lock)
    results = []

    def write(lake: canyu.Lake) -> None:
        refresh, waited = lake._known.refresh, []

        def refresh_together(*given: Any) -> None:
            refresh(*given)
            if not waited:
                waited.append(barrier.wait(LONGEST_S))

        monkeypatch.setattr(lake._known, "refresh", refresh_together)
        results.append(lake.append(make_posts(0, 50)))

    threads = [threading.Thread(target=write, args=[canyu.open(tmp_path / "my.lake")]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((each.added, each.repeated) for each in results) == [(0, 50), (40, 10)]
    assert set(read_ids(tmp_path / "my.lake").values()) == {1}
    assert canyu.open(tmp_path / "my.lake").check() == []


def test_threads_that_share_one_lake(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "my.lake", create=True)
    added: list[int] = []
    threads = [
        threading.Thread(target=lambda: added.extend(lake.append(make_posts(at * 20, 40)).added for at in range(8)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(added) == 180
    assert set(read_ids(tmp_path / "my.lake").values()) == {1}


def test_a_reader_in_another_thread_does_not_move_on_what_a_writer_commits_against(tmp_path: Path) -> None:
    lake, other = (canyu.open(tmp_path / "my.lake", create=True) for _ in range(2))
    lake.append(make_posts(0, 10))
    with lake.store.writing():
        held = lake.store.create("events")
        commit(other.store, "events", other.store.create("events"), Change(note={"canyu": "fence"}))
        reader = threading.Thread(target=lake.scan)
        reader.start()
        reader.join()
        assert held.version() == 1
        with pytest.raises(CommitFailedError):
            commit(lake.store, "events", held, Change(note={"canyu": "append"}), retries=0)


def test_two_that_make_the_lake_at_once(tmp_path: Path, worker: Any) -> None:
    path = tmp_path / "new.lake"
    children = [worker.start("append", path, first=0, last=20, step=20) for _ in range(3)]
    for child in children:
        child.wait_for("end")
    assert read_ids(path) == Counter({f"e{number}": 1 for number in range(20)})
