"""Parquet as a stream of typed rows; a file cut short is refused before its first row enters the lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from canyu.events.importers.block import RAW_CHARACTERS, Block, Notes, name_columns
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

BLOCK_ROWS = 60_000
CONFIG: dict[str, str | bool | int | float | list[str]] = {"threads": 1, "memory_limit": "400MB"}


class ColumnarReader:
    """Reads Parquet; with ``arrange`` (a column) rows come sorted by it, so that each day is written once."""

    def __init__(self, path: Path, *, arrange: str = "") -> None:
        self.notes = Notes()
        self._path = path
        self._arrange = arrange

    def read_blocks(self) -> Iterator[Block]:
        """Yield the rows; row numbers are their places in the file, from 1."""
        try:
            yield from self._read_blocks()
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise _tell_broken(self._path, error) from error

    def _read_blocks(self) -> Iterator[Block]:
        with pq.ParquetFile(self._path) as file:
            names, total = name_columns(file.schema_arrow.names, self.notes), max(1, file.metadata.num_rows)
        with TemporaryDirectory() as spill, duckdb.connect(config={**CONFIG, "temp_directory": spill}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            order = (
                ""
                if not self._arrange
                else f' ORDER BY "{self._arrange.replace(chr(34), chr(34) * 2)}", file_row_number'
            )
            rows = connection.execute(
                f"SELECT * FROM read_parquet(?, file_row_number=true){order}",  # noqa: S608 - the column name is quoted
                [str(self._path)],
            )
            done = 0
            for batch in rows.to_arrow_reader(BLOCK_ROWS):
                table = pa.Table.from_batches([batch])
                numbers = table["file_row_number"].to_numpy().astype(np.int64) + 1
                done += len(numbers)
                self.notes.share = done / total
                yield _build_block(table.drop_columns("file_row_number").rename_columns(names), numbers)


def _tell_broken(path: Path, error: Exception) -> BadInput:
    """Return the error for a Parquet file that is cut short or damaged."""
    reason = str(error).splitlines()[0][:200]
    return BadInput(
        Words(
            f"{path.name} 不是完整的 Parquet 文件（{reason}）。", f"{path.name} is not a whole Parquet file ({reason})."
        ),
        mend=Words("请重新复制或导出这个文件。", "Copy or export the file again."),
    )


def _build_block(table: pa.Table, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Block:
    def show(at: int) -> str:
        cells = table.slice(at, 1).to_pylist()[0]
        return dump_json({name: None if cell is None else str(cell) for name, cell in cells.items()})[:RAW_CHARACTERS]

    return Block(table, rows, show)
