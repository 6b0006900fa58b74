"""Programs that can be killed, and disks that can be full."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from waiting import LONGEST_S

WORKER = Path(__file__).with_name("lake_worker.py")


@dataclass
class Child:
    """One running order: its process and its log."""

    pid: int
    log: Path

    def wait_for(self, word: str, timeout_s: float = LONGEST_S) -> list[str]:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            lines = self.read()
            if word in lines:
                return lines
            if not Path(f"/proc/{self.pid}").exists() and word not in self.read():
                raise AssertionError(f"the worker ended without {word}: {self.read()}")
            time.sleep(0.002)
        raise AssertionError(f"no {word} within {timeout_s} s")

    def kill(self) -> list[str]:
        """End it as a power cut would: no handler runs. Returns what it had acknowledged."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return self.read()
        while Path(f"/proc/{self.pid}").exists():
            time.sleep(0.002)
        return self.read()

    def read(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


class Worker:
    """Starts children that work on lakes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, do: str, lake: Path, **order: Any) -> Child:
        self.count += 1
        log = Path(order.pop("log", self.folder / f"{self.count}.log"))
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, "lake": str(lake), "log": str(log)} | order) + "\n")
        self.process.stdin.flush()
        return Child(int(self.process.stdout.readline()), log)

    def stop(self) -> None:
        self.process.communicate(timeout=LONGEST_S)


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """A program ready to be killed."""
    worker = Worker(tmp_path_factory.mktemp("worker"))
    yield worker
    worker.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True)
    if done.returncode:
        pytest.skip(f"no small disk here: mount says {done.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)
