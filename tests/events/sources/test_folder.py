"""A watched folder: complete files once, growing ones later, nothing moved; two watches and a kill do no harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import canyu
from canyu.events.importers import FileReport, Stated
from canyu.events.sources import FolderWatch, Way
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, NotFound
from waiting import LONGEST_S, wait_until

HEAD = "微博ID,正文,时间,用户ID\n"
WAY = Way(stated=Stated(zone="Asia/Shanghai", source="weibo", channel="weibo", verb="post"))
LATER = timedelta(minutes=1)


def write_posts(path: Path, first: int, count: int, head: str = HEAD) -> None:
    rows = (f"{number},第 {number} 条,2026-08-12 10:00,u{number}\n" for number in range(first, first + count))
    path.write_text(head + "".join(rows), "utf-8")


def look(watch: FolderWatch, lake: canyu.Lake, now: datetime | None = None) -> list[FileReport]:
    return list(watch.look(lake, now=now or get_now() + LATER))


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def count_events(lake: canyu.Lake) -> int:
    return int(lake.scan().count().to_pyarrow().as_py())


def test_a_file_is_imported_once_and_stays_where_it_is(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    write_posts(inbox / "a.csv", 0, 3)
    watch = FolderWatch(inbox, tmp_path / "state", WAY)
    assert [(report.file, report.added) for report in look(watch, lake)] == [("a.csv", 3)]
    assert look(watch, lake) == []
    assert look(FolderWatch(inbox, tmp_path / "state", WAY), lake) == []
    assert (inbox / "a.csv").is_file()


def test_the_same_content_under_another_name_is_known(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    write_posts(inbox / "a.csv", 0, 3)
    look(FolderWatch(inbox, tmp_path / "state", WAY), lake)
    (inbox / "a.csv").rename(inbox / "b.csv")
    assert look(FolderWatch(inbox, tmp_path / "state", WAY), lake) == []


def test_a_growing_file_waits_until_it_is_the_same_at_two_looks(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    watch = FolderWatch(inbox, tmp_path / "state", WAY, settle_s=2)
    start = datetime(2026, 8, 12, tzinfo=UTC)
    write_posts(inbox / "a.csv", 0, 3)
    future = start.timestamp() + 3600  # a clock of another machine that is ahead: only two equal looks can tell
    os.utime(inbox / "a.csv", (future, future))
    assert look(watch, lake, start) == []
    write_posts(inbox / "a.csv", 0, 5)
    os.utime(inbox / "a.csv", (future, future))
    assert look(watch, lake, start + timedelta(seconds=3)) == []
    assert watch.list_waiting() == ["a.csv"]
    assert [report.added for report in look(watch, lake, start + timedelta(seconds=6))] == [5]


def test_a_file_that_grew_later_adds_only_its_new_rows(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    watch = FolderWatch(inbox, tmp_path / "state", WAY)
    write_posts(inbox / "a.csv", 0, 3)
    look(watch, lake)
    write_posts(inbox / "a.csv", 0, 7)
    assert [(report.rows, report.added) for report in look(watch, lake)] == [(7, 4)]


def test_drafts_links_empty_and_other_files_are_left_alone(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    for name in (".hidden.csv", "~$a.xlsx", "a.csv.part", "notes.md"):
        write_posts(inbox / name, 0, 1)
    (inbox / "empty.csv").touch()
    write_posts(tmp_path / "secret.csv", 0, 1)
    (inbox / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inbox / "folder.csv").mkdir()
    assert look(FolderWatch(inbox, tmp_path / "state", WAY), lake) == []


def test_a_broken_file_is_told_once_and_does_not_keep_others_out(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    (inbox / "a.xlsx").write_bytes(b"PK\x03\x04 cut short")
    write_posts(inbox / "b.csv", 0, 2)
    watch = FolderWatch(inbox, tmp_path / "state", WAY)
    reports = look(watch, lake)
    assert [(report.file, bool(report.error), report.added) for report in reports] == [
        ("a.xlsx", True, 0),
        ("b.csv", False, 2),
    ]
    assert look(watch, lake) == []


def test_another_way_reads_the_file_again(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    write_posts(inbox / "a.csv", 0, 2)
    look(FolderWatch(inbox, tmp_path / "state", WAY), lake)
    other = Way(stated=Stated(zone="Asia/Shanghai", source="other", channel="weibo", verb="post"))
    assert [report.added for report in look(FolderWatch(inbox, tmp_path / "state", other), lake)] == [2]


def test_two_watches_at_once_share_the_files(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    for number in range(6):
        write_posts(inbox / f"{number}.csv", number * 10, 10)
    found: list[FileReport] = []

    def work() -> None:
        found.extend(look(FolderWatch(inbox, tmp_path / "state", WAY), canyu.open(lake.path)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    lake.store.create("events")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.file for report in found) == [f"{number}.csv" for number in range(6)]
    assert count_events(lake) == 60


def test_a_kill_in_the_middle_loses_and_doubles_nothing(lake: canyu.Lake, inbox: Path) -> None:
    for number in range(40):
        write_posts(inbox / f"{number}.csv", number * 100, 100)
    words = ["collect", "folder", str(inbox), "--lake", lake.path, "--zone", "Asia/Shanghai", "--settle", "0", "--once"]
    words += ["--source", "weibo", "--channel", "weibo"]
    command = [sys.executable, "-m", "canyu", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        wait_until(lambda: lake.version() not in (None, 0), running)
        running.send_signal(signal.SIGKILL)
    assert 0 < count_events(lake) < 4000
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S)
    assert done.returncode == 0, done.stderr
    assert count_events(lake) == 4000


def test_a_folder_that_is_not_there_and_a_damaged_notebook_are_told(
    lake: canyu.Lake, inbox: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match="no folder"):
        FolderWatch(tmp_path / "none", tmp_path / "state", WAY)
    write_posts(inbox / "a.csv", 0, 1)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "folder.json").write_text("[1")
    with pytest.raises(BadInput, match="damaged"):
        look(FolderWatch(inbox, tmp_path / "state", WAY), lake)


def test_relative_times_count_back_from_when_the_file_was_saved(lake: canyu.Lake, inbox: Path, tmp_path: Path) -> None:
    (inbox / "a.csv").write_text(HEAD + "1,很稳,3分钟前,u1\n", "utf-8")
    saved = datetime(2026, 8, 12, 2, tzinfo=UTC).timestamp()
    os.utime(inbox / "a.csv", (saved, saved))
    look(FolderWatch(inbox, tmp_path / "state", replace(WAY, is_captured_when_saved=True)), lake)
    times = [event["time"] for event in lake.scan().to_pyarrow().to_pylist()]
    assert times == [datetime(2026, 8, 12, 1, 57, tzinfo=UTC)]
