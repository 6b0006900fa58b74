"""``canyu labels forget`` and the erasures that bring it along, and ``canyu listen`` with a model of the team's own."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import canyu
from brand_lake import fill_brand_lake
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.model_store import find_weights
from canyu.listen.active_model import set_active_model
from canyu.listen.sentiment import read_model

NOTHING = dict.fromkeys(
    (
        "corrections",
        "alerts",
        "kols",
        "refused",
        "deliveries",
        "offers",
        "members",
        "orders",
        "pictures",
        "challenges",
        "fans",
        "bookings",
        "cases",
        "talks",
        "wechat",
        "crises",
    ),
    0,
)


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "brand.lake"
    fill_brand_lake(path)
    return path


def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    command = [sys.executable, "-m", "canyu", *words]
    return subprocess.run(command, env={**kept, **settings, "CANYU_LANG": "en"}, capture_output=True, text=True)


def test_corrections_of_erased_posts_are_dropped(lake_path: Path) -> None:
    done = run("labels", "forget", "--lake", str(lake_path), "--json")
    assert (done.returncode, parse_json(done.stdout)) == (0, {"dropped": 0}), done.stderr


def test_an_erasure_reaches_the_console_by_itself(lake_path: Path, tmp_path: Path) -> None:
    """Also where the first one was killed after the lake and before the console; the other post's correction stays."""
    path = tmp_path / "brand.lake"
    shutil.copytree(lake_path, path)
    lake = canyu.open(path)
    ids = lake.engine.run(lake.scan().filter(lake.scan().type == "post").limit(3))["id"].to_pylist()
    run("labels", "forget", "--lake", str(path), "--json")  # makes the console's database
    with sqlite3.connect(path / "console.sqlite3") as database:
        for name in ids:
            database.execute(
                "INSERT INTO labels_correction (event_id, text, given, model_version, label, who, made_at, note,"
                " withdrawn_by) VALUES (?, ?, '', '', 'negative', 'an', '2026-01-01', '', '')",
                (name, f"remembered-{name}"),
            )
        facts = dump_json({"evidence": [ids[0], ids[2]]})
        database.execute(
            "INSERT INTO alerts_firedalert (alert_id, kind, facts, product, severity, found, counted_until, versions,"
            " state, changed_by, note) VALUES ('a', 'burst', ?, 'p', 'notice', '2026-01-01', '2026-01-01', '{}', 'new',"
            " '', '')",
            (facts,),
        )
    lake.erase_posts(ids[:1])
    done = run("lake", "erase-posts", *ids[:2], "--lake", str(path), "--yes", "--json")
    told = parse_json(done.stdout)
    assert (done.returncode, told["rows"], told["console"]) == (
        0,
        1,
        NOTHING | {"corrections": 2, "alerts": 1},
    ), done.stderr
    with sqlite3.connect(path / "console.sqlite3") as database:
        assert database.execute("SELECT event_id FROM labels_correction").fetchall() == [(ids[2],)]
        assert parse_json(database.execute("SELECT facts FROM alerts_firedalert").fetchone()[0]) == {
            "evidence": [ids[2]]
        }
    for file in path.glob("console.sqlite3*"):
        assert f"remembered-{ids[0]}".encode() not in file.read_bytes()
    again = parse_json(run("lake", "erase-posts", *ids[:2], "--lake", str(path), "--yes", "--json").stdout)
    assert (again["rows"], again["unknown"], again["console"]) == (0, [], NOTHING)


def test_the_console_of_another_lake_is_left_alone(lake_path: Path, tmp_path: Path) -> None:
    """Its corrections are of posts that this lake never held: they would all look erased."""
    state = tmp_path / "state"
    settings = {"CANYU_STATE_FOLDER": str(state), "CANYU_LAKE": str(lake_path)}
    assert run("labels", "forget", "--lake", str(lake_path), **settings).returncode == 0
    assert (state / "console.sqlite3").exists()
    shutil.copytree(lake_path, tmp_path / "other.lake")
    done = run("lake", "erase", "nobody", "--lake", str(tmp_path / "other.lake"), "--yes", "--json", **settings)
    assert (done.returncode, parse_json(done.stdout)["console"]) == (0, None), done.stderr


def test_a_lake_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = run("labels", "forget", "--lake", str(tmp_path / "none"))
    assert done.returncode == 2
    assert not (tmp_path / "none").exists()


def test_listening_takes_the_active_model(lake_path: Path) -> None:
    own = lake_path / "models" / "sentiment-team-1"
    own.mkdir(parents=True)
    shutil.copy(find_weights("sentiment-zh"), own / "weights.npz")
    version = read_model(own / "weights.npz").version
    set_active_model(lake_path, version)
    done = run("listen", "--lake", str(lake_path), "--limit", "5", "--json")
    assert done.returncode == 0, done.stderr
    assert parse_json(done.stdout)["model_version"].startswith(f"{version}+")
    shipped = run("listen", "--lake", str(lake_path), "--limit", "5", "--json", "--model", "sentiment-zh")
    assert parse_json(shipped.stdout)["model_version"].startswith("sentiment-zh-")
    shutil.rmtree(own)
    missing = run("listen", "--lake", str(lake_path), "--limit", "5")
    assert missing.returncode != 0
    assert "sentiment-team-1" in missing.stderr
