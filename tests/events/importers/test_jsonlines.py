"""JSON Lines: each line by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from canyu.events.importers.jsonlines import JsonLinesReader
from canyu.kit.errors import BadInput

Write = Callable[..., Path]


def read_all(path: Path) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    rows: list[dict[str, Any]] = []
    refused: list[tuple[int, str]] = []
    for block in JsonLinesReader(path, encoding="utf-8").read_blocks():
        rows += block.columns.to_pylist()
        refused += [(refusal.row, refusal.reason) for refusal in block.refusals]
    return rows, refused


def test_cells_stay_json(write: Write) -> None:
    rows, refused = read_all(write("a.jsonl", '{"a":1.50,"b":"米😀","c":{"x":[1]},"d":12345678901234567890}\n'))
    assert rows == [{"a": "1.5", "b": '"米😀"', "c": '{"x":[1]}', "d": "12345678901234567890"}]
    assert refused == []


@pytest.mark.parametrize("line", ["{bad", "[1]", "5", '{"a":"\\ud800"}', '{"a":1} x'])
def test_a_line_that_is_not_an_object_is_refused_alone(write: Write, line: str) -> None:
    rows, refused = read_all(write("a.jsonl", f'{{"a":1}}\n{line}\n\n{{"a":2}}\n'))
    assert [row["a"] for row in rows] == ["1", "2"]
    assert refused == [(2, "not_json")]


def test_odd_keys_are_read(write: Write) -> None:
    rows, _ = read_all(write("a.jsonl", '{"a/b~c\\"d\'e":1,"A/B~c\\"d\'e":2,"":3}'))
    assert rows == [{"column_1": "3", "A/B~c\"d'e": "2", "a/b~c\"d'e_2": "1"}]


def test_a_key_that_comes_late_becomes_a_column(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canyu.events.importers.sources.PIECE_BYTES", 8)
    rows, _ = read_all(write("a.jsonl", '{"a":1}\n{"b":2}\n'))
    assert rows == [{"a": "1"}, {"a": None, "b": "2"}]


def test_a_json_array_is_read_and_a_broken_one_refused(write: Write) -> None:
    assert read_all(write("a.json", '[{"a":1},{"a":2}]'))[0] == [{"a": "1"}, {"a": "2"}]
    with pytest.raises(BadInput, match="not whole JSON"):
        read_all(write("b.json", '[{"a":1},'))


def test_a_line_that_is_not_utf8_or_too_long_is_refused(write: Write) -> None:
    long = b'{"a":"' + b"x" * 9_000_000 + b'"}\n'
    rows, refused = read_all(write("a.jsonl", b'{"a":"\xff"}\n' + long + b'{"a":3}\n'))
    assert [row["a"] for row in rows] == ["3"]
    assert refused == [(1, "not_utf8"), (2, "too_long")]


def test_a_file_with_thousands_of_keys_is_refused(write: Write) -> None:
    with pytest.raises(BadInput, match="different keys"):
        read_all(write("a.jsonl", "\n".join(f'{{"k{at}":1}}' for at in range(600))))
