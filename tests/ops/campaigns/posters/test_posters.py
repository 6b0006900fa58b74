"""Designs and their release, a member's one link, its way back into the share tree, forgetting, two at once."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import zxingcpp
from django.db import connection
from PIL import Image

import canyu
from campaign_fixtures import NOW, SLUG, join, release
from canyu.events import Event, build_event_table
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import parse_json
from canyu.ops.campaigns import actions as campaign_actions
from canyu.ops.campaigns.errors import ConsentMissing, NotOpen, ReasonMissing, SecondPersonNeeded, WrongStep
from canyu.ops.campaigns.models import Campaign, Consent, Member
from canyu.ops.campaigns.posters import actions, queries
from canyu.ops.campaigns.posters.actions import Wish
from canyu.ops.campaigns.posters.errors import DesignUnfit
from canyu.ops.campaigns.posters.models import Design, MemberLink, Picture, Shown
from canyu.ops.campaigns.referral import actions as referral
from canyu.ops.links.errors import LinkUnusable
from canyu.ops.links.models import ShortLink
from canyu.ops.links.queries import list_links
from canyu.ops.outbox.actions import relay
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from poster_fixtures import design, make_photo, make_product, show_poster

Staff = tuple[Person, Person]
PAGE, LINKS = f"http://localhost/c/{SLUG}/", "http://localhost/l/"
WISH = Wish("zh", PAGE, LINKS, "小满")


@pytest.fixture
def live(staff: Staff) -> Campaign:
    campaign = release(*staff)
    show_poster(*staff, campaign)
    return campaign


def read_link(poster: bytes) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(poster)).convert("L"))
    return found.text


def list_events(kind: str) -> list[dict[str, object]]:
    return [row.event for row in WaitingEvent.objects.order_by("pk") if row.event["type"] == kind]


def test_every_change_is_a_revision_and_the_picture_is_kept_once(staff: Staff) -> None:
    campaign, picture = release(*staff), make_product()
    for layout in ("window", "ticket", "ticket"):
        actions.save_design(staff[0], campaign.pk, design(layout=layout), picture, NOW)
    assert list(Design.objects.order_by("pk").values_list("revision", "layout")) == [
        (1, "window"),
        (2, "ticket"),
        (3, "ticket"),
    ]
    assert bytes(Picture.objects.get().content) == picture
    steps = [(step.what, step.note) for step in campaign.steps.order_by("pk")][-3:]
    assert steps == [("poster_saved", "1"), ("poster_saved", "2"), ("poster_saved", "3")]
    booked = [row for row in WaitingEvent.objects.order_by("pk") if '"step":"poster_saved"' in str(row.event["props"])]
    assert len(booked) == 3


def test_a_second_person_switches_on_what_they_looked_at(staff: Staff) -> None:
    campaign = release(*staff)
    first = actions.save_design(staff[0], campaign.pk, design(), b"", NOW)
    with pytest.raises(SecondPersonNeeded):
        actions.switch_on(staff[0], campaign.pk, first.revision, NOW)
    actions.save_design(staff[0], campaign.pk, design(layout="host"), b"", NOW)
    with pytest.raises(DesignUnfit, match="changed meanwhile"):
        actions.switch_on(staff[1], campaign.pk, first.revision, NOW)
    assert not Shown.objects.exists()
    actions.switch_on(staff[1], campaign.pk, 2, NOW)
    assert queries.find_shown(campaign).design.layout == "host"
    assert [actions.switch_off(staff[0], campaign.pk, NOW) for _ in range(2)] == [True, False]
    assert not Shown.objects.exists()


def test_claims_in_the_texts_wait_for_an_answer_and_who_gives_it_is_no_second_person(staff: Staff) -> None:
    campaign = release(*staff)
    kept = actions.save_design(staff[0], campaign.pk, design(headline_zh="全网第一的扫地机"), b"", NOW)
    with pytest.raises(DesignUnfit, match="wait for an answer"):
        actions.switch_on(staff[1], campaign.pk, kept.revision, NOW)
    ((found, _none),) = queries.check_design(kept).rows
    with pytest.raises(ReasonMissing):
        actions.answer_finding(staff[1], campaign.pk, found.key, " ", NOW)
    with pytest.raises(DesignUnfit):
        actions.answer_finding(staff[1], campaign.pk, "another", "because", NOW)
    actions.answer_finding(staff[1], campaign.pk, found.key, "ranked by an institute", NOW)
    with pytest.raises(SecondPersonNeeded):
        actions.switch_on(staff[1], campaign.pk, kept.revision, NOW)
    assert queries.check_design(kept).waiting == 0
    assert not Shown.objects.exists()


def test_a_closed_campaign_takes_no_change(live: Campaign, staff: Staff) -> None:
    member = join("ann").member
    campaign_actions.close_campaign(staff[0], live.pk, "", NOW)
    with pytest.raises(WrongStep):
        actions.save_design(staff[0], live.pk, design(), b"", NOW)
    with pytest.raises(NotOpen):
        actions.make_poster(Member.objects.get(pk=member.pk), WISH, NOW)
    assert (Design.objects.count(), ShortLink.objects.count()) == (1, 0)


def test_a_member_has_one_link_however_many_posters(live: Campaign) -> None:
    member, other = join("ann").member, join("bo").member
    made = [read_link(actions.make_poster(member, WISH, NOW + timedelta(days=day))) for day in range(3)]
    assert len({*made, read_link(actions.make_poster(other, WISH, NOW))}) == 2
    link = MemberLink.objects.get(member=member).link
    assert made == [f"{LINKS}{link.code}?via=qr"] * 3
    assert link.target == f"{PAGE}?from={member.code}"
    assert (link.campaign, link.channel) == (SLUG, "poster")
    joined = next(event for event in list_events("join") if event["actor"] == "ann")
    share = next(event for event in list_events("share") if event["id"] == link.parent)
    assert (share["actor"], share["parent"], share["campaign"]) == ("ann", joined["id"], SLUG)
    assert parse_json(str(share["props"])) == {"via": "poster", "code": member.code}
    assert len(list_events("share")) == 4


def test_links_of_members_are_not_among_those_of_staff(live: Campaign, staff: Staff) -> None:
    actions.make_poster(join("ann").member, WISH, NOW)
    assert list_links(staff[0], "", 1).total == 0
    assert list_links(staff[0], SLUG, 1).total == 1


def test_without_a_poster_switched_on_there_is_none(staff: Staff) -> None:
    campaign = release(*staff)
    member = join("ann").member
    with pytest.raises(NotOpen):
        actions.make_poster(member, WISH, NOW)
    show_poster(*staff, campaign)
    with pytest.raises(NotOpen):
        actions.make_poster(member, WISH, NOW + timedelta(days=100))
    assert not ShortLink.objects.exists()


def test_a_photo_needs_its_consent_which_is_kept_once(live: Campaign) -> None:
    member, photo = join("ann").member, make_photo()
    with pytest.raises(ConsentMissing):
        actions.make_poster(member, Wish("zh", PAGE, LINKS, photo=photo), NOW)
    assert not MemberLink.objects.exists()
    for _ in range(2):
        actions.make_poster(member, Wish("zh", PAGE, LINKS, photo=photo, consent=("f00d", "en")), NOW)
    kept = Consent.objects.get(purpose="poster_photo")
    assert (kept.text, kept.language, kept.member) == ("f00d", "en", member)


def test_a_page_on_a_foreign_host_gets_no_link(live: Campaign) -> None:
    with pytest.raises(LinkUnusable):
        actions.make_poster(join("ann").member, Wish("zh", "http://evil.example/c/x/", LINKS), NOW)
    assert (ShortLink.objects.count(), MemberLink.objects.count()) == (0, 0)
    assert not any("poster" in str(event["props"]) for event in list_events("share"))


def test_who_leaves_takes_the_link_along(live: Campaign) -> None:
    member, other = join("ann").member, join("bo").member
    code = read_link(actions.make_poster(member, WISH, NOW)).removeprefix(LINKS).partition("?")[0]
    actions.make_poster(other, WISH, NOW)
    later = NOW + timedelta(hours=1)
    assert referral.forget_person("ann", later) == 1
    link = ShortLink.objects.get(code=code)
    assert (link.is_on, link.target, link.parent, link.changed_at) == (False, "", "", later)
    assert [row.member for row in MemberLink.objects.all()] == [other]
    assert ShortLink.objects.get(is_on=True).target == f"{PAGE}?from={other.code}"
    assert not any(event["actor"] == "ann" for event in list_events("share"))
    with pytest.raises(NotFound):
        actions.make_poster(member, replace(WISH, photo=make_photo(), consent=("f00d", "en")), later)  # read before
    assert not Consent.objects.filter(member=member, withdrawn_at=None).exists()


def test_an_erasure_from_the_lake_reaches_the_link(
    staff: Staff, tmp_path: Path, use_lake: Callable[[Path], None]
) -> None:
    lake = canyu.open(tmp_path / "shop.lake", create=True)
    lake.append(build_event_table([Event("p1", "post", NOW, NOW, "weibo", actor="bo")]))
    use_lake(tmp_path / "shop.lake")
    show_poster(*staff, release(*staff))
    actions.make_poster(join("ann").member, WISH, NOW)
    relay()
    told = lake.engine.run(lake.scan("events")).to_pylist()
    assert [row["type"] for row in told if row["actor"] == "ann"] == ["join", "share", "share"]
    lake.erase("ann")
    assert referral.forget_erased(NOW) == 1
    assert not MemberLink.objects.exists()
    assert not ShortLink.objects.get().is_on


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_the_same_link_and_keep_one_consent(staff: Staff) -> None:
    campaign = release(*staff)
    show_poster(*staff, campaign)
    member = join("ann").member
    wish = replace(WISH, photo=make_photo(), consent=("f00d", "en"))
    made: list[str] = []
    begin = threading.Barrier(4)

    def make() -> None:
        begin.wait()
        try:
            made.append(read_link(actions.make_poster(Member.objects.get(pk=member.pk), wish, NOW)))
        finally:
            connection.close()

    makers = [threading.Thread(target=make) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert (ShortLink.objects.count(), MemberLink.objects.count()) == (1, 1)
    assert Consent.objects.filter(purpose="poster_photo").count() == 1
    assert sum("poster" in str(event["props"]) for event in list_events("share")) == 1
