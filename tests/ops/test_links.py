"""Short links: followed past Django, counted through the inbox, never to a host that is not allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

import canyu
from canyu.events.collector import Carrier, Inbox
from canyu.kit.clock import get_now
from canyu.kit.jsonio import parse_json
from canyu.ops.config import load_config
from canyu.ops.links import actions, door, queries
from canyu.ops.links.door import LinkBook, LinkDoor
from canyu.ops.links.errors import CodeTaken, LinkUnusable
from canyu.ops.links.models import LinkDay, ShortLink
from canyu.ops.links.rules import LinkDraft, Outcome, Visit, add_utm, is_allowed, judge_visit, make_code
from canyu.ops.people.rules import Role
from canyu.ops.sources.desk import ConsoleDesk

PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1.15 MicroMessenger/8.0.50"}
TARGET = "https://shop.example/su7?id=1&utm_source=mail"


@pytest.fixture
def lake(tmp_path: Path, use_lake: Callable[[Path], None], db: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CANYU_LINK_HOSTS", "shop.example,.brand.example")
    use_lake(tmp_path / "my.lake")
    return tmp_path / "my.lake"


def follow(*requests: tuple[str, str, dict[str, str]], book: LinkBook | None = None) -> list[httpx.Response]:
    """Follow links one after the other, at a door of this moment."""
    config = load_config()

    links = {row.code: row for row in ShortLink.objects.all()}

    async def run() -> list[httpx.Response]:
        inbox = Inbox(config.inbox_path, most_bytes=1 << 30)
        links_book = book or LinkBook(lambda code: links.get(code), lambda _: [])
        transport = httpx.ASGITransport(LinkDoor(links_book, inbox, config.link_targets))
        async with httpx.AsyncClient(transport=transport, base_url="http://c") as client:
            client.headers.pop("user-agent")
            answers = [await client.request(method, path, headers=headers) for method, path, headers in requests]
        await inbox.close()
        return answers

    return asyncio.run(run())


def carry() -> list[dict[str, Any]]:
    Carrier(load_config().inbox_path, ConsoleDesk()).carry()
    path = Path(load_config().lake)
    return list(canyu.open(path).scan().to_pyarrow().to_pylist()) if (path / "events").exists() else []


def test_a_link_leads_to_its_target_and_is_counted(lake: Path) -> None:
    row = actions.create_link("an", LinkDraft(TARGET, campaign="618", market="cn", parent="share1"), get_now())
    plain, marked, scan = follow(
        ("GET", f"/l/{row.code}", PHONE),
        ("GET", f"/l/{row.code}?utm_source=weibo&utm_medium=social&evil=1", PHONE),
        ("GET", f"/l/{row.code}?via=qr", PHONE),
    )
    assert (plain.status_code, plain.headers["location"]) == (302, TARGET)
    assert marked.headers["location"] == "https://shop.example/su7?id=1&utm_source=weibo&utm_medium=social"
    events = carry()
    assert sorted((event["type"], event["channel"]) for event in events) == [
        ("click", "mail"),
        ("click", "weibo"),
        ("scan", "mail"),
    ]
    assert {
        (event["object"], event["parent"], event["campaign"], event["market"], event["source"]) for event in events
    } == {(f"link/{row.code}", "share1", "618", "cn", "links")}
    assert scan.status_code == 302
    assert queries.count_visits([row.code]) == {row.code: {"click": 2, "scan": 1}}


@pytest.mark.parametrize(
    ("method", "headers", "outcome"),
    [
        ("HEAD", PHONE, "bot_head"),
        ("GET", {}, "bot_no_agent"),
        ("GET", {"user-agent": "facebookexternalhit/1.1"}, "bot_preview"),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "bot_agent"),
        ("GET", {"user-agent": "Baiduspider/2.0"}, "bot_agent"),
        ("GET", {"user-agent": "curl/8.0"}, "bot_agent"),
        ("GET", {**PHONE, "sec-purpose": "prefetch;prerender"}, "bot_prefetch"),
    ],
)
def test_who_is_no_person_is_led_on_and_counted_apart(
    lake: Path, method: str, headers: dict[str, str], outcome: str
) -> None:
    row = actions.create_link("an", LinkDraft(TARGET), get_now())
    assert follow((method, f"/l/{row.code}", headers))[0].status_code == 302
    assert carry() == []
    assert list(LinkDay.objects.values_list("code", "outcome", "n")) == [(row.code, outcome, 1)]


def test_links_that_are_not_there_off_or_expired_lead_nowhere(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = get_now()
    for code, changes in (("off", {"is_on": False}), ("old", {"expires_at": now - timedelta(seconds=1)}), ("far", {})):
        row = actions.create_link("an", LinkDraft(TARGET, code=code), now)
        ShortLink.objects.filter(pk=row.pk).update(**changes)
    paths = ["/l/off", "/l/old", "/l/none", "/l/", "/l/" + "x" * 65, "/l/%E7%B1%B3", "/l/far"]
    statuses = [answer.status_code for answer in follow(*(("GET", path, PHONE) for path in paths))]
    assert statuses == [410, 410, 404, 404, 404, 404, 302]
    monkeypatch.setenv("CANYU_LINK_HOSTS", "other.example")
    load_config.cache_clear()
    assert follow(("GET", "/l/far", PHONE), ("POST", "/l/far", PHONE))[0].status_code == 410


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "javascript:alert(1)",
        "//shop.example",
        "https://shop.example@evil.example/",
        "shop.example",
        "https://shop.example.evil.example",
        "https://brand.example/",
        "https://shop.example\\@evil.example",
        "https://[",
        "",
        "https://shop.example/a b",
        "https://shop.example/\r\nx: y",
        "https://shop.example:99999/",
    ],
)
def test_targets_elsewhere_are_refused(lake: Path, target: str) -> None:
    with pytest.raises(LinkUnusable):
        actions.create_link("an", LinkDraft(target), get_now())
    assert not ShortLink.objects.exists()


def test_hosts_below_a_dot_are_allowed() -> None:
    assert is_allowed("https://m.brand.example/x", [".brand.example"])
    assert not is_allowed("https://brand.example.evil/", [".brand.example"])
    assert not is_allowed("https://shop.example/", [])


def test_codes_are_chosen_or_unguessable(lake: Path) -> None:
    assert len({make_code() for _ in range(1000)}) == 1000
    assert actions.create_link("an", LinkDraft(TARGET, code="su7-ultra"), get_now()).code == "su7-ultra"
    with pytest.raises(CodeTaken):
        actions.create_link("an", LinkDraft(TARGET, code="su7-ultra"), get_now())
    with pytest.raises(LinkUnusable):
        actions.create_link("an", LinkDraft(TARGET, code="a/b"), get_now())


def test_a_target_in_chinese_is_sent_as_an_address(lake: Path) -> None:
    row = actions.create_link("an", LinkDraft("https://shop.example/汽车"), get_now())
    assert follow(("GET", f"/l/{row.code}", PHONE))[0].headers["location"] == "https://shop.example/%E6%B1%BD%E8%BD%A6"


def test_the_door_learns_of_changes_without_being_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "FRESH_S", -1.0)
    first, second = (
        ShortLink(code="a", target="https://shop.example/1"),
        ShortLink(code="a", target="https://shop.example/2"),
    )
    asked: list[str] = []
    changed: list[ShortLink] = []

    async def run() -> list[str]:
        book = LinkBook(lambda code: asked.append(code) or first, lambda _: changed)  # type: ignore[func-returns-value]
        before = await book.find("a")
        changed.append(second)
        after = await book.find("a")
        while after is first:
            await asyncio.sleep(0.01)
            after = await book.find("a")
        return [before.target if before else "", after.target if after else ""]

    assert asyncio.run(run()) == ["https://shop.example/1", "https://shop.example/2"]
    assert asked == ["a"]


def test_marks_are_added_and_the_rest_of_an_address_stays() -> None:
    assert (
        add_utm("https://a.example/x?b=&c=1#d", {"utm_term": "米"}) == "https://a.example/x?b=&c=1&utm_term=%E7%B1%B3#d"
    )
    assert judge_visit(Visit("GET", PHONE["user-agent"], "", True)) is Outcome.SCAN


def test_pages_are_for_those_who_may(lake: Path, sign_in: Callable[..., Client]) -> None:
    row = actions.create_link("an", LinkDraft(TARGET), get_now())
    viewer = sign_in(Role.PR_OFFICER)
    assert Client().get("/links/").status_code == 302
    assert sign_in(Role.CARE_AGENT).get("/links/").status_code == 403
    assert [viewer.get(path).status_code for path in ("/links/", f"/links/one/{row.pk}/")] == [200, 200]
    assert viewer.post("/links/new/", {"target": TARGET}).status_code == 403
    assert viewer.post(f"/links/one/{row.pk}/switch/", {"on": "0"}).status_code == 403
    assert (ShortLink.objects.count(), ShortLink.objects.get().is_on) == (1, True)


def test_a_link_is_made_and_switched_in_the_pages(lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.CAMPAIGN_MANAGER)
    assert client.post("/links/new/", {"target": "https://evil.example/"}).status_code == 400
    until = {"until": "2030-01-01T00:00"}
    assert client.post("/links/new/", {"target": TARGET, "code": "su7", "campaign": "618", **until}).status_code == 302
    row = ShortLink.objects.get()
    assert row.expires_at is not None
    assert (row.made_by, row.expires_at.isoformat()) == (Role.CAMPAIGN_MANAGER.value, "2029-12-31T16:00:00+00:00")
    client.post(f"/links/one/{row.pk}/switch/", {"on": "0"})
    assert not ShortLink.objects.get().is_on
    assert "/l/su7" in client.get("/links/?campaign=618").content.decode()


def test_props_say_how_the_link_was_followed(lake: Path) -> None:
    row = actions.create_link("an", LinkDraft(TARGET), get_now())
    follow(("GET", f"/l/{row.code}?via=qr", PHONE))
    (event,) = carry()
    assert (event["type"], parse_json(event["props"])) == ("click", {"utm_source": "mail", "via": "qr"})
