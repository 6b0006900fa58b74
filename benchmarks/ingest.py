"""Events of tracking clients per second, acknowledged after they are durable, from the socket into the lake.

Starts ``canyu serve --collector-only`` on a fresh lake and sends batches of 100 orders over loopback from this process,
at a fixed rate or as fast as they are taken. Counts what was acknowledged, waits until the inbox is empty, and
compares with the lake, event by event. Then the same load goes to a handler that does nothing but read it: the limit
of server and client. Prints one JSON line.

    python benchmarks/ingest.py --seconds 120 --rate 20000
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BATCH = 100
CONNECTIONS = 32
ORDER = (
    b'{"type":"track","event":"Order Completed","messageId":"%b","userId":"user-%d","timestamp":"2026-11-30T04:00:00Z",'
    b'"context":{"library":{"name":"analytics-python","version":"2.4.0"},"campaign":{"source":"weibo","medium":"social",'
    b'"name":"618"}},"integrations":{},"properties":{"order_id":"%b","revenue":1999.5,"currency":"CNY","quantity":1}}'
)
NOTHING = """
async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})
"""


@dataclass
class Load:
    """What one run of the client saw."""

    acknowledged: int = 0
    refused: int = 0
    failed: int = 0
    times_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    mark: bytes = b"a"

    def describe(self) -> dict[str, float]:
        """Return the figures of the run."""
        cuts = statistics.quantiles(self.times_ms, n=100) if len(self.times_ms) > 1 else [0.0] * 99
        return {
            "events_per_s": round(self.acknowledged / self.seconds),
            "p50_ms": round(cuts[49], 1),
            "p99_ms": round(cuts[98], 1),
            "batches_429_or_503": self.refused,
            "batches_failed": self.failed,
        }


async def send_load(port: int, key: str, seconds: float, rate: float, mark: bytes = b"a") -> Load:
    """Send batches over keep-alive connections until the time is over; a batch that is refused is sent again."""
    load, begun = Load(mark=mark), time.perf_counter()
    numbers: Iterator[int] = iter(range(1 << 60))
    await asyncio.gather(
        *(send_from_one(port, key, begun + seconds, rate, (load, numbers, begun)) for _ in range(CONNECTIONS))
    )
    load.seconds = time.perf_counter() - begun
    return load


async def send_from_one(
    port: int, key: str, end: float, rate: float, shared: tuple[Load, Iterator[int], float]
) -> None:
    load, numbers, begun = shared
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = base64.b64encode(f"{key}:".encode())
    while time.perf_counter() < end:
        number = next(numbers)
        if rate:
            await asyncio.sleep(max(0.0, begun + number * BATCH / rate - time.perf_counter()))
        body = make_body(load.mark, number)
        head = b"POST /v1/batch HTTP/1.1\r\nHost: c\r\nAuthorization: Basic %b\r\nContent-Length: %d\r\n\r\n" % (
            token,
            len(body),
        )
        status = 0
        while status not in {200, -1}:
            sent = time.perf_counter()
            writer.write(head + body)
            status, wait_s = await read_answer(reader)
            if status in {429, 503}:
                load.refused += 1
                await asyncio.sleep(wait_s)
            elif status != 200:
                load.failed += 1
                status = -1
        if status == 200:
            load.times_ms.append((time.perf_counter() - sent) * 1000)
            load.acknowledged += BATCH
    writer.close()


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, float]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    fields = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    await reader.readexactly(int(fields.get(b"content-length", b"0")))
    return int(lines[0].split()[1]), float(fields.get(b"retry-after", b"0"))


def make_body(mark: bytes, number: int) -> bytes:
    names = [b"%b-%d-%d" % (mark, number, place) for place in range(BATCH)]
    events = [ORDER % (name, (number * BATCH + place) % 50_000, name) for place, name in enumerate(names)]
    return b'{"batch":[%b],"sentAt":"2026-11-30T04:00:00Z"}' % b",".join(events)


@contextmanager
def run_server(command: list[str], port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: is_open(port), 180)
            yield server
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=120)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(is_so: Callable[[], bool], within_s: float) -> None:
    end = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end:
            sys.exit("it did not come about in time")
        time.sleep(0.1)


def list_family(pid: int) -> dict[str, list[int]]:
    """Return the processes of a server by what they do."""
    found: dict[str, list[int]] = {"web": [], "carrier": []}
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            parent = int((place / "stat").read_text().rpartition(") ")[2].split()[1])
            words = (place / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and b"canyu.ops.errands" in words:
            found["carrier"].append(int(place.name))
        elif parent == pid and b"spawn_main" in words:
            found["web"].append(int(place.name))
    return found


def measure_cpu(pids: list[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure_memory_mb(pids: list[int]) -> int:
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure_collector(folder: Path, seconds: float, rate: float) -> dict[str, Any]:
    import canyu

    lake, port = folder / "my.lake", find_port()
    canyu_ = [sys.executable, "-m", "canyu"]
    environment = os.environ | {"CANYU_LANG": "en"}
    made = subprocess.run(
        [*canyu_, "key", "create", "shop", "--lake", str(lake), "--json"],
        env=environment,
        capture_output=True,
        check=True,
    )
    key = json.loads(made.stdout)["key"]
    with run_server(
        [*canyu_, "serve", "--collector-only", "--lake", str(lake), "--port", str(port)], port, environment
    ) as server:
        asyncio.run(send_load(port, key, 3.0, 2_000, b"warm"))  # everything loaded and compiled
        wait_until(lambda: not list((lake / "inbox").glob("*.segment")), 120)
        before = canyu.open(lake).scan().count().to_pyarrow().as_py()
        family = list_family(server.pid)
        cpu = {name: measure_cpu(pids) for name, pids in family.items()}
        client_cpu, begun = time.process_time(), time.perf_counter()
        memory: list[int] = []

        async def watch() -> None:
            while True:
                memory.append(sum(measure_memory_mb(pids) for pids in family.values()))
                await asyncio.sleep(seconds / 12)

        async def both() -> Load:
            watcher = asyncio.create_task(watch())
            try:
                return await send_load(port, f"{key}", seconds, rate)
            finally:
                watcher.cancel()

        load = asyncio.run(both())
        client_cpu = time.process_time() - client_cpu
        backlog = sum(path.stat().st_size for path in (lake / "inbox").glob("*.segment"))
        wait_until(lambda: not list((lake / "inbox").glob("*.segment")), 900)
        drained_s = time.perf_counter() - begun - load.seconds
        used = {name: (measure_cpu(pids) - cpu[name]) / load.acknowledged * 1e6 for name, pids in family.items()}
        events = canyu.open(lake).scan()
        total = events.count().to_pyarrow().as_py()
        distinct = events.id.nunique().to_pyarrow().as_py()
    return {
        **load.describe(),
        "lost": load.acknowledged - (total - before),
        "doubled": total - distinct,
        "backlog_mb_at_end": round(backlog / 1e6, 1),
        "drained_after_s": round(drained_s, 1),
        "events_per_s_into_lake": round(load.acknowledged / (load.seconds + drained_s)),
        "memory_mb": memory,
        "cpu_us_per_event": {name: round(value, 1) for name, value in used.items()}
        | {"client": round(client_cpu / load.acknowledged * 1e6, 1)},
    }


@contextmanager
def serve_nothing(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a handler that only reads what it is sent, on the server that the collector runs on."""
    (folder / "nothing.py").write_text(NOTHING)
    code = (
        "import multiprocessing\nfrom granian.server import Server\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn', force=True)\n"
        f"    options = dict(port={port}, interface='asgi', workers=2, websockets=False, log_enabled=False)\n"
        "    Server('nothing:application', **options).serve()\n"
    )
    (folder / "serve_nothing.py").write_text(code)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    with run_server([sys.executable, str(folder / "serve_nothing.py")], port, environment) as server:
        time.sleep(1.0)
        yield server


def measure_nothing(folder: Path, seconds: float) -> dict[str, Any]:
    """Send the same load to a handler that only reads it, on the same server."""
    port = find_port()
    with serve_nothing(folder, port):
        return asyncio.run(send_load(port, "nobody", seconds, 0)).describe()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=20_000, help="events per second; 0: as fast as they are taken")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = measure_collector(Path(name), chosen.seconds, chosen.rate)
        nothing = measure_nothing(Path(name), min(chosen.seconds, 10.0))
    asked = f"{chosen.rate:g} events/s asked" if chosen.rate else "as fast as they are taken"
    setting = (
        f"{chosen.seconds:g} s, batches of {BATCH}, {CONNECTIONS} connections, {asked}, 2 web processes and a carrier"
    )
    line = {"name": "ingest", "setting": setting, **found}
    line["nothing_events_per_s"] = nothing["events_per_s"]
    line["share_of_nothing"] = round(found["events_per_s"] / nothing["events_per_s"], 3)
    print(json.dumps(line))


if __name__ == "__main__":
    main()
