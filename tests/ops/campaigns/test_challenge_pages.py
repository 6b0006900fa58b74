"""The staff's pages of a challenge: who may do what, a set-up in the browser, the queue with its keys, held votes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaign_fixtures import NOW, draft
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry, EntryStep, Vote
from canyu.ops.campaigns.rules import Market
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from challenge_fixtures import check_board, open_challenge, send, vote

Staff = tuple[Person, Person]
SCRIPT = '<script>alert("x")</script>'
FORM: dict[str, Any] = {
    "hashtags": "#SpringRoad #春天自驾#",
    "market": "cn",
    "opens_at": "2026-12-01T10:00",
    "closes_at": "2026-12-31T00:00",
    "rules_zh": "拍下路上的一刻。",
    "rules_en": SCRIPT,
    "ways": ["link", "upload"],
    "hosts": "weibo.com .Weibo.com",
    "most_entries_a_day": "3",
    "most_votes_a_day": "10",
    "is_decided_first": "on",
    **{f"weight_{part}": "0" for part in ("likes", "reposts", "comments", "jury")},
    "weight_votes": "2",
}


@pytest.fixture
def browse(staff: Staff) -> Callable[[Person], Client]:
    def make(person: Person) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        return client

    return make


def test_a_challenge_is_set_up_on_a_draft_in_the_markets_time(staff: Staff, browse: Callable[..., Client]) -> None:
    campaign = campaigns.create_campaign(staff[0], draft(), NOW)
    client, address = browse(staff[0]), f"/campaigns/{campaign.pk}/challenge/"
    assert "Set up a challenge" in client.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert client.get(address).status_code == 404
    assert client.get(f"{address}edit/").status_code == 200
    assert client.post(f"{address}edit/", FORM).status_code == 302
    kept = Challenge.objects.get()
    assert (kept.opens_at.isoformat(), kept.zone) == ("2026-12-01T02:00:00+00:00", "Asia/Shanghai")
    assert (kept.hashtags, kept.hosts) == (["SpringRoad", "春天自驾"], ["weibo.com", ".weibo.com"])
    assert kept.weights == {"votes": 2, "likes": 0, "reposts": 0, "comments": 0, "jury": 0}
    again = client.get(f"{address}edit/").content.decode()
    assert 'value="2026-12-01T10:00"' in again
    assert SCRIPT not in again
    assert client.post(f"{address}edit/", {**FORM, "rules_en": "Words."}).status_code == 302
    assert "version 1 of the rule" in client.get(address).content.decode()
    assert "challenge set, rule" in client.get(f"/campaigns/{campaign.pk}/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hashtags", "# #", "one to five hashtags"),
        ("opens_at", "soon", "such as 2026-12-01T10:00"),
        ("closes_at", "2026-12-01T10:00", "closes before it opens"),
        ("opens_at", "2026-03-29T02:30", "skips this time"),
        ("opens_at", "0001-01-01T00:00", "choose another one"),
        ("closes_at", "2026-12-01T04:00+02:00", "closes before it opens"),
        ("ways", [], "This field is required"),
        ("hosts", "weibo.com https://b23.tv/", "&quot;https://b23.tv/&quot; is no host"),
        ("hosts", "com", "&quot;com&quot; is no host"),
        ("most_entries_a_day", "0", "greater than or equal to 1"),
        ("weight_votes", "0", "something that counts"),
        ("rules_zh", "全网第一", "Advertising law forbids: 第一"),
        ("market", "mars", "not one of the available choices"),
    ],
)
def test_a_faulty_set_up_names_the_field_and_keeps_nothing(
    staff: Staff, browse: Callable[..., Client], field: str, value: Any, words: str
) -> None:
    berlin = Market("de", "en", "EUR", "Europe/Berlin")
    campaign = campaigns.create_campaign(
        staff[0], draft(markets=[berlin, Market("cn", "zh", "CNY", "Asia/Shanghai")]), NOW
    )
    market = "de" if words.startswith("skips") else "cn"
    form = {**FORM, "market": market, field: value}
    answer = browse(staff[0]).post(f"/campaigns/{campaign.pk}/challenge/edit/", form)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Challenge.objects.exists()


def test_what_changed_since_the_moderator_looked_is_not_decided(staff: Staff, browse: Callable[..., Client]) -> None:
    challenge = open_challenge(*staff, is_decided_first=True)
    entries = [send(challenge, name, text=f"fine {name}") for name in "ab"]
    client, address = browse(staff[0]), f"/campaigns/{challenge.campaign_id}/challenge/entries/"
    seen = re.findall(r'name="seen" value="([^"]+)"', client.get(address).content.decode())
    Entrant.objects.filter(pk=entries[0].entrant_id).update(name="a swear word")
    for given in (seen, []):
        ticked = {"decision": "show", "entry": [entry.pk for entry in entries], "seen": given}
        refused = client.post(f"{address}decide/", ticked)
        assert refused.status_code == 409
        changed = f"entry {entries[0].pk}." if given else f"entry {entries[0].pk}, {entries[1].pk}."
        assert f"Changed since you looked, name or words: {changed}" in refused.content.decode()
    assert {entry.state for entry in Entry.objects.all()} == {"pending"}
    now_seen = re.findall(r'name="seen" value="([^"]+)"', refused.content.decode())
    assert "a swear word" in refused.content.decode()
    assert client.post(f"{address}decide/", ticked | {"seen": now_seen}).status_code == 302
    assert {entry.state for entry in Entry.objects.all()} == {"shown"}


def test_the_queue_is_decided_in_bulk_and_taken_back(staff: Staff, browse: Callable[..., Client]) -> None:
    challenge = open_challenge(*staff, is_decided_first=True)
    entries = [send(challenge, name, text=f"{SCRIPT} {name}") for name in "abc"]
    client, address = browse(staff[0]), f"/campaigns/{challenge.campaign_id}/challenge/entries/"
    page = client.get(f"{address}?all=1").content.decode()
    assert SCRIPT not in page
    assert len(re.findall(r'name="entry" value="\d+" id="entry-\d+" checked', page)) == 3
    assert {'data-key="1"', 'data-key="2"'} <= set(re.findall(r'data-key="\d"', page))
    assert "nearly says what entry" in page
    assert "hashtag missing" in page
    missing = client.post(f"{address}decide/", {"decision": "refuse", "entry": [entries[0].pk]})
    assert missing.status_code == 400
    assert "A refusal needs its reason." in missing.content.decode()
    assert f'value="{entries[0].pk}" id="entry-{entries[0].pk}" checked' in missing.content.decode()
    ticked = [entries[0].pk, entries[1].pk, "x", "9" * 30, "9" * 5_000]
    seen = [*re.findall(r'name="seen" value="([^"]+)"', page), "x", f"{'9' * 5_000}:x"]
    given = {"decision": "show", "entry": ticked, "state": "pending", "seen": seen}
    assert client.post(f"{address}decide/", given)["Location"] == f"{address}?state=pending"
    client.post(f"{address}decide/", {"decision": "refuse", "reason": "copy", "entry": [entries[2].pk], "seen": seen})
    assert [entry.state for entry in Entry.objects.order_by("pk")] == ["shown", "shown", "refused"]
    assert "A copy of another" in client.get(f"{address}?state=refused").content.decode()
    step = EntryStep.objects.latest("pk")
    undo = f"/campaigns/{challenge.campaign_id}/challenge/undo/{step.pk}/"
    assert client.post(undo).status_code == 302
    assert client.post(undo).status_code == 409
    assert Entry.objects.get(pk=entries[2].pk).state == "pending"
    assert len(check_board(challenge)) == 2


def test_points_and_held_votes_are_decided_on_the_page_of_an_entry(staff: Staff, browse: Callable[..., Client]) -> None:
    challenge = open_challenge(*staff)
    entry = send(challenge, "a")
    for at in range(6):
        vote(challenge, entry, f"v{at}", NOW, "net")
    client, address = browse(staff[1]), f"/campaigns/{challenge.campaign_id}/challenge/entries/{entry.pk}/"
    assert "1 vote held" in client.get(f"/campaigns/{challenge.campaign_id}/challenge/").content.decode()
    assert "from one network" in client.get(address).content.decode()
    assert client.post(f"{address}votes/", {"decision": "release", "note": ""}).status_code == 400
    assert Vote.objects.filter(state="held").count() == 1
    assert client.post(f"{address}votes/", {"decision": "release", "note": "an office"}).status_code == 302
    for points in ("1001", "-1", "x", "", "９"):
        client.post(f"{address}points/", {"points": points})
    assert Entry.objects.get().jury == 0
    client.post(f"{address}points/", {"points": "7"})
    assert list(Entry.objects.values_list("votes", "jury", "score")) == [(6, 7, 76)]
    page = client.get(address).content.decode()
    assert "points of the jury" in page
    assert "0 &gt; 7" in page


def test_readers_read_and_others_do_not(
    staff: Staff, browse: Callable[..., Client], accounts: Callable[..., Person], django_assert_max_num_queries: Any
) -> None:
    challenge = open_challenge(*staff)
    entry = send(challenge, "a")
    base = f"/campaigns/{challenge.campaign_id}/challenge/"
    pages = (base, f"{base}entries/", f"{base}entries/{entry.pk}/")
    reader, outsider = browse(accounts(Role.DATA_ANALYST)), browse(accounts(Role.CARE_AGENT))
    for page in pages:
        with django_assert_max_num_queries(16):
            assert reader.get(page).status_code == 200
        assert outsider.get(page).status_code == 403
        assert Client().get(page).status_code == 302
    doors = ("edit/", "entries/decide/", f"entries/{entry.pk}/points/", f"entries/{entry.pk}/votes/", "undo/1/")
    before = Entry.objects.values().get()
    for door in doors:
        given = {"decision": "refuse", "reason": "copy", "entry": entry.pk, "points": "5", "note": "n"}
        assert reader.post(base + door, given).status_code == 403
    assert Entry.objects.values().get() == before
    assert reader.get(f"{base}entries/{entry.pk}/image.jpg").status_code == 404
    assert outsider.get(f"{base}entries/{entry.pk}/image.jpg").status_code == 403
