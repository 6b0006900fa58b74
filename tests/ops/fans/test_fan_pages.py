"""The pages about people: by role, looked up without a trace, merged, parted, copied; and what a visitor may ask."""

from __future__ import annotations

import csv
import hashlib
import io
import logging
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from campaign_fixtures import join, release
from canyu.kit.clock import get_now
from canyu.kit.jsonio import parse_json
from canyu.ops.campaigns.challenges.media.actions import IMAGES
from canyu.ops.campaigns.challenges.models import Entry
from canyu.ops.campaigns.models import Member
from canyu.ops.campaigns.public.rules import make_pass
from canyu.ops.campaigns.referral.rules import SignalKind
from canyu.ops.fans import actions, queries
from canyu.ops.fans.copying import _write_cell, write_copy
from canyu.ops.fans.errors import NotConfirmed
from canyu.ops.fans.holdings import HOLDINGS
from canyu.ops.fans.models import ConsentGiven, Identifier, Merge, Request
from canyu.ops.fans.rules import TOLD_ELSEWHERE, Purpose
from canyu.ops.fans.subject import actions as subject
from canyu.ops.fans.subject.rules import Stand
from canyu.ops.offers.drops.models import Claim
from canyu.ops.offers.models import Redemption
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from challenge_fixtures import open_challenge, send, vote
from drop_fixtures import release_drop
from fan_fixtures import NOW, event, fill, get_fan, list_groups, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_ledger", "fan_lake")]
PHONE = "138 0000 4321"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def care(sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.CARE_AGENT)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


def test_a_person_is_found_by_phone_and_the_phone_is_nowhere(care: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    say(("v1", "mei"))
    key = get_fan("mei").key
    found = care.post(f"/fans/one/{key}/tie/", {"kind": "phone", "text": PHONE, "reason": "called us"})
    assert found.status_code == 302
    assert care.post("/fans/", {"kind": "phone", "text": "+86 13800004321"})["Location"] == f"/fans/one/{key}/"
    page = read(care, f"/fans/one/{key}/")
    digits = PHONE.replace(" ", "")
    told = [page, found["Location"], caplog.text, str(list(Identifier.objects.values()))]
    assert [digits in text or PHONE in text for text in told] == [False] * 4
    nobody = care.post("/fans/", {"kind": "phone", "text": "13800009999"})
    assert (nobody.status_code, b"Nobody is known by this." in nobody.content) == (404, True)
    assert care.post("/fans/", {"kind": "phone", "text": "nonsense"}).status_code == 400


def test_who_is_held_in_a_room_or_the_lake_is_found_and_others_are_not_made_up(care: Client, fan_lake: Path) -> None:
    fill(fan_lake, [event("e1", "a" * 32)])
    assert care.post("/fans/", {"kind": "actor", "text": "b" * 32}).status_code == 404
    assert Identifier.objects.count() == 0
    bought = {"currency": "CNY", "total_minor": 1, "discount_minor": 1, "made_at": NOW, "changed_at": NOW}
    Redemption.objects.create(order="r1", digest="x", answer="{}", state="redeemed", person="only-a-buyer", **bought)
    assert care.post("/fans/", {"kind": "actor", "text": "only-a-buyer"}).status_code == 302
    there = care.post("/fans/", {"kind": "actor", "text": "a" * 32})["Location"]
    assert "page" in read(care, there)


def test_staff_merge_what_looks_alike_part_it_again_and_dismiss_it(care: Client, staff: tuple[Person, Person]) -> None:
    release(*staff)
    for name in ("p-one", "p-two"):
        join(name, signals={SignalKind.DEVICE: "d" * 32})
    key, other = get_fan("p-one").key, "p-two"
    page = read(care, f"/fans/one/{key}/")
    assert "Who may be the same person" in page
    assert list_groups() == [{"p-one"}]
    care.post(f"/fans/one/{key}/tie/", {"kind": "actor", "text": other, "reason": "same device"})
    assert list_groups() == [{"p-one", "p-two"}]
    merge = Merge.objects.get()
    assert care.post(f"/fans/one/{key}/part/{merge.pk}/", {"reason": ""}).status_code == 400
    care.post(f"/fans/one/{key}/part/{merge.pk}/", {"reason": HOSTILE})
    assert list_groups() == [{"p-one"}, {"p-two"}]
    page = read(care, f"/fans/one/{key}/")
    assert HOSTILE not in page
    assert "Parted by staff" in page
    care.post(f"/fans/one/{key}/dismiss/", {"mine": "p-one", "other": "p-two"})
    assert "Who may be the same person" not in read(care, f"/fans/one/{key}/")


def decide(fan: Any, clerk: Person, purpose: Purpose, is_given: bool, hours: int, is_guardian: bool = False) -> None:
    at = NOW + timedelta(hours=hours)
    told = actions.Decision(purpose, is_given, "v1", "en", "shop", at, is_guardian)
    actions.keep_decision(clerk, fan, told, at)


def test_consent_is_per_purpose_and_time_and_the_default_is_no() -> None:
    clerk, fan = Person.objects.create(username="clerk"), get_fan("mei")
    assert not queries.has_consent(fan, Purpose.SMS, NOW)
    decide(fan, clerk, Purpose.SMS, True, 1)
    decide(fan, clerk, Purpose.SMS, False, 3)
    answers = [queries.has_consent(fan, Purpose.SMS, NOW + timedelta(hours=hours)) for hours in (0, 1, 2, 3, 4)]
    assert answers == [False, True, True, False, False]
    assert not queries.has_consent(fan, Purpose.PHONE, NOW + timedelta(hours=2))
    assert ConsentGiven.objects.count() == 2


def test_the_page_of_a_person_asks_the_database_no_more_for_more_decisions(
    care: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    clerk, fan = Person.objects.create(username="clerk"), get_fan("mei")
    for hours, purpose in enumerate(Purpose):
        if purpose not in TOLD_ELSEWHERE:
            decide(fan, clerk, purpose, True, hours - 24)
    with django_assert_max_num_queries(35):
        page = read(care, f"/fans/one/{fan.key}/")
    assert '<dd class="value">9</dd>' in page


def test_below_fourteen_only_what_a_guardian_gave_counts() -> None:
    clerk, fan, later = Person.objects.create(username="clerk"), get_fan("kid"), NOW + timedelta(hours=9)
    decide(fan, clerk, Purpose.SHOW_PHOTO, True, 1)
    actions.keep_age(clerk, fan, True, NOW)
    assert not queries.has_consent(fan, Purpose.SHOW_PHOTO, later)
    decide(fan, clerk, Purpose.SHOW_PHOTO, True, 2, is_guardian=True)
    assert queries.has_consent(fan, Purpose.SHOW_PHOTO, later)
    actions.keep_age(clerk, fan, False, NOW + timedelta(hours=3))
    decide(fan, clerk, Purpose.SHOW_PHOTO, False, 4)
    assert not queries.has_consent(fan, Purpose.SHOW_PHOTO, later)


def test_a_consent_goes_with_its_identifier_when_two_are_parted() -> None:
    from canyu.ops.fans.identity.actions import tie_by_hand, unmerge
    from fan_fixtures import actor

    clerk = Person.objects.create(username="clerk")
    ann, bob = get_fan("ann"), get_fan("bob")
    decide(bob, clerk, Purpose.SMS, True, 0)
    tie_by_hand(clerk, actor("ann"), actor("bob"), "x", NOW)
    assert queries.has_consent(get_fan("ann"), Purpose.SMS, NOW)
    unmerge(clerk, Merge.objects.get().pk, "x", NOW)
    assert not queries.has_consent(get_fan("ann"), Purpose.SMS, NOW)
    assert queries.has_consent(get_fan("bob"), Purpose.SMS, NOW)
    assert (get_fan("ann"), get_fan("bob")) == (ann, bob)


def test_what_was_agreed_on_public_pages_is_among_the_decisions(staff: tuple[Person, Person]) -> None:
    release(*staff)
    join("p-one")
    release_drop(opens_at=get_now() - timedelta(hours=1))
    guest = Client(headers={"accept-language": "en"})
    guest.post("/drop/su7-gold/enter/", {"consent": "1"})
    claimed = queries.list_decisions(get_fan(Claim.objects.get().person), get_now())
    told = [(one.purpose, one.channel, one.language, len(one.text)) for one in claimed]
    assert told == [("drop", "su7-gold", "en", 32)]
    assert queries.has_consent(get_fan("p-one"), Purpose.CAMPAIGN, get_now())


def test_a_copy_has_everything_with_hashes(care: Client, fan_lake: Path, staff: tuple[Person, Person]) -> None:
    release(*staff)
    join("p-one", signals={SignalKind.DEVICE: "d" * 32})
    fill(fan_lake, [event("e1", "p-one", object='=cmd|"x"')])
    fan = get_fan("p-one")
    assert care.post(f"/fans/one/{fan.key}/copy/", {"typed": "yes"}).status_code == 400
    assert Request.objects.count() == 0
    answer = care.post(f"/fans/one/{fan.key}/copy/", {"typed": fan.key})
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    manifest = parse_json(packed.read("manifest.json"))
    assert len(manifest["files"]) == 2 * len(HOLDINGS)
    assert {file["name"]: file["sha256"] for file in manifest["files"]} == {
        name: hashlib.sha256(packed.read(name)).hexdigest() for name in packed.namelist() if name != "manifest.json"
    }
    rows = {file["name"]: file["rows"] for file in manifest["files"]}
    assert [rows[f"{name}.jsonl"] for name in ("members", "fingerprints", "campaign_consents", "events")] == [1] * 4
    assert next(csv.DictReader(io.StringIO(packed.read("events.csv").decode())))["object"] == '\'=cmd|"x"'
    assert parse_json(packed.read("events.jsonl"))["actor"] == "p-one"
    assert [(row.wish, row.stand, row.asked_by) for row in Request.objects.all()] == [("export", "done", "care_agent")]


def test_a_copy_has_the_pictures_that_the_person_sent(staff: tuple[Person, Person], fan_lake: Path) -> None:
    challenge = open_challenge(*staff)
    entry = send(challenge, "p-one")
    name = IMAGES.keep(b"small", b"large")
    Entry.objects.filter(pk=entry.pk).update(media=name)
    vote(challenge, send(challenge, "p-two"), "p-one")
    packed = zipfile.ZipFile(io.BytesIO(b"".join(write_copy(queries.describe_whose(get_fan("p-one")), NOW))))
    assert packed.read(f"works/{name}.jpg") == b"large"
    files = {file["name"]: file for file in parse_json(packed.read("manifest.json"))["files"]}
    assert files[f"works/{name}.jpg"]["sha256"] == hashlib.sha256(b"large").hexdigest()
    assert [files[f"{part}.jsonl"]["rows"] for part in ("entrants", "works", "votes")] == [1, 1, 1]


def test_a_number_below_zero_is_no_formula_and_a_text_like_one_is_quoted() -> None:
    told = [_write_cell(one) for one in (-5, -0.5, "-5", "+1", "a", None, True, NOW)]
    assert told == ["-5", "-0.5", "'-5", "'+1", "a", "", "true", "2026-11-30T04:00:00+00:00"]


def test_every_room_that_names_a_person_is_known_to_copies_and_erasures() -> None:
    """Whoever adds one adds it to ``HOLDINGS``, to ``canyu.ops.forgetting``, and here."""
    naming = {
        model._meta.label
        for model in apps.get_models()
        if {"person", "actor"} & {field.name for field in model._meta.concrete_fields}
    }
    assert naming == {
        *("campaigns.Member", "drops.Claim", "drops.Entrant", "offers.Code", "offers.Redemption"),
        *("kols.Account", "sources.QuarantinedEvent", "sources.Delivery"),
        *("challenges.Entrant", "challenges.Vote", "charity.StoryPicture"),
        "stations.Booking",
        *("care.Case", "care.CaseMention"),
        *("crisis.Stakeholder", "knowledge.Talk", "wechat.Conversation"),
    }


def test_a_large_copy_comes_piece_by_piece(fan_lake: Path) -> None:
    fill(fan_lake, [event(hashlib.sha256(str(at).encode()).hexdigest(), "p-big") for at in range(4_000)])
    pieces = [len(piece) for piece in write_copy(queries.describe_whose(get_fan("p-big")), NOW)]
    assert len(pieces) >= 4
    assert max(pieces) < 300_000


def test_a_visitor_asks_for_a_copy_and_fetches_it_once_ready(staff: tuple[Person, Person], care: Client) -> None:
    now = get_now()
    release(*staff, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30))
    visitor, page = Client(headers={"accept-language": "en", "user-agent": "Mozilla/5.0"}), "/c/spring-road/"
    assert visitor.post(f"{page}my-data/", {"wish": "copy"}).status_code == 404
    visitor.post(f"{page}join/", {"pass": make_pass("n1", now - timedelta(seconds=5)), "agree": "1"})
    assert visitor.get(f"{page}my-data.zip").status_code == 404
    for wish in ("copy", "copy", "erase"):
        assert visitor.post(f"{page}my-data/", {"wish": wish}).status_code == 302
    asked = Request.objects.get(wish="export")
    assert Request.objects.count() == 2
    assert visitor.get(f"{page}my-data.zip").status_code == 404
    assert "You asked for a copy" in read(visitor, page)
    assert care.post(f"/fans/requests/{asked.pk}/ready/").status_code == 302
    assert "Download your copy" in read(visitor, page)
    zipped = b"".join(visitor.get(f"{page}my-data.zip").streaming_content)
    assert Member.objects.get().person.encode() in zipfile.ZipFile(io.BytesIO(zipped)).read("members.jsonl")
    assert Client().get(f"{page}my-data.zip").status_code == 404
    assert subject.end_old_copies(get_now() + timedelta(days=6)) == 0
    assert subject.end_old_copies(get_now() + timedelta(days=8)) == 1
    assert visitor.get(f"{page}my-data.zip").status_code == 404


def test_requests_wait_and_are_closed_with_an_answer(care: Client, sign_in: Callable[..., Client]) -> None:
    say(("v1", "mei"))
    fan = get_fan("mei")
    care.post(f"/fans/one/{fan.key}/ask/", {"wish": "correct"})
    care.post(f"/fans/one/{fan.key}/ask/", {"wish": "erase", "typed": fan.key})
    wrong, erase = Request.objects.get(wish="correct"), Request.objects.get(wish="erase")
    lead = sign_in(Role.MARKETING_LEAD)
    assert "Erase this person for good" in read(lead, "/fans/requests/")
    assert "Erase this person for good" not in read(care, "/fans/requests/")
    assert care.post(f"/fans/requests/{wrong.pk}/close/", {"stand": "done", "note": ""}).status_code == 400
    care.post(f"/fans/requests/{wrong.pk}/close/", {"stand": "done", "note": HOSTILE})
    assert HOSTILE not in read(care, "/fans/requests/")
    assert lead.post(f"/fans/requests/{erase.pk}/close/", {"stand": "done", "note": "x"}).status_code == 409
    assert care.post(f"/fans/requests/{erase.pk}/release/", {"typed": fan.key}).status_code == 403
    assert lead.post(f"/fans/requests/{erase.pk}/release/", {"typed": "no"}).status_code == 400
    assert lead.post(f"/fans/requests/{erase.pk}/release/", {"typed": fan.key}).status_code == 302
    assert [row.stand for row in Request.objects.order_by("pk")] == [Stand.DONE, Stand.RELEASED]
    with pytest.raises(NotConfirmed):
        subject.log_copy(Person.objects.first(), fan, "", NOW)  # type: ignore[arg-type]


def test_those_who_may_not_are_refused_and_change_nothing(sign_in: Callable[..., Client]) -> None:
    say(("v1", "mei"))
    key = get_fan("mei").key
    posts = ["tie", "dismiss", "consent", "age", "copy", "ask", "part/1"]
    addresses = [f"/fans/one/{key}/{name}/" for name in posts]
    addresses += [f"/fans/requests/1/{name}/" for name in ("ready", "close")]
    reader = sign_in(Role.DATA_ANALYST)
    assert read(reader, f"/fans/one/{key}/")
    assert [reader.post(address).status_code for address in addresses] == [403] * len(addresses)
    assert [Client().post(address).status_code for address in addresses] == [302] * len(addresses)
    stranger = sign_in(Role.PR_OFFICER)
    assert [stranger.get(at).status_code for at in ("/fans/", f"/fans/one/{key}/", "/fans/requests/")] == [403] * 3
    assert (Request.objects.count(), Merge.objects.count()) == (0, 1)
    assert reader.get("/fans/one/f-000000000000000000000000/").status_code == 404
