from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from numba import types

from canyu.kit.compiled import compile_kernel

PLUS_ONE = "def plus_one(x):\n    return x + 1\n"


def test_a_kernel_without_a_file_to_keep_it_beside_still_compiles() -> None:
    scope: dict[str, object] = {}
    exec(PLUS_ONE, scope)  # noqa: S102 - a function without a source file is what is tested
    plus_one = compile_kernel(types.int64(types.int64))(scope["plus_one"])  # type: ignore[type-var]
    assert plus_one(41) == 42  # type: ignore[operator]


def test_a_cache_folder_that_cannot_be_written_does_not_stop_a_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = "from canyu.listen.kernels.script import find_scripts; print('started')"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "file" / "below")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("started", 0), done.stderr
