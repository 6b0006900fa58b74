"""How long following a short link takes: 302 with the click kept durably, from the client's side.

Starts ``canyu serve --collector-only`` with links in its database and follows them over loopback, over keep-alive
connections at a fixed rate. Then a handler that does nothing but answer, on the same server. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

from ingest import Load, find_port, list_family, measure_cpu, read_answer, run_server, serve_nothing, wait_until

LINKS, CONNECTIONS = 1_000, 16
MAKE = """
import sys
from canyu.commands.serve import configure
from canyu.commands.alerts import prepare_database
configure(sys.argv[1], "127.0.0.1")
prepare_database()
from canyu.kit.clock import get_now
from canyu.ops.links.actions import create_link
from canyu.ops.links.rules import LinkDraft
from django.db import transaction
with transaction.atomic():
    for number in range(int(sys.argv[2])):
        target = f"https://shop.example/{number}?utm_source=weibo"
        create_link("benchmark", LinkDraft(target, code=f"link{number}"), get_now())
"""
AGENT = b"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1.15 MicroMessenger/8.0"


async def follow_links(port: int, seconds: float, rate: float) -> Load:
    """Follow links until the time is over."""
    load, begun, numbers = Load(), time.perf_counter(), count()

    async def follow() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < begun + seconds:
            number = next(numbers)
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            sent = time.perf_counter()
            path = b"/l/link%d?utm_medium=social" % (number * 7919 % LINKS)
            writer.write(b"GET %b HTTP/1.1\r\nHost: c\r\nUser-Agent: %b\r\n\r\n" % (path, AGENT))
            status, _ = await read_answer(reader)
            load.times_ms.append((time.perf_counter() - sent) * 1000)
            load.acknowledged += status in {200, 302}
            load.failed += status not in {200, 302}
        writer.close()

    await asyncio.gather(*(follow() for _ in range(CONNECTIONS)))
    load.seconds = time.perf_counter() - begun
    return load


def measure_links(folder: Path, seconds: float, rate: float) -> dict[str, Any]:
    import canyu

    lake, port = folder / "my.lake", find_port()
    environment = os.environ | {"CANYU_LANG": "en", "CANYU_LINK_HOSTS": "shop.example"}
    subprocess.run([sys.executable, "-c", MAKE, str(lake), str(LINKS)], env=environment, check=True)
    command = [sys.executable, "-m", "canyu", "serve", "--collector-only", "--lake", str(lake), "--port", str(port)]
    with run_server(command, port, environment) as server:
        warm = asyncio.run(follow_links(port, 5.0, rate))
        family = list_family(server.pid)
        cpu = measure_cpu(family["web"])
        load = asyncio.run(follow_links(port, seconds, rate))
        cpu = measure_cpu(family["web"]) - cpu
        wait_until(lambda: not list((lake / "inbox").glob("*.segment")), 300)
        kept = canyu.open(lake).scan().count().to_pyarrow().as_py()
    found = load.describe()
    return {
        "visits_per_s": found["events_per_s"],
        "p50_ms": found["p50_ms"],
        "p99_ms": found["p99_ms"],
        "failed": load.failed,
        "lost": warm.acknowledged + load.acknowledged - kept,
        "web_cpu_us_per_visit": round(cpu / load.acknowledged * 1e6, 1),
    }


def measure_nothing(folder: Path, seconds: float, rate: float) -> dict[str, Any]:
    """Ask a handler that does nothing, on the same server, at the same rate."""
    port = find_port()
    with serve_nothing(folder, port) as server:
        family = list_family(server.pid)
        cpu = measure_cpu(family["web"])
        load = asyncio.run(follow_links(port, seconds, rate))
        used = measure_cpu(family["web"]) - cpu
    return {"p99_ms": load.describe()["p99_ms"], "cpu_us": round(used / load.acknowledged * 1e6, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--rate", type=float, default=500, help="visits per second")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = measure_links(Path(name), chosen.seconds, chosen.rate)
        nothing = measure_nothing(Path(name), chosen.seconds, chosen.rate)
    setting = f"{chosen.seconds:g} s, {chosen.rate:g} visits/s asked, {LINKS} links, {CONNECTIONS} connections"
    ratio = round(nothing["cpu_us"] / found["web_cpu_us_per_visit"], 3)
    line = {
        "name": "shortlink",
        "setting": setting,
        **found,
        "nothing_p99_ms": nothing["p99_ms"],
        "share_of_nothing": ratio,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
