"""``canyu fans``: links of the lake, erasures that nobody released, and receipts that are none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from canyu.commands.fans import _open_private
from canyu.kit.jsonio import parse_json
from fan_fixtures import event, fill


def run(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    command = [sys.executable, "-m", "canyu", "fans", *words]
    return subprocess.run(command, env={**kept, "CANYU_LANG": "en"}, capture_output=True, text=True)


def test_a_copy_is_for_who_took_it_out_alone(tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    copy.write_bytes(b"an older and longer one")
    copy.chmod(0o644)
    with _open_private(copy) as file:
        file.write(b"new")
    assert (copy.stat().st_mode & 0o777, copy.read_bytes()) == (0o600, b"new")


def test_the_lakes_links_are_followed_and_a_forged_receipt_is_not_valid(tmp_path: Path) -> None:
    lake, forged, broken = tmp_path / "my.lake", tmp_path / "forged.json", tmp_path / "broken.json"
    fill(lake, [event("e1", "a" * 32, "join", object="account", parent="b" * 32)])
    linked = run("link", "--lake", str(lake), "--json")
    assert (linked.returncode, parse_json(linked.stdout)) == (0, {"events": 1, "links": 1, "merges": 1}), linked.stderr
    erased = run("erase", "--lake", str(lake), "--json")
    assert (erased.returncode, parse_json(erased.stdout)) == (0, []), erased.stderr
    forged.write_text('{"number": "r-1", "digest": "0", "signature": "0"}')
    told = run("verify", str(forged), "--lake", str(lake), "--json")
    found = {"is_whole": False, "is_signed": False, "is_known": False, "is_valid": False}
    assert (told.returncode, parse_json(told.stdout)) == (1, found), told.stderr
    broken.write_text("no receipt")
    assert run("verify", str(broken), "--lake", str(lake)).returncode == 2
    assert run("export", "f-1", "--lake", str(lake), "--out", str(tmp_path / "x.zip"), "--by", "nobody").returncode == 2
