"""The staff's pages: who may do what, a plan written in the browser, its release, the share tree, held edges."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaign_fixtures import NOW, TEXTS, draft, join, order, release
from canyu.ops.campaigns import actions, queries
from canyu.ops.campaigns.models import Campaign, Edge, Member, ReferralRule, Reward
from canyu.ops.campaigns.referral.rules import RewardRule, SignalKind
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role

Staff = tuple[Person, Person]
SCRIPT = '<script>alert("x")</script>'
FORM: dict[str, Any] = {
    **TEXTS,
    "name": SCRIPT,
    "slug": "spring-road",
    "owner": "mei",
    "starts_at": "2026-11-29T12:00",
    "ends_at": "2027-02-28T12:00",
    "budget": "1000.50",
    "currency": "cny",
    "channels": ["wechat", "weibo"],
    "goal_participants": "5000",
    "markets-TOTAL_FORMS": "2",
    "markets-INITIAL_FORMS": "0",
    "markets-0-market": "cn",
    "markets-0-language": "zh",
    "markets-0-currency": "CNY",
    "markets-0-zone": "Asia/Shanghai",
    "markets-0-festivals": "2027-02-06 春节",
    "markets-1-market": "",
    "markets-1-language": "zh",
}


@pytest.fixture
def browse(staff: Staff) -> Callable[[Person], Client]:
    def make(person: Person) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        return client

    return make


def read(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content
    return response.content.decode()


def test_a_plan_is_written_sent_and_released_in_the_browser(staff: Staff, browse: Callable[[Person], Client]) -> None:
    writer, second = (browse(person) for person in staff)
    campaign = Campaign.objects.get(pk=int(re.findall(r"\d+", writer.post("/campaigns/new/", FORM)["Location"])[0]))
    assert (campaign.budget_minor, campaign.goals, campaign.markets[0]["zone"]) == (
        100_050,
        {"participants": 5000.0},
        "Asia/Shanghai",
    )
    assert campaign.starts_at
    assert campaign.starts_at.isoformat() == "2026-11-29T04:00:00+00:00"
    page = read(writer, f"/campaigns/{campaign.pk}/")
    assert SCRIPT not in page
    assert "Make a hit" in page
    assert "words for tactic_spread" in page
    writer.post(f"/campaigns/{campaign.pk}/send/")
    assert "A second person releases it" in read(writer, f"/campaigns/{campaign.pk}/")
    assert writer.post(f"/campaigns/{campaign.pk}/release/", {"typed": "spring-road"}).status_code == 409
    second.post(f"/campaigns/{campaign.pk}/release/", {"typed": "other"})
    campaign.refresh_from_db()
    assert campaign.state == "review"
    second.post(f"/campaigns/{campaign.pk}/release/", {"typed": "spring-road"})
    campaign.refresh_from_db()
    assert (campaign.state, campaign.released_by) == ("live", "lin")
    assert "¥1,000.50" in read(second, f"/campaigns/{campaign.pk}/")
    assert SCRIPT not in read(second, "/campaigns/")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("slug", "Spring Road", "small letters"),
        ("budget", "1.005", "Write an amount"),
        ("currency", "XX", "three letters"),
        ("ends_at", "2026-11-28T12:00", "ends before it begins"),
        ("markets-0-zone", "Mars/Olympus", "time zone"),
        ("markets-0-festivals", "soon", "is no day"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_nothing_is_kept(
    staff: Staff, browse: Callable[[Person], Client], field: str, value: str, told: str
) -> None:
    response = browse(staff[0]).post("/campaigns/new/", {**FORM, field: value})
    assert response.status_code == 400
    assert told in response.content.decode()
    assert not Campaign.objects.exists()


def test_the_form_of_a_kept_plan_shows_and_keeps_the_same_plan(
    staff: Staff, browse: Callable[[Person], Client]
) -> None:
    campaign = actions.create_campaign(staff[0], draft(), NOW)
    page = read(browse(staff[0]), f"/campaigns/{campaign.pk}/edit/")
    assert 'value="2026-11-29T12:00"' in page
    assert "2027-02-06 春节" in page
    browse(staff[0]).post(f"/campaigns/{campaign.pk}/edit/", {**FORM, "name": "Spring road trip", "budget": "1000"})
    kept = queries.make_draft(queries.get_campaign(staff[0], campaign.pk))
    assert (kept.starts_at, kept.budget_minor, kept.markets) == (draft().starts_at, 100_000, draft().markets)


def test_a_rule_is_kept_and_a_deep_one_asks_for_a_word(staff: Staff, browse: Callable[[Person], Client]) -> None:
    campaign = actions.create_campaign(staff[0], draft(), NOW)
    client, address = browse(staff[0]), f"/campaigns/{campaign.pk}/rule/"
    rule = {"touch": "first", "cause": "order", "levels": "5; 2; 1", "invitee": "3", "tiers": "3:8; 10:12.5"}
    rule |= {"pending_days": "7", "most_joins_an_hour": "20"}
    response = client.post(address, rule)
    assert (response.status_code, ReferralRule.objects.count()) == (409, 0)
    assert "legal word" in response.content.decode()
    client.post(address, {**rule, "statement": "Counsel's opinion of 1 November is on file."})
    kept = ReferralRule.objects.get()
    assert (kept.levels, kept.invitee_amount, kept.tiers) == ([500, 200, 100], 300, [[3, 800], [10, 1250]])
    assert "5; 2; 1" in read(client, address)
    assert "mei" in read(client, f"/campaigns/{campaign.pk}/")
    assert client.post(address, {**rule, "levels": "five"}).status_code == 400


def test_the_share_tree_shows_generations_and_held_edges(staff: Staff, browse: Callable[[Person], Client]) -> None:
    campaign = release(*staff, RewardRule((500,)))
    a = join("a", signals={SignalKind.DEVICE: "d"}).member
    b = join("b", a.code).member
    join("c", b.code)
    join("a2", a.code, signals={SignalKind.DEVICE: "d"})
    order("a2", "o-1")
    client, address = browse(staff[1]), f"/campaigns/{campaign.pk}/referral/"
    page = read(client, address)
    assert page.count("<svg xmlns") == 2
    assert "same device as the inviter" in page
    assert "held for a look ¥5" in page
    assert f"Below {a.code}" in read(client, f"{address}?at={a.pk}")
    edge = Edge.objects.get(state="held")
    assert client.post(f"{address}{edge.pk}/", {"decision": "release", "reason": ""}).status_code == 400
    client.post(f"{address}{edge.pk}/", {"decision": "release", "reason": "a family"})
    assert Reward.objects.get().state == "pending"
    assert "a family" in read(client, f"{address}?edges=released")
    assert client.get("/campaigns/999/referral/").status_code == 404


def test_ten_thousand_members_are_drawn_in_few_marks_and_queries(
    staff: Staff, browse: Callable[[Person], Client], django_assert_max_num_queries: Any
) -> None:
    campaign = release(*staff)
    rows: list[Member] = []
    for n in range(10_000):
        above = rows[n // 3] if n >= 20 else None
        member = Member(pk=n + 1, campaign=campaign, person=f"p{n}", code=f"c{n}", joined_at=NOW, parent=above)
        member.generation = above.generation + 1 if above else 0
        rows.append(member)
    Member.objects.bulk_create(rows, batch_size=500)
    client = browse(staff[0])
    with django_assert_max_num_queries(25):
        page = read(client, f"/campaigns/{campaign.pk}/referral/")
    assert len(page) < 150_000
    assert page.count("<title>") < 400
    assert "the rest" in page


@pytest.mark.parametrize("role", [Role.DATA_ANALYST, Role.CARE_AGENT])
def test_who_may_only_look_changes_nothing(staff: Staff, sign_in: Callable[..., Client], role: Role) -> None:
    campaign = actions.create_campaign(staff[0], draft(), NOW)
    before = list(Campaign.objects.values())
    client = sign_in(role)
    for way in ("edit", "answer", "send", "return", "release", "close", "rule", "referral/1"):
        assert client.post(f"/campaigns/{campaign.pk}/{way}/", FORM).status_code == 403
    assert client.post("/campaigns/new/", FORM).status_code == 403
    assert list(Campaign.objects.values()) == before
    assert client.get(f"/campaigns/{campaign.pk}/").status_code == (403 if role is Role.CARE_AGENT else 200)
