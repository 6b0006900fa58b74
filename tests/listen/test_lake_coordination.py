"""Coordinated posting in a lake: the planted group is found with exact figures, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import canyu
from brand_lake import fill_brand_lake
from canyu.events import Lake
from canyu.listen import coordination
from canyu.listen.coordination import read_coordination
from evidence_lake import PUSHED, fill_evidence_lake

BEGIN, END = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 22, tzinfo=UTC)
ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return fill_evidence_lake(tmp_path_factory.mktemp("coordination") / "evidence.lake")


def test_the_planted_group_is_found_and_no_other(lake: Lake) -> None:
    found = read_coordination(lake, BEGIN, END, zone=ZONE)
    assert [(g.posts, g.copies, g.authors, g.traces, g.kind) for g in found.groups] == [
        (18, 6, 6, {"text": 3}, "coordinated")
    ]
    assert found.groups[0].span_s == 2 * 86_400 + 100
    assert found.groups[0].q_value < 0.01
    assert (found.posts, found.total, found.model_version) == (540, 540, "hand-1")


def test_the_same_lake_gives_the_same_groups(lake: Lake) -> None:
    first = read_coordination(lake, BEGIN, END, zone=ZONE)
    assert read_coordination(canyu.open(lake.path), BEGIN, END, zone=ZONE, versions=lake.versions()) == first


def test_a_period_without_posts_has_no_group(lake: Lake) -> None:
    found = read_coordination(lake, END, datetime(2025, 4, 1, tzinfo=UTC), zone=ZONE)
    assert (found.groups, found.posts, found.since) == ((), 0, None)


def test_beyond_the_cap_the_newest_posts_are_read(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordination, "MOST_POSTS", 100)
    found = read_coordination(lake, BEGIN, END, zone=ZONE)
    assert (found.posts, found.total) == (100, 540)
    assert found.since is not None
    assert found.since > datetime(2025, 3, 11, tzinfo=UTC)


def test_a_lake_without_clusters_is_compared_here(tmp_path_factory: pytest.TempPathFactory) -> None:
    lake = fill_brand_lake(tmp_path_factory.mktemp("plain") / "brand.lake")
    found = read_coordination(lake, BEGIN, END, zone=ZONE)
    assert found.posts > 100
    assert all(group.kind for group in found.groups)


def test_every_planted_text_can_tie() -> None:
    assert all(len(text) >= 10 for text in PUSHED)
