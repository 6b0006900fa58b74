"""Apache Spark through Ibis, over the same list of live Parquet files: many machines, or this one for a test."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from canyu.engine.base import DAY_MICROS, Plan
from canyu.kit.errors import BadInput, StorageFailure, Unsupported
from canyu.kit.words import Words

GAPS: dict[str, str] = {
    "asof_join": "Ibis has no as-of join on Spark: write the last value before as a window expression.",
    "dataset": "Spark takes no Arrow dataset of this process: it reads files by their address.",
    "address": "Spark reads object stores with its own connector (s3a://); give the cluster the key and the jar.",
}
"""What DuckDB does and Spark does not, by name; the reference page says the same."""

PATIENCE_S = 60.0
"""How long a question waits for a cluster that has no worker at all; Spark itself would wait for ever."""
_LOOK_S = 0.5
NO_WORKER = Words(
    "集群 {address} 上没有可用的工作节点（等了 {seconds:g} 秒）。",
    "No worker of the cluster {address} was there for {seconds:g} seconds.",
)
START_ONE = Words(
    "请启动工作节点，并确认它的内存不少于 spark.executor.memory；或改用 local、duckdb。",
    "Start a worker with no less memory than spark.executor.memory, or use local or duckdb.",
)
_ADDRESS = re.compile(r"local(\[(\*|\d+)\])?|spark://[\w.,:-]+")
_SETTINGS = {
    "spark.log.level": "ERROR",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_LOCAL_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
}
_GLOB = re.compile(r"([\[\]{}*?\\])")


@ibis.udf.scalar.builtin(name="unix_micros", signature=(("timestamp('UTC')",), "int64"))
def _unix_micros(time):  # type: ignore[no-untyped-def]
    """Microseconds since 1970, by Spark's own function."""


class SparkEngine:
    """Computes on an Apache Spark cluster; threads may share it. A session that runs already is joined, not changed."""

    def __init__(self, address: str = "local", *, settings: dict[str, str] | None = None) -> None:
        if not _ADDRESS.fullmatch(address):
            raise BadInput(
                Words(f"没有名为 {address!r} 的计算引擎。", f"There is no engine {address!r}."),
                mend=Words(
                    "请用 duckdb、local、local[2] 或 spark://host:7077。",
                    "Use duckdb, local, local[2] or spark://host:7077.",
                ),
            )
        self.name = f"spark {address}"
        self.address = address
        self.session = _open_session(address, settings or {})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PySpark warns of every pandas it was not tested with; none is used here
            self.backend: Any = ibis.pyspark.connect(self.session)
        self._lock = threading.Lock()
        self._views: dict[tuple[str, ...], str] = {}

    def read_files(self, files: Sequence[str], root: str, schema: pa.Schema) -> ibis.Table:
        """Return the files as one table; an empty list gives an empty table of ``schema``."""
        key = (root, ",".join(schema.names), *files)
        with self._lock:
            if key not in self._views:
                with self._watch_workers():
                    self._views[key] = self._create_view(files, root, schema)
        columns = ibis.Schema.from_pyarrow(schema)
        return ops.DatabaseTable(
            name=self._views[key], schema=columns, source=self.backend, namespace=ops.Namespace()
        ).to_expr()

    def read_dataset(self, dataset: Any, key: str, schema: pa.Schema) -> ibis.Table:  # noqa: ARG002 - the contract
        """Refuse: a cluster reads its files itself. Raises Unsupported."""
        raise Unsupported(
            Words("Spark 按地址读取文件，不经过本机。", "Spark reads files by address, not through this machine."),
            mend=Words("请用 read_files()。", "Use read_files()."),
        )

    def run(self, expr: ibis.Expr) -> pa.Table:
        """Compute the expression; return its rows as an Arrow table."""
        return self.run_plan(self.prepare(expr))

    def compile_sql(self, expr: ibis.Expr) -> str:
        """Return the SQL that ``run`` would execute."""
        return str(self.backend.compile(expr, pretty=True))

    def prepare(self, expr: ibis.Expr) -> Plan:
        """Compile the expression; the plan may be kept and run again as long as its files live."""
        table = expr.as_table()
        return Plan(self.compile_sql(table), table.schema().to_pyarrow())

    def run_plan(self, plan: Plan) -> pa.Table:
        """Run a plan; return its rows with exactly the plan's schema."""
        with self._watch_workers():
            rows: pa.Table = self.session.sql(plan.sql).toArrow()
        return rows.cast(plan.schema)

    def count_days(self, micros: ir.IntegerColumn) -> ir.IntegerColumn:
        """Return the whole days in a count of microseconds since 1970, exactly.

        At day 20,000 a double is 3.6e-12 days wide and a microsecond is 1.2e-11 days: no day is missed by rounding.
        """
        return (micros / float(DAY_MICROS)).floor().cast("int64")

    def count_micros(self, time: ir.TimestampColumn) -> ir.IntegerColumn:
        """Return microseconds since 1970 in UTC."""
        return _unix_micros(time)

    @contextmanager
    def _watch_workers(self) -> Iterator[None]:
        """Give up where a cluster has had no worker for a while. Raises StorageFailure then, for all questions of it.

        A worker that is lost alone is no reason: Spark computes its part again on another.
        """
        if not self.address.startswith("spark://"):
            yield
            return
        ended, given_up = threading.Event(), threading.Event()

        def watch() -> None:
            seen = time.monotonic()
            while not ended.wait(_LOOK_S):
                if self._count_workers():
                    seen = time.monotonic()
                elif time.monotonic() - seen > PATIENCE_S:
                    given_up.set()
                    self.session.sparkContext.cancelAllJobs()
                    return

        watching = threading.Thread(target=watch, name="canyu-spark-workers", daemon=True)
        watching.start()
        try:
            yield
        except Exception as error:
            if not given_up.is_set():
                raise
            raise StorageFailure(NO_WORKER.fill(address=self.address, seconds=PATIENCE_S), mend=START_ONE) from error
        finally:
            ended.set()
            watching.join()

    def _count_workers(self) -> int:
        """Return how many processes of the cluster compute for this session; the one here is counted by Spark, too."""
        return int(self.session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()) - 1

    def _create_view(self, files: Sequence[str], root: str, schema: pa.Schema) -> str:
        name: str = ibis.util.gen_name("canyu_files")
        types = {column: _type_sql(kind) for column, kind in ibis.Schema.from_pyarrow(schema).items()}
        if not files:
            columns = [f"CAST(NULL AS {kind}) AS `{column}`" for column, kind in types.items()]
            self.session.sql(f"SELECT {', '.join(columns)} WHERE false").createOrReplaceTempView(name)
            return name
        reader = self.session.read.option("mergeSchema", "true").option("basePath", _address(root))
        frame = reader.parquet(*[_GLOB.sub(r"\\\1", _address(file)) for file in files])
        present = set(frame.columns)
        columns = [
            f"CAST({f'`{column}`' if column in present else 'NULL'} AS {kind}) AS `{column}`"
            for column, kind in types.items()
        ]
        frame.selectExpr(*columns).createOrReplaceTempView(name)
        return name


def _open_session(address: str, settings: dict[str, str]) -> Any:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise Unsupported(
            Words("Spark 需要 Java，而本机没有安装。", "Spark needs Java, and there is none on this machine."),
            mend=Words("请安装 Java 17，或改用 duckdb。", "Install Java 17 or use duckdb."),
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise Unsupported(
                Words("没有安装 PySpark。", "PySpark is not installed."),
                mend=Words('请运行：pip install "canyu[spark]"。', 'Run: pip install "canyu[spark]".'),
            ) from error
        builder = SparkSession.builder.appName("canyu").master("local[*]" if address == "local" else address)
        _find_master(address)
        local = _LOCAL_SETTINGS if _is_here(address) else {}
        if local:  # else the Java side looks this machine's name up, and complains where it has none
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else the workers run a Python without Canyu
        for name, value in {**_SETTINGS, **local, **settings}.items():
            builder = builder.config(name, value)
        # A session of our own on the same context: its time zone and its views are not those of the caller's.
        session = builder.getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def _is_here(address: str) -> bool:
    """Tell whether Spark runs on this machine alone, which then need not find its own name."""
    return address.startswith(("local", "spark://127.0.0.1:", "spark://localhost:"))


def _find_master(address: str) -> None:
    """Raise StorageFailure where no master of a cluster answers: Spark would try for a minute and say less."""
    places = address.removeprefix("spark://").split(",") if address.startswith("spark://") else []
    for place in places:
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
        except (OSError, ValueError):
            continue
        return
    if places:
        raise StorageFailure(
            Words(f"集群 {address} 没有应答。", f"No master answers at {address}."),
            mend=Words("请检查地址与端口，并确认主节点已启动。", "Check host and port, and that the master runs."),
        )


def _address(path: str) -> str:
    return "s3a://" + path.removeprefix("s3://") if path.startswith("s3://") else path


def _type_sql(kind: Any) -> str:
    return str(ibis.backends.sql.datatypes.PySparkType.to_string(kind))
