from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from numba import types

from canyu.kit.compiled import Kernel, compile_kernel
from canyu.listen.kernels.script import find_scripts

PLUS_ONE = "def plus_one(x):\n    return x + 1\n"


def test_a_kernel_without_a_file_to_keep_it_beside_still_compiles() -> None:
    scope: dict[str, object] = {}
    exec(PLUS_ONE, scope)  # noqa: S102 - a function without a source file is what is tested
    plus_one = compile_kernel(types.int64(types.int64))(scope["plus_one"])  # type: ignore[type-var]
    assert plus_one(41) == 42  # type: ignore[operator]


def test_a_cache_folder_that_cannot_be_written_does_not_stop_a_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = "from canyu.listen.kernels.script import find_scripts; find_scripts.compile(); print('compiled')"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "file" / "below")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("compiled", 0), done.stderr


def test_a_kernel_is_compiled_once_by_its_first_call_whoever_calls() -> None:
    assert isinstance(quadruple, Kernel)
    assert quadruple._compiled is None
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(quadruple, range(8))) == [4 * number for number in range(8)]
    compiled = quadruple._compiled
    assert compiled.nopython_signatures == [types.int64(types.int64)]
    assert (double(21), quadruple(21)) == (42, 84)
    assert quadruple._compiled is compiled


def test_a_kernel_refuses_what_its_signature_does_not_take() -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        double("four")


def test_another_process_finds_a_kernel_by_its_name() -> None:
    assert pickle.loads(pickle.dumps(find_scripts)) is find_scripts  # noqa: S301 - our own bytes


@compile_kernel(types.int64(types.int64))
def double(number: int) -> int:
    return 2 * number


@compile_kernel(types.int64(types.int64))
def quadruple(number: int) -> int:
    return double(double(number))
