"""A small roster beside a lake with the posts of its accounts, for tests of KOLs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from canyu.events import Event, build_event_table, open_lake
from canyu.ops.kols.bookings import actions
from canyu.ops.kols.bookings.rules import BookingDraft
from canyu.ops.kols.models import Account, Booking, Kol, Price, join_list
from canyu.ops.people.models import Person

NOW = datetime(2025, 4, 20, 4, tzinfo=UTC)
OUT = NOW - timedelta(days=5)
"""When the booked posts came out."""
HOSTILE = "<script>window.hit=1</script>'\" onload=x {{ 7*7 }}"


def post(event_id: str, actor: str | None, hours: float = 0, text: str = "很稳", **more: Any) -> Event:
    time = OUT + timedelta(hours=hours)
    fields = {"type": "post", "channel": "weibo", "market": "cn", "text": text, **more}
    return Event(id=event_id, time=time, received=time, source="t", actor=actor, **fields)


def react(event_id: str, verb: str, parent: str, actor: str | None, hours: float) -> Event:
    where = {"object": parent} if verb == "view" else {"parent": parent}
    return post(event_id, actor, hours, type=verb, **where)


EVENTS = [
    post("marked", "k_mei", text="#广告# 试驾一天，刹车很稳"),
    post("weak", "k_mei", 1, text="感谢品牌合作，刹车很稳"),
    post("bare", "k_mei", 2, text=f"刹车很稳 {HOSTILE}"),
    post("other", "k_lin", 3, text="#广告# 别人的帖子"),
    react("r1", "repost", "marked", "p1", 1),
    react("r2", "repost", "r1", "p2", 2),
    react("r3", "repost", "marked", "p1", 3),
    react("r4", "repost", "marked", "k_mei", 3),
    react("c1", "comment", "r2", "p3", 4),
    react("l1", "like", "c1", "p2", 5),
    react("v1", "view", "marked", "p4", 5),
    react("v2", "view", "marked", None, 5),
    react("late", "repost", "marked", "p9", 72),
    react("elsewhere", "repost", "other", "p8", 1),
]
"""Under ``marked``: p1 to p4 within 72 hours, p9 too late."""


@pytest.fixture
def kol_lake(use_lake: Callable[[Path], None], tmp_path: Path) -> Path:
    """The console shows a lake with the posts above."""
    open_lake(tmp_path / "kol.lake", create=True).append(build_event_table(EVENTS))
    use_lake(tmp_path / "kol.lake")
    return tmp_path / "kol.lake"


def add_account(name: str = "mei", *, actor: str = "", price: int | None = 500_000, **given: Any) -> Account:
    kol, _ = Kol.objects.get_or_create(name=name)
    fields = {
        "platform": "weibo", "handle": name, "actor": actor or f"k_{name}", "followers": 1000,
        "topics": join_list(["car"]), "markets": join_list(["cn"]), **given,
    }  # fmt: skip
    account = Account.objects.create(kol=kol, **fields)
    if price is not None:
        Price.objects.create(account=account, kind="post", amount_minor=price, currency="CNY", since=date(2025, 1, 1))
    return account


def book(viewer: Person, account: Account | None = None, **given: Any) -> Booking:
    chosen = account or Account.objects.filter(handle="mei").first() or add_account()
    due = OUT + timedelta(days=1)
    fields = {"campaign": "spring", "brief": "请试驾一天", "post_due_at": due, "planned": (2.0, 5.0, 9.0), **given}
    draft = BookingDraft(chosen.pk, "post", 500_000, "CNY", **fields)
    return actions.create_booking(viewer, draft, OUT - timedelta(days=3))


def bring_to_posted(viewer: Person, booking: Booking, post_id: str = "marked") -> Booking:
    asked = OUT - timedelta(days=2)
    actions.send_brief(viewer, booking.pk, False, asked)
    actions.accept(viewer, booking.pk, "", asked)
    return actions.mark_posted(viewer, booking.pk, post_id, "", NOW)
