"""DuckDB through Ibis, over a list of live Parquet files (never a folder pattern: it would count dead files)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import pyarrow as pa


class DuckEngine:
    """Computes on this machine with DuckDB. One object per thread: the connection is not shared."""

    name = "duckdb"

    def __init__(self, *, threads: int | None = None, memory_limit: str = "") -> None:
        options: dict[str, Any] = {}
        if threads:
            options["threads"] = threads
        if memory_limit:
            options["memory_limit"] = memory_limit
        self.backend = ibis.duckdb.connect(**options)
        self.backend.raw_sql("SET TimeZone = 'UTC'")
        self.backend.raw_sql("SET parquet_metadata_cache = true")
        self._views: dict[tuple[str, ...], ibis.Table] = {}

    def read_files(self, files: Sequence[str], root: str, schema: pa.Schema) -> ibis.Table:
        """Return the files as one table; an empty list gives an empty table of ``schema``."""
        key = (root, *files)
        if key not in self._views:
            self._views[key] = self._open_view(files, schema)
        return self._views[key]

    def run(self, expr: ibis.Expr) -> pa.Table:
        """Compute the expression; return its rows as an Arrow table."""
        return self.backend.to_pyarrow(expr)

    def compile_sql(self, expr: ibis.Expr) -> str:
        """Return the SQL that ``run`` would execute."""
        return str(self.backend.compile(expr, pretty=True))

    def _open_view(self, files: Sequence[str], schema: pa.Schema) -> ibis.Table:
        if not files:
            return self.backend.create_table(ibis.util.gen_name("empty"), schema.empty_table(), temp=True)
        partitioned = "day" in schema.names and "/day=" in files[0]
        options: dict[str, Any] = {"hive_partitioning": True} if partitioned else {}
        return self.backend.read_parquet(list(files), union_by_name=True, **options).select(*schema.names)
