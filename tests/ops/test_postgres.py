"""The tests of what the console keeps in its database once more, on a real PostgreSQL server of this test's own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
WRITING = (
    *("people", "alerts", "alerts_delivery", "labels"),
    *("kols_plan_table", "kols_import", "kols_bookings", "kols_booking_pages", "kols_pages", "kols_outbox"),
    *("kols_signs", "kols_erasure", "kols_races", "kols_plan_large"),
)  # the other pages only read the lake
ROOMS = tuple(f"tests/ops/test_{name}.py" for name in WRITING)


def find_programs() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").is_file()), None)


def find_unprivileged_user() -> str | None:
    """Return the account to run the server as: PostgreSQL refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return None if os.getuid() else next(name for name in ("postgres", "nobody") if name in names)


@pytest.fixture
def postgres() -> Iterator[tuple[str, Path]]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine: the console was tested on SQLite alone")
    user = find_unprivileged_user()
    folder = Path(mkdtemp(prefix="canyu-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)
    data = str(folder / "data")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = {"user": user, "cwd": folder, "check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([programs / "initdb", "-D", data, "-U", "canyu", "-A", "trust", "-E", "UTF8", "--no-sync"], **run)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "log_statement": "ddl"}
    options = " ".join([f"-p {port} -F", *(f"-c {name}={value}" for name, value in settings.items())])
    log = folder / "log"
    subprocess.run([programs / "pg_ctl", "-D", data, "-w", "-l", str(log), "-o", options, "start"], **run)
    try:
        yield f"postgresql://canyu@127.0.0.1:{port}/console", log
    finally:
        subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
        shutil.rmtree(folder)


def test_the_console_does_the_same_on_postgresql(postgres: tuple[str, Path]) -> None:
    url, log = postgres
    environment = {**os.environ, "CANYU_DATABASE_URL": url}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--create-db", *ROOMS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert 'CREATE TABLE "people_person"' in log.read_text("utf-8", "replace")
