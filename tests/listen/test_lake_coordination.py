"""Coordinated posting in a lake: the planted group is found with exact figures, and nothing else."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import canyu
from brand_lake import fill_brand_lake
from canyu.events import Lake
from canyu.listen import coordination_table
from canyu.listen.coordination import read_coordination
from canyu.listen.coordination_table import update_coordination
from evidence_lake import PUSHED, fill_evidence_lake

BEGIN, END = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return fill_evidence_lake(tmp_path_factory.mktemp("coordination") / "evidence.lake")


def test_the_planted_group_is_found_and_no_other(lake: Lake) -> None:
    found = read_coordination(lake, BEGIN, END)
    assert [(g.posts, g.copies, g.authors, g.traces, g.kind) for g in found.groups] == [
        (18, 6, 6, {"text": 3}, "coordinated")
    ]
    assert found.groups[0].span_s == 2 * 86_400 + 100
    assert found.groups[0].q_value < 0.01
    assert (found.posts, found.total, found.model_version) == (540, 540, "hand-1")


def test_the_same_lake_gives_the_same_groups(lake: Lake) -> None:
    first = read_coordination(lake, BEGIN, END)
    assert read_coordination(canyu.open(lake.path), BEGIN, END, versions=lake.versions()) == first


def test_a_period_without_posts_has_no_group(lake: Lake) -> None:
    found = read_coordination(lake, datetime(2025, 3, 24, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC))
    assert (found.groups, found.posts, found.since) == ((), 0, None)


def test_the_weeks_that_a_period_touches_are_read_whole(lake: Lake) -> None:
    found = read_coordination(lake, datetime(2025, 3, 7, tzinfo=UTC), datetime(2025, 3, 8, tzinfo=UTC))
    zone = ZoneInfo(found.rules.zone)
    assert found.since == datetime(2025, 3, 3, tzinfo=zone)
    assert found.until == datetime(2025, 3, 10, tzinfo=zone)
    assert [group.posts for group in found.groups] == [18]


def test_beyond_the_cap_the_newest_posts_of_a_week_are_read(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordination_table, "MOST_POSTS", 100)
    copied = canyu.open(shutil.copytree(lake.path, tmp_path / "capped.lake"))
    assert update_coordination(copied, "hand-1", "Asia/Shanghai") == 4
    found = read_coordination(copied, datetime(2025, 3, 7, tzinfo=UTC), datetime(2025, 3, 8, tzinfo=UTC))
    assert (found.posts, found.total) == (100, read_coordination(lake, found.since or END, found.until or END).posts)


def test_a_lake_without_clusters_is_compared_here(tmp_path_factory: pytest.TempPathFactory) -> None:
    lake = fill_brand_lake(tmp_path_factory.mktemp("plain") / "brand.lake")
    update_coordination(lake, "hand-1", "Asia/Shanghai")
    found = read_coordination(lake, BEGIN, END)
    assert found.posts > 100
    assert all(group.kind for group in found.groups)


def test_every_planted_text_can_tie() -> None:
    assert all(len(text) >= 10 for text in PUSHED)
