"""The waiting room of a fair queue: the place before and after the draw, the way on, and when the page looks again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from canyu.kit.clock import get_now
from canyu.ops.offers.drops import actions
from canyu.ops.offers.drops.claiming.actions import pay_claim
from canyu.ops.offers.drops.models import Claim, Drop, Entrant
from canyu.ops.offers.drops.waiting.queries import find_place
from canyu.ops.offers.drops.waiting.rules import Stage
from drop_fixtures import NOW, OPENS, ask, release_drop

pytestmark = pytest.mark.usefixtures("empty_ledger", "brand_lake")
LAPSED = NOW + timedelta(minutes=16)
QUEUE, PAGE = "/drop/su7-gold/queue/", "/drop/su7-gold/"


def stand(drop: Drop, person: str) -> tuple[Stage, int | None]:
    place = find_place(drop, person)
    assert place is not None
    return place.stage, place.before


def reread(drop: Drop) -> Drop:
    return Drop.objects.get(pk=drop.pk)


def enter(client: Client) -> str:
    answer = client.post(f"{PAGE}enter/", {"consent": "1"})
    assert answer["Location"] == QUEUE
    return Entrant.objects.latest("pk").person


def test_a_place_goes_from_the_draw_to_the_turn_and_past_it() -> None:
    drop = release_drop(units=1, entry="queue")
    people = [f"p{at}" for at in range(4)]
    ask(drop, *people, now=OPENS - timedelta(hours=1))
    assert {stand(drop, person) for person in people} == {(Stage.EARLY, None)}
    assert find_place(drop, "p-nobody") is None
    actions.sweep_drops(OPENS)
    line = list(Entrant.objects.order_by("rank").values_list("person", flat=True))
    ask(drop, "late", now=NOW)
    assert [stand(reread(drop), person) for person in (*line, "late")] == [
        (Stage.TURN, None), (Stage.WAITING, 0), (Stage.WAITING, 1), (Stage.WAITING, 2), (Stage.JOINING, None),
    ]  # fmt: skip
    actions.sweep_drops(LAPSED)
    assert [stand(reread(drop), person) for person in (*line, "late")] == [
        (Stage.LAPSED, None), (Stage.TURN, None), (Stage.WAITING, 0), (Stage.WAITING, 1), (Stage.WAITING, 2),
    ]  # fmt: skip
    actions.forget_persons([line[2]])
    assert stand(reread(drop), "late") == (Stage.WAITING, 1)  # an erased person holds nobody up


def test_once_every_unit_is_sold_nobody_waits_any_more() -> None:
    drop = release_drop(units=1, entry="queue")
    ask(drop, "p1", "p2", now=OPENS - timedelta(hours=1))
    actions.sweep_drops(OPENS)
    claim = Claim.objects.get()
    pay_claim(claim.token, "wx-1", NOW)
    other = Entrant.objects.get(is_served=False).person
    assert stand(reread(drop), other) == (Stage.OVER, None)


def test_the_page_opens_by_itself_when_it_is_ones_turn() -> None:
    release_drop(units=1, entry="queue", opens_at=get_now() + timedelta(hours=1))
    guest = Client(headers={"accept-language": "en"})
    assert guest.get(QUEUE)["Location"] == PAGE  # nobody yet: to the edition
    person = enter(guest)
    page = guest.get(QUEUE)
    assert "You are in the waiting room." in page.content.decode()
    assert 30 <= int(page["Refresh"]) <= 32
    assert "script" not in page.content.decode()
    assert page["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert page["Cache-Control"] == "no-store"
    assert "我排在哪里？" in guest.get(QUEUE, headers={"accept-language": "zh-hans"}).content.decode()
    Drop.objects.update(opens_at=get_now() - timedelta(seconds=1))
    other = Client(headers={"accept-language": "en"})
    enter(other)
    actions.sweep_drops(get_now())
    first, second = (guest, other) if Claim.objects.get().person == person else (other, guest)
    waiting = second.get(QUEUE)
    assert "Place 1" in waiting.content.decode()
    assert 3 <= int(waiting["Refresh"]) <= 5
    assert "See my place in the queue" in second.get(PAGE).content.decode()
    assert first.get(QUEUE)["Location"] == PAGE
    assert "No. 1 of 1" in first.get(PAGE).content.decode()


def test_only_a_fair_queue_has_a_waiting_room() -> None:
    release_drop(opens_at=get_now() - timedelta(hours=1))
    assert Client().get(QUEUE).status_code == 404
    assert Client().get("/drop/none/queue/").status_code == 404
