from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults
SCORE = [sys.executable, "-c", "from canyu.cli import main; main()", "score", "--text-column", "text"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(
        "id,text\n" + "".join(f"{row},质量不错，第{row}次购买，很满意\n" for row in range(400_000)), "utf-8"
    )
    return path


def test_a_kill_leaves_the_old_file_and_the_next_run_finishes(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("what was there before\n")
    started = subprocess.Popen([*SCORE, "--in", str(source), "--out", str(out)], stderr=subprocess.PIPE)
    part = tmp_path / ".out.csv.part"
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    started.communicate()
    assert started.returncode == -signal.SIGKILL
    assert out.read_text() == "what was there before\n"
    subprocess.run([*SCORE, "--in", str(source), "--out", str(out)], check=True, capture_output=True)
    assert len(out.read_text("utf-8").splitlines()) == 400_001
    assert not part.exists()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_disk_that_refuses_is_told_and_the_old_file_stays(source: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out.{suffix}"
    out.write_text("what was there before\n")
    done = subprocess.run(
        [*SCORE, "--in", str(source), "--out", str(out)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text() == "what was there before\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", f"out.{suffix}"]
