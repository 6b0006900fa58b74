"""Parquet: typed rows, and clear words for damage."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from canyu.events.importers.columnar import ColumnarReader
from canyu.kit.errors import BadInput


def test_rows_keep_their_types_and_numbers(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [3, 1, 2], "文": ["x", "y", None]}), tmp_path / "a.parquet")
    (block,) = ColumnarReader(tmp_path / "a.parquet").read_blocks()
    assert block.columns.schema.field("a").type == pa.int64()
    assert block.rows.tolist() == [1, 2, 3]
    assert block.read_raw(2) == '{"a":"2","文":null}'


def test_rows_can_come_arranged_and_keep_their_numbers(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [3, 1, 2]}), tmp_path / "a.parquet")
    (block,) = ColumnarReader(tmp_path / "a.parquet", arrange="a").read_blocks()
    assert block.columns["a"].to_pylist() == [1, 2, 3]
    assert block.rows.tolist() == [2, 3, 1]


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": list(range(1000))}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="not a whole Parquet file"):
        list(ColumnarReader(tmp_path / "a.parquet").read_blocks())
