"""Encodings are found out, and letters survive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from canyu.events.importers.block import Notes
from canyu.events.importers.sources import detect_encoding, read_pieces
from canyu.kit.errors import BadInput

TEXT = "微博正文,发布时间\n小米SU7真好看😀𠮷,2025-01-01\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_every_encoding_is_found_and_read(write: Callable[..., Path], encoding: str, found: str) -> None:
    path = write("a.csv", (TEXT * 50 if encoding == "utf-16-be" else TEXT).encode(encoding))
    assert detect_encoding(path) == found
    assert b"".join(read_pieces(path, found, Notes())).decode().startswith(TEXT)


def test_gbk_is_read_as_gb18030(write: Callable[..., Path]) -> None:
    path = write("a.csv", "正文,时间\n好,2025-01-01\n".encode("gbk"))
    assert detect_encoding(path) == "gb18030"


def test_a_large_file_is_judged_beyond_its_head(write: Callable[..., Path]) -> None:
    path = write("a.csv", b"id,text\n" + b"1,ascii only\n" * 200_000 + "2,中文\n".encode("gb18030") * 200_000)
    assert detect_encoding(path) == "gb18030"


def test_an_unknown_encoding_is_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match="no encoding"):
        list(read_pieces(write("a.csv", TEXT), "klingon", Notes()))
