"""Imports from end to end: every row kept or refused, each event once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import canyu
from canyu.events import EVENT_SCHEMA
from canyu.events.importers import FileReport, import_files, plan_import, preview_events
from canyu.events.importers import run as importing
from canyu.events.importers.guess import Stated
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, NotFound

Write = Callable[..., Path]
Bring = Callable[..., FileReport]
Read = Callable[..., list[dict[str, Any]]]

HEADER = "正文,时间,用户ID\n"
ROWS = [f"第{at}条,2025-01-{at % 28 + 1:02d} 08:00,u{at % 7}\n" for at in range(100)]


def test_rows_are_kept_and_refused_and_add_up(write: Write, bring: Bring, read: Read) -> None:
    bad = ["缺时间,,u\n", "坏时间,上周,u\n", "少一格,2025-01-01\n", ",2025-01-01,u\n", "将来,2099-01-01,u\n"]
    report = bring(write("a.csv", HEADER + "".join(ROWS + bad)))
    assert (report.rows, report.kept, report.refused, report.added) == (105, 100, 5, 100)
    assert sorted(reason.reason for reason in report.reasons) == [
        "missing_field", "no_time", "ragged", "time_in_future", "unreadable_time",
    ]  # fmt: skip
    assert [row["row"] for row in read("quarantine")] == [101, 102, 103, 104, 105]
    assert read("quarantine")[2]["raw"] == "少一格,2025-01-01"


def test_a_file_of_deletions_erases_posts(write: Write, bring: Bring, read: Read) -> None:
    head = "mid,event_type,text,created_at,uid\n"
    bring(write("a.csv", head + "1,post,甲,2025-01-01,u\n2,post,乙,2025-01-01,u\n3,post,丙,2025-01-01,u\n"))
    report = bring(write("b.csv", head + "1,delete,,,\n3,DELETE,,,\n4,post,丁,2025-01-01,u\n,delete,,,\n"))
    assert (report.rows, report.kept, report.added, report.deletions, report.refused) == (4, 3, 1, 2, 1)
    assert report.repeated == 0
    assert sorted(row["text"] for row in read("events")) == ["丁", "乙"]
    assert [(row["row"], row["reason"]) for row in read("quarantine")] == [(4, "missing_key")]


def test_a_second_import_adds_nothing(write: Write, bring: Bring, read: Read) -> None:
    path = write("a.csv", HEADER + "".join([*ROWS, "坏,x,u\n"]))
    assert (bring(path).added, bring(path).added) == (100, 0)
    assert (len(read()), len(read("quarantine"))) == (100, 1)


def test_equal_rows_are_events_of_their_own_and_overlapping_files_count_once(
    write: Write, bring: Bring, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canyu.events.importers.sources.PIECE_BYTES", 64)
    assert bring(write("a.csv", HEADER + "".join(ROWS[:10] * 3))).added == 30
    assert bring(write("b.csv", HEADER + "".join(ROWS[5:15] * 3))).added == 15
    assert len({row["id"] for row in read()}) == 45


def test_likes_that_grow_do_not_make_a_row_another_one(write: Write, bring: Bring) -> None:
    assert bring(write("a.csv", "正文,时间,点赞数,地区\nx,2025-01-01,5,京\n")).added == 1
    assert bring(write("b.csv", "正文,时间,点赞数,地区\nx,2025-01-01,9,京\n")).added == 0
    assert bring(write("c.csv", "正文,时间,点赞数,地区\nx,2025-01-01,9,沪\n")).added == 1


def test_small_commits_give_the_same_lake(
    write: Write, bring: Bring, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "COMMIT_ROWS", 7)
    monkeypatch.setattr("canyu.events.importers.sources.PIECE_BYTES", 256)
    report = bring(write("a.csv", HEADER + "".join(ROWS)))
    assert (report.rows, report.added) == (100, 100)
    assert sorted(row["text"] for row in read()) == sorted(f"第{at}条" for at in range(100))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_gives_the_same_events(write: Write, bring: Bring, encoding: str) -> None:
    assert bring(write("a.csv", HEADER + "".join(ROWS))).added == 100
    assert bring(write("b.csv", HEADER + "".join(ROWS), encoding)).added == 0


def test_the_file_decides_and_not_its_extension(write: Write, bring: Bring) -> None:
    assert bring(write("a.xls", HEADER + "".join(ROWS))).added == 100
    assert bring(write("a.csv", '{"content":"x","time":1735689600}\n')).added == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n", "is empty"),
        ("a.csv", "正文,时间\n".encode(), "a header and no rows"),
        ("a.parquet", b"PAR1 cut", "not a whole Parquet file"),
        ("a.parquet", "正文,时间\n".encode(), "does not begin as .parquet"),
        ("a.xlsx", b"PK\x03\x04 cut", "not a whole Excel workbook"),
        ("a.csv.gz", b"\x1f\x8b\x08", "is a gzip file"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1", "old Excel"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(write: Write, bring: Bring, name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said) as error:
        bring(write(name, content))
    assert error.value.mend


def test_a_file_that_is_not_there(bring: Bring, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        bring(tmp_path / "none.csv")


def test_clocks_without_a_zone_ask_for_one_before_anything_is_imported(write: Write) -> None:
    plan = plan_import(write("a.csv", HEADER + "".join(ROWS)), None, Stated())
    with pytest.raises(BadInput, match="no time zone") as error:
        preview_events(plan)
    assert "--zone" in error.value.mend


def test_the_preview_shows_what_rows_become(write: Write) -> None:
    plan = plan_import(write("a.csv", HEADER + "".join(ROWS)), None, Stated(zone="UTC", market="cn"))
    events = preview_events(plan, rows=2).to_pylist()
    assert [(event["type"], event["text"], event["market"]) for event in events] == [
        ("post", "第0条", "cn"),
        ("post", "第1条", "cn"),
    ]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_an_export_comes_back_as_it_was(
    write: Write, bring: Bring, lake: canyu.Lake, tmp_path: Path, suffix: str
) -> None:
    bring(write("a.csv", 'mid,text,created_at,uid,like_count,b\n1,"x, 😀\n",2025-01-01,u,3,z\n2,y,2025-01-02,,,\n'))
    before = lake.engine.run(lake.scan()).select(EVENT_SCHEMA.names).sort_by("id")
    path = tmp_path / f"export.{suffix}"
    if suffix == "parquet":
        pq.write_table(before, path)
    else:
        lake.engine.backend.con.register("before", before)  # type: ignore[attr-defined]
        lake.engine.backend.con.execute(f"COPY before TO '{path}' ({'HEADER' if suffix == 'csv' else 'FORMAT json'})")  # type: ignore[attr-defined]
    other = canyu.open(tmp_path / "other.lake", create=True)
    report = import_files([plan_import(path)], other, now=get_now())
    assert report.as_counts() == {
        "rows": 2, "kept": 2, "refused": 0, "added": 2, "deletions": 0, "version": report.version,
    }  # fmt: skip
    assert other.engine.run(other.scan()).select(EVENT_SCHEMA.names).sort_by("id").equals(before)


def test_rows_of_an_export_are_checked(write: Write, bring: Bring) -> None:
    report = bring(
        write(
            "a.jsonl",
            '{"id":"1","type":"post","time":"2025-01-01T00:00:00Z","source":"s","text":"x","props":"[1]"}\n'
            '{"id":"2","type":"post","time":"soon","source":"s","text":"x"}\n'
            '{"id":"3","type":"observe","time":"2025-01-01T00:00:00Z","source":"s","object":"o","value":1,"props":{"a":1}}\n'
            '{"id":"4","type":"post","time":"2025-01-01T00:00:00Z","source":"s","text":"x","props":{"a":1}}\n',
        )
    )
    assert (report.rows, report.kept) == (4, 1)
    assert {reason.reason for reason in report.reasons} == {"props_not_object", "unreadable_time", "missing_metric"}


def test_ids_rounded_to_15_digits_are_told(write: Write, bring: Bring) -> None:
    rows = [f"{4987654321012 + at}{at % 9 + 1}{{}},x,2025-01-01\n" for at in range(10)]
    rounded = bring(write("a.csv", "mid,text,created_at\n" + "".join(row.format("100") for row in rows)))
    exact = bring(write("b.csv", "mid,text,created_at\n" + "".join(row.format("123") for row in rows)))
    assert [str(note) for note in rounded.notes if "rounded" in str(note)] == [
        "All long ids in “mid” end in zeros: a spreadsheet rounded them. Export them as text."
    ]
    assert exact.notes == {}
