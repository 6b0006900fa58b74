"""A server that is killed while senders deliver: every row that was acknowledged is in the lake."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

import canyu
from canyu.events import make_event_id
from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json_bytes
from canyu.ops.webhook.rules import sign
from waiting import LONGEST_S, wait_until

pytestmark = pytest.mark.faults
SECRET = "s" * 32
ROW = {"type": "post", "time": "2026-08-12T10:00:00+08:00", "text": "很稳"}


def find_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def is_open(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def send_until_gone(url: str, name: int, acknowledged: list[str]) -> None:
    with httpx.Client(trust_env=False, timeout=LONGEST_S) as client:
        for number in range(10_000):
            ids = [f"{name}-{number}-{row}" for row in range(20)]
            body, stamp = dump_json_bytes([{**ROW, "id": each} for each in ids]), str(int(get_now().timestamp()))
            headers = {"X-Canyu-Time": stamp, "X-Canyu-Signature": sign(SECRET, stamp, body)}
            try:
                answer = client.post(f"{url}/hooks/shop/", content=body, headers=headers)
            except httpx.HTTPError:
                return
            assert answer.json()["kept"] == 20
            acknowledged.extend(ids)


def test_what_was_acknowledged_survives_the_kill(tmp_path: Path) -> None:
    lake, port = tmp_path / "my.lake", find_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "CANYU_HOOK_SECRETS": f"shop={SECRET}", "CANYU_LANG": "en"}
    command = [sys.executable, "-m", "canyu", "serve", "--lake", str(lake), "--port", str(port)]
    acknowledged: list[str] = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True) as server:
        wait_until(lambda: is_open(url), server)
        senders = [threading.Thread(target=send_until_gone, args=(url, name, acknowledged)) for name in range(3)]
        for sender in senders:
            sender.start()
        wait_until(lambda: len(acknowledged) >= 200, server)
        os.killpg(server.pid, signal.SIGKILL)  # the group that this test began
        for sender in senders:
            sender.join()
    kept = set(canyu.open(lake).scan().id.to_pyarrow().to_pylist())
    assert len(acknowledged) >= 200
    assert {make_event_id("shop", each) for each in acknowledged} <= kept
