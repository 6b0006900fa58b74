"""Charity's pages: the staff's, and the public one; pictures only with consent, and gone when it is withdrawn."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

import canyu
from campaign_fixtures import NOW, SLUG, draft
from canyu.events import Lake
from canyu.kit.clock import get_now
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.charity.following import follow_gifts
from canyu.ops.campaigns.charity.models import Payout, Pledge, Story, StoryPicture
from canyu.ops.campaigns.charity.pictures.actions import forget_erased, sweep_files
from canyu.ops.campaigns.charity.pictures.files import PICTURES
from canyu.ops.campaigns.charity.queries import mark_story
from canyu.ops.people.models import Person
from charity_fixtures import make_order, plan_pledge, release_pledge, tell

Staff = tuple[Person, Person]
LATER = NOW + timedelta(days=1)
PUBLIC = f"/c/{SLUG}/charity/"
STORY = {"title_zh": "新书桌", "title_en": "New desks", "text_zh": "四十张书桌", "text_en": "Forty <b>desks</b>"}
CONSENT = {"shows_people": "on", "consent": "Signed form 7, with the school", "consent_on": "2026-12-01"}


@pytest.fixture
def shop(staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path) -> Lake:
    lake = canyu.open(tmp_path / "shop.lake", create=True)
    use_lake(tmp_path / "shop.lake")
    return lake


@pytest.fixture
def pledge(staff: Staff, shop: Lake) -> Pledge:
    found = release_pledge(staff)
    tell(shop, *(make_order(f"o{number}") for number in range(3)))
    follow_gifts(LATER)
    return found


def enter(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def save_picture(kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Mrs Wang's camera"
    kept = io.BytesIO()
    Image.new("RGB", (2_000, 1_000), (10, 90, 80)).save(kept, kind, exif=exif)
    return kept.getvalue()


def add(client: Client, pledge: Pledge, story: Story, data: bytes, **more: Any) -> Any:
    form = {"alt_zh": "教室", "alt_en": "A classroom", "picture": SimpleUploadedFile("a.jpg", data), **more}
    return client.post(f"/campaigns/{pledge.campaign_id}/charity/stories/{story.pk}/pictures/", form)


def show(staff: Staff, pledge: Pledge, story: Story, decision: str = "show") -> Any:
    address = f"/campaigns/{pledge.campaign_id}/charity/stories/{story.pk}/show/"
    seen = mark_story(Story.objects.get(pk=story.pk))
    return enter(staff[1]).post(address, {"decision": decision, "seen": seen})


def write(staff: Staff, pledge: Pledge, **more: Any) -> Story:
    enter(staff[0]).post(f"/campaigns/{pledge.campaign_id}/charity/stories/new/", STORY | more)
    return Story.objects.get()


def test_a_pledge_is_set_on_the_page_of_a_draft_and_shown_with_it(staff: Staff, shop: Lake) -> None:
    campaign = campaigns.create_campaign(staff[0], draft(), NOW)
    client, address = enter(staff[0]), f"/campaigns/{campaign.pk}/charity/pledge/"
    form = {"basis": "order", "amount": "1.005", "starts_at": "2026-12-01T00:00", "ends_at": "2027-01-01T00:00"}
    form |= {"recipient": "Bright Road", "note_zh": "说明", "note_en": "note"}
    refused = client.post(address, form)
    assert refused.status_code == 400
    assert "Write an amount" in refused.content.decode()
    assert client.post(address, form | {"amount": "1.00", "cap": "5000"}).status_code == 302
    kept = Pledge.objects.get()
    assert (kept.amount_minor, kept.cap_minor, kept.starts_at.isoformat()) == (
        100,
        500_000,
        "2026-11-30T16:00:00+00:00",
    )
    assert "Set a pledge" not in client.get(f"/campaigns/{campaign.pk}/charity/").content.decode()
    assert client.post(address, {"drop": "1"}).status_code == 302
    assert "It gives nothing" in client.get(f"/campaigns/{campaign.pk}/charity/").content.decode()


def test_a_payout_with_its_receipt_and_the_story_of_it_reach_the_public(staff: Staff, pledge: Pledge) -> None:
    address = f"/campaigns/{pledge.campaign_id}/charity/payouts/"
    receipt = {"amount": "3.00", "paid_on": "2026-12-05", "note": ""}
    for _ in range(2):
        enter(staff[1]).post(address, receipt | {"receipt": SimpleUploadedFile("r.pdf", b"%PDF receipt")})
    paid = Payout.objects.get()
    story = write(staff, pledge, payouts=[paid.pk])
    assert show((staff[0], staff[0]), pledge, story).status_code == 409
    listed = enter(staff[1]).get(f"/campaigns/{pledge.campaign_id}/charity/").content.decode()
    assert f'name="seen" value="{mark_story(story)}"' in listed
    assert show(staff, pledge, story).status_code == 302

    page = Client(headers={"accept-language": "en"}).get(PUBLIC)
    text = page.content.decode()
    assert "<b>¥3</b>" in text
    assert "New desks" in text
    assert "Forty &lt;b&gt;desks" in text
    assert paid.entry in text
    assert paid.receipt_hash in text
    assert "<script" not in text
    assert len(text) < 12_000
    assert "sessionid" not in page.cookies
    chinese = Client(headers={"accept-language": "zh-CN"}).get(PUBLIC).content.decode()
    assert "四十张书桌" in chinese
    assert show(staff, pledge, story, "hide").status_code == 302
    assert "New desks" not in Client(headers={"accept-language": "en"}).get(PUBLIC).content.decode()


def test_a_picture_with_people_needs_their_consent_and_is_gone_without_it(staff: Staff, pledge: Pledge) -> None:
    client, story = enter(staff[0]), write(staff, pledge)
    data = save_picture()
    assert add(client, pledge, story, data, shows_people="on").status_code == 400
    assert StoryPicture.objects.count() == 0
    assert add(client, pledge, story, data, **CONSENT).status_code == 302
    picture = StoryPicture.objects.get()
    assert (picture.width, picture.height) == (1_600, 800)
    address, anybody = f"{PUBLIC}{picture.name}.jpg", Client()
    assert anybody.get(address).status_code == 404
    show(staff, pledge, story)
    sent = anybody.get(address)
    assert (sent["Content-Type"], sent["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert b"Wang" in data
    assert b"Wang" not in sent.content
    assert picture.name in anybody.get(PUBLIC).content.decode()

    client.post(f"/campaigns/{pledge.campaign_id}/charity/stories/{story.pk}/pictures/{picture.pk}/")
    assert anybody.get(address).status_code == 404
    assert picture.name not in anybody.get(PUBLIC).content.decode()
    assert not PICTURES.find_path(picture.name).exists()
    picture.refresh_from_db()
    assert (picture.consent, picture.withdrawn_by) == ("", staff[0].username)


@pytest.mark.parametrize("data", [b"<svg xmlns='x'/>", b"GIF89a", save_picture() + b"<script>1</script>", b""])
def test_what_is_no_plain_picture_is_refused(staff: Staff, pledge: Pledge, data: bytes) -> None:
    story = write(staff, pledge)
    assert add(enter(staff[0]), pledge, story, data).status_code == 400
    assert StoryPicture.objects.count() == 0
    assert not PICTURES.list_old(get_now() + timedelta(days=1))


def test_who_is_erased_from_the_lake_is_on_no_picture(staff: Staff, shop: Lake, pledge: Pledge) -> None:
    client, story = enter(staff[0]), write(staff, pledge)
    for person in ("buyer-o1", "buyer-o2"):
        add(client, pledge, story, save_picture(), **CONSENT, person=person)
    shop.erase("buyer-o1")
    assert (forget_erased(LATER), forget_erased(LATER)) == (1, 0)
    kept = StoryPicture.objects.get(withdrawn_at=None)
    assert kept.person == "buyer-o2"
    assert PICTURES.list_old(get_now() + timedelta(days=1)) == {kept.name}


def test_a_file_that_a_crash_left_is_swept(staff: Staff, pledge: Pledge) -> None:
    add(enter(staff[0]), pledge, write(staff, pledge), save_picture())
    PICTURES.keep(b"x")
    now = get_now()
    assert sweep_files(now) == 0
    assert sweep_files(now + timedelta(hours=2)) == 1
    assert PICTURES.list_old(now + timedelta(days=1)) == {StoryPicture.objects.get().name}


def test_nothing_is_public_before_the_release_or_without_a_pledge(staff: Staff, shop: Lake) -> None:
    plan_pledge(staff[0])
    assert Client().get(PUBLIC).status_code == 404
    assert Client().get("/c/nothing/charity/").status_code == 404
    assert Client().get(f"{PUBLIC}{'ab' * 16}.jpg").status_code == 404
    assert Client().get(f"{PUBLIC}..-..-etc.jpg").status_code == 404


def test_a_wrong_role_changes_nothing(staff: Staff, pledge: Pledge, sign_in: Callable[..., Client]) -> None:
    from canyu.ops.people.rules import Role

    story = write(staff, pledge)
    client, root = sign_in(Role.SOCIAL_ANALYST), f"/campaigns/{pledge.campaign_id}/charity/"
    for path in ("pledge/", "payouts/", "stories/new/", f"stories/{story.pk}/", f"stories/{story.pk}/show/"):
        assert client.post(root + path, {"drop": "1", "decision": "show"} | STORY).status_code == 403
    assert client.get(root).status_code == 200
    assert (Story.objects.get().state, Pledge.objects.count(), Payout.objects.count()) == ("draft", 1, 0)
