"""Waiting for what another process or thread does: as long as it may take on a busy machine, and never in silence."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

LONGEST_S = 240
"""No test of time: only what never comes takes so long. On a fresh machine kernels are compiled first."""


def wait_until(is_so: Callable[[], object], process: subprocess.Popen[Any] | None = None) -> None:
    """Return as soon as something is so; the test fails where the process ends before, or where it never is."""
    end = time.monotonic() + LONGEST_S
    while not is_so():
        if process is not None and process.poll() is not None and not is_so():
            pytest.fail(f"the process ended before, with {process.returncode}")
        if time.monotonic() > end:
            pytest.fail(f"it was not so within {LONGEST_S} s")
        time.sleep(0.005)
