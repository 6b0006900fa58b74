"""An erasure reaches every room, lake and file; its receipt can be verified; killed anywhere it is finished."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

import canyu
from campaign_fixtures import join, order, release
from canyu.events.importers import get_salt, hash_actor
from canyu.kit.clock import get_now
from canyu.ops.campaigns.models import Member
from canyu.ops.campaigns.referral.rules import SignalKind
from canyu.ops.config import load_config
from canyu.ops.fans import actions, queries
from canyu.ops.fans.erasing import actions as erasing
from canyu.ops.fans.erasing.receipts import FIRST, check
from canyu.ops.fans.erasing.search import search_files, search_tables
from canyu.ops.fans.errors import NotConfirmed, SecondPersonNeeded, StillThere
from canyu.ops.fans.identity.actions import dismiss
from canyu.ops.fans.identity.following import follow_lake
from canyu.ops.fans.identity.grouping import Rule
from canyu.ops.fans.models import Dismissal, Fan, Identifier, Receipt, Request
from canyu.ops.fans.rules import IdKind, Named, Purpose, name_identifier
from canyu.ops.fans.subject import actions as subject
from canyu.ops.fans.subject.rules import Stand, Wish
from canyu.ops.offers.drops.models import Claim, Entrant
from canyu.ops.offers.models import Code, Offer, Redemption
from canyu.ops.outbox.actions import add_event
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.ops.sources.models import Delivery, QuarantinedEvent, Subscription, WriteKey
from drop_fixtures import ask, release_drop
from fan_fixtures import NOW, event, fill, get_fan, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_ledger")]
MEMBER, GUEST = "p-" + "5" * 32, "guest:" + "6" * 32
PHONE = name_identifier("k", IdKind.PHONE, "13800000000")
RAW = "customer-10086-of-the-shop"


@pytest.fixture
def team(fan_lake: Path, accounts: Callable[..., Person]) -> tuple[Person, Person]:
    return accounts(Role.CARE_AGENT, name="care"), accounts(Role.MARKETING_LEAD, name="lead")


def plant(path: Path, team: tuple[Person, Person]) -> tuple[Fan, list[str]]:
    """Put one person, and a neighbour who stays, into every room; return who, and what they are called."""
    salt = get_salt(str(path))
    customer, visitor, other = (
        hash_actor(salt, "shop", name) for name in (RAW, "anonymous-visitor-77", "somebody-else")
    )
    fill(path, [event("e1", customer, "join", object="account", parent=visitor), event("e2", visitor)])
    fill(path, [event("e3", other, "share", object="post", parent=customer), event("e4", MEMBER), event("e5", GUEST)])
    follow_lake(NOW)
    release(*team)
    join("p-neighbour-who-stays")
    join(MEMBER, signals={SignalKind.DEVICE: "d" * 32})
    order(MEMBER, "o1")
    drop = release_drop(opens_at=NOW - timedelta(hours=1))
    ask(drop, GUEST, "guest:neighbour-who-stays", now=NOW)
    Entrant.objects.create(drop=drop, person=GUEST, entered_at=NOW)
    offer = Offer.objects.create(
        key="o", name_zh="", name_en="", kind="code", rules="{}", currency="CNY", made_by="x", made_at=NOW
    )
    Code.objects.create(offer=offer, digest="x", kind="personal", person=MEMBER, made_by="x", made_at=NOW)
    money = {"currency": "CNY", "total_minor": 1, "discount_minor": 1, "made_at": NOW, "changed_at": NOW}
    Redemption.objects.create(
        order="r1", digest="x", answer=f'{{"person":"{MEMBER}"}}', state="redeemed", person=MEMBER, **money
    )
    refused = {"source": "shop", "received": NOW, "row": 1, "field": "f", "reason": "r", "message": [], "mend": []}
    QuarantinedEvent.objects.create(
        refused_id="q1", raw=f'{{"userId":"{RAW}"}}', dialect="segment", actor=customer, **refused
    )
    told = Subscription.objects.create(
        name="s", url="https://x.example", made_by="x", made_at=NOW, changed_by="x", changed_at=NOW
    )
    Delivery.objects.create(
        subscription=told, event_id="d1", kind="event", body=customer, actor=customer, due_at=NOW, made_at=NOW
    )
    with transaction.atomic():
        add_event(event("w1", visitor), NOW)
    keys = {"key_hash": "x", "hint": "x", "made_by": "x", "made_at": NOW, "changed_by": "x", "changed_at": NOW}
    WriteKey.objects.create(name="shop", **keys)
    aside = path / "inbox" / "aside"
    aside.mkdir(parents=True)
    (aside / "damaged").write_bytes(f'{{"userId":"{RAW}"}}{{"userId":"somebody-else"}}\xff'.encode())
    for one in (MEMBER, GUEST):
        say((one, customer), rule=Rule.STAFF)
    fan = get_fan(customer)
    say_phone(team[0], fan)
    actions.keep_decision(team[0], fan, actions.Decision(Purpose.SMS, True, "v1", "zh", "shop", NOW), NOW)
    return fan, [customer, visitor, MEMBER, GUEST, PHONE.value]


def say_phone(clerk: Person, fan: Fan) -> None:
    from canyu.ops.fans.identity.actions import tie_by_hand

    first = queries.list_identifiers(fan)[0]
    tie_by_hand(clerk, Named(IdKind(first.kind), first.value), PHONE, "called us", NOW)


def find_everywhere(path: Path, names: list[str]) -> list[str]:
    places = [*search_tables(names, with_own=True).places, *search_files(path, names).places]
    if connection.vendor == "sqlite":
        places += search_files(Path(connection.settings_dict["NAME"]).parent, names).places
    return places


def released(fan: Fan, team: tuple[Person, Person]) -> Request:
    asked = subject.ask_erasure(team[0], fan, fan.key, NOW)
    return subject.release_erasure(team[1], asked.pk, fan.key, NOW)


def test_nothing_of_a_person_is_left_anywhere_and_the_receipt_says_so(
    fan_lake: Path, team: tuple[Person, Person]
) -> None:
    fan, names = plant(fan_lake, team)
    assert len(names) == Identifier.objects.filter(fan=fan).count() == 5
    for name in [*names, RAW]:
        assert find_everywhere(fan_lake, [name]), f"{name} was not planted: the search would prove nothing"
    request = released(fan, team)
    receipt = erasing.carry_out(request, get_now)
    assert find_everywhere(fan_lake, [*names, RAW]) == []
    assert "somebody-else" in (fan_lake / "inbox" / "aside" / "damaged").read_text("latin-1")
    lake = canyu.open(fan_lake)
    assert lake.engine.run(lake.scan().select("id"))["id"].to_pylist() == ["e3"]
    assert Member.objects.filter(person="p-neighbour-who-stays").exists()
    assert Claim.objects.filter(person="guest:neighbour-who-stays").exists()
    document = receipt.document
    assert document["erased"]["fans"] | {"merges": 0} == {
        "identifiers": 5, "consents": 1, "ages": 0, "links": 4, "dismissals": 0, "merges": 0,
    }  # fmt: skip
    assert document["erased"]["lake"]["actors"] == 4
    assert document["erased"]["inbox"]["masked"] == 1
    rooms = document["erased"]["rooms"]
    assert [rooms[name] for name in ("outbox", "members", "offers", "refused", "deliveries")] == [5, 1, 4, 1, 1]
    assert rooms["orders"] == 2
    assert "订单号已去掉" in next(one["why"][0] for one in document["kept"] if one["what"] == "orders")
    assert document["lake_versions"]["before"]["events"] < document["lake_versions"]["after"]["events"]
    assert (document["asked_by"], document["released_by"], document["previous"]) == ("care", "lead", FIRST)
    request.refresh_from_db()
    assert (request.stand, request.note) == (Stand.DONE, "")


def test_a_receipt_is_checked_and_one_that_was_touched_is_not_valid(
    fan_lake: Path, team: tuple[Person, Person]
) -> None:
    say(("v1", "mei"), ("v2", "lin"))
    receipts = [erasing.carry_out(released(get_fan(name), team), get_now) for name in ("mei", "lin")]
    first, second = receipts
    assert second.previous == first.digest
    known, key = {"digest": second.digest, "previous": second.previous}, erasing.get_signing_key()
    assert check(second.document, key, known).is_valid
    assert not check({**second.document, "asked_by": "nobody"}, key, known).is_valid
    assert not check(second.document, "another key", known).is_valid
    assert not check(second.document, key, None).is_valid
    assert not check({**second.document, "signature": "签名"}, key, known).is_valid


class Killed(BaseException):
    """What a process feels of kill -9, where its next line would have been."""


@pytest.mark.parametrize("place", ["_mask", "forget_erased", "search_tables", "_drop_own", "seal", "wipe_bytes"])
def test_an_erasure_that_was_killed_is_finished_by_the_next_one(
    place: str, fan_lake: Path, team: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    say(("visitor-of-mei", "account-of-mei"))
    fill(fan_lake, [event("e1", "visitor-of-mei"), event("e2", "account-of-mei")])
    request = released(get_fan("account-of-mei"), team)

    def kill(*_given: object, **_named: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(erasing, place, kill)
        with pytest.raises(Killed):
            erasing.carry_out(request, get_now)
    assert Receipt.objects.count() == (1 if place == "wipe_bytes" else 0)
    (receipt,) = erasing.finish_erasures(get_now)
    assert find_everywhere(fan_lake, ["visitor-of-mei", "account-of-mei"]) == []
    assert receipt.document["erased"]["fans"]["identifiers"] == 2
    assert receipt.document["erased"]["lake"]["rows"] == 2
    assert erasing.finish_erasures(get_now) == []


def test_who_comes_in_while_the_erasure_runs_keeps_it_from_ending(
    fan_lake: Path, team: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    say(("v1", "mei"))
    request = released(get_fan("mei"), team)
    real = erasing.search_tables

    def search(*given: object, **named: object) -> object:
        say(("v2", "mei"))
        return real(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "search_tables", search)
        with pytest.raises(StillThere):
            erasing.carry_out(request, get_now)
    (receipt,) = erasing.finish_erasures(get_now)
    assert receipt.document["erased"]["fans"]["identifiers"] == 3


def test_an_erasure_needs_its_number_typed_and_a_second_person(fan_lake: Path, team: tuple[Person, Person]) -> None:
    say(("v1", "mei"))
    fan = get_fan("mei")
    with pytest.raises(NotConfirmed):
        subject.ask_erasure(team[0], fan, "yes", NOW)
    asked = subject.ask_erasure(team[0], fan, fan.key, NOW)
    assert subject.open_request(fan, Wish.ERASE, "visitor", "public page", NOW) == asked
    assert asked.due_at - asked.received_at == timedelta(days=load_config().subject_request_days)
    with pytest.raises(SecondPersonNeeded):
        subject.release_erasure(team[0], asked.pk, fan.key, NOW)
    with pytest.raises(NotConfirmed):
        subject.release_erasure(team[1], asked.pk, "f-0", NOW)
    assert erasing.finish_erasures(get_now) == []


def test_an_actor_erased_from_the_lake_is_no_identifier_any_more(fan_lake: Path) -> None:
    from canyu.ops.forgetting import forget_erased

    say(("v1", "mei"), ("v2", "mei"))
    fill(fan_lake, [event("e1", "mei"), event("e2", "looks-like-v1")])
    for other in ("mei", "looks-like-v1", "who-stays"):
        dismiss(Person.objects.create(username=other), Identifier.objects.get(value="v1"), other, NOW)
    for gone in ("mei", "looks-like-v1"):
        canyu.open(fan_lake).erase(gone)
    assert forget_erased().fans == 1
    assert [row.other for row in Dismissal.objects.all()] == ["who-stays"]
    assert sorted(Identifier.objects.values_list("value", flat=True)) == ["v1", "v2"]
    assert len({row.fan_id for row in Identifier.objects.all()}) == 2


def test_who_is_one_with_somebody_else_by_now_is_erased_with_all_that_they_are(
    fan_lake: Path, team: tuple[Person, Person]
) -> None:
    say(("v1", "mei-of-the-shop"))
    fill(fan_lake, [event("e1", "visitor-of-mei"), event("e2", "mei-of-the-shop")])
    asked = get_fan("visitor-of-mei")
    told = subject.open_request(asked, Wish.CORRECT, "visitor", "public page", NOW)
    subject.close_request(team[0], told.pk, Stand.DONE, "her name is Mei", NOW)
    request = released(asked, team)
    say(("visitor-of-mei", "mei-of-the-shop"))
    assert get_fan("visitor-of-mei").key != asked.key
    assert [row.pk for row in queries.list_fan_requests(get_fan("mei-of-the-shop"))] == [request.pk, told.pk]
    receipt = erasing.carry_out(request, get_now)
    assert find_everywhere(fan_lake, ["visitor-of-mei", "mei-of-the-shop"]) == []
    assert receipt.document["erased"]["fans"]["identifiers"] == 3
    assert receipt.document["erased"]["lake"]["rows"] == 2
    assert set(Request.objects.values_list("note", "stand")) == {("", Stand.DONE)}


def test_one_erasure_that_fails_keeps_no_other_one_from_ending(
    fan_lake: Path, team: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    say(("v1", "mei"), ("v2", "lin"))
    first, second = (released(get_fan(name), team) for name in ("mei", "lin"))
    real = erasing.carry_out

    def carry_out(request: Request, clock: Callable[[], datetime]) -> Receipt:
        if request.pk == first.pk:
            raise OperationalError("database is locked")
        return real(request, clock)

    monkeypatch.setattr(erasing, "carry_out", carry_out)
    with pytest.raises(OperationalError):
        erasing.finish_erasures(get_now)
    assert [row.stand for row in Request.objects.order_by("pk")] == [Stand.RELEASED, Stand.DONE]
    assert Receipt.objects.get().request_id == second.pk


def test_an_erasure_is_not_done_while_the_log_of_writes_is_read(fan_lake: Path, team: tuple[Person, Person]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite keeps what was deleted in a log beside the database")
    say(("v1", "mei"))
    request = released(get_fan("mei"), team)
    with sqlite3.connect(connection.settings_dict["NAME"]) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM fans_fan").fetchone()
        connection.cursor().execute("PRAGMA busy_timeout = 50")
        with pytest.raises(StillThere):
            erasing.carry_out(request, get_now)
        connection.close()
    reader.close()
    assert Request.objects.get().stand == Stand.WIPED
    erasing.finish_erasures(get_now)
    assert Request.objects.get().stand == Stand.DONE


def test_two_who_finish_the_same_erasure_at_once_make_one_receipt(fan_lake: Path, team: tuple[Person, Person]) -> None:
    say(("v1", "mei"))
    released(get_fan("mei"), team)
    faults: list[BaseException] = []

    def run() -> None:
        try:
            erasing.finish_erasures(get_now)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(row.stand, row.wish) for row in Request.objects.all()] == [(Stand.DONE, Wish.ERASE)]
    assert Receipt.objects.count() == 1
