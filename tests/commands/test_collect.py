"""The word `canyu collect` from outside: what it says, what it writes, how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import canyu
from canyu.cli import canyu as program
from canyu.kit.errors import BadInput
from collecting_site import Reply, Site, site

__all__ = ["site"]
RSS = b"""<rss version="2.0"><channel><title>t</title><item><title>New car</title><guid>http://e.example/1</guid>
<pubDate>Wed, 12 Aug 2026 10:00:00 +0800</pubDate></item><item><title>No time</title></item></channel></rss>"""


def collect(*words: str, status: int = 0) -> Any:
    result = CliRunner().invoke(program, ["collect", *words], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result


def count(*words: str, status: int = 0) -> Any:
    return json.loads(collect(*words, "--json", status=status).stdout.splitlines()[-1])


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.csv").write_text("微博ID,正文,时间\n1,很稳,2026-08-12 10:00\n2,异响,soon\n", "utf-8")
    return folder


def test_a_folder_is_collected_once(inbox: Path, tmp_path: Path) -> None:
    lake = str(tmp_path / "my.lake")
    words = ("folder", str(inbox), "--lake", lake, "--zone", "Asia/Shanghai", "--once", "--settle", "0.1")
    assert count(*words) == {"rows": 2, "kept": 1, "refused": 1, "added": 1, "deletions": 0, "version": 1}
    assert count(*words) == {"rows": 0, "kept": 0, "refused": 0, "added": 0, "deletions": 0, "version": 1}


def test_a_dry_run_names_the_files_and_writes_nothing(inbox: Path, tmp_path: Path) -> None:
    told = collect("folder", str(inbox), "--lake", str(tmp_path / "my.lake"), "--dry-run").stderr
    assert told == "a.csv\n1 files to look at.\n"
    assert not (tmp_path / "my.lake").exists()


def test_a_file_that_cannot_be_read_fails_the_run_after_the_others(inbox: Path, tmp_path: Path) -> None:
    (inbox / "0.csv").write_text("a,b\n1,2\n", "utf-8")
    words = ("folder", str(inbox), "--lake", str(tmp_path / "my.lake"), "--zone", "Asia/Shanghai", "--once")
    assert count(*words, "--settle", "0", status=1)["added"] == 1


def test_a_feed_is_collected_and_its_refusals_told(site: Site, tmp_path: Path) -> None:
    site.respond = lambda _: Reply(200, RSS)
    lake = str(tmp_path / "my.lake")
    assert count("feed", f"{site.url}/feed", "--lake", lake)["kept"] == 1
    told = collect("feed", f"{site.url}/feed", "--lake", lake).stderr.splitlines()
    assert told[0] == f"{site.url}/feed: 2 rows, 1 kept (0 new), 1 refused"
    assert told[1] == "  1 × no_time (time): Fill in the time."
    assert canyu.open(lake).scan().count().to_pyarrow().as_py() == 1


def test_a_feed_that_fails_does_not_keep_the_others_out(site: Site, tmp_path: Path) -> None:
    site.respond = lambda asked: Reply(200, RSS) if asked.path == "/good" else Reply(404)
    words = ("feed", f"{site.url}/bad", f"{site.url}/good", "--lake", str(tmp_path / "my.lake"))
    assert count(*words, status=1)["added"] == 1


def test_a_dry_run_of_a_feed_writes_nothing(site: Site, tmp_path: Path) -> None:
    site.respond = lambda _: Reply(200, RSS)
    words = ("feed", f"{site.url}/feed", "--lake", str(tmp_path / "my.lake"), "--dry-run")
    assert count(*words) == {"rows": 2, "kept": 1, "refused": 1, "added": 0, "deletions": 0, "version": -1}
    assert not (tmp_path / "my.lake").exists()


PLATFORMS = {
    "youtube": (["youtube", "su7"], ["CANYU_YOUTUBE_KEY"]),
    "x": (["x", "--query", "su7"], ["CANYU_X_TOKEN"]),
    "reddit": (["reddit", "--community", "ev"], ["CANYU_REDDIT_ID", "CANYU_REDDIT_SECRET", "CANYU_REDDIT_USER"]),
    "weibo": (["weibo", "mentions"], ["CANYU_WEIBO_TOKEN"]),
}


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_platform_without_its_key_names_the_variable(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, variables = PLATFORMS[name]
    for variable in variables:
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(BadInput, match=f"{variables[0]} is not set"):
        collect(*words, "--lake", str(tmp_path / "my.lake"))


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_dry_run_of_a_platform_asks_nobody_and_tells_the_allowance(
    name: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, variables = PLATFORMS[name]
    for variable in variables:
        monkeypatch.setenv(variable, "secret")
    monkeypatch.setenv(f"CANYU_{name.upper()}_BASE", site.url)
    told = collect(*words, "--lake", str(tmp_path / "my.lake"), "--dry-run").stderr
    assert " used; anew at " in told or " used, anew at " in told
    assert site.asked == []
    assert not (tmp_path / "my.lake").exists()


def test_a_platform_is_collected_and_a_failure_told(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = {"id": "5", "text": "fast", "created_at": "2026-08-12T05:00:00Z", "author_id": "7"}
    replies = [Reply(200, {"data": [post], "meta": {"result_count": 1}}), Reply(401, {"title": "Unauthorized"})]
    site.respond = lambda _: replies[len(site.asked) - 1]
    monkeypatch.setenv("CANYU_X_TOKEN", "secret")
    monkeypatch.setenv("CANYU_X_BASE", site.url)
    words = ("x", "--query", "su7", "--lake", str(tmp_path / "my.lake"))
    assert count(*words) == {"rows": 1, "kept": 1, "refused": 0, "added": 1, "deletions": 0, "version": 1}
    failed = collect(*words, status=1)
    assert "refused: 401" in failed.stderr
    assert "secret" not in failed.output


def test_a_key_never_travels_in_the_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANYU_X_TOKEN", "secret")
    monkeypatch.setenv("CANYU_X_BASE", "http://api.example")
    with pytest.raises(BadInput, match="no https address"):
        collect("x", "--query", "su7", "--lake", str(tmp_path / "my.lake"))
