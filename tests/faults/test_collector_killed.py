"""kill -9 while events are taken: what was acknowledged is in the lake, and nothing is there twice."""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from running_collector import Running, make_running

pytestmark = pytest.mark.faults
SENDER = Path(__file__).resolve().parent.parent / "clients" / "senders" / "segment_python.py"
BATCH = 20
ROUNDS = 4
WEB_LIFE_S = 8.0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A running collector that may be killed."""
    found = make_running(tmp_path)
    try:
        found.start()
        found.make_key()
        yield found
    finally:
        found.stop()


class Sender(threading.Thread):
    """Sends batch after batch without trying again, and notes what was acknowledged."""

    def __init__(self, running: Running, number: int) -> None:
        super().__init__()
        self.running, self.number = running, number
        self.acknowledged: list[str] = []
        self.sent = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        headers = {"authorization": "Basic " + base64.b64encode(f"{self.running.key}:".encode()).decode()}
        while not self.is_over.is_set():
            names = [f"{self.number}-{self.sent}-{place}" for place in range(BATCH)]
            self.sent += 1
            body = json.dumps({"batch": [_make_order(name) for name in names]})
            try:
                answer = httpx.post(f"{self.running.address}/v1/batch", content=body, headers=headers, timeout=10)
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code == 200:
                self.acknowledged += names


def _make_order(name: str) -> dict[str, Any]:
    properties = {"order_id": name, "revenue": 1, "currency": "CNY"}
    return {"type": "track", "event": "Order Completed", "messageId": name, "userId": "u", "properties": properties}


def test_the_whole_server_is_killed_at_any_moment(running: Running) -> None:
    chance = random.Random(11)
    senders = [Sender(running, number) for number in range(2)]
    for sender in senders:
        sender.start()
    try:
        for _ in range(ROUNDS):
            known = len(senders[0].acknowledged)
            while len(senders[0].acknowledged) < known + 3 * BATCH:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 1.2))
            running.kill_all()
            running.start()
    finally:
        for sender in senders:
            sender.is_over.set()
        for sender in senders:
            sender.join()
    acknowledged = {name for sender in senders for name in sender.acknowledged}
    found = running.wait_for_objects(acknowledged)
    running.stop()
    assert set(Counter(running.read_ids()).values()) == {1}
    assert {found[name] for name in acknowledged} == {1}
    assert len(acknowledged) >= ROUNDS * 3 * BATCH
    assert not list((running.lake_path / "inbox").glob("*.segment"))


def test_web_processes_and_the_carrier_are_killed_while_a_client_sends(running: Running) -> None:
    count, chance = 1500, random.Random(5)
    command = [sys.executable, str(SENDER), running.address, running.key, str(count), "k"]
    sender = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    killed, quiet_until = 0, 0.0
    while sender.poll() is None:
        time.sleep(chance.uniform(0.02, 0.5))
        if time.monotonic() < quiet_until:
            victims = running.list_errands()
        else:  # a server whose web processes die every few seconds gives up, on purpose
            victims, quiet_until = running.list_workers(), time.monotonic() + WEB_LIFE_S
        if victims:
            try:
                os.kill(chance.choice(victims), signal.SIGKILL)
                killed += 1
            except ProcessLookupError:
                pass
    _, errors = sender.communicate()
    assert (sender.returncode, killed > 0) == (0, True), errors
    orders = {f"k-{number}" for number in range(count)}
    found = running.wait_for_objects(orders)
    assert {found[name] for name in orders} == {1}
