"""A plan of more accounts than an address spells out: kept by name, stepped, saved and booked like a small one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from canyu.kit.clock import get_now
from canyu.ops.kols.models import Account, Booking, KeptList, Kol, Plan, Price
from canyu.ops.kols.planning.actions import keep_lists
from canyu.ops.kols.planning.keys import MOST_SPELLED, name_list, spell_keys
from canyu.ops.kols.planning.schemas import PlanQuery
from canyu.ops.kols.planning.views import CHOSEN_ROWS
from canyu.ops.people.rules import Role
from kol_plan_fixtures import bare_market, market

__all__ = ["bare_market", "market"]
PAGE = "/kols/plan/"
MANY = 310


@pytest.fixture
def crowd(market: dict[str, int]) -> list[int]:
    """The keys of many accounts that the graph does not know, beside the small market."""
    return add_crowd()


def add_crowd() -> list[int]:
    kols = Kol.objects.bulk_create([Kol(name=f"Crowd {number:03}") for number in range(MANY)])
    made = Account.objects.bulk_create(
        [Account(kol=kol, platform="weibo", handle=kol.name, actor=f"c:{kol.name}", followers=1000) for kol in kols]
    )
    since = get_now().date() - timedelta(days=9)
    Price.objects.bulk_create(
        [Price(account=one, kind="post", amount_minor=100, currency="CNY", since=since) for one in made]
    )
    return [one.pk for one in made]


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def test_a_long_plan_has_a_short_address_that_opens_again(
    market: dict[str, int], crowd: list[int], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.KOL_MANAGER)
    moved = client.get(f"{PAGE}?in={spell_keys(crowd)}&add={market['A']}")["Location"]
    assert len(moved) < 200
    whole = spell_keys([*crowd, market["A"]])
    assert f"in=~{name_list(whole)}&was=~{name_list(spell_keys(crowd))}" in moved
    page = read(client, moved)
    assert f'In the plan <span class="grey">{MANY + 1}</span>' in page
    assert "CNY 1,310" in page  # 310 at 1 yuan and A at 1,000
    assert page.count('data-zone="in" data-account') == CHOSEN_ROWS
    assert f"{MANY + 1 - CHOSEN_ROWS} more are in the plan" in page
    named = read(client, f"{moved}&q=KOL%20A")
    assert named.count('data-zone="in" data-account') == 1
    undone = client.get(f"{moved}&undo=1")["Location"]
    assert f"in=~{name_list(spell_keys(crowd))}" in undone
    dropped = client.get(f"{PAGE}?in={spell_keys(crowd[:MOST_SPELLED])}&drop={crowd[0]}")["Location"]
    assert "~" not in dropped.split("&was")[0]


def test_a_long_plan_is_saved_whole_and_outlives_its_address(
    market: dict[str, int], crowd: list[int], sign_in: Callable[..., Client]
) -> None:
    manager, lead = sign_in(Role.KOL_MANAGER), sign_in(Role.MARKETING_LEAD)
    sent = {"in": spell_keys([market["A"], *crowd]), "name": "Everybody", "budget": "2000"}
    assert manager.post("/kols/plan/save/", sent).status_code == 302
    row = Plan.objects.get()
    assert len(row.result["accounts"]) == MANY + 1
    KeptList.objects.all().delete()
    kept = read(manager, f"/kols/plans/{row.pk}/")
    assert f"{MANY + 1 - CHOSEN_ROWS} more" in kept
    link = kept.split('href="/kols/plan/?')[1].split('"')[0].replace("&amp;", "&")
    assert f'<span class="grey">{MANY + 1}</span>' in read(manager, f"{PAGE}?{link}")
    lines = read(manager, f"/kols/plans/{row.pk}/accounts.csv").splitlines()
    assert len(lines) == MANY + 2
    assert lead.post(f"/kols/plans/{row.pk}/approve/", {"version": "1"}).status_code == 302
    assert manager.post(f"/kols/plans/{row.pk}/book/").status_code == 302
    assert Booking.objects.count() == MANY + 1


def test_filling_takes_as_many_as_there_is_money_for(
    bare_market: dict[str, int], sign_in: Callable[..., Client]
) -> None:
    crowd = add_crowd()
    client = sign_in(Role.KOL_MANAGER)
    planned = client.get(f"{PAGE}?budget=3310&anew=1")["Location"]
    digest = planned.split("in=~")[1].split("&")[0]
    keys = {int(key) for key in KeptList.objects.get(digest=digest).keys.split(".")}
    assert keys == {*crowd, *bare_market.values()}


def test_lists_are_kept_once_and_dropped_by_age(db: Any) -> None:
    now, query = get_now(), PlanQuery(chosen=tuple(range(1, 400)), was=tuple(range(1, 20)))
    for _ in range(2):
        keep_lists(query, now)
    assert KeptList.objects.get().used_at == now
    keep_lists(query, now + timedelta(days=2))
    assert KeptList.objects.get().used_at == now + timedelta(days=2)
    keep_lists(PlanQuery(chosen=tuple(range(2, 400))), now + timedelta(days=183))
    assert KeptList.objects.get().keys.startswith("2.3.")
