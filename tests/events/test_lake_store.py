"""The same lake on an object store: a real S3 protocol server, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import canyu
from canyu.engine import DuckEngine
from canyu.events.export import ExportKind, export_rows
from canyu.kit.errors import NotFound, StorageFailure

Maker = Callable[..., pa.Table]


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The address of a running S3 server with one bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            request = urllib.request.Request(f"{address}/bucket", method="PUT")  # noqa: S310 - our own server
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - our own server
            break
        except OSError:
            time.sleep(0.1)
    yield address
    server.terminate()
    server.wait(30)


@pytest.fixture
def options(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }


def read_ids(lake: canyu.Lake, version: int | None = None) -> list[str]:
    return sorted(lake.engine.run(lake.scan(version=version).select("id"))["id"].to_pylist())


def test_a_lake_on_a_store_keeps_every_promise(options: dict[str, str], make_posts: Maker, tmp_path: Path) -> None:
    lake = canyu.open("s3://bucket/brand/my.lake", create=True, options=options)
    first = lake.append(make_posts(25))
    other = canyu.open("s3://bucket/brand/my.lake", options=options)
    assert (other.append(make_posts(30)).added, lake.append(make_posts(31)).added) == (5, 1)
    assert (len(read_ids(lake)), len(read_ids(lake, first.version))) == (31, 25)
    table = lake.scan()
    busiest = table.group_by("day").agg(n=table.count()).order_by("day")
    assert lake.engine.run(busiest)["n"].to_pylist() == [10, 10, 10, 1]
    assert [commit.rows for commit in lake.history()] == [1, 5, 25, None]
    assert [(each.files_before, each.files_after) for each in lake.compact(files_per_day=1)] == [(5, 4)]
    assert len(read_ids(lake)) == 31
    assert lake.erase("u1").rows == 6
    assert (len(read_ids(lake)), lake.append(make_posts(31)).suppressed) == (25, 6)
    assert lake.vacuum(keep_hours=0) == []  # young files may be another writer's: they stay for a day
    assert lake.check() == []
    assert export_rows(lake, tmp_path / "out.parquet", ExportKind.PARQUET) == 25


def test_no_extension_is_fetched_for_a_store(options: dict[str, str], make_posts: Maker) -> None:
    lake = canyu.open("s3://bucket/plain.lake", create=True, options=options, engine=DuckEngine())
    lake.append(make_posts(3))
    assert len(read_ids(lake)) == 3
    loaded = lake.engine.backend.raw_sql(
        "SELECT extension_name FROM duckdb_extensions() WHERE loaded AND extension_name IN ('httpfs', 'delta', 'aws')"
    )
    assert loaded.fetchall() == []


def test_two_writers_on_a_store_are_told_apart_by_the_commit(options: dict[str, str], make_posts: Maker) -> None:
    lakes = [canyu.open("s3://bucket/two.lake", create=True, options=options) for _ in range(2)]
    lakes[0].append(make_posts(5))
    lakes[1].append(make_posts(5))
    stale = lakes[1].store.find
    seen = stale("events")
    lakes[0].append(make_posts(9))
    calls = iter([seen])
    lakes[1].store.find = lambda name: next(calls, None) or stale(name)  # type: ignore[method-assign]
    assert lakes[1].append(make_posts(12)).added == 3
    assert read_ids(lakes[0]) == sorted(f"post-{number}" for number in range(12))


def test_an_absent_lake_on_a_store_is_told(options: dict[str, str]) -> None:
    with pytest.raises(NotFound, match="no lake"):
        canyu.open("s3://bucket/none.lake", options=options)


def test_a_store_that_does_not_answer_is_told(options: dict[str, str]) -> None:
    gone = options | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "max_retries": "0", "retry_timeout": "1s"}
    with pytest.raises(StorageFailure, match="Could not read"):
        canyu.open("s3://bucket/x.lake", options=gone)
