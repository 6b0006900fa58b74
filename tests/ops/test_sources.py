"""Sources: keys shown once, quarantine mended and erased, volumes counted once, nobody without the permission."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import canyu
from canyu.events.collector import Carrier, Frame, Tally, hash_key
from canyu.events.collector.segments import SegmentWriter
from canyu.events.importers import get_salt, hash_actor
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json_bytes, parse_json
from canyu.ops.config import load_config
from canyu.ops.forgetting import forget_erased
from canyu.ops.people.rules import Role
from canyu.ops.sources import actions, queries
from canyu.ops.sources.desk import ConsoleDesk
from canyu.ops.sources.errors import SourceNameTaken, SourceUnusable
from canyu.ops.sources.models import QuarantinedEvent, SourceHour, WriteKey
from canyu.ops.sources.queries import Filters
from canyu.ops.sources.rules import SourceDraft, check_draft, check_origin, read_names
from collector_fixtures import track

NOW = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path, use_lake: Callable[[Path], None], db: None) -> Path:
    """An empty lake that the console shows."""
    path = tmp_path / "my.lake"
    use_lake(path)
    canyu.open(path, create=True)
    return path


def carry(*events: dict[str, Any], source: str = "shop", dialect: str = "segment") -> None:
    folder = load_config().inbox_path
    writer = SegmentWriter(folder)
    writer.write([Frame(source, int(NOW.timestamp() * 1e6), dialect, dump_json_bytes(list(events))).pack()])
    writer.seal()
    Carrier(folder, ConsoleDesk()).carry()


def test_a_key_is_shown_once_and_kept_as_a_hash(db: None) -> None:
    key = actions.create_source("an", "shop", SourceDraft(origins=("https://Shop.example/",)), NOW)
    row = WriteKey.objects.get()
    assert (row.key_hash, key.endswith(row.hint), row.origins) == (hash_key(key), True, ["https://shop.example"])
    assert key not in str(WriteKey.objects.values())
    assert queries.load_keys()[hash_key(key)].name == "shop"
    with pytest.raises(SourceNameTaken):
        actions.create_source("an", "shop", SourceDraft(), NOW)


def test_a_rotated_key_leaves_the_former_one_valid_for_a_day(accounts: Any) -> None:
    viewer, now = accounts(administrator=True), get_now()
    old = actions.create_source("an", "shop", SourceDraft(), now)
    _row, new = actions.rotate_key(viewer, WriteKey.objects.get().pk, now)
    assert set(queries.load_keys()) == {hash_key(old), hash_key(new)}
    actions.rotate_key(viewer, WriteKey.objects.get().pk, now - timedelta(days=2))
    assert hash_key(old) not in queries.load_keys()
    assert len(queries.load_keys()) == 1


@pytest.mark.parametrize(
    "origin", ["shop.example", "https://", "https://a.example/path", "https://u@a.example", "ftp://a"]
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(SourceUnusable):
        check_origin(origin)


@pytest.mark.parametrize("text", ["no sign", "= book", "x ="])
def test_lines_without_a_type_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_names(text)
    with pytest.raises(SourceUnusable):
        check_draft(SourceDraft(names={"x": "dance"}))


def test_segments_are_counted_once(lake: Path) -> None:
    tallies = {"shop": Tally(sent=5, kept=3, refused=1, left_out=1)}
    assert actions.count_segments(["a", "b"], tallies, NOW)
    assert not actions.count_segments(["a", "b"], tallies, NOW)
    assert list(SourceHour.objects.values_list("source", "sent", "kept", "refused", "left_out")) == [
        ("shop", 5, 3, 1, 1)
    ]


def test_what_is_mended_leaves_quarantine_for_the_lake(lake: Path, accounts: Any) -> None:
    viewer = accounts(administrator=True)
    actions.create_source("an", "shop", SourceDraft(), NOW)
    carry(track(1), track(2, event="Test drive wanted", properties={"object": "su7"}), track(3, event="Dance"))
    assert [row.reason for row in QuarantinedEvent.objects.all()] == ["unknown_event"] * 2
    assert actions.retry_quarantine(viewer, Filters(), NOW) == (0, 2)
    actions.update_source(viewer, WriteKey.objects.get().pk, SourceDraft(names={"Test drive wanted": "book"}), NOW)
    assert actions.retry_quarantine(viewer, Filters(source="shop"), NOW) == (1, 1)
    events = canyu.open(lake).scan().to_pyarrow().to_pylist()
    assert sorted((event["type"], event["object"]) for event in events) == [("book", "su7"), ("order", "o1")]
    assert parse_json(QuarantinedEvent.objects.get().raw)["event"] == "Dance"


def test_an_event_that_was_cut_is_never_taken_for_mended(lake: Path, accounts: Any) -> None:
    carry(track(1, event="Dance", properties={"object": "x" * 100_000}))
    assert actions.retry_quarantine(accounts(administrator=True), Filters(), NOW) == (0, 1)
    assert QuarantinedEvent.objects.count() == 1


def test_erasing_a_person_reaches_quarantine(lake: Path) -> None:
    carry(track(1), track(2, event="Dance"), track(3, event="Dance", userId="u2"))
    assert forget_erased().refused == 0
    canyu.open(lake).erase(hash_actor(get_salt(str(lake)), "shop", "u1"))
    assert forget_erased().refused == 1
    assert [parse_json(row.raw)["userId"] for row in QuarantinedEvent.objects.all()] == ["u2"]


def test_refused_events_are_kept_for_so_many_days(lake: Path) -> None:
    carry(track(1, event="Dance"))
    assert actions.drop_old(NOW + timedelta(days=29)) == 0
    assert actions.drop_old(NOW + timedelta(days=31)) == 1


def test_a_sender_gone_wild_does_not_fill_the_database(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_QUARANTINED", 3)
    carry(*(track(number, event="Dance") for number in range(10)))
    assert QuarantinedEvent.objects.count() == 3
    assert SourceHour.objects.get().refused == 10


PAGES = [
    "/sources/",
    "/sources/quarantine/",
    "/sources/quarantine.jsonl",
    "/sources/webhooks/",
    "/sources/webhooks/new/",
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_those_who_may(path: str, lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().get(path).status_code == 302
    assert sign_in(Role.CARE_AGENT).get(path).status_code == 403
    assert sign_in(Role.DATA_ANALYST).get(path).status_code == 200


def test_one_who_only_views_changes_nothing_and_reads_no_raw_event(lake: Path, sign_in: Callable[..., Client]) -> None:
    actions.create_source("an", "shop", SourceDraft(), NOW)
    carry(track(1, event="Dance", userId="private-person"))
    client, source = sign_in(Role.CAMPAIGN_MANAGER), WriteKey.objects.get().pk
    event = QuarantinedEvent.objects.get().pk
    posts = ["new/", f"one/{source}/", f"one/{source}/switch/", f"one/{source}/rotate/", "quarantine/retry/"]
    for path in [*posts, f"quarantine/{event}/drop/", "webhooks/new/"]:
        assert client.post(f"/sources/{path}", {"name": "x", "on": "0"}).status_code == 403, path
    assert "private-person" not in client.get("/sources/quarantine/").content.decode()
    assert (WriteKey.objects.count(), WriteKey.objects.get().is_on, QuarantinedEvent.objects.count()) == (1, True, 1)


def test_a_source_is_made_changed_and_switched_in_the_pages(lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    bad = client.post("/sources/new/", {"name": "Shop!", "origins": "shop", "names": "x"})
    assert (bad.status_code, WriteKey.objects.count()) == (400, 0)
    made = client.post("/sources/new/", {"name": "shop", "origins": "https://shop.example"})
    row = WriteKey.objects.get()
    key = made.content.decode().partition('<code class="secret">')[2].partition("<")[0]
    assert (hash_key(key), "no-store" in made["Cache-Control"]) == (row.key_hash, True)
    client.post(f"/sources/one/{row.pk}/", {"channel": "site", "per_minute": "60", "names": "Hi = visit"})
    client.post(f"/sources/one/{row.pk}/switch/", {"on": "0"})
    row.refresh_from_db()
    assert (row.channel, row.per_minute, row.names, row.is_on) == ("site", 60, {"Hi": "visit"}, False)
    assert key not in client.get(f"/sources/one/{row.pk}/").content.decode()


def test_quarantine_is_read_downloaded_retried_and_erased(lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    carry(track(1, event="<script>alert(1)</script>"), track(2, event="Dance"))
    shown = client.get("/sources/quarantine/?reason=unknown_event").content.decode()
    assert ("&lt;script&gt;" in shown, "<script>alert" in shown) == (True, False)
    file = b"".join(client.get("/sources/quarantine.jsonl?source=shop").streaming_content).decode()  # type: ignore[attr-defined]
    assert [parse_json(line)["row"] for line in file.splitlines()] == [1, 2]
    first = QuarantinedEvent.objects.earliest("row").pk
    client.post("/sources/quarantine/retry/", {"event": first})
    client.post(f"/sources/quarantine/{first}/drop/")
    assert QuarantinedEvent.objects.get().row == 2
