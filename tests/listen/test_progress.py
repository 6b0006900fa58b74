"""How far a first listening is: nothing read, part of it read, all read and not all found, and finished."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

import canyu
from canyu.events import TABLES, Lake
from canyu.listen.findings import open_book
from canyu.listen.progress import Progress, read_progress
from canyu.listen.topic_table import update_topics
from canyu.listen.update import update_findings
from voices_lake import MODEL, fill_voices_lake

ZONE = "Asia/Shanghai"
FOUND = ("topics", "coordination", "rumours", "findings")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(fill_voices_lake(tmp_path_factory.mktemp("progress") / "voices.lake").path)


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """The lake of ``voices_lake`` with its 68 posts read and nothing found among them."""
    path = shutil.copytree(filled, tmp_path / "copy.lake")
    for name in FOUND:
        shutil.rmtree(path / name)
    return path


def forget_scores(lake: Lake, kept: int) -> None:
    rows = lake.engine.run(lake.scan("scores").limit(kept)).cast(TABLES["scores"].schema)
    lake.write_derived("scores", rows, mode="overwrite")


def test_before_anybody_listens_all_posts_wait(path: Path) -> None:
    shutil.rmtree(path / "scores")
    found = read_progress(canyu.open(path), "topics")
    assert found == Progress("topics", "week", posts=68, scored=0, done=0, total=0)
    assert (found.is_begun, found.is_scored) == (False, False)


def test_while_posts_are_read_it_tells_how_many(path: Path) -> None:
    forget_scores(canyu.open(path), 20)
    found = read_progress(canyu.open(path), "rumours")
    assert found is not None
    assert (found.posts, found.scored, found.is_begun, found.is_scored) == (68, 20, True, False)


def test_while_topics_are_found_it_tells_how_many_weeks(path: Path) -> None:
    lake = canyu.open(path)
    assert read_progress(lake, "topics") == Progress("topics", "week", 68, 68, done=0, total=4)
    update_topics(lake, MODEL, ZONE)
    assert read_progress(lake, "topics") is None
    assert read_progress(lake, "coordination") == Progress("coordination", "week", 68, 68, done=0, total=4)
    assert read_progress(lake, "rumours") == Progress("rumours", "day", 68, 68, done=0, total=28)


def test_part_of_the_weeks_is_told_as_part(path: Path) -> None:
    lake = canyu.open(path)
    update_topics(lake, MODEL, ZONE)
    book = open_book(lake, "topics", MODEL, ZONE, MODEL)
    for key in sorted(book.entries):
        if key.start >= datetime(2025, 4, 20, 16, tzinfo=UTC):
            book.entries.pop(key)
    book.write()
    found = read_progress(lake, "topics")
    assert found is not None
    assert (found.done, found.total) == (2, 4)


def test_once_all_is_found_there_is_nothing_to_tell(path: Path) -> None:
    lake = canyu.open(path)
    update_findings(lake, MODEL)
    assert [read_progress(lake, kind) for kind in ("topics", "coordination", "rumours")] == [None] * 3


def test_posts_that_come_after_a_listening_are_no_part_of_it(path: Path) -> None:
    lake = canyu.open(path)
    forget_scores(lake, 60)
    row = {"number": 1, "time": datetime(2025, 5, 5, tzinfo=UTC), "model_version": MODEL}
    row |= {"events_version": 1, "scored": 60}
    lake.write_derived("listenings", pa.Table.from_pylist([row]))
    found = read_progress(lake, "coordination")
    assert found is not None
    assert (found.posts, found.scored, found.is_scored) == (60, 60, True)
