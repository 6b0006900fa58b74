"""A collector that runs as a server of its own, to send to, to make fail and to kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

import canyu
from canyu.kit.errors import CanyuError

HERE = Path(__file__).resolve().parent
START_S = 180
ORIGIN = "http://pages.test"


@dataclass
class Running:
    """A running collector on a lake of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    key: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lake_path(self) -> Path:
        return self.folder / "my.lake"

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "faulty_server.py"), str(self.lake_path), str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.address}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(f"the collector did not start:\n{(self.folder / 'server.log').read_text()}")

    def make_key(self) -> None:
        code = "from canyu.cli import main; main()"
        command = [sys.executable, "-c", code, "key", "create", "shop", "--lake", str(self.lake_path), "--json"]
        command += ["--origin", ORIGIN, "--channel", "site"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        self.key = json.loads(done.stdout)["key"]

    def fail_next(self, *statuses: int) -> None:
        for number, status in enumerate(statuses):
            (self.folder / "faults" / f"{status}-{number}-{time.monotonic_ns()}").touch()

    def list_workers(self) -> list[int]:
        """Return the web processes."""
        return self._list_children(b"spawn_main")

    def list_errands(self) -> list[int]:
        """Return the process that carries the inbox, if it runs just now."""
        return self._list_children(b"canyu.ops.errands")

    def _list_children(self, mark: bytes) -> list[int]:
        assert self.process is not None
        found = []
        for place in Path("/proc").iterdir():
            if place.name.isdecimal():
                try:
                    parent = (place / "stat").read_text().rpartition(") ")[2].split()[1]
                    if int(parent) == self.process.pid and mark in (place / "cmdline").read_bytes():
                        found.append(int(place.name))
                except (FileNotFoundError, ProcessLookupError):
                    continue
        return found

    def kill_all(self) -> None:
        """End every process of the server as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=90)
            finally:
                if self.process.poll() is None:
                    self.kill_all()

    def read_events(self) -> list[dict[str, Any]]:
        try:
            return list(canyu.open(self.lake_path).scan().to_pyarrow().to_pylist())
        except CanyuError:
            return []

    def read_ids(self) -> list[str]:
        return [str(event["id"]) for event in self.read_events()]

    def wait_for_objects(self, objects: set[str], within_s: float = 120, page: Any = None) -> Counter[str]:
        """Return how often each object stands in the lake, once all of these do; an open page goes on meanwhile."""
        end = time.monotonic() + within_s
        while True:
            found = Counter(str(event["object"]) for event in self.read_events())
            if objects <= set(found):
                return found
            if time.monotonic() > end:
                log = (self.folder / "server.log").read_text()
                pytest.fail(f"not in the lake: {sorted(objects - set(found))[:5]} of {len(objects)}\n{log[-3000:]}")
            if page is None:
                time.sleep(0.2)
            else:
                page.wait_for_timeout(200)


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_running(folder: Path) -> Running:
    """Return a collector that is not started yet."""
    (folder / "faults").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    environment = kept | {"CANYU_TEST_FAULTS": str(folder / "faults"), "PYTHONPATH": os.pathsep.join(paths)}
    environment |= {"CANYU_LANG": "en", "CANYU_LINK_HOSTS": "shop.example"}
    return Running(folder, find_port(), environment=environment)
