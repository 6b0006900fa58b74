"""What both engines promise about files: live ones only, older columns, odd names, empty tables, UTC."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from canyu.engine import Engine, open_engine
from canyu.engine.spark import GAPS
from canyu.kit.errors import BadInput, Unsupported
from canyu.kit.words import speak

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("time", pa.timestamp("us", tz="UTC")),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("added", pa.int64()),
        pa.field("day", pa.date32()),
    ]
)
MOMENT = datetime(2025, 4, 2, 16, 0, 0, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def spark() -> Engine:
    return open_engine("local[2]")


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue("spark") if request.param == "spark" else open_engine("duckdb")


def write_file(root: Path, day: date, **columns: list[object]) -> str:
    path = root / f"day={day}" / f"part-{len(columns)}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [field for field in SCHEMA if field.name in columns]
    pq.write_table(pa.table(columns, schema=pa.schema(names)), path)
    return str(path)


def test_files_with_and_without_a_newer_column_are_read_together(engine: Engine, tmp_path: Path) -> None:
    old = write_file(tmp_path, date(2025, 4, 1), id=["a"], time=[MOMENT])
    new = write_file(tmp_path, date(2025, 4, 2), id=["b"], time=[MOMENT], tags=[["x", "y"]], added=[7])
    table = engine.read_files([old, new], str(tmp_path), SCHEMA)
    rows = engine.run(table.order_by("id")).to_pylist()
    assert [row["added"] for row in rows] == [None, 7]
    assert [row["day"] for row in rows] == [date(2025, 4, 1), date(2025, 4, 2)]
    assert rows[1]["tags"] == ["x", "y"]


def test_a_column_no_file_has_is_missing_and_not_an_error(engine: Engine, tmp_path: Path) -> None:
    file = write_file(tmp_path, date(2025, 4, 1), id=["a"], time=[MOMENT])
    assert engine.run(engine.read_files([file], str(tmp_path), SCHEMA))["added"].to_pylist() == [None]


def test_a_file_beside_the_list_is_not_read(engine: Engine, tmp_path: Path) -> None:
    live = write_file(tmp_path, date(2025, 4, 1), id=["live"], time=[MOMENT])
    write_file(tmp_path, date(2025, 4, 1), id=["dead"], time=[MOMENT], added=[1])
    assert engine.run(engine.read_files([live], str(tmp_path), SCHEMA))["id"].to_pylist() == ["live"]


def test_a_folder_named_like_a_pattern_is_read_literally(engine: Engine, tmp_path: Path) -> None:
    for name in ("my [lake] *", "my l 1"):
        file = write_file(tmp_path / name, date(2025, 4, 1), id=[name], time=[MOMENT])
        assert engine.run(engine.read_files([file], str(tmp_path / name), SCHEMA))["id"].to_pylist() == [name]


def test_an_empty_list_is_an_empty_table_of_the_schema(engine: Engine, tmp_path: Path) -> None:
    table = engine.run(engine.read_files([], str(tmp_path / "none"), SCHEMA))
    assert table.num_rows == 0
    assert table.column_names == SCHEMA.names


def test_microseconds_are_exact_and_in_utc(engine: Engine, tmp_path: Path) -> None:
    file = write_file(tmp_path, date(2025, 4, 2), id=["a"], time=[MOMENT])
    table = engine.read_files([file], str(tmp_path), SCHEMA)
    plan = engine.prepare(table.select(micros=engine.count_micros(table.time)))
    assert engine.run_plan(plan).to_pylist() == [{"micros": 1743609600000001}]


def test_an_engine_serves_eight_threads(engine: Engine, tmp_path: Path) -> None:
    files = [write_file(tmp_path, date(2025, 4, n), id=[str(n)] * n, time=[MOMENT] * n) for n in range(1, 9)]

    def count(number: int) -> int:
        table = engine.read_files(files[:number], str(tmp_path), SCHEMA)
        return int(engine.run(table.count().as_table())[0][0].as_py())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(count, range(1, 9))) == [1, 3, 6, 10, 15, 21, 28, 36]


def test_old_views_of_a_table_are_forgotten(tmp_path: Path) -> None:
    engine = open_engine("duckdb")
    files = [write_file(tmp_path / str(n), date(2025, 4, 1), id=["a"], time=[MOMENT]) for n in range(40)]
    for number in range(1, 41):
        engine.read_files(files[:number], str(tmp_path), SCHEMA)
    views = engine.run_plan(engine.prepare(engine.read_files(files, str(tmp_path), SCHEMA).count().as_table()))
    assert views[0][0].as_py() == 40
    left = engine.backend.con.execute("SELECT count(*) FROM duckdb_views() WHERE view_name LIKE '%canyu_files%'")
    assert left.fetchone() == (32,)


def test_an_unknown_engine_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(BadInput, match=r"local\[2\]"):
        open_engine("mysql://x; rm")


def test_spark_without_java_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unsupported, match="Install Java 17 or use duckdb") as caught:
        open_engine("local")
    with speak("zh-hans"):
        assert str(caught.value) == "Spark 需要 Java，而本机没有安装。 请安装 Java 17，或改用 duckdb。"


def test_every_gap_is_declared_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "engines.md").read_text("utf-8")
    assert sorted(GAPS) == ["address", "asof_join", "dataset"]
    assert [gap for gap in GAPS.values() if gap not in page] == []


@pytest.mark.spark
def test_the_declared_gaps_are_real(spark: Engine, tmp_path: Path) -> None:
    file = write_file(tmp_path, date(2025, 4, 1), id=["a"], time=[MOMENT])
    table = spark.read_files([file], str(tmp_path), SCHEMA)
    with pytest.raises(Exception, match=r"(?i)asof"):
        spark.run(table.asof_join(table, on="time"))
    with pytest.raises(Unsupported, match="by address"):
        spark.read_dataset(None, "x", SCHEMA)
