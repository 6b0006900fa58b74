"""Groups that pass on the brand's own posts are told as reposts; lotteries and strangers stay what they are."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.events import Event, build_event_table
from canyu.listen.copies import Group
from canyu.listen.own_voice import name_official

NOW = datetime(2025, 3, 1, tzinfo=UTC)
OWN = frozenset({"brand"})


def make_group(kind: str, *ids: str) -> Group:
    known: dict[str, Any] = {"group_id": ids[0], "kind": kind, "event_ids": ids, "first_time": NOW, "last_time": NOW}
    return Group(**{field.name: known.get(field.name, 0) for field in fields(Group)})


@pytest.fixture
def lake(tmp_path: Path) -> canyu.Lake:
    lake = canyu.open(tmp_path / "my.lake", create=True)
    posts = [("own", "brand", None), ("other", "person", None)]
    posts += [(f"a{n}", f"fan{n}", "own") for n in range(4)] + [(f"b{n}", f"fan{n}", "other") for n in range(4)]
    lake.append(
        build_event_table(
            [
                Event(name, "repost" if parent else "post", NOW, NOW, "weibo", actor=actor, parent=parent, text="新车")
                for name, actor, parent in posts
            ]
        )
    )
    return lake


@pytest.mark.parametrize(
    ("kind", "ids", "named"),
    [
        ("coordinated", ("a0", "a1", "a2"), "official_repost"),
        ("coordinated", ("a0", "a1", "b0", "b1"), "official_repost"),
        ("coordinated", ("own", "b0", "b1"), "coordinated"),
        ("coordinated", ("b0", "b1", "b2"), "coordinated"),
        ("news", ("a0", "a1", "own"), "official_repost"),
        ("lottery", ("a0", "a1", "a2"), "lottery"),
    ],
)
def test_a_group_is_named_by_whom_most_of_it_pass_on(
    kind: str, ids: tuple[str, ...], named: str, lake: canyu.Lake
) -> None:
    (found,) = name_official(lake, [make_group(kind, *ids)], OWN)
    assert (found.kind, found.event_ids) == (named, ids)


def test_without_accounts_nothing_is_renamed(lake: canyu.Lake) -> None:
    groups = (make_group("coordinated", "a0", "a1"),)
    assert name_official(lake, groups, frozenset()) == groups
    assert name_official(lake, (), OWN) == ()
