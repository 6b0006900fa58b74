from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from canyu.commands.rehearse import command
from canyu.events import EVENT_SCHEMA
from canyu.kit.errors import BadInput, Conflict, StorageFailure
from canyu.kit.jsonio import parse_json
from canyu.kit.words import speak
from canyu.rehearse import MarketPlan, rehearse_market, write_market
from waiting import LONGEST_S, wait_until

TINY = MarketPlan(year=2025, scale=2e-5, seed=3)


def hash_folder(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def run_elsewhere(out: Path, **environment: str) -> subprocess.Popen[bytes]:
    words = ["rehearse", "--scale", "2e-5", "--seed", "3", "--out", str(out)]
    program = [sys.executable, "-c", "from canyu.cli import main; main()", *words]
    return subprocess.Popen(program, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)


def test_equal_plans_give_equal_bytes_whatever_the_threads_and_hash_seed(tmp_path: Path) -> None:
    write_market(TINY, tmp_path / "a")
    others = [
        run_elsewhere(tmp_path / "b", PYTHONHASHSEED="1", OMP_NUM_THREADS="1", ARROW_IO_THREADS="1"),
        run_elsewhere(tmp_path / "c", PYTHONHASHSEED="99", OMP_NUM_THREADS="2", TZ="America/New_York"),
    ]
    assert [other.wait(120) for other in others] == [0, 0]
    first = hash_folder(tmp_path / "a")
    assert len(first) == 17
    assert hash_folder(tmp_path / "b") == first
    assert hash_folder(tmp_path / "c") == first


def test_another_seed_gives_other_events(tmp_path: Path) -> None:
    first = write_market(TINY, tmp_path / "a").truth
    second = write_market(MarketPlan(year=2025, scale=2e-5, seed=4), tmp_path / "b").truth
    assert first["files"]["events/2025-01.parquet"] != second["files"]["events/2025-01.parquet"]


def test_the_folder_holds_what_the_truth_says(tmp_path: Path) -> None:
    written = write_market(TINY, tmp_path / "out")
    stored = parse_json((tmp_path / "out" / "truth.json").read_bytes())
    assert stored == written.truth
    hashes = hash_folder(tmp_path / "out")
    assert {name: row["sha256"] for name, row in stored["files"].items()} == {
        name: digest for name, digest in hashes.items() if name != "truth.json"
    }
    assert sum(pq.read_metadata(path).num_rows for path in written.files) == stored["counts"]["events"]
    assert pq.read_schema(written.files[0]).equals(EVENT_SCHEMA)


def test_in_memory_and_on_disk_are_the_same_rehearsal(tmp_path: Path) -> None:
    written, played = write_market(TINY, tmp_path / "out"), rehearse_market(TINY)
    assert pq.read_table(written.files).equals(played.events)
    assert pq.read_table(tmp_path / "out" / "labels.parquet").equals(played.labels)


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    for force in (False, True):
        with pytest.raises(Conflict) as refused:
            write_market(TINY, tmp_path, force=force)
        assert refused.value.mend
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_force_replaces_an_earlier_rehearsal(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_market(MarketPlan(year=2024, scale=1e-5, seed=1), out)
    with pytest.raises(Conflict, match="not empty"):
        write_market(TINY, out)
    write_market(TINY, out, force=True)
    assert parse_json((out / "truth.json").read_bytes())["plan"]["year"] == 2025
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(BadInput, match="not a folder"):
        write_market(TINY, tmp_path / "out", force=True)
    with pytest.raises(StorageFailure):
        write_market(TINY, tmp_path / "out" / "below")
    assert (tmp_path / "out").read_text() == "mine"


def test_the_command_ends_with_one_line_of_json(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--scale", "1e-5", "--out", str(tmp_path / "out"), "--json"])
    assert result.exit_code == 0
    found = parse_json(result.output.splitlines()[-1])
    assert found["events"] == sum(pq.read_metadata(p).num_rows for p in (tmp_path / "out" / "events").iterdir())
    assert found["files"] == 12


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--scale", "1e-5", "--out", str(tmp_path / "out")])
    assert "simulated events" in result.output
    assert "canyu import" in result.output


@pytest.mark.faults
def test_a_killed_run_leaves_no_folder_and_the_next_one_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    victim = run_elsewhere(out)
    wait_until(lambda: list(tmp_path.glob(".out.unfinished/events/2025-02*")), victim)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait(LONGEST_S) == -signal.SIGKILL
    assert not out.exists()
    write_market(TINY, out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert parse_json((out / "truth.json").read_bytes())["counts"]["events"] > 20_000


@pytest.mark.faults
def test_two_runs_into_one_folder_do_not_mix(tmp_path: Path) -> None:
    runs = [run_elsewhere(tmp_path / "out") for _ in range(2)]
    codes = sorted(run.wait(LONGEST_S) for run in runs)
    assert codes == [0, 2]
    assert len(hash_folder(tmp_path / "out")) == 17


@pytest.mark.faults
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let a test mount a small disk")
    try:
        with pytest.raises(StorageFailure, match="disk is full") as refused:
            write_market(TINY, disk / "out")
        assert refused.value.mend == "Free space, or rehearse a smaller scale."
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_taken_folder_is_told_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Conflict) as refused:
        write_market(TINY, tmp_path)
    with speak("zh-hans"):
        assert refused.value.message == f"{tmp_path} 不是空的。"
        assert "--force 替换已有的彩排" in refused.value.mend
