"""Freed memory is given back, or held, as a command wants; both in processes of their own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FREED = """
import resource
import numpy as np
from canyu.kit.memory import hold_memory, release_memory
{first}
def count():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(2 << 20)
before = count()
for _ in range(20):
    np.ones(2 << 20)
    {each}
print(count() - before)
"""
needs_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")


def count_faults(first: str, each: str = "") -> int:
    code = FREED.format(first=first, each=each)
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


@needs_glibc
def test_held_memory_is_used_again_and_released_memory_is_asked_for_again() -> None:
    held, released = count_faults("hold_memory()"), count_faults("hold_memory()", "release_memory()")
    assert held * 10 < released


def test_arrow_takes_its_memory_from_the_same_store() -> None:
    code = "import pyarrow; from canyu.kit.memory import hold_memory; hold_memory()\n"
    code += "print(pyarrow.default_memory_pool().backend_name)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "system"
