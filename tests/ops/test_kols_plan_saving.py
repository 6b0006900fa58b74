"""Plans that are kept: saved by two people at once, approved by one who may, booked once."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from canyu.ops.kols.models import Booking, Plan
from canyu.ops.people.rules import Role
from kol_plan_fixtures import market

__all__ = ["market"]
SAVE = "/kols/plan/save/"


def save(client: Client, market: dict[str, int], letters: str, **given: str) -> int:
    chosen = ".".join(str(market[letter]) for letter in letters)
    return client.post(SAVE, {"budget": "2100", "in": chosen, "name": "Spring", **given}).status_code


def test_a_plan_is_kept_as_it_was_counted(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    assert save(client, market, "ABC", campaign="Launch", hours="48", must=str(market["A"])) == 302
    row = Plan.objects.get()
    kept = (row.name, row.campaign, row.budget_minor, row.currency, row.deadline_h, row.state, row.made_by)
    assert kept == ("Spring", "Launch", 210_000, "CNY", 48.0, "draft", "kol_manager")
    assert row.result["cost_minor"] == 210_000
    assert [account["name"] for account in row.result["accounts"]] == ["KOL A", "KOL B", "KOL C"]
    assert abs(row.result["reach"] - 13e6) < 1e5
    assert row.result["low"] < row.result["reach"] < row.result["high"]
    assert (row.result["graph"]["nodes"], row.result["samples"], row.result["seed"]) == (14, 200_000, 7)
    page = client.get(f"/kols/plans/{row.pk}/").content.decode()
    assert "13.0M" in page
    assert "A marketing lead approves it" in page
    opened = page.split('href="/kols/plan/?')[1].split('"')[0].replace("&amp;", "&")
    assert f"plan={row.pk}&version=1" in opened
    assert f"must={market['A']}" in opened
    assert "Spring" in client.get("/kols/plans/").content.decode()


def test_a_plan_without_name_or_account_is_not_kept(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.KOL_MANAGER)
    assert [save(client, market, "A", name=" "), save(client, market, ""), save(client, market, "A", budget="x")] == [
        400
    ] * 3
    assert not Plan.objects.exists()


def test_nobody_overwrites_what_another_saved(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    first, second = sign_in(Role.KOL_MANAGER, name="ann"), sign_in(Role.KOL_MANAGER, name="bo")
    save(first, market, "A")
    opened = {"plan": str(Plan.objects.get().pk), "version": "1"}
    assert save(second, market, "AC", **opened) == 302
    answer = first.post(SAVE, {"in": str(market["B"]), "name": "Mine", **opened})
    assert answer.status_code == 409
    assert "bo changed this plan meanwhile." in answer.content.decode()
    row = Plan.objects.get()
    assert (row.name, row.changed_by, len(row.result["accounts"])) == ("Spring", "bo", 2)
    page = first.get(f"/kols/plan/?in={market['B']}&plan={row.pk}&version=1").content.decode()
    assert "bo saved this plan after you opened it." in page
    assert save(first, market, "B", **opened, **{"as": "new"}) == 302
    assert Plan.objects.count() == 2


def test_a_lead_approves_and_bookings_are_made_once(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    manager, lead = sign_in(Role.KOL_MANAGER), sign_in(Role.MARKETING_LEAD)
    save(manager, market, "AC")
    row = Plan.objects.get()
    steps = f"/kols/plans/{row.pk}"
    assert manager.post(f"{steps}/book/").status_code == 409
    assert manager.post(f"{steps}/approve/", {"version": "1"}).status_code == 403
    assert lead.post(f"{steps}/approve/", {"version": "7"}).status_code == 409
    assert Plan.objects.get().state == "draft"
    assert lead.post(f"{steps}/approve/", {"version": "1"}).status_code == 302
    assert save(manager, market, "A", plan=str(row.pk), version="1") == 409
    assert manager.post(f"{steps}/book/").status_code == 302
    assert manager.post(f"{steps}/book/").status_code == 409
    made = list(Booking.objects.order_by("pk"))
    assert [(one.account_id, one.price_minor, one.state, one.plan_id) for one in made] == [
        (market["A"], 100_000, "brief", row.pk),
        (market["C"], 30_000, "brief", row.pk),
    ]
    assert made[0].planned_reach is not None
    assert abs(made[0].planned_reach - 7e6) < 1e5
    assert (made[0].planned_low or 0) < made[0].planned_reach < (made[0].planned_high or 0)


def test_the_measured_stands_beside_the_planned(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    manager, lead = sign_in(Role.KOL_MANAGER), sign_in(Role.MARKETING_LEAD)
    save(manager, market, "AC")
    row = Plan.objects.get()
    lead.post(f"/kols/plans/{row.pk}/approve/", {"version": "1"})
    manager.post(f"/kols/plans/{row.pk}/book/")
    Booking.objects.filter(account=market["A"]).update(actual_reach=6_400_000, state="posted")
    page = manager.get(f"/kols/plans/{row.pk}/").content.decode()
    assert "Planned and measured" in page
    assert "6.40M" in page
    assert "no post was measured yet" in page


def test_a_plan_over_its_budget_is_not_approved(market: dict[str, int], sign_in: Callable[..., Client]) -> None:
    lead = sign_in(Role.MARKETING_LEAD)
    save(lead, market, "ABCD")
    row = Plan.objects.get()
    answer = lead.post(f"/kols/plans/{row.pk}/approve/", {"version": "1"})
    assert (answer.status_code, Plan.objects.get().state) == (400, "draft")
    assert "The plan is over its budget." in answer.content.decode()
    assert lead.get("/kols/plans/12345/").status_code == 404
