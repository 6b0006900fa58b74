"""The server-side clients, unmodified from their packages: every event once, also when requests fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SENDERS = Path(__file__).resolve().parent / "senders"
PYTHON = ("segment_python.py", "rudderstack_python.py", "posthog_python.py")
NODE = ("segment_node.cjs", "rudderstack_node.cjs", "posthog_node.cjs")
COUNT = 130


@pytest.fixture
def send(collector: Any, request: pytest.FixtureRequest) -> Any:
    def run(sender: str, prefix: str, count: int = COUNT) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        program = [sys.executable]
        if sender.endswith(".cjs"):
            program = [request.getfixturevalue("node")]
            environment["NODE_PATH"] = str(request.getfixturevalue("node_modules"))
        command = [*program, str(SENDERS / sender), collector.address, collector.key, str(count), prefix]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)

    return run


@pytest.mark.parametrize("sender", [*PYTHON, *NODE])
def test_everything_that_a_client_sends_is_in_the_lake_once(sender: str, collector: Any, send: Any) -> None:
    done = send(sender, sender)
    assert done.returncode == 0, done.stderr
    orders = {f"{sender}-{number}" for number in range(COUNT)}
    found = collector.wait_for_objects({*orders, "https://shop.example/", "account"})
    assert {found[name] for name in orders} == {1}
    event = next(event for event in collector.read_events() if event["object"] == f"{sender}-0")
    assert (event["type"], event["value"], event["currency"], event["source"]) == ("order", 1999, "CNY", "shop")
    assert (event["channel"], event["campaign"]) == ("weibo", "618")
    assert json.loads(event["props"])["utm_medium"] == "social"
    assert "u1" not in str(event["actor"])
    assert "private.example" not in str(collector.read_events())


@pytest.mark.parametrize("sender", [*PYTHON, *NODE])
def test_requests_that_failed_are_sent_again_and_count_once(sender: str, collector: Any, send: Any) -> None:
    prefix = f"again-{sender}"
    collector.fail_next(500, 500, 429)
    done = send(sender, prefix, 40)
    assert done.returncode == 0, done.stderr
    orders = {f"{prefix}-{number}" for number in range(40)}
    found = collector.wait_for_objects(orders)
    assert {found[name] for name in orders} == {1}
    assert list((collector.folder / "faults").iterdir()) == []
