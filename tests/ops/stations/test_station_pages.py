"""The pages of stations: the public's, by a secret link and without a login, and the staff's; export and erasure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from canyu.ops.fans.copying import write_copy
from canyu.ops.fans.erasing.actions import finish_erasures
from canyu.ops.fans.models import Request
from canyu.ops.fans.queries import describe_whose, find_known
from canyu.ops.fans.subject.actions import release_erasure
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.ops.stations.booking import pages
from canyu.ops.stations.models import Booking, Cell, Reminder, Station
from canyu.ops.stations.queries import make_link
from station_fixtures import CALENDAR, DRAFT, NOW, TEN, book, open_station

ENGLISH = {"accept-language": "en"}
GUEST = {"name": "Mei", "phone": "138 0000 0000", "mail": "", "note": "", "consent": "1"}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[[datetime], None]:
    """Set the clock of the pages."""
    from canyu.ops.stations import pages as staff

    def set_clock(now: datetime) -> None:
        for module in (pages, staff):
            monkeypatch.setattr(module, "get_now", lambda: now)

    cache.clear()
    set_clock(NOW)
    return set_clock


def read_pass(client: Client) -> str:
    return str(client.get("/service/haidian/").context["pass"])


def hold(client: Client, passed: str, **changes: str) -> HttpResponse:
    given = {"pass": passed, "skill": "screen", "slot": TEN.isoformat(), **changes}
    return client.post("/service/haidian/hold/", given)


def test_a_visit_from_the_first_page_to_its_cancelling(at: Callable[[datetime], None]) -> None:
    open_station(("screen",))
    client = Client(headers=ENGLISH)
    assert "Haidian" in client.get("/service/").content.decode()
    passed = read_pass(client)
    at(NOW + timedelta(seconds=3))
    link = hold(client, passed)["Location"]
    assert client.get(link).context["stand"] == "held"
    assert client.post(f"{link}confirm/", {**GUEST, "consent": ""}).status_code == 400
    assert client.post(f"{link}confirm/", GUEST)["Location"] == link
    booking = Booking.objects.get()
    assert (booking.state, len(booking.consent), booking.language, booking.origin) == (
        "booked",
        32,
        "en",
        "http://testserver",
    )
    page = client.get(link)
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("same-origin", True)
    assert client.get("/service/haidian/?day=2026-03-02").context["offer"].slots[0].free == 0
    client.post(f"{link}cancel/")
    assert (Booking.objects.get().state, Cell.objects.count()) == ("cancelled", 0)
    assert "sessionid" not in client.cookies


def test_programs_crowds_and_strangers_are_refused(
    at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_station(("screen",))
    client = Client(headers=ENGLISH)
    passed = read_pass(client)
    assert hold(client, passed).status_code == 429
    at(NOW + timedelta(seconds=3))
    refused = [hold(client, passed, website="x"), hold(client, "forged")]
    monkeypatch.setattr(pages, "MOST_HOLDS_AN_HOUR", 0)
    assert [one.status_code for one in (*refused, hold(client, passed))] == [429] * 3
    assert Booking.objects.count() == 0
    monkeypatch.setattr(pages, "MOST_HOLDS_AN_HOUR", 40)
    for text in ("", "x", "0001-01-01T00:00:00+08:00", "2026-03-02"):
        assert hold(client, passed, slot=text).status_code == 409
    booking = book(Station.objects.get(), "a")
    link = make_link(booking)
    wrong = (booking.key, link[:-1], f"{'0' * 32}.{link.partition('.')[2]}")
    assert [client.get(f"/service/b/{each}/").status_code for each in wrong] == [404] * 3


def test_a_name_is_text_on_the_board(
    at: Callable[[datetime], None], sign_in: Callable[..., Client], brand_lake: Path
) -> None:
    station = open_station(("screen",))
    book(station, "a", name="<script>alert(1)</script>")
    client = sign_in(Role.CARE_AGENT)
    told = client.get(f"/stations/one/{station.pk}/?day=2026-03-02").content.decode()
    assert "&lt;script&gt;alert(1)" in told
    assert "<script>alert" not in told


def test_staff_keep_a_station_and_note_who_came(
    at: Callable[[datetime], None], sign_in: Callable[..., Client], brand_lake: Path
) -> None:
    client = sign_in(Role.CARE_AGENT)
    form = {**{name: str(value) for name, value in DRAFT.items()}, "is_on": "on"}
    wrong = client.post("/stations/new/", {**form, "calendar": CALENDAR.replace("12:00", "25:00", 1)})
    assert (wrong.status_code, "line 4, hours.mon" in wrong.content.decode(), Station.objects.count()) == (400, True, 0)
    place = client.post("/stations/new/", form)["Location"]
    assert client.post("/stations/new/", form).status_code == 400
    assert client.post(f"{place}bench/", {"name": "B1", "skills": ["screen"]}).status_code == 302
    assert client.post(f"{place}bench/", {"name": "B2", "skills": ["magic"]}).status_code == 400
    booking = book(Station.objects.get(), "a")
    visit = f"{place}visit/{booking.pk}/"
    assert client.post(visit, {"what": "came"}).status_code == 409
    at(TEN)
    answer = client.post(visit, {"what": "came", "day": "2026-03-02"})
    assert (answer["Location"], Booking.objects.get().state) == (f"{place}?day=2026-03-02", "came")
    assert client.post(visit, {"what": "dance"}).status_code == 404


def test_who_may_only_look_changes_nothing(
    at: Callable[[datetime], None], sign_in: Callable[..., Client], brand_lake: Path
) -> None:
    station = open_station(("screen",))
    booking, client = book(station, "a"), sign_in(Role.CAMPAIGN_MANAGER)
    place = f"/stations/one/{station.pk}/"
    assert client.get(place).status_code == 200
    changes = {"bench/": {"name": "B9", "skills": "car"}, f"visit/{booking.pk}/": {"what": "cancel"}, "again/": {}}
    changes[f"bench/{booking.bench_id}/switch/"] = {"on": "0"}
    assert {client.post(place + path, data).status_code for path, data in changes.items()} == {403}
    assert (Booking.objects.get().state, station.benches.get().is_on) == ("booked", True)


@pytest.mark.django_db(transaction=True)
def test_a_copy_and_an_erasure_with_its_receipt(
    brand_lake_path: Path, tmp_path: Path, use_lake: Callable[[Path], None]
) -> None:
    import shutil

    lake = tmp_path / "own.lake"
    shutil.copytree(brand_lake_path, lake)
    use_lake(lake)
    cache.clear()
    station = open_station(("screen",))
    booking, kept = book(station, "a"), book(station, "b", TEN + timedelta(minutes=30), name="Lin")
    client, place = Client(headers=ENGLISH), f"/service/b/{make_link(booking)}/"
    for wish in ("copy", "erase", "erase"):
        assert client.post(f"{place}my-data/", {"wish": wish}).status_code == 302
    assert Request.objects.count() == 2
    fan = find_known(booking.person)
    assert fan is not None
    packed = zipfile.ZipFile(io.BytesIO(b"".join(write_copy(describe_whose(fan), NOW))))
    told = packed.read("bookings.jsonl").decode()
    assert ("13800000000" in told, booking.key in told, "Lin" in told) == (True, False, False)
    asked = Request.objects.get(wish="erase")
    release_erasure(Person.objects.create(username="second", is_superuser=True), asked.pk, fan.key, datetime.now(UTC))
    (receipt,) = finish_erasures(lambda: datetime.now(UTC))
    assert receipt.document["erased"]["rooms"]["bookings"] == 1
    assert list(Booking.objects.values_list("name", flat=True)) == ["Lin"]
    assert (Cell.objects.count(), Reminder.objects.count()) == (2, 1)
    assert WaitingEvent.objects.get().event["actor"] == kept.person
    assert client.get(place).status_code == 404
