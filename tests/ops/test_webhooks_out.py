"""Outbound webhooks: CloudEvents that another implementation reads, signed, tried again, never to private addresses."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cloudevents.v1.http import from_json
from django.db import transaction
from django.test import Client

import canyu
from canyu.events import Event, build_event_table
from canyu.kit.clock import get_now
from canyu.ops.alerts.models import FiredAlert
from canyu.ops.config import load_config
from canyu.ops.outbox.actions import add_event, relay
from canyu.ops.people.rules import Role
from canyu.ops.sources.errors import AddressRefused, SourceUnusable
from canyu.ops.sources.models import Delivery, Sending, Subscription
from canyu.ops.sources.outbound import actions, sending
from canyu.ops.sources.outbound.actions import SubscriptionDraft
from canyu.ops.sources.outbound.rules import MOST_ATTEMPTS, check_url, write_event
from canyu.ops.webhook.rules import is_signed
from collecting_site import Reply, Site, site

__all__ = ["site"]
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def make_order(name: str, kind: str = "order", actor: str = "a1") -> Event:
    return Event(name, kind, NOW, NOW, "shop", actor=actor, object="o1", value=1999, currency="CNY", props='{"n":1}')


def table(*events: Event) -> pa.Table:
    return build_event_table(list(events))


@pytest.fixture
def lake(tmp_path: Path, use_lake: Callable[[Path], None], db: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CANYU_WEBHOOK_PRIVATE", "true")
    use_lake(tmp_path / "my.lake")
    canyu.open(tmp_path / "my.lake", create=True).append(table(make_order("first")))
    return tmp_path / "my.lake"


@pytest.fixture
def told(lake: Path, site: Site, accounts: Any) -> Subscription:
    """A subscription of orders and alerts to a site of this machine."""
    draft = SubscriptionDraft("crm", f"{site.url}/hook", ("order", "alert"))
    return actions.save_subscription(accounts(administrator=True), None, draft, NOW)


def test_an_event_is_a_cloud_event_that_others_read() -> None:
    (row,) = table(make_order("e1")).to_pylist()
    read = from_json(write_event(row))
    assert (read["id"], read["source"], read["type"], read["specversion"]) == (
        "e1",
        "/canyu/shop",
        "canyu.event.order.v1",
        "1.0",
    )
    assert (read.data["value"], read.data["props"]) == (1999, {"n": 1})


def test_what_was_subscribed_is_sent_once_and_signed(told: Subscription, site: Site) -> None:
    site.respond = lambda _: Reply(200, b"ok")
    events = table(make_order("e1"), make_order("e2", "visit"))
    actions.announce_events(events, NOW)
    actions.announce_events(events, NOW)
    assert actions.deliver(NOW) == actions.Delivered(1, 0, 0)
    (request,) = site.asked
    headers = request.headers
    assert headers["content-type"].startswith("application/cloudevents+json")
    assert is_signed((actions.get_secret(told),), headers["x-canyu-time"], request.body, headers["x-canyu-signature"])
    assert actions.deliver(NOW) == actions.Delivered(0, 0, 0)


def test_what_is_refused_is_tried_again_then_given_up_and_replayed(
    told: Subscription, site: Site, accounts: Any
) -> None:
    site.respond = lambda _: Reply(500, b"")
    actions.announce_events(table(make_order("e1")), NOW)
    assert actions.deliver(NOW) == actions.Delivered(0, 1, 0)
    assert actions.deliver(NOW + timedelta(seconds=29)) == actions.Delivered(0, 0, 0)
    moment = NOW
    for _ in range(MOST_ATTEMPTS - 1):
        moment += timedelta(hours=7)
        actions.deliver(moment)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.status, row.fault) == (Sending.DEAD, MOST_ATTEMPTS, 500, "refused")
    site.respond = lambda _: Reply(204, b"")
    assert actions.replay(accounts(name="b", administrator=True), told.pk, ["dead"], moment) == 1
    assert actions.deliver(moment) == actions.Delivered(1, 0, 0)


def test_a_sender_that_died_is_taken_over(told: Subscription, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.announce_events(table(make_order("e1")), NOW)

    class Died(Exception):
        pass

    def die(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(actions, "send_letter", die)
        with pytest.raises(Died):
            actions.deliver(NOW)
    site.respond = lambda _: Reply(200, b"")
    assert actions.deliver(NOW + timedelta(minutes=1)).sent == 0
    assert actions.deliver(NOW + timedelta(minutes=3)).sent == 1


def test_the_consoles_own_events_and_alerts_are_told_on(told: Subscription) -> None:
    with transaction.atomic():
        add_event(make_order("c1"), NOW)
    relay()
    FiredAlert.objects.create(
        alert_id="al1", facts={"n": 9}, product="xiaomi/su7", severity="warning", found=NOW, counted_until=NOW
    )
    assert (actions.announce_alerts(NOW), actions.announce_alerts(NOW)) == (1, 0)
    kinds = {row.event_id: from_json(row.body)["type"] for row in Delivery.objects.all()}
    assert kinds == {"c1": "canyu.event.order.v1", "al1": "canyu.alert.fired.v1"}


def test_when_too_many_wait_the_rest_is_skipped_and_counted(
    told: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_WAITING", 2)
    actions.announce_events(table(*(make_order(f"e{number}") for number in range(5))), NOW)
    told.refresh_from_db()
    assert (Delivery.objects.count(), told.skipped) == (2, 3)


def test_erasing_a_person_reaches_deliveries(told: Subscription, lake: Path) -> None:
    canyu.open(lake).append(table(make_order("e1")))
    actions.announce_events(table(make_order("e1"), make_order("e2", actor="a2")), NOW)
    canyu.open(lake).erase("a1")
    assert actions.forget_erased() == 1
    assert Delivery.objects.get().event_id == "e2"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104 - refused
        *("100.64.0.1", "224.0.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1"),
        *("2002:7f00:1::", "2001:0:0:0:0:0:80ff:fffe"),
    ],
)
def test_addresses_inside_are_known(address: str) -> None:
    assert not sending.is_public(address)


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/x", "http://localhost:{port}/x", "http://[::1]:{port}/x"])
def test_nothing_is_sent_inside(url: str, site: Site) -> None:
    letter = sending.Letter(url.format(port=site.url.rpartition(":")[2]), "{}", "s", may_be_private=False)
    assert sending.send_letter(letter, NOW) == (None, "private_address")
    assert site.asked == []


def test_a_name_that_leads_inside_and_outside_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(sending.PrivateAddress):
        sending.find_public_address("rebinding.example", 80)


def test_a_redirect_is_not_followed(told: Subscription, site: Site) -> None:
    site.respond = lambda _: Reply(302, b"", {"Location": f"{site.url}/other"})
    actions.announce_events(table(make_order("e1")), NOW)
    actions.deliver(NOW)
    assert (Delivery.objects.get().fault, [request.path for request in site.asked]) == ("redirected", ["/hook"])


@pytest.mark.parametrize("url", ["http://a.example/", "https://u:p@a.example/", "ftp://a.example", "https://", "x"])
def test_unusable_addresses_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, may_be_plain=False)


def test_pages_make_change_and_replay(lake: Path, site: Site, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    assert client.post("/sources/webhooks/new/", {"name": "crm", "url": "x", "kinds": ["order"]}).status_code == 400
    made = client.post("/sources/webhooks/new/", {"name": "crm", "url": f"{site.url}/hook", "kinds": ["order"]})
    row = Subscription.objects.get()
    assert actions.get_secret(row) in made.content.decode()
    old = actions.get_secret(row)
    rotated = client.post(f"/sources/webhooks/{row.pk}/rotate/").content.decode()
    row.refresh_from_db()
    assert (actions.get_secret(row) in rotated, actions.get_secret(row) != old) == (True, True)
    actions.announce_events(table(make_order("e1")), NOW)
    Delivery.objects.update(state=Sending.DEAD)
    client.post(f"/sources/webhooks/{row.pk}/replay/", {"state": "dead"})
    assert Delivery.objects.get().state == Sending.WAITING
    client.post(f"/sources/webhooks/{row.pk}/switch/", {"on": "0"})
    assert actions.deliver(get_now()) == actions.Delivered(0, 0, 0)
    assert client.get(f"/sources/webhooks/{row.pk}/?state=waiting").status_code == 200


def test_no_secret_is_stored_or_logged(told: Subscription, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        actions.announce_events(table(make_order("e1")), NOW)
        actions.deliver(NOW)
    assert actions.get_secret(told) not in caplog.text + str(Subscription.objects.values()) + str(
        Delivery.objects.values()
    )


def test_a_kind_that_is_none_is_refused(lake: Path, accounts: Any) -> None:
    with pytest.raises(SourceUnusable):
        actions.save_subscription(
            accounts(administrator=True), None, SubscriptionDraft("x", "https://a.example", ("dance",)), NOW
        )
    assert load_config().webhook_private
