"""The fast way into JSON Lines: taken where every record is plain, left at the first that is not."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from unittest.mock import patch

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.listen import plain_json
from canyu.listen.plain_json import count_lines, find_plain_json

PLAIN = b'{"text":"x","likes":1}\n'
LONG = PLAIN * 60_000  # more than the sample, so that the odd line below is met while reading


def read(path: Path) -> list[dict[str, object]]:
    plain = find_plain_json(path, "")
    assert plain is not None
    return [row for batch in plain.read() for row in batch.to_pylist()]


def test_plain_records_keep_texts_as_texts_and_absent_keys_as_null(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes('{"text":"2025-01-01T00:00:00Z","likes":1}\r\n\n{"text":"真香","ok":true}'.encode())
    assert read(path) == [
        {"text": "2025-01-01T00:00:00Z", "likes": 1, "ok": None},
        {"text": "真香", "likes": None, "ok": True},
    ]


def test_whole_and_broken_numbers_together_are_broken_ones(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b'{"a":1}\n{"a":1.5}\n{"a":null}\n')
    assert read(path) == [{"a": 1.0}, {"a": 1.5}, {"a": None}]


@pytest.mark.parametrize(
    "content",
    [b"", b"[1]\n", b"not json\n", b'{"a":[1]}\n', b'{"a":{"b":1}}\n', b'{"a":1}\n{"a":"x"}\n', b'{"a":"\xff"}\n',
     b'{"a":1234567890123456789}\n', "\ufeff{}".encode()],
)  # fmt: skip
def test_other_files_are_read_the_careful_way(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(content)
    assert find_plain_json(path, "") is None


def test_another_encoding_is_read_the_careful_way(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(PLAIN)
    assert find_plain_json(path, "gb18030") is None


@pytest.mark.parametrize(
    "odd",
    [b'{"text":1}', b'{"text":"x","new":1}', b'{"text":["x"]}', b"oops", b'{"text":"x","text":"y"}', b'{"text":"\xff"}',
     b'{"text":"\\ud800"}', b'{"text":"x"} {"text":"y"}', b'{"likes":1234567890123456789}', b'{"likes":1.5}', b"\x00"],
)  # fmt: skip
def test_an_odd_line_far_into_the_file_is_told(tmp_path: Path, odd: bytes) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(LONG + odd + b"\n" + PLAIN)
    with pytest.raises(pa.ArrowInvalid):
        read(path)


@given(lines=st.lists(st.sampled_from([b"{}", b"", b" ", b"\t\r", b" {}", b"x" * 9]), max_size=12), ends=st.booleans())
def test_lines_are_counted_as_they_would_be_one_by_one(lines: list[bytes], ends: bool) -> None:
    with NamedTemporaryFile() as file, patch.object(plain_json, "SAMPLE_BYTES", 5):
        Path(file.name).write_bytes(b"\n".join(lines) + b"\n" * ends)
        assert count_lines(Path(file.name)) == sum(bool(line.strip()) for line in lines)
