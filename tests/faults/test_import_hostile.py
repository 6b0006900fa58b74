"""Files made to hurt: memory stays bounded, and what is good is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from canyu.kit.jsonio import parse_json

pytestmark = pytest.mark.faults

MEASURED = """
import pathlib, re, resource, sys
from canyu.cli import main
try:
    main()
finally:
    status = pathlib.Path("/proc/self/status")  # on Linux ru_maxrss would begin at the peak of the test run itself
    if status.exists():
        peak_mb = int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) // 1024
    else:
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024)
    print(peak_mb, file=sys.stderr)
"""
HEADER = "正文,时间\n".encode()
GOOD = "好,2025-01-01\n".encode()


def measure_import(path: Path) -> tuple[dict[str, int], int, str]:
    """Import the file in a process of its own; return its counts, its peak memory in MB, and what it said."""
    arguments = ["import", str(path), "--lake", str(path.with_suffix(".lake")), "--zone", "Asia/Shanghai", "--json"]
    found = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    said, peak = found.stderr.strip().rsplit("\n", 1)
    return parse_json(found.stdout.strip().splitlines()[-1]), int(peak), said


def write_large(path: Path, piece: bytes, times: int) -> Path:
    with path.open("wb") as file:
        file.write(HEADER + GOOD)
        for _ in range(times):
            file.write(piece)
        file.write(b"\n" + GOOD)
    return path


@pytest.mark.parametrize("piece", [b"x" * (1 << 20), b'"x,""' + b"y" * (1 << 20)], ids=["letters", "quotes"])
def test_a_line_of_300_megabytes_is_refused_in_little_memory(tmp_path: Path, piece: bytes) -> None:
    counts, peak, said = measure_import(write_large(tmp_path / "a.csv", piece, 300))
    assert (counts["kept"], counts["refused"]) == (2, 1)
    assert peak < 700
    assert "too_long" in said


def test_a_json_line_of_300_megabytes_is_refused_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"content":"x","time":1735689600}\n{"content":"')
        for _ in range(300):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n{"content":"y","time":1735689601}\n')
    counts, peak, _ = measure_import(path)
    assert (counts["kept"], counts["refused"]) == (2, 1)
    assert peak < 700


def test_a_gigabyte_of_nul_bytes_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(HEADER + GOOD)
        file.seek(1 << 30)
        file.write(GOOD)
    counts, peak, said = measure_import(path)
    assert (counts["kept"], counts["refused"]) == (2, 0)
    assert peak < 700
    assert "NUL bytes" in said


def test_a_large_workbook_with_a_swollen_sheet_is_refused_at_once(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(200):
            part.write(b"<row></row>" * 100_000)
    counts, peak, said = measure_import(path)
    assert counts["kept"] == 0
    assert peak < 700
    assert "unpacks to" in said
