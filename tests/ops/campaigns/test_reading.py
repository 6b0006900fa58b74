"""Readers of a campaign's orders go on where they stopped: what came since, once; all again only where they must."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import canyu
from campaign_fixtures import NOW, release
from canyu.events import Lake, Verb
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.reading.actions import keep_place
from canyu.ops.campaigns.reading.queries import News, Reader, read_news
from canyu.ops.people.models import Person
from charity_fixtures import make_order, make_refund, tell

Staff = tuple[Person, Person]


@pytest.fixture
def shop(staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path) -> Lake:
    lake = canyu.open(tmp_path / "shop.lake", create=True)
    use_lake(tmp_path / "shop.lake")
    return lake


def read(lake: Lake, campaign: Campaign, name: str = "test") -> list[str] | None:
    news = read_news(lake, campaign, Reader(name, Verb.ORDER, lambda told: told.campaign == campaign.slug))
    if news is None:
        return None
    keep_place(news.stretch, NOW)
    return [row.id for row in news.rows]


def test_a_reader_reads_what_came_since_orders_first(staff: Staff, shop: Lake) -> None:
    campaign = release(*staff)
    tell(shop, make_refund("r1", "o1"), make_order("o2", NOW + timedelta(hours=3)), make_order("o1"))
    assert read(shop, campaign) == ["o1", "o2", "r1"]
    assert read(shop, campaign) is None
    tell(shop, make_order("o3"))
    tell(shop, make_order("elsewhere", campaign="other"))
    assert read(shop, campaign) == ["o3"]
    assert read(shop, campaign, "another") == ["o1", "o3", "o2", "r1"]


def test_only_new_files_are_opened(staff: Staff, shop: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = release(*staff)
    for number in range(5):
        tell(shop, make_order(f"o{number}"))
    read(shop, campaign)
    tell(shop, make_order("new"))
    opened: list[int] = []
    real = shop.engine.read_files

    def read_files(files: list[str], *given: object) -> object:
        opened.append(len(files))
        return real(files, *given)

    monkeypatch.setattr(shop.engine, "read_files", read_files)
    news = read_news(shop, campaign, Reader("test", Verb.ORDER, lambda _told: True))
    assert [row.id for row in news.rows if isinstance(news, News)] == ["new"]
    assert opened[0] == 1


def test_after_a_compaction_rows_come_again_and_after_a_vacuum_all_do(staff: Staff, shop: Lake) -> None:
    campaign = release(*staff)
    for number in range(4):
        tell(shop, make_order(f"o{number}"))
    read(shop, campaign)
    tell(shop, make_order("o4"))
    shop.compact(files_per_day=1)
    assert read(shop, campaign) == ["o0", "o1", "o2", "o3", "o4"]
    tell(shop, make_order("o5"))
    shop.compact(files_per_day=1)
    shop.vacuum(keep_hours=0)
    assert read(shop, campaign) == ["o0", "o1", "o2", "o3", "o4", "o5"]


def test_another_lake_is_read_from_its_beginning(staff: Staff, shop: Lake, tmp_path: Path) -> None:
    campaign = release(*staff)
    tell(shop, make_order("o1"))
    read(shop, campaign)
    other = canyu.open(tmp_path / "other.lake", create=True)
    assert read(other, campaign) is None
    tell(other, make_order("o9"))
    assert read(other, campaign) == ["o9"]
