"""What every engine can do: open a list of live Parquet files as a table, and run an expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import ibis
import pyarrow as pa


class Engine(Protocol):
    """Computes Ibis expressions over the live files of a table."""

    name: str

    def read_files(self, files: Sequence[str], root: str, schema: pa.Schema) -> ibis.Table:
        """Return the files as one table of ``schema``; ``root`` is the table's folder, above ``day=…`` partitions."""
        ...

    def run(self, expr: ibis.Expr) -> pa.Table:
        """Compute the expression; return its rows as an Arrow table."""
        ...

    def compile_sql(self, expr: ibis.Expr) -> str:
        """Return the SQL that ``run`` would execute."""
        ...


def open_engine(name: str = "duckdb", **options: Any) -> Engine:
    """Return the engine called ``name``: ``duckdb``, ``local`` (Spark on this machine) or a ``spark://`` address."""
    if name == "duckdb":
        from canyu.engine.duck import DuckEngine

        return DuckEngine(**options)
    from canyu.engine.spark import SparkEngine

    return SparkEngine(name, **options)
