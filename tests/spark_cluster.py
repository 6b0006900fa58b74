"""A standalone Spark cluster on this machine: one master and two workers of PySpark's own jars, stopped for certain."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import pyspark

HOME = Path(pyspark.__file__).parent
LIMIT_S = 90.0


class Cluster:
    """One master and two workers of one core each, bound to 127.0.0.1; a context in which they run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = find_port()
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        return f"spark://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        try:
            self._start("master.Master", "--port", str(self.port), "--webui-port", str(find_port()))
            wait_for(self._answers, "the master did not answer")
            for number in (1, 2):
                work = self.folder / f"work-{number}"
                size = ("--cores", "1", "--memory", "1g", "--work-dir", str(work), "--webui-port", str(find_port()))
                self._start("worker.Worker", *size, self.address)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            kill(process)

    def kill_worker(self, number: int) -> None:
        """Kill a worker and what it computes with, as a machine that loses its power."""
        kill(self._running[number])

    def _start(self, name: str, *words: str) -> None:
        spoken = {"SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "200m"}
        command = [str(HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", *words]
        with (self.folder / f"{name}-{len(self._running)}.log").open("wb") as log:
            self._running.append(
                subprocess.Popen(
                    command,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **spoken, **LEAN},
                    start_new_session=True,
                    preexec_fn=die_with_parent,
                )
            )

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


LEAN = {
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "PYSPARK_PYTHON": sys.executable,
}
"""Processes that live for a minute: compiling for the long run would cost more than it saves."""


def die_with_parent() -> None:
    """Ask Linux to end this process when the tests end, however they do."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def find_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def wait_for(is_so: Callable[[], bool], reason: str) -> None:
    """Wait until something is so; fail with the reason."""
    ends = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < ends, reason
        time.sleep(0.1)
