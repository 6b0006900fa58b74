"""A real PostgreSQL server of the tests' own, from the programs that are on the machine."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp


def find_programs() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").is_file()), None)


def find_unprivileged_user() -> str | None:
    """Return the account to run the server as: PostgreSQL refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return None if os.getuid() else next(name for name in ("postgres", "nobody") if name in names)


@contextmanager
def run_postgres(programs: Path, *options: str) -> Iterator[tuple[str, Path]]:
    """Start a server in a folder of its own; yield the address without a database, and its log."""
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
    told = " ".join([f"-p {port}", *options, *(f"-c {name}={value}" for name, value in settings.items())])
    log = folder / "log"
    subprocess.run([programs / "pg_ctl", "-D", data, "-w", "-l", str(log), "-o", told, "start"], **run)
    try:
        yield f"postgresql://canyu@127.0.0.1:{port}", log
    finally:
        subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
        shutil.rmtree(folder)
