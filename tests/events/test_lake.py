"""What the lake promises: every event once, every version readable, nothing else in its place."""

from __future__ import annotations

import doctest
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

import canyu
from canyu.events import EVENT_SCHEMA, TABLES
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import speak

Maker = Callable[..., pa.Table]


def read_ids(lake: canyu.Lake, version: int | None = None) -> list[str]:
    return sorted(lake.engine.run(lake.scan(version=version).select("id"))["id"].to_pylist())


def test_an_append_tells_what_was_added_and_what_was_there(lake: canyu.Lake, make_posts: Maker) -> None:
    first = lake.append(make_posts(25))
    second = lake.append(make_posts(20, first=15))
    assert (first.added, first.repeated, second.added, second.repeated) == (25, 0, 10, 10)
    assert lake.scan().count().to_pyarrow().as_py() == 35
    assert second.version == first.version + 1 == lake.version()


def test_an_append_of_known_events_makes_no_version(lake: canyu.Lake, make_posts: Maker) -> None:
    first = lake.append(make_posts(5))
    assert lake.append(make_posts(5)).version == first.version


def test_of_two_rows_with_one_id_the_first_is_kept(lake: canyu.Lake, make_posts: Maker) -> None:
    rows = pa.concat_tables([make_posts(1, text="first"), make_posts(1, text="second")])
    assert lake.append(rows).added == 1
    assert lake.engine.run(lake.scan())["text"].to_pylist() == ["first"]


def test_known_ids_outlive_a_restart_and_other_days(lake: canyu.Lake, make_posts: Maker) -> None:
    lake.append(make_posts(30))
    again = canyu.open(lake.path)
    moved = make_posts(30, time=datetime(2025, 9, 1, tzinfo=UTC))
    assert again.append(moved).added == 0


def test_two_open_lakes_see_each_others_events(lake: canyu.Lake, make_posts: Maker) -> None:
    other = canyu.open(lake.path, create=True)
    assert (lake.append(make_posts(10)).added, other.append(make_posts(15)).added) == (10, 5)
    assert (lake.append(make_posts(20)).added, other.append(make_posts(20)).added) == (5, 0)


def test_an_empty_append_is_no_error(lake: canyu.Lake) -> None:
    assert lake.append(EVENT_SCHEMA.empty_table()).added == 0


@pytest.mark.parametrize("ids", [["", "x"], ["é" * 300, "é" * 301], ["a" * 8, "a" * 16], ["0" * 32, "0" * 31 + "1"]])
def test_ids_of_every_shape_are_told_apart(lake: canyu.Lake, make_posts: Maker, ids: list[str]) -> None:
    rows = make_posts(2).set_column(0, EVENT_SCHEMA.field("id"), pa.array(ids))
    assert (lake.append(rows).added, lake.append(rows).added) == (2, 0)
    assert read_ids(lake) == sorted(ids)


def test_a_missing_column_or_a_null_id_is_refused_whole(lake: canyu.Lake, make_posts: Maker) -> None:
    with pytest.raises(BadInput, match="lack the columns"):
        lake.append(make_posts(3).drop_columns(["source"]))
    nameless = make_posts(2).set_column(0, "id", pa.array(["a", None]))
    with pytest.raises(BadInput):
        lake.append(nameless)
    assert lake.version() is None


def test_a_stream_is_appended_in_commits(lake: canyu.Lake, make_posts: Maker) -> None:
    batches = [make_posts(10, first=start) for start in range(0, 60, 10)]
    done = list(lake.append_batches(batches, rows_per_commit=25))
    assert [each.added for each in done] == [30, 30]
    assert [each.added for each in lake.append_batches(batches[0].to_batches())] == [0]


def test_every_version_can_be_read_again(lake: canyu.Lake, make_posts: Maker) -> None:
    versions = [lake.append(make_posts(5, first=start)).version for start in (0, 5, 10)]
    assert [len(read_ids(lake, version)) for version in versions] == [5, 10, 15]
    with pytest.raises(NotFound, match="no version 99"):
        lake.scan(version=99)
    with pytest.raises(NotFound, match="no version 999999999999999999"):
        lake.scan(version=999999999999999999)


def test_history_tells_when_what_and_how_many(lake: canyu.Lake, make_posts: Maker) -> None:
    lake.append(make_posts(5))
    lake.append(make_posts(9))
    told = [(commit.version, commit.operation, commit.rows) for commit in lake.history()]
    assert told == [(2, "append", 4), (1, "append", 5), (0, "create table", None)]
    assert lake.history("scores") == []
    assert len(lake.history(limit=1)) == 1


def test_refused_rows_are_kept_once(lake: canyu.Lake) -> None:
    row = {"id": "q1", "received": None, "file": "a.csv", "row": 1, "field": "time", "reason": "no_time", "mend": "x"}
    now = pa.scalar(0, pa.timestamp("us", tz="UTC")).as_py()
    rows = pa.Table.from_pylist([row | {"received": now}, row | {"received": now}], TABLES["quarantine"].schema)
    assert (lake.refuse(rows), lake.refuse(rows)) == (1, 0)


def test_a_derived_table_is_appended_to_or_replaced(lake: canyu.Lake) -> None:
    schema = TABLES["board"].schema
    now = pa.scalar(0, pa.timestamp("us", tz="UTC")).as_py()
    row = {"event_id": "e", "brand": "xiaomi", "title": "t", "start": now, "end": now, "model_version": "1"}
    rows = pa.Table.from_pylist([row], schema)
    lake.write_derived("board", rows)
    lake.write_derived("board", rows)
    assert lake.scan("board").count().to_pyarrow().as_py() == 2
    version = lake.write_derived("board", rows, mode="overwrite")
    assert lake.scan("board").count().to_pyarrow().as_py() == 1
    assert lake.scan("board", version=version - 1).count().to_pyarrow().as_py() == 2
    with pytest.raises(BadInput):
        lake.write_derived("board", rows, mode="upsert")


@pytest.mark.parametrize("folder", ["a b", "米粥*湖?", "100%", "#1 'q' \"d\" $x", "café{1}"])
def test_a_lake_may_lie_in_a_folder_of_almost_any_name(tmp_path: Path, make_posts: Maker, folder: str) -> None:
    lake = canyu.open(tmp_path / folder / "my.lake", create=True)
    lake.append(make_posts(12))
    again = canyu.open(tmp_path / folder / "my.lake")
    assert (again.append(make_posts(14)).added, len(read_ids(again))) == (2, 14)
    assert [each.files_after for each in again.compact(files_per_day=1)] == [2]
    again.vacuum(keep_hours=0)
    again.erase("u1")
    assert len(read_ids(again)) == 11
    assert len(again.history()) == len(lake.history()) > 4
    assert [path.name for path in tmp_path.iterdir()] == [folder]


@pytest.mark.parametrize("folder", ["a[1]", "x|y", "a^b", "50%20", "back\\slash"])
def test_a_name_that_the_table_format_cannot_bear_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(BadInput, match="Choose a folder without"):
        canyu.open(tmp_path / folder / "my.lake", create=True)


def test_an_absent_lake_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no lake"):
        canyu.open(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_lake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="is a file"):
        canyu.open(tmp_path / "file", create=True)


def test_a_table_gets_the_columns_agreed_since(lake: canyu.Lake, make_posts: Maker) -> None:
    from deltalake import DeltaTable, Schema

    old = pa.schema([field for field in TABLES["quarantine"].schema if field.name != "raw"])
    DeltaTable.create(lake.store.locate("quarantine"), Schema.from_arrow(old))
    lake.write_derived("quarantine", TABLES["quarantine"].schema.empty_table())
    assert [field.name for field in lake.store.create("quarantine").schema().fields] == TABLES[
        "quarantine"
    ].schema.names


def test_unknown_tables_are_told(lake: canyu.Lake) -> None:
    with pytest.raises(NotFound, match="no table") as caught:
        lake.scan("tweets")
    with speak("zh-hans"):
        assert str(caught.value).startswith("数据湖没有名为 tweets 的表。 可用的表：events、quarantine、")


def test_the_reference_page_runs_as_written() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "lake.md"
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (result.failed, result.attempted) == (0, 14)


def test_files_of_a_program_that_keeps_no_statistics_are_counted(lake: canyu.Lake, make_posts: Maker) -> None:
    lake.append(make_posts(3))
    log = Path(lake.path, "events", "_delta_log", f"{lake.version():020d}.json")
    log.write_text(re.sub(r'"stats":".*?}"', '"stats":null', log.read_text()))
    again = canyu.open(lake.path)
    assert [file.rows for file in again.store.list_live(again.store.create("events"))] == [None]
    assert (again.append(make_posts(5)).added, len(read_ids(again))) == (2, 5)
