"""From a clean clone to a page that answers: `make demo` with a warm package cache, against installing its pins."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 600
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
PASSWORD = re.compile(r"Password\s+\S+")


def clone(target: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(target)], check=True)


def time_demo(clone_folder: Path) -> tuple[float, float]:
    """Return seconds from `make demo` to the first page with status 200, and from start to the end of installing."""
    started = time.perf_counter()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CANYU_", "DJANGO_", "VIRTUAL_ENV"))}
    server = subprocess.Popen(
        ["make", "--no-print-directory", "demo", f"PYTHON={sys.executable}"],
        cwd=clone_folder,
        env=environment | {"CANYU_PORT": "0", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        return _wait_for_page(server, started)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.wait(timeout=30)


def _wait_for_page(server: subprocess.Popen[str], started: float) -> tuple[float, float]:
    installed, told = 0.0, ""
    for line in server.stdout or ():
        told += line
        if "Rehearsing" in line:
            installed = time.perf_counter() - started
        if found := ADDRESS.search(line):
            try:
                with urllib.request.urlopen(f"{found.group()}account/login/", timeout=60):  # noqa: S310 - our own server
                    pass
            except urllib.error.HTTPError as error:
                sys.exit(f"the first page answered {error.code}:\n{told}")
            assert PASSWORD.search(told), "no one-time password was printed"
            return time.perf_counter() - started, installed
    sys.exit(f"make demo ended without a page:\n{told}")


def time_pins(folder: Path) -> float:
    """Return seconds to make an environment and install the product's pins, and nothing else."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", str(folder / "peer")], check=True)
    pip = [
        str(folder / "peer" / "bin" / "pip"),
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    for pins in ("build", "base"):
        subprocess.run([*pip, "-r", str(ROOT / "requirements" / f"{pins}.txt")], check=True)
    return time.perf_counter() - started


def measure_disk(folder: Path) -> float:
    """Return megabytes that the clone with its environment and the demo's lake take on disk."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="canyu-demo-"))
    try:
        peer = time_pins(folder)
        shutil.rmtree(folder / "peer")
        clone(folder / "clone")
        seconds, installed = time_demo(folder / "clone")
        python = [str(folder / "clone" / ".venv" / "bin" / "python"), "-c"]
        count = "import canyu; lake = canyu.open('demo/brand.lake'); print(lake.engine.run(lake.scan().count()))"
        told = subprocess.run([*python, count], cwd=folder / "clone", capture_output=True, text=True, check=True)
        rows = int(re.findall(r"\d+", told.stdout)[-1])
        result = {
            "name": "demo",
            "value": round(seconds, 1),
            "unit": "s from clean clone to first page",
            "peer": "pip install of the same pins",
            "peer_seconds": round(peer, 1),
            "ratio": round(seconds / peer, 2),
            "rows": rows,
            "seconds": round(seconds, 1),
            "install_seconds": round(installed, 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
            "disk_mb": round(measure_disk(folder)),
            "cores": os.cpu_count(),
            "limit_seconds": 240,
        }
        print(json.dumps(result))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
