"""What every engine can do: open a list of live Parquet files as a table, and run an expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa

DAY_MICROS = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """An expression compiled once: its SQL, and the schema its rows are given in on every engine."""

    sql: str
    schema: pa.Schema


class Engine(Protocol):
    """Computes Ibis expressions over the live files of a table. Safe to use from several threads."""

    name: str

    def read_files(self, files: Sequence[str], root: str, schema: pa.Schema) -> ibis.Table:
        """Return the files as one table of ``schema``; ``root`` is the table's folder, above ``day=…`` partitions."""
        ...

    def read_dataset(self, dataset: Any, key: str, schema: pa.Schema) -> ibis.Table:
        """Return an Arrow dataset as a table, for files the engine cannot reach itself; ``key`` names its version."""
        ...

    def run(self, expr: ibis.Expr) -> pa.Table:
        """Compute the expression; return its rows as an Arrow table."""
        ...

    def compile_sql(self, expr: ibis.Expr) -> str:
        """Return the SQL that ``run`` would execute."""
        ...

    def prepare(self, expr: ibis.Expr) -> Plan:
        """Compile the expression; the plan may be kept and run again as long as its files live."""
        ...

    def run_plan(self, plan: Plan) -> pa.Table:
        """Run a plan; return its rows with exactly the plan's schema."""
        ...

    def count_days(self, micros: ir.IntegerColumn) -> ir.IntegerColumn:
        """Return the whole days in a count of microseconds since 1970, exactly."""
        ...

    def count_micros(self, time: ir.TimestampColumn) -> ir.IntegerColumn:
        """Return microseconds since 1970 in UTC: the one function of time the engines name differently."""
        ...


def open_engine(name: str = "duckdb", **options: Any) -> Engine:
    """Return the engine called ``name``: ``duckdb``, ``local`` (Spark on this machine) or a ``spark://`` address."""
    if name == "duckdb":
        from canyu.engine.duck import DuckEngine

        return DuckEngine(**options)
    from canyu.engine.spark import SparkEngine

    return SparkEngine(name, **options)
