"""Two at once: imports double nothing, and of two steps one is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from canyu.ops.kols.bookings import actions
from canyu.ops.kols.intake.actions import keep_roster, read_file
from canyu.ops.kols.models import Account, Booking, BookingStep, Contract, FollowerCount, Kol, Price
from canyu.ops.people.models import Person
from kol_fixtures import NOW, add_account, book, bring_to_posted
from racing import run_together

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "kol,platform,handle,actor,followers,price_post,currency,contract_from"


def test_imports_at_once_double_nothing(kol_lake: Path, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    rows = [f"K{at // 2},weibo,h{at},k{at},{at + 1},{at}.5,CNY,2025-01-01" for at in range(300)]
    path.write_text("\n".join([HEADER, *rows]), "utf-8")
    file = read_file(path)
    faults = run_together(*[lambda: keep_roster("mei", file, NOW)] * 3)
    assert faults == []
    counted = [model.objects.count() for model in (Kol, Account, Price, FollowerCount, Contract)]
    assert counted == [150, 300, 300, 300, 150]


def test_of_two_payments_at_once_one_is_taken(kol_lake: Path) -> None:
    maker, lead, other = (Person.objects.create(username=name) for name in ("maker", "lead", "other"))
    booking = bring_to_posted(maker, book(maker, add_account()))
    actions.approve_check(maker, booking.pk, "", NOW)
    faults = run_together(
        lambda: actions.pay(lead, booking.pk, "T-lead", NOW), lambda: actions.pay(other, booking.pk, "T-other", NOW)
    )
    assert faults == ["wrong_step"]
    paid = BookingStep.objects.get(after="paid")
    assert Booking.objects.get().payment_reference == f"T-{paid.who}"
