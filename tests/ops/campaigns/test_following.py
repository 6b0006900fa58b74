"""Orders and refunds that the lake has: each is told once, however often it is read, and found again in the lake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import canyu
from campaign_fixtures import NOW, SLUG, join, release
from canyu.events import Event, Lake, build_event_table
from canyu.ops.campaigns.models import Reward, Sale
from canyu.ops.campaigns.referral.actions import forget_erased
from canyu.ops.campaigns.referral.following import Followed, follow_lake
from canyu.ops.campaigns.referral.rewards.actions import settle_due
from canyu.ops.campaigns.referral.rules import RewardRule
from canyu.ops.outbox.actions import relay
from canyu.ops.people.models import Person

Staff = tuple[Person, Person]


@pytest.fixture
def shop(staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path) -> Lake:
    """A lake that the console uses and a shop writes to."""
    lake = canyu.open(tmp_path / "shop.lake", create=True)
    use_lake(tmp_path / "shop.lake")
    return lake


def sell(lake: Lake, name: str, kind: str, actor: str, at: datetime, **more: object) -> None:
    fields = {"object": "brand/t7", "value": 10_000, "currency": "CNY", **more}
    event = Event(name, kind, at, at, "shop", actor=actor, **fields)  # type: ignore[arg-type]
    lake.append(build_event_table([event]))


def test_orders_of_members_are_rewarded_and_refunds_taken_back_once(staff: Staff, shop: Lake) -> None:
    release(*staff, RewardRule((500,)))
    join("b", join("a").member.code)
    later = NOW + timedelta(hours=1)
    sell(shop, "o1", "order", "b", later)
    sell(shop, "o2", "order", "stranger", later)
    sell(shop, "o3", "order", "b", NOW - timedelta(hours=1))  # before they joined
    sell(shop, "o4", "order", "b", later, campaign="another")
    assert [follow_lake(later) for _ in range(2)] == [Followed(1, 0, 0), Followed(0, 0, 0)]
    assert [sale.order for sale in Sale.objects.all()] == ["o1"]
    assert settle_due(later + timedelta(days=14)) == 1
    sell(shop, "r1", "refund", "b", later + timedelta(days=20), parent="o1")
    assert [follow_lake(later + timedelta(days=21)) for _ in range(2)] == [Followed(0, 1, 0), Followed(0, 0, 0)]
    assert Reward.objects.get().state == "returned"
    relay()
    events = shop.scan("events")
    found = shop.engine.run(events.filter(events.campaign == SLUG).order_by("time", "type")).to_pylist()
    steps = [row["type"] for row in found if row["source"] == "campaign"]
    assert sorted(steps) == ["claim", "join", "join", "observe", "share", "share"]
    by_id = {row["id"]: row for row in found}
    second = next(row for row in found if row["type"] == "join" and row["parent"])
    assert by_id[second["parent"]]["type"] == "share"
    assert [row["value"] for row in found if row["type"] in {"claim", "observe"}] == [500, 500]


def test_a_shop_may_name_the_member_by_code_and_the_order_by_number(staff: Staff, shop: Lake) -> None:
    release(*staff, RewardRule((500,)))
    code = join("b", join("a").member.code).member.code
    later = NOW + timedelta(hours=1)
    told = f'{{"order_id": "A-1", "member": "{code}"}}'
    sell(shop, "e1", "order", "hashed-customer", later, props=told)
    sell(shop, "e2", "order", "hashed-customer", later, props=told)  # the same order, told by a second client
    sell(shop, "e3", "order", "hashed-customer", later, props='{"order_id": "A-2", "member": "nobody"}')
    assert follow_lake(later) == Followed(1, 0, 0)
    assert [(sale.order, sale.event, sale.member.person) for sale in Sale.objects.all()] == [("A-1", "e1", "b")]
    sell(shop, "r1", "refund", "hashed-customer", later, props='{"order_id": "A-1"}')
    assert [follow_lake(later) for _ in range(2)] == [Followed(0, 1, 0), Followed(0, 0, 0)]
    assert Reward.objects.get().state == "void"


def test_who_is_erased_from_the_lake_is_forgotten_in_campaigns(staff: Staff, shop: Lake) -> None:
    release(*staff, RewardRule((500,)))
    a = join("a").member
    join("b", a.code)
    sell(shop, "o1", "order", "a", NOW)
    relay()
    assert forget_erased(NOW) == 0
    shop.erase("a")
    assert (forget_erased(NOW), forget_erased(NOW)) == (1, 0)
    a.refresh_from_db()
    assert a.person.startswith("erased:")


def test_without_a_lake_nothing_is_followed(staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path) -> None:
    use_lake(tmp_path / "none.lake")
    assert follow_lake(NOW) == Followed(0, 0, 0)
