"""The accounts that a plan may choose from: who is in, who is not, and what is told of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from canyu.events import Event, build_event_table, open_lake
from canyu.ops.kols.models import Account, Booking, BookingState, Contract, Kol, Price, join_list
from canyu.ops.kols.queries import PLAN_SCHEMA, read_plan_table
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role

NOW = datetime(2025, 4, 20, 4, tzinfo=UTC)
TODAY = date(2025, 4, 20)


def add_account(name: str, *, actor: str = "", price: int | None = 500_000, **given: Any) -> Account:
    kol, _ = Kol.objects.get_or_create(name=name)
    fields = {"platform": "weibo", "handle": name, "actor": actor or f"a_{name}", "followers": 1000, **given}
    account = Account.objects.create(kol=kol, **fields)
    if price is not None:
        Price.objects.create(account=account, kind="post", amount_minor=price, currency="CNY", since=date(2025, 1, 1))
    return account


def list_ids(viewer: Person, **asked: str) -> list[str]:
    return read_plan_table(viewer, NOW, **asked)["id"].to_pylist()


def test_only_accounts_that_can_be_asked_today(accounts: Callable[..., Person], brand_lake: Path) -> None:
    viewer = accounts(Role.KOL_MANAGER)
    add_account("good")
    add_account("unknown", actor="-").__class__.objects.filter(handle="unknown").update(actor="")
    add_account("asleep", is_active=False)
    add_account("free", price=None)
    blocked = add_account("blocked").kol
    Kol.objects.filter(pk=blocked.pk).update(is_blocked=True)
    ended = add_account("ended").kol
    Contract.objects.create(kol=ended, since=date(2024, 1, 1), until=TODAY - timedelta(days=1))
    bound = add_account("bound", has_disclosure_duty=False).kol
    Contract.objects.create(kol=bound, since=TODAY, until=TODAY)
    assert list_ids(viewer) == ["a_bound", "a_good"]
    assert list_ids(viewer, currency="USD") == list_ids(viewer, kind="video") == []
    assert read_plan_table(viewer, NOW)["disclosure"].to_pylist() == [True, True]


def test_the_price_in_force_is_told_and_the_uses_of_thirty_days(
    accounts: Callable[..., Person], brand_lake: Path
) -> None:
    viewer = accounts(Role.KOL_MANAGER)
    account = add_account("mei", topics=join_list(["coffee", "tea"]), markets=join_list(["CN", "MY"]))
    Price.objects.filter(account=account).update(until=date(2025, 3, 31))
    Price.objects.create(account=account, kind="post", amount_minor=700_001, currency="CNY", since=date(2025, 4, 1))
    for days, state in ((3, BookingState.PAID), (29, BookingState.ACCEPTED), (31, BookingState.PAID), (2, "declined")):
        Booking.objects.create(
            account=account, price_minor=1, currency="CNY", state=state, state_at=NOW, made_by="x", made_at=NOW,
            posted_at=NOW - timedelta(days=days),
        )  # fmt: skip
    table = read_plan_table(viewer, NOW)
    assert table.schema == PLAN_SCHEMA
    told = table.select(["cost", "uses_30d", "market", "topic", "followers", "last_posted_at"]).to_pylist()
    assert told == [
        {"cost": 700_001, "uses_30d": 2, "market": "CN", "topic": "coffee", "followers": 1000, "last_posted_at": None}
    ]
    assert table["markets"].to_pylist() == [["CN", "MY"]]


def test_when_an_account_last_posted_comes_from_the_lake(
    accounts: Callable[..., Person], use_lake: Callable[[Path], None], tmp_path: Path
) -> None:
    lake = open_lake(tmp_path / "my.lake", create=True)
    times = [NOW - timedelta(days=9), NOW - timedelta(days=2), NOW - timedelta(days=1)]
    events = [
        Event(str(at), kind, time, time, "t", actor="a_mei", parent="p", text="hi")
        for at, (kind, time) in enumerate(zip(("post", "repost", "like"), times, strict=True))
    ]
    lake.append(build_event_table(events))
    use_lake(tmp_path / "my.lake")
    viewer = accounts(Role.KOL_MANAGER)
    add_account("mei")
    assert read_plan_table(viewer, NOW)["last_posted_at"].to_pylist() == [times[1]]


def test_a_roster_is_read_in_few_queries(
    accounts: Callable[..., Person], brand_lake: Path, django_assert_num_queries: Any
) -> None:
    viewer = accounts(Role.KOL_MANAGER)
    for at in range(30):
        add_account(f"k{at}")
    with django_assert_num_queries(4):
        assert read_plan_table(viewer, NOW).num_rows == 30
