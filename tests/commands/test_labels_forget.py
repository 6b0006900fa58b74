"""``canyu labels forget``, and ``canyu listen`` with a model of the team's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from brand_lake import fill_brand_lake
from canyu.kit.jsonio import parse_json
from canyu.listen.active_model import set_active_model
from canyu.listen.model_store import find_weights
from canyu.listen.sentiment import read_model


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "brand.lake"
    fill_brand_lake(path)
    return path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    command = [sys.executable, "-m", "canyu", *words]
    return subprocess.run(command, env={**kept, "CANYU_LANG": "en"}, capture_output=True, text=True)


def test_corrections_of_erased_posts_are_dropped(lake_path: Path) -> None:
    done = run("labels", "forget", "--lake", str(lake_path), "--json")
    assert (done.returncode, parse_json(done.stdout)) == (0, {"dropped": 0}), done.stderr


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
