"""Which of several equal rows a row is, so that rows without an id of their own keep one through every import."""

from __future__ import annotations

from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

Config = dict[str, str | bool | int | float | list[str]]
MEMORY_LIMIT = "200MB"


class Occurrences:
    """Counts equal keys over the whole of one file; what does not fit in memory goes to a temporary file."""

    def __init__(self) -> None:
        self._spill = TemporaryDirectory()
        config: Config = {"threads": 1, "memory_limit": MEMORY_LIMIT, "temp_directory": self._spill.name}
        self._connection = duckdb.connect(config=config)
        self._connection.execute("CREATE TABLE seen (key UBIGINT)")

    def __enter__(self) -> Occurrences:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._spill.cleanup()

    def number_rows(self, keys: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return, for each key (32 hex digits), key and occurrence as text: the first is 0, in any block."""
        rows = pa.table({"text": keys, "place": pa.array(range(len(keys)), pa.int64())})
        self._connection.register("rows", rows)
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE fresh AS SELECT place, text, hash(text) AS key FROM rows"
        )
        numbered = self._connection.execute(
            """
            SELECT text || chr(31) ||
              (row_number() OVER (PARTITION BY fresh.key ORDER BY place) - 1 + coalesce(before, 0)) AS key
            FROM fresh LEFT JOIN
              (SELECT key, count(*) AS before FROM seen WHERE key IN (SELECT key FROM fresh) GROUP BY key) AS earlier
              ON earlier.key = fresh.key
            ORDER BY place
            """
        ).to_arrow_table()
        self._connection.unregister("rows")
        self._connection.execute("INSERT INTO seen SELECT key FROM fresh")
        return numbered["key"]
