from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from waiting import wait_until

pytestmark = pytest.mark.faults
ROWS = 100_000  # several pieces, and more than the smallest disk holds
SCORE = [sys.executable, "-c", "from canyu.cli import main; main()", "score", "--text-column", "text"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text("id,text\n" + "".join(f"{row},质量不错，第{row}次购买，很满意\n" for row in range(ROWS)), "utf-8")
    return path


def test_a_kill_leaves_the_old_file_and_the_next_run_finishes(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("what was there before\n")
    started = subprocess.Popen([*SCORE, "--in", str(source), "--out", str(out)], stderr=subprocess.PIPE)
    part = tmp_path / ".out.csv.part"
    wait_until(lambda: part.exists() and part.stat().st_size, started)
    started.send_signal(signal.SIGKILL)
    started.communicate()
    assert started.returncode == -signal.SIGKILL
    assert out.read_text() == "what was there before\n"
    subprocess.run([*SCORE, "--in", str(source), "--out", str(out)], check=True, capture_output=True)
    assert len(out.read_text("utf-8").splitlines()) == ROWS + 1
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
