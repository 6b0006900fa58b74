"""An erased person is gone from the roster; what was paid stays in the books without them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from canyu.events import open_lake
from canyu.ops.forgetting import forget_erased
from canyu.ops.kols.bookings import actions
from canyu.ops.kols.models import (
    Account,
    BookingState,
    BookingStep,
    FollowerCount,
    Kol,
    PastHandle,
    Plan,
    Price,
    RosterUpload,
    Signal,
)
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from kol_fixtures import NOW, add_account, book, bring_to_posted


@pytest.fixture
def viewer(db: None, kol_lake: Path) -> Person:
    return Person.objects.create(username="maker")


def test_an_erased_person_is_gone_and_the_amount_stays(viewer: Person, kol_lake: Path) -> None:
    account, lin = add_account(), add_account("lin")
    PastHandle.objects.create(account=account, handle="old_mei", until=date(2025, 4, 2))
    FollowerCount.objects.create(account=account, day=date(2025, 4, 1), followers=9, source="t")
    Signal.objects.create(
        account=lin, name="engagement", computed_at=NOW, evidence={"rows": [{"account": "k_mei", "rate": 1}]}
    )
    Plan.objects.create(
        name="p",
        made_by="x",
        made_at=NOW,
        result={"chosen": [{"id": "k_mei", "name": "mei", "cost": 5, "said": "old_mei"}], "k_mei": 1},
    )
    RosterUpload.objects.create(file_name="a.csv", content=b"mei", made_by="x", made_at=NOW)
    paid = bring_to_posted(viewer, book(viewer))
    actions.approve_check(viewer, paid.pk, "seen by mei", NOW)
    actions.pay(Person.objects.create(username="lead"), paid.pk, "T-1", NOW)
    asked = book(viewer)
    assert forget_erased().kols == 0
    open_lake(kol_lake).erase("k_mei")
    assert forget_erased().kols == 1
    assert list(Account.objects.values_list("handle", flat=True)) == ["lin"]
    assert (Kol.objects.count(), FollowerCount.objects.count(), Price.objects.count()) == (1, 0, 1)
    paid.refresh_from_db()
    kept = (paid.account, paid.brief, paid.post_id, paid.checks, paid.price_minor, paid.payment_reference, paid.state)
    assert kept == (None, "", "", {}, 500_000, "T-1", State.PAID)
    asked.refresh_from_db()
    assert (asked.account, asked.brief, asked.state) == (None, "", State.CANCELLED)
    assert set(BookingStep.objects.values_list("note", flat=True)) == {""}
    assert Plan.objects.get().result == {"chosen": [{"id": "", "name": "", "cost": 5, "said": ""}], "": 1}
    assert not PastHandle.objects.exists()
    assert Signal.objects.get().evidence == {"rows": [{"account": "", "rate": 1}]}
    assert (RosterUpload.objects.count(), WaitingEvent.objects.count()) == (0, 0)
    assert forget_erased().kols == 0


State = BookingState


def test_an_erased_post_is_taken_off_the_watch_list_and_off_its_booking(viewer: Person, kol_lake: Path) -> None:
    booking = bring_to_posted(viewer, book(viewer))
    actions.approve_check(viewer, booking.pk, "", NOW)
    Kol.objects.update(is_watched=True, watched_posts=["marked", "bare"])
    open_lake(kol_lake).erase_posts(["marked"])
    forget_erased()
    booking.refresh_from_db()
    assert (booking.checks, booking.state, Kol.objects.get().watched_posts) == ({}, State.CHECKED, ["bare"])


def test_the_other_accounts_of_a_kol_stay(viewer: Person, kol_lake: Path) -> None:
    account = add_account()
    add_account("mei", platform="douyin", actor="k_other")
    open_lake(kol_lake).erase("k_mei")
    assert forget_erased().kols == 1
    assert not Account.objects.filter(pk=account.pk).exists()
    assert Kol.objects.get().accounts.get().actor == "k_other"
