"""The public page: to look needs nothing, to join a tick; codes lead on; programs are braked; leaving erases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from campaign_fixtures import SLUG, TEXTS, draft, release
from canyu.kit.clock import get_now
from canyu.ops.campaigns import actions
from canyu.ops.campaigns.models import Campaign, Edge, Member, Signal
from canyu.ops.campaigns.public import brakes, own_data
from canyu.ops.campaigns.public.rules import make_pass, read_pass
from canyu.ops.campaigns.public.visitors import CAME
from canyu.ops.campaigns.referral.actions import forget_person
from canyu.ops.fans.models import Fan, Identifier, Request
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person

Staff = tuple[Person, Person]
PAGE = f"/c/{SLUG}/"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"


def visit(language: str = "en", agent: str = PHONE) -> Client:
    return Client(headers={"accept-language": language, "user-agent": agent})


@pytest.fixture
def live(staff: Staff) -> Campaign:
    now = get_now()
    return release(*staff, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30))


def join(client: Client, nonce: str, **more: Any) -> Any:
    form = {"pass": make_pass(nonce, get_now() - timedelta(seconds=5)), "agree": "1", **more}
    return client.post(f"{PAGE}join/", form)


def test_anybody_may_look_in_both_languages(live: Campaign) -> None:
    page = visit().get(PAGE).content.decode()
    assert TEXTS["title_en"] in page
    assert f'<meta property="og:title" content="{TEXTS["title_en"]}">' in page
    assert "Privacy" in page
    assert "<script" not in page
    chinese = visit("zh-CN").get(PAGE)
    assert TEXTS["title_zh"] in chinese.content.decode()
    assert "sessionid" not in chinese.cookies
    assert CAME not in chinese.cookies
    assert len(page) < 10_000


def test_a_draft_and_an_unknown_page_are_hidden(staff: Staff) -> None:
    actions.create_campaign(staff[0], draft(), get_now())
    assert visit().get(PAGE).status_code == 404
    assert visit().post(f"{PAGE}join/").status_code == 404


def test_who_joins_gets_a_code_that_brings_others(live: Campaign) -> None:
    first = visit()
    assert join(first, "n1").status_code == 302
    code = Member.objects.get().code
    assert f"http://testserver{PAGE}?from={code}" in first.get(PAGE).content.decode()
    second = visit(agent=PHONE + " other")
    second.get(f"{PAGE}?from={code}")
    second.get(f"{PAGE}?from={code}")
    join(second, "n2")
    member = Member.objects.get(code=code)
    assert (member.clicks, member.visits) == (2, 1)
    assert Edge.objects.get().inviter == member
    assert "1 person joined through you" in first.get(PAGE).content.decode()
    types = [row.event["type"] for row in WaitingEvent.objects.order_by("pk") if row.event["source"] == "campaign"]
    assert types == ["join", "share", "click", "visit", "click", "join", "share"]


def test_the_same_form_twice_is_one_person(live: Campaign) -> None:
    for _ in range(3):
        join(visit(), "n1")
    assert Member.objects.count() == 1


def test_nobody_joins_without_the_tick(live: Campaign) -> None:
    response = join(visit(), "n1", agree="")
    assert response.status_code == 400
    assert "needs your agreement" in response.content.decode()
    assert not Member.objects.exists()


def test_programs_are_braked_without_a_riddle(live: Campaign) -> None:
    now = get_now()
    quick = visit().post(f"{PAGE}join/", {"pass": make_pass("n", now), "agree": "1"})
    trapped = join(visit(), "n", website="http://spam.example")
    forged = visit().post(f"{PAGE}join/", {"pass": "forged", "agree": "1"})
    assert [one.status_code for one in (quick, trapped, forged)] == [429, 429, 429]
    assert not Member.objects.exists()
    assert read_pass(make_pass("n", now - timedelta(hours=13)), now) == ("", False)
    network = brakes.name_network("203.0.113.9")
    assert [brakes.is_within("joins", network, 2, now) for _ in range(3)] == [True, True, False]


def test_programs_and_pages_fetched_ahead_are_no_clicks(live: Campaign) -> None:
    join(visit(), "n1")
    code = Member.objects.get().code
    visit(agent="facebookexternalhit/1.1").get(f"{PAGE}?from={code}")
    visit().get(f"{PAGE}?from={code}", headers={"sec-purpose": "prefetch"})
    visit().head(f"{PAGE}?from={code}")
    assert CAME not in visit().get(f"{PAGE}?from=<script>").cookies
    assert Member.objects.get().clicks == 0


def test_a_second_account_in_one_browser_is_held(live: Campaign) -> None:
    client = visit()
    join(client, "n1", contact="138 0000 0000")
    code = Member.objects.get().code
    del client.cookies["canyu_me"]
    client.get(f"{PAGE}?from={code}")
    join(client, "n2", contact="+86 13800000000")
    edge = Edge.objects.get()
    assert (edge.state, edge.reasons) == ("held", ["self_device", "self_contact"])
    kept = " ".join(Signal.objects.values_list("digest", flat=True))
    assert "138" not in {kept[start : start + 11] for start in range(len(kept))}
    assert "13800000000" not in kept


def test_leaving_erases(live: Campaign) -> None:
    client = visit()
    join(client, "n1", contact="a@example.org")
    person = Member.objects.get().person
    assert client.post(f"{PAGE}leave/").status_code == 302
    assert Member.objects.get().person != person
    assert not Signal.objects.exists()
    assert "Take part" in client.get(PAGE).content.decode()


def test_leaving_drops_the_visitors_identifier_among_the_fans(live: Campaign) -> None:
    client = visit()
    join(client, "n1")
    person = Member.objects.get().person
    client.post(f"{PAGE}my-data/", {"wish": "copy"})
    assert Identifier.objects.filter(value=person).exists()
    client.post(f"{PAGE}leave/")
    assert not Identifier.objects.filter(value=person).exists()
    assert list(Request.objects.values_list("wish", "stand")) == [("export", "done")]
    assert not Fan.objects.exists()


def test_leaving_keeps_the_identifier_that_an_erasure_asked_for_needs(live: Campaign) -> None:
    client = visit()
    join(client, "n1")
    person = Member.objects.get().person
    client.post(f"{PAGE}my-data/", {"wish": "erase"})
    client.post(f"{PAGE}leave/")
    assert Identifier.objects.filter(value=person).exists()
    assert list(Request.objects.values_list("wish", "stand")) == [("erase", "open")]


def test_who_was_erased_and_joins_again_is_somebody_new(live: Campaign) -> None:
    client = visit()
    join(client, "n1")
    erased = Member.objects.get().person
    forget_person(erased, get_now())
    for _turn in range(2):
        join(client, "n2")
    assert Member.objects.count() == 2
    assert not Member.objects.filter(person=erased).exists()


def test_a_wish_beyond_what_a_network_may_is_told_and_not_dropped(
    live: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit()
    join(client, "n1")
    monkeypatch.setattr(own_data, "MOST_WISHES_AN_HOUR", 1)
    assert client.post(f"{PAGE}my-data/", {"wish": "copy"}).status_code == 302
    refused = client.post(f"{PAGE}my-data/", {"wish": "erase"})
    assert (refused.status_code, "Try again in an hour." in refused.content.decode()) == (429, True)
    assert [row.wish for row in Request.objects.all()] == ["export"]


def test_a_hostile_copy_is_shown_as_text(staff: Staff) -> None:
    now = get_now()
    hostile = '"><script>alert(1)</script>'
    texts = {**TEXTS, "title_en": hostile, "copy_en": hostile}
    release(*staff, texts=texts, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30))
    page = visit().get(PAGE).content.decode()
    assert hostile not in page
    assert escape(hostile) in page


def test_before_and_after_nobody_joins(staff: Staff) -> None:
    now = get_now()
    campaign = release(*staff, starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=30))
    assert "has not begun" in visit().get(PAGE).content.decode()
    assert join(visit(), "n1").status_code == 409
    actions.close_campaign(staff[0], campaign.pk, "", now)
    assert "is over" in visit().get(PAGE).content.decode()
    assert not Member.objects.exists()
