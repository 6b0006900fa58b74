"""``canyu serve``: refusals with the mend, one-time passwords, a clean end, and the demo's lake."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from brand_lake import fill_brand_lake
from waiting import LONGEST_S

CANYU = str(Path(sys.executable).parent / "canyu")


def clean_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    return {**kept, "CANYU_WEB_WORKERS": "1", "PYTHONUNBUFFERED": "1", **more}


LIKE_ANYBODY = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
"""The superuser without the right to write where the folder says no: what every other user is. (The interpreter may lie
in a home that no other user may read, so the process stays its owner's.)"""


def run(*words: str, cwd: Path, first: Sequence[str] = (), **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*first, CANYU, "serve", *words],
        cwd=cwd,
        env=clean_environment(**more),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    fill_brand_lake(tmp_path / "brand.lake")
    return tmp_path / "brand.lake"


def test_every_address_without_names_is_refused(tmp_path: Path) -> None:
    told = run("--lake", "x.lake", "--host", "0.0.0.0", cwd=tmp_path)  # noqa: S104 - it is refused
    assert (told.returncode, told.stdout) == (2, "")
    assert "Set CANYU_HOSTS" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_refused_with_the_mend(lake: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        told = run("--lake", str(lake), "--port", str(other.getsockname()[1]), cwd=lake.parent)
    assert told.returncode == 2
    assert "--port 0" in told.stderr


def test_a_lake_in_the_cloud_without_a_folder_is_refused(tmp_path: Path) -> None:
    told = run("--lake", "s3://bucket/lake", cwd=tmp_path)
    assert told.returncode == 2
    assert "CANYU_STATE_FOLDER" in told.stderr


def test_a_read_only_folder_is_refused_with_the_mend(lake: Path) -> None:
    before = sorted(lake.iterdir())
    lake.chmod(0o500)
    told = run("--lake", str(lake), cwd=lake.parent, first=LIKE_ANYBODY)
    lake.chmod(0o700)
    assert told.returncode == 2, told.stderr
    assert "CANYU_STATE_FOLDER" in told.stderr
    assert "Traceback" not in told.stderr
    assert sorted(lake.iterdir()) == before


def test_a_file_where_the_folder_should_be_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    told = run("--lake", str(tmp_path / "file"), cwd=tmp_path)
    assert told.returncode == 2
    assert "CANYU_STATE_FOLDER" in told.stderr
    assert "Traceback" not in told.stderr


USE_LAKE_FIRST = "import sys, canyu; canyu.open(sys.argv[3]).scan(); from canyu.cli import main; main()"


@pytest.mark.parametrize(
    "start", [[CANYU], [sys.executable, "-c", USE_LAKE_FIRST]], ids=["plain", "after using the lake"]
)
def test_it_serves_until_interrupted_and_ends_clean(start: list[str], lake: Path) -> None:
    server = subprocess.Popen(
        [*start, "serve", "--lake", str(lake), "--port", "0"],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    told = []
    for line in server.stdout:
        told.append(line)
        if address := re.search(r"http://127\.0\.0\.1:\d+/", line):
            break
    with urllib.request.urlopen(f"{address.group()}account/login/", timeout=LONGEST_S) as page:  # noqa: S310 - our own server
        assert page.status == 200
    server.send_signal(signal.SIGINT)
    rest, _ = server.communicate(timeout=LONGEST_S)
    assert server.returncode == 0
    assert re.search(r"Password +\w{4}-\w{4}-\w{4}-\w{4} ", "".join(told))
    assert "Traceback" not in rest
    assert "Canyu is closed." in rest


def test_a_lost_password_is_replaced_and_an_unknown_name_refused(lake: Path) -> None:
    unknown = run("--lake", str(lake), "--reset-password", "eve", cwd=lake.parent)
    assert unknown.returncode == 2
    assert "There are: admin." in unknown.stderr
    told = run("--lake", str(lake), "--reset-password", "admin", cwd=lake.parent)
    assert re.fullmatch(r"One-time password for admin: \w{4}-\w{4}-\w{4}-\w{4}\n", told.stdout)


def test_the_demo_is_made_once_and_marked_as_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import canyu
    from canyu.commands import demo

    monkeypatch.setattr(demo, "SCALE", 0.00001)
    monkeypatch.setattr(demo, "PLAN", {**demo.PLAN, "scale": 0.00001})
    path = demo.build_demo(tmp_path / "demo" / "brand.lake")
    lake = canyu.open(path)
    versions = lake.versions()
    events = lake.scan()
    assert lake.engine.run(events.select("source").distinct()).to_pylist() == [{"source": "rehearsal"}]
    assert {"events", "scores", "mentions", "engagement", "board"} <= set(versions)
    assert demo.build_demo(path) == path
    assert canyu.open(path).versions() == versions
    assert "is there already" in capsys.readouterr().out


def test_a_demo_that_was_stopped_goes_on_without_doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import canyu
    from canyu.commands import demo

    monkeypatch.setattr(demo, "SCALE", 0.00001)
    path = tmp_path / "demo" / "brand.lake"
    folder = demo.rehearse(path.parent)
    demo.import_events(folder, path)
    lake = canyu.open(path)
    once = lake.engine.run(lake.scan().count().as_table())[0][0].as_py()
    demo.build_demo(path)
    events = lake.scan()
    counted = lake.engine.run(events.aggregate(n=events.count(), ids=events.id.nunique())).to_pylist()
    assert counted == [{"n": once, "ids": once}]
