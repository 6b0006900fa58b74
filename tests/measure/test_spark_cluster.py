"""A standalone cluster answers what one machine answers, goes on without a lost worker, and says when none is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from canyu.cli import canyu as command
from canyu.engine import open_engine
from canyu.events import Lake
from canyu.kit.errors import StorageFailure
from journey_lake import draw_events, write_events
from spark_cluster import LEAN, Cluster, find_port

pytestmark = pytest.mark.spark

ROOT = Path(__file__).resolve().parents[2]
DAYS = ("--from", "2025-03-03", "--to", "2025-03-16", "--json")
QUESTIONS = {
    "metric": ("metric", "orders", "--by", "channel"),
    "funnel": ("funnel", "--step", "view", "--step", "click", "--step", "order", "--start", "first"),
    "retention": ("retention", "--begin", "view", "--back", "order"),
    "attribution": ("attribution", "--method", "linear"),
}
PATIENCE_S = 3
SUBMIT = "--conf spark.executor.memory=512m --conf spark.sql.codegen.wholeStage=false pyspark-shell"


class Asking:
    """A process of its own that asks a cluster, one word of the command line after another, in one Spark session."""

    def __init__(self, lake: str, address: str) -> None:
        self.words = ("--lake", lake, "--engine", address, *DAYS)
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "asking_spark.py"), str(PATIENCE_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **LEAN, "PYTHONPATH": paths, "CANYU_LANG": "en", "PYSPARK_SUBMIT_ARGS": SUBMIT},
            text=True,
        )

    def ask(self, name: str) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([*QUESTIONS[name], *self.words]) + "\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of two commits that were made one: its dead files are still there, and no engine may count them."""
    found = Lake.open(tmp_path_factory.mktemp("cluster") / "my.lake", create=True)
    events = draw_events(events=300, days=10)
    write_events(write_events(found, events[::2]), events[1::2])
    found.compact(files_per_day=1)
    return found


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("spark")) as running:
        yield running


def answer_here(lake: Lake, name: str) -> Any:
    found = CliRunner().invoke(command, [*QUESTIONS[name], "--lake", lake.path, *DAYS])
    assert found.exit_code == 0, found.output
    return simplify(json.loads(found.stdout))


def simplify(told: Any) -> Any:
    """Return an answer without its query, and floating point to 9 digits: sums of shares are added in any order."""
    if isinstance(told, dict):
        return {key: simplify(value) for key, value in told.items() if key not in {"sql", "engine"}}
    if isinstance(told, list):
        return [simplify(each) for each in told]
    return float(f"{told:.9g}") if isinstance(told, float) else told


def test_one_machine_and_a_cluster_answer_alike_and_a_lost_worker_is_made_up_for(lake: Lake, cluster: Cluster) -> None:
    """Local Spark is held to DuckDB by the tests of each room, with the same questions."""
    asking = Asking(lake.path, cluster.address)
    try:
        for name in QUESTIONS:
            here = answer_here(lake, name)
            found = asking.ask(name)
            assert found["error"] is None, found
            assert simplify(json.loads(found["output"])) == here, name
            assert f"spark {cluster.address}" in found["output"]
            if name == "funnel":
                cluster.kill_worker(1)
        cluster.kill_worker(2)
        left = asking.ask("metric")
    finally:
        asking.end()
    assert left["code"] != 0
    assert left["error"].startswith(f"StorageFailure: No worker of the cluster {cluster.address}")


def test_a_master_that_is_not_there_is_named_at_once() -> None:
    with pytest.raises(StorageFailure, match=r"No master answers at spark://127\.0\.0\.1"):
        open_engine(f"spark://127.0.0.1:{find_port()}")
