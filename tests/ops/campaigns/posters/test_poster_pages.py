"""The designer's page by role, and a member's own poster on the public page: to the file and back by the code."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from campaign_fixtures import SLUG, release
from canyu.events.collector import Inbox
from canyu.kit.clock import get_now
from canyu.kit.images import ACCEPTED
from canyu.ops.campaigns.models import Campaign, Consent, Member
from canyu.ops.campaigns.posters import public
from canyu.ops.campaigns.posters.fonts import find_fonts, load_font
from canyu.ops.campaigns.posters.models import Design, MemberLink, Shown
from canyu.ops.campaigns.public.rules import make_pass
from canyu.ops.config import load_config
from canyu.ops.links.door import LinkBook, LinkDoor
from canyu.ops.links.queries import find_link
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.ops.uploads import MOST_BYTES
from poster_fixtures import TEXTS, make_photo, save, show_poster

Staff = tuple[Person, Person]
PAGE = f"/c/{SLUG}/"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
DESIGN = {"layout": "ticket", "accent": "pine", "side": "left", "align": "centre", "shown_in": "en", **TEXTS}
STEPS = ("preview", "save", "answer", "on", "off")


@pytest.fixture
def live(staff: Staff) -> Campaign:
    now = get_now()
    return release(*staff, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30))


@pytest.fixture
def member(live: Campaign, staff: Staff) -> Client:
    """A browser that took part in a campaign with posters."""
    show_poster(*staff, live)
    client = visit()
    client.post(f"{PAGE}join/", {"pass": make_pass("n1", get_now() - timedelta(seconds=5)), "agree": "1"})
    return client


def visit(language: str = "en") -> Client:
    return Client(headers={"accept-language": language, "user-agent": PHONE, "host": "localhost"})


def read_link(poster: bytes) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(poster)).convert("L"))
    return found.text


def take_preview(page: str) -> Image.Image:
    (found,) = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    return Image.open(io.BytesIO(base64.b64decode(found)))


def send_photo(client: Client, content: bytes, kind: str = "image/jpeg", **more: str) -> Any:
    photo = SimpleUploadedFile("photo.jpg", content, kind)
    return client.post(f"{PAGE}poster/", {"photo": photo, "photo_agreed": "1", "as": "file", **more})


def test_who_may_design_and_who_may_not(live: Campaign, sign_in: Callable[..., Client]) -> None:
    path = f"/campaigns/{live.pk}/poster/"
    looker, stranger = sign_in(Role.DATA_ANALYST), sign_in(Role.CARE_AGENT)
    assert [client.get(path).status_code for client in (looker, stranger)] == [200, 403]
    for client in (looker, stranger):
        assert [client.post(f"{path}{step}/", DESIGN).status_code for step in STEPS] == [403] * len(STEPS)
    assert [Client().post(f"{path}{step}/", DESIGN)["Location"][:15] for step in STEPS] == ["/account/login/"] * 5
    assert not Design.objects.exists()
    assert "<form" not in looker.get(path).content.decode().partition('<main id="main"')[2].partition("</main>")[0]
    assert sign_in(Role.MARKETING_LEAD, name="lead").get("/campaigns/999/poster/").status_code == 404


def test_a_design_is_tried_kept_answered_for_and_switched_on(live: Campaign, sign_in: Callable[..., Client]) -> None:
    path = f"/campaigns/{live.pk}/poster/"
    writer, second = (sign_in(Role.CAMPAIGN_MANAGER, name=name) for name in ("wen", "bao"))
    tried = writer.post(f"{path}preview/", DESIGN, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in tried
    assert take_preview(tried).size == (750, 1334)
    assert not Design.objects.exists()
    assert "<html" in writer.post(f"{path}preview/", DESIGN).content.decode()
    picture = SimpleUploadedFile("su7.png", save(make_photo(), "PNG"), "image/png")
    claim = {**DESIGN, "headline_zh": "全网第一的座驾"}
    assert writer.post(f"{path}save/", {**claim, "picture": picture}).status_code == 302
    assert writer.post(f"{path}save/", claim).status_code == 302  # with the picture from before
    assert {bool(one.picture_id) for one in Design.objects.all()} == {True}
    page = second.get(path).content.decode()
    assert "The copy waits for answers" in page
    assert second.post(f"{path}on/", {"revision": "2"}).status_code == 409
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    writer.post(f"{path}answer/", {"key": key, "reason": "a prize of the year"})
    assert writer.post(f"{path}on/", {"revision": "2"}).status_code == 409
    assert second.post(f"{path}on/", {"revision": "x"}).status_code == 409
    assert second.post(f"{path}on/", {"revision": "2"}).status_code == 302
    assert Shown.objects.get().switched_by == "bao"
    assert "by revision 2" in second.get(f"/campaigns/{live.pk}/").content.decode()
    assert writer.post(f"{path}save/", {**DESIGN, "is_bare": "on"}).status_code == 302
    assert Design.objects.get(revision=3).picture is None
    assert writer.post(f"{path}off/").status_code == 302
    assert not Shown.objects.exists()


def test_what_cannot_be_designed_is_said_beside_its_field(live: Campaign, sign_in: Callable[..., Client]) -> None:
    path = f"/campaigns/{live.pk}/poster/save/"
    client = sign_in(Role.CAMPAIGN_MANAGER, name="wen")
    svg = SimpleUploadedFile("p.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png")
    emoji = client.post(path, {**DESIGN, "headline_zh": "一起上路🎉"})
    assert "Our fonts cannot draw 🎉; take it out." in emoji.content.decode()
    bad = [
        {"headline_zh": "一起上路🎉"},
        {"accent": "#ff0000"},
        {"layout": "none"},
        {"headline_zh": "长" * 41},
        {"headline_en": ""},
        {"picture": svg},
    ]
    answers = [client.post(path, {**DESIGN, **change}) for change in bad]
    assert [answer.status_code for answer in answers] == [400] * len(bad)
    assert "no picture that can be read" in answers[-1].content.decode()
    assert not Design.objects.exists()


def test_what_could_not_be_drawn_of_a_name_is_told(member: Client) -> None:
    def show(name: str) -> str:
        return member.post(f"{PAGE}poster/", {"name": name, "language": "zh", "as": "page"}).content.decode()

    assert "our fonts cannot draw it" not in show("小满")
    told = show("小满🎉🎈🎉")
    assert "our fonts cannot draw it:" in told
    assert '<b dir="auto">🎉 🎈</b>' in told
    assert "carries no name" not in told
    assert "carries no name" in show("🎉")
    assert "Emoji and letters that our fonts lack are left out." in member.get(PAGE).content.decode()


def test_a_member_gets_a_poster_whose_code_leads_back(member: Client) -> None:
    page = member.get(PAGE).content.decode()
    assert "Show my poster" in page
    assert "<script" not in page
    answer = member.post(f"{PAGE}poster/", {"name": "小满", "language": "zh", "as": "file"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Content-Disposition"] == f'attachment; filename="poster-{SLUG}.png"'
    shown = member.post(f"{PAGE}poster/", {"name": "小满", "language": "zh", "as": "page"}).content.decode()
    assert take_preview(shown).tobytes() == Image.open(io.BytesIO(answer.content)).tobytes()
    link = read_link(answer.content)
    code = MemberLink.objects.get().link.code
    assert link == f"http://localhost/l/{code}?via=qr"
    assert follow(link) == (302, f"http://localhost{PAGE}?from={Member.objects.get().code}")
    friend = visit()
    assert friend.get(follow(link)[1].removeprefix("http://localhost")).status_code == 200
    assert (Member.objects.get().clicks, Member.objects.get().visits) == (1, 1)
    click = WaitingEvent.objects.get(event__type="click").event
    assert click["parent"] == WaitingEvent.objects.filter(event__type="share").order_by("pk")[0].event["id"]


def follow(link: str) -> tuple[int, str]:
    """Follow a link past Django, at a door with the settings of this moment."""
    row, config = find_link(link.partition("/l/")[2].partition("?")[0]), load_config()

    async def run() -> httpx.Response:
        inbox = Inbox(config.inbox_path, most_bytes=1 << 30)
        door = LinkDoor(LinkBook(lambda _: row, lambda _: []), inbox, config.link_targets)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door), headers={"user-agent": PHONE}) as client:
            answer = await client.get(link)
        await inbox.close()
        return answer

    answer = asyncio.run(run())
    return answer.status_code, answer.headers["location"]


def test_strangers_and_campaigns_without_a_poster_get_none(live: Campaign) -> None:
    stranger = visit()
    assert stranger.post(f"{PAGE}poster/", {"name": "x"})["Location"] == PAGE
    stranger.post(f"{PAGE}join/", {"pass": make_pass("n1", get_now() - timedelta(seconds=5)), "agree": "1"})
    assert "Show my poster" not in stranger.get(PAGE).content.decode()
    answer = stranger.post(f"{PAGE}poster/", {"name": "x"})
    assert answer.status_code == 409
    assert "no posters of this campaign" in answer.content.decode()
    assert stranger.get(f"{PAGE}poster/").status_code == 405
    assert stranger.post("/c/nothing/poster/").status_code == 404
    assert not MemberLink.objects.exists()


def test_a_photo_is_drawn_with_consent_and_not_kept(member: Client) -> None:
    content = save(make_photo(), "JPEG")
    refused = member.post(f"{PAGE}poster/", {"photo": SimpleUploadedFile("p.jpg", content), "name": "小满"})
    assert refused.status_code == 400
    assert "needs your agreement" in refused.content.decode()
    assert 'value="小满"' in refused.content.decode()
    assert f'accept="{ACCEPTED}"' in refused.content.decode()
    plain = member.post(f"{PAGE}poster/", {"as": "file"}).content
    assert send_photo(member, content).content != plain
    assert Consent.objects.filter(purpose="poster_photo").count() == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<svg/>", "image/jpeg"),
        (b"<!doctype html>", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"%PDF-1.7", "text/html"),
    ],
)
def test_a_hostile_photo_is_refused_whatever_it_says_it_is(member: Client, content: bytes, kind: str) -> None:
    answer = send_photo(member, content, kind)
    assert answer.status_code == 400
    assert "no picture that can be read" in answer.content.decode()
    assert not MemberLink.objects.exists()


def test_a_photo_is_judged_by_what_it_is(member: Client) -> None:
    assert send_photo(member, save(make_photo(), "WEBP"), "text/html").status_code == 200
    answer = send_photo(member, save(make_photo(), "JPEG") + b"<script>alert(1)</script>")
    assert answer.status_code == 400
    assert "more than a picture" in answer.content.decode()


def test_a_request_that_is_too_large_is_refused_unread(member: Client) -> None:
    header = {"CONTENT_LENGTH": str(MOST_BYTES + 1)}
    kind = "multipart/form-data; boundary=x"
    assert member.generic("POST", f"{PAGE}poster/", b"--x--", content_type=kind, **header).status_code == 400


def test_names_are_text_in_the_page(member: Client) -> None:
    hostile = '"><script>alert(1)</script>'
    refused = member.post(f"{PAGE}poster/", {"name": hostile, "photo": SimpleUploadedFile("p", b"x")})
    assert refused.status_code == 400
    assert hostile not in refused.content.decode()


def test_who_makes_too_many_is_braked(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "MOST_OF_ONE_AN_HOUR", 2)
    answers = [member.post(f"{PAGE}poster/", {"as": "file"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert member.post(f"{PAGE}poster/", {"language": "fr"}).status_code == 429


def test_an_unknown_language_is_refused(member: Client) -> None:
    assert member.post(f"{PAGE}poster/", {"language": "fr"}).status_code == 400


def test_missing_fonts_are_told_to_staff_and_not_to_the_public(
    member: Client, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("canyu.ops.campaigns.posters.fonts.find_fonts", lambda: find_fonts([tmp_path]))
    load_font.cache_clear()
    public_page = member.post(f"{PAGE}poster/", {"name": "龘龘"})
    assert public_page.status_code == 409
    assert str(tmp_path) not in public_page.content.decode()
    lead = sign_in(Role.MARKETING_LEAD, name="lead")
    staff_page = lead.get(f"/campaigns/{Campaign.objects.get().pk}/poster/").content.decode()
    assert "make install" in staff_page
