"""Pages of findings while the first listening is not finished: they say so and how far it is, and show no zeros."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

import canyu
from canyu.events import TABLES
from canyu.listen.findings import open_book
from canyu.listen.topic_table import update_topics
from canyu.ops.people.rules import Role
from voices_lake import ALL_DAYS, MODEL

ZONE = "Asia/Shanghai"
FINDINGS = ("/topics/", "/coordination/", "/rumours/")
OTHERS = ("/pulse/", "/aspects/", "/storylines/")


@pytest.fixture
def path(voices_path: Path, tmp_path: Path, use_lake: Callable[[Path], None]) -> Path:
    """The lake of ``voices_lake`` with its posts read and nothing found among them."""
    path = shutil.copytree(voices_path, tmp_path / "copy.lake")
    for name in ("topics", "coordination", "rumours", "findings"):
        shutil.rmtree(path / name)
    use_lake(path)
    return path


@pytest.fixture
def analyst(path: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.SOCIAL_ANALYST)


def read(client: Client, address: str) -> str:
    response = client.get(address, ALL_DAYS)
    assert response.status_code == 200, response.content
    return response.content.decode()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/topics/", "0 of 4 weeks so far"),
        ("/coordination/", "0 of 4 weeks so far"),
        ("/rumours/", "0 of 28 days so far"),
    ],
)
def test_a_page_of_findings_says_how_far_it_is(analyst: Client, address: str, told: str) -> None:
    page = read(analyst, address)
    assert told in page
    assert "canyu listen --lake" in page
    assert '<dl class="strip">' not in page
    assert "five posts or more" not in page
    assert "No claim reaches" not in page


def test_what_is_found_so_far_is_shown_beside_it(path: Path, analyst: Client) -> None:
    lake = canyu.open(path)
    update_topics(lake, MODEL, ZONE)
    assert 'id="building"' not in read(analyst, "/topics/")  # groups and claims are still to be found
    book = open_book(lake, "topics", MODEL, ZONE, MODEL)
    book.entries.pop(max(key for key in book.entries if key.unit == "week" and not key.brand))
    book.write()
    page = read(analyst, "/topics/")
    assert "3 of 4 weeks so far" in page
    assert "续航不行" in page
    assert '<dl class="strip">' in page


@pytest.mark.parametrize("address", [*FINDINGS, *OTHERS])
def test_every_page_says_how_many_posts_are_read(path: Path, analyst: Client, address: str) -> None:
    lake = canyu.open(path)
    rows = lake.engine.run(lake.scan("scores").limit(20)).cast(TABLES["scores"].schema)
    lake.write_derived("scores", rows, mode="overwrite")
    page = read(analyst, address)
    assert "20 of 68 posts are read so far" in page
    assert '<progress max="68" value="20">' in page


@pytest.mark.parametrize("address", FINDINGS)
def test_where_nobody_listened_the_posts_wait(path: Path, analyst: Client, address: str) -> None:
    shutil.rmtree(path / "scores")
    assert "68 posts wait to be read:" in read(analyst, address)


@pytest.mark.parametrize("address", [*FINDINGS, *OTHERS])
def test_a_finished_lake_says_nothing_of_it(voices_lake: Path, sign_in: Callable[..., Client], address: str) -> None:
    assert 'id="building"' not in read(sign_in(Role.SOCIAL_ANALYST), address)
