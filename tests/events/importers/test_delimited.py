"""Delimited text: every record is read or refused by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from canyu.events.importers.block import Refusal
from canyu.events.importers.delimited import DelimitedReader
from canyu.events.importers.sources import NUL_NOTE, detect_encoding
from canyu.kit.errors import BadInput

Write = Callable[..., Path]


def read_all(path: Path, delimiter: str = "") -> tuple[list[dict[str, str]], list[Refusal], DelimitedReader]:
    reader = DelimitedReader(path, encoding=detect_encoding(path), delimiter=delimiter)
    rows: list[dict[str, str]] = []
    refusals: list[Refusal] = []
    for block in reader.read_blocks():
        rows += block.columns.to_pylist()
        refusals += block.refusals
    return rows, refusals, reader


def test_plain_rows(write: Write) -> None:
    rows, refusals, _ = read_all(write("a.csv", "a,b\n1,2\n3,4\n"))
    assert rows == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert refusals == []


def test_the_last_line_needs_no_line_break(write: Write) -> None:
    assert read_all(write("a.csv", "a,b\n1,"))[0] == [{"a": "1", "b": ""}]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks_of_every_system_and_blank_lines(write: Write, line_break: str) -> None:
    rows, refusals, _ = read_all(write("a.csv", line_break.join(["a,b", "1,2", "", "3,4", ""])))
    assert [row["a"] for row in rows] == ["1", "3"]
    assert refusals == []


def test_line_breaks_delimiters_and_doubled_quotes_inside_quotes(write: Write) -> None:
    rows, _, _ = read_all(write("a.csv", 'a,b\n"x\r\ny, z","他说""好"""\n1,2\n'))
    assert rows == [{"a": "x\r\ny, z", "b": '他说"好"'}, {"a": "1", "b": "2"}]


@pytest.mark.parametrize(("head", "delimiter"), [("a\tb", "\t"), ("a;b", ";"), ("a|b", "|")])
def test_the_delimiter_is_found_in_the_header(write: Write, head: str, delimiter: str) -> None:
    rows, _, _ = read_all(write("a.tsv", f"{head}\n1{delimiter}2,3\n"))
    assert rows == [{"a": "1", "b": "2,3"}]


def test_ragged_rows_are_refused_with_their_row_and_text(write: Write) -> None:
    rows, refusals, _ = read_all(write("a.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n"))
    assert [row["a"] for row in rows] == ["1", "7"]
    assert [(r.row, r.reason, r.raw) for r in refusals] == [(2, "ragged", "3"), (3, "ragged", "4,5,6")]


def test_a_quote_that_is_never_closed_costs_one_line(write: Write) -> None:
    rows, refusals, _ = read_all(write("a.csv", 'a,b\n1,"open\n2,x\n3,"y"\n4,z\n'))
    assert [row["a"] for row in rows] == ["2", "3", "4"]
    assert [(r.row, r.reason, r.raw) for r in refusals] == [(1, "stray_quote", '1,"open')]


def test_an_unclosed_quote_before_the_end_of_the_file_costs_one_line(write: Write) -> None:
    rows, refusals, _ = read_all(write("a.csv", 'a,b\n1,2\n2,"open\n3,x\n'))
    assert [row["a"] for row in rows] == ["1", "3"]
    assert [(r.row, r.reason) for r in refusals] == [(2, "unclosed_quote")]


def test_an_unclosed_quote_far_from_the_end_is_given_up_after_a_mebibyte(write: Write) -> None:
    rows, refusals, _ = read_all(write("a.csv", 'a,b\n1,"open\n' + "2,x\n" * 400_000))
    assert len(rows) == 400_000
    assert [(r.row, r.reason) for r in refusals] == [(1, "unclosed_quote")]


def test_a_file_of_quotes_that_never_close_is_given_up(write: Write) -> None:
    line = 'x,"' + "y" * 100
    path = write("a.csv", "a,b\n" + "".join(f"{line}{at}\n{'z,w' * 40_000}\n" for at in range(200)))
    with pytest.raises(BadInput, match="never closed"):
        read_all(path)


def test_text_after_a_closing_quote_is_refused(write: Write) -> None:
    _, refusals, _ = read_all(write("a.csv", 'a,b\n"x"y,2\n'))
    assert [(r.row, r.reason) for r in refusals] == [(1, "stray_quote")]


def test_a_line_over_a_mebibyte_is_refused_and_the_next_one_read(write: Write) -> None:
    rows, refusals, _ = read_all(write("a.csv", "a,b\n1," + "x" * 20_000_000 + "\n2,y\n"))
    assert rows == [{"a": "2", "b": "y"}]
    assert [(r.row, r.reason, len(r.raw)) for r in refusals] == [(1, "too_long", 2000)]


def test_a_record_cut_by_the_end_of_a_piece_is_whole(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'a,b\n"x""\r\n,y",2\r\n' * 1 + '"x""\r\n,y",2\r\n' * 9
    for size in range(1, 40):
        monkeypatch.setattr("canyu.events.importers.sources.PIECE_BYTES", size)
        rows, refusals, _ = read_all(write("a.csv", text), ",")
        assert rows == [{"a": 'x"\r\n,y', "b": "2"}] * 10
        assert refusals == []


def test_nul_bytes_are_taken_out_and_counted(write: Write) -> None:
    rows, _, reader = read_all(write("a.csv", b"a,b\n1,x\0y\0\n" + b"2,z\n" * 20))
    assert rows[0] == {"a": "1", "b": "xy"}
    assert reader.notes.counts == {NUL_NOTE: 2}


def test_repeated_and_blank_headers_are_told_apart(write: Write) -> None:
    rows, _, reader = read_all(write("a.csv", "标题,标题,,ID,id\n1,2,3,4,5\n"))
    assert rows == [{"标题": "1", "标题_2": "2", "column_3": "3", "ID": "4", "id_2": "5"}]
    assert len(reader.notes.counts) == 2


def test_a_row_that_is_not_utf8_is_refused_alone(write: Write) -> None:
    good = "3,好的一行\n".encode() * 30
    rows, refusals, _ = read_all(write("a.csv", "a,文\n1,中\n".encode() + b"2,\xff\xfe\xfd\n" + good))
    assert len(rows) == 31
    assert [(r.row, r.field, r.reason) for r in refusals] == [(2, "文", "not_utf8")]


def test_an_empty_file_and_a_broken_header_say_so(write: Write) -> None:
    with pytest.raises(BadInput, match="is empty"):
        read_all(write("a.csv", "\n\n"))
    with pytest.raises(BadInput, match="header"):
        read_all(write("b.csv", '"a"x,b\n1,2\n'))
