"""The only place that changes posters: designs, which one is shown, and the short link of each member's posters."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from canyu.kit.errors import NotFound
from canyu.ops.campaigns import queries as campaigns
from canyu.ops.campaigns.actions import note_step
from canyu.ops.campaigns.errors import ConsentMissing, NotOpen, ReasonMissing, SecondPersonNeeded, WrongStep
from canyu.ops.campaigns.models import Campaign, Consent, CopyAnswer, Member
from canyu.ops.campaigns.posters import queries
from canyu.ops.campaigns.posters.drawing import Guest, draw_poster
from canyu.ops.campaigns.posters.errors import DesignUnfit
from canyu.ops.campaigns.posters.models import Design, MemberLink, Picture, Shown
from canyu.ops.campaigns.posters.rules import POSTER_FIELDS, DesignDraft
from canyu.ops.campaigns.referral import events
from canyu.ops.campaigns.rules import CampaignState, is_open, is_second_person
from canyu.ops.links.actions import create_link, retire_links
from canyu.ops.links.models import ShortLink
from canyu.ops.links.rules import PERSONAL, LinkDraft
from canyu.ops.people.models import Person

CHANNEL = "poster"
PURPOSE = "poster_photo"
AS_SCAN = "?via=qr"
"""By this the short link's door tells a scan of the code from a click on the link."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one member asks for; ``page`` and ``links`` are the whole addresses of the campaign's page and of ``/l/``.

    ``consent`` is the fingerprint of the text about the photo that was agreed to, and the language it was read in.
    """

    language: str
    page: str
    links: str
    name: str = ""
    photo: Image.Image | None = None
    consent: tuple[str, str] = ("", "")


def save_design(viewer: Person, campaign_id: int, draft: DesignDraft, picture: bytes, now: datetime) -> Design:
    """Keep a design as the next revision, with a picture as ``write_jpeg`` wrote it, or none (empty).

    Raises NotFound or WrongStep.
    """
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        last = queries.find_design(campaign)
        design = Design.objects.create(
            campaign=campaign,
            revision=last.revision + 1 if last else 1,
            layout=draft.layout,
            accent=draft.accent,
            side=draft.side,
            align=draft.align,
            picture=_keep_picture(picture, now) if picture else None,
            made_by=viewer.username,
            made_at=now,
            **{name: draft.texts[name] for name in POSTER_FIELDS},
        )
        note_step(viewer, campaign, "poster_saved", f"{design.revision}", now)
    return design


def answer_finding(viewer: Person, campaign_id: int, key: str, reason: str, now: datetime) -> CopyAnswer:
    """Keep why a finding in the newest design's texts does not keep it from being shown.

    Raises NotFound, WrongStep, ReasonMissing, or DesignUnfit where the texts have changed.
    """
    reason = reason.replace("\0", "").strip()[:1000]
    if not reason:
        raise ReasonMissing(_("The answer is empty."), mend=_("Write what proves the claim, or change the copy."))
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        design = queries.find_design(campaign)
        rows = queries.check_design(design).rows if design else []
        found = next((one for one, _answer in rows if one.key == key), None)
        if found is None:
            raise DesignUnfit(_("The copy has changed meanwhile."), mend=_("Open the plan again."))
        values = {"term": found.finding.term[:200], "reason": reason, "who": viewer.username, "at": now}
        answer, _is_new = CopyAnswer.objects.update_or_create(campaign=campaign, key=key, defaults=values)
        note_step(viewer, campaign, "answered", f"{answer.term}: {reason}", now)
    return answer


def switch_on(viewer: Person, campaign_id: int, revision: int, now: datetime) -> Shown:
    """Let members get the newest design, which must be the one that the viewer looked at.

    Raises NotFound, WrongStep, DesignUnfit, or SecondPersonNeeded where the viewer had a hand in it.
    """
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        design = queries.find_design(campaign)
        if design is None or design.revision != revision:
            raise DesignUnfit(_("The design has changed meanwhile."), mend=_("Look at it again, then switch it on."))
        check = queries.check_design(design)
        if check.waiting:
            raise DesignUnfit(
                _("Findings of the copy check wait for an answer."),
                mend=_("Change the copy, or answer each finding below."),
            )
        if not is_second_person(viewer.username, queries.list_authors(design, check)):
            raise SecondPersonNeeded(
                _("You worked on this poster yourself."), mend=_("Ask a second person to switch it on.")
            )
        values = {"design": design, "switched_by": viewer.username, "switched_at": now}
        shown, _is_new = Shown.objects.update_or_create(campaign=campaign, defaults=values)
        note_step(viewer, campaign, "poster_on", f"{revision}", now)
    return shown


def switch_off(viewer: Person, campaign_id: int, now: datetime) -> bool:
    """Let members get no more posters; False where they got none. Codes on posters go on leading to the page."""
    with transaction.atomic():
        campaign = _lock(viewer, campaign_id)
        was_on = Shown.objects.filter(campaign=campaign).delete()[0] > 0
        if was_on:
            note_step(viewer, campaign, "poster_off", "", now)
    return was_on


def make_poster(member: Member, wish: Wish, now: datetime) -> bytes:
    """Return a member's poster as a PNG file; neither name nor photo is kept.

    The first one makes the member's short link and tells of the share. Raises NotOpen, ConsentMissing, LinkUnusable,
    LinkTooLong, FontsMissing, or NotFound where the member left meanwhile.
    """
    campaign = member.campaign
    shown = queries.find_shown(campaign)
    if shown is None or not is_open(campaign.state, campaign.starts_at, campaign.ends_at, now):
        raise NotOpen(_("There are no posters of this campaign at present."), mend=_("Share your link instead."))
    if wish.photo and not wish.consent[0]:
        raise ConsentMissing(
            _("A photo needs your agreement."), mend=_("Tick the box below the photo, or leave it out.")
        )
    link = _prepare(member, wish, now)
    design = shown.design
    face = queries.make_face(queries.load_draft(design), wish.language, queries.read_picture(design))
    return draw_poster(face, Guest(wish.name, f"{wish.links}{link.code}{AS_SCAN}", wish.photo))


def forget_links(members: Collection[Member], now: datetime) -> int:
    """Switch off the short links of members who are forgotten, and drop what ties them together; return how many."""
    rows = list(MemberLink.objects.filter(member__in=members).select_related("link"))
    MemberLink.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return retire_links([row.link for row in rows], now)


def _lock(viewer: Person, campaign_id: int) -> Campaign:
    campaigns.get_campaign(viewer, campaign_id)
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if campaign.state == CampaignState.CLOSED:
        raise WrongStep(_("The campaign is over."), mend=_("Plan another one."))
    return campaign


def _keep_picture(content: bytes, now: datetime) -> Picture:
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    kept, _is_new = Picture.objects.get_or_create(digest=digest, defaults={"content": content, "made_at": now})
    return kept


def _prepare(member: Member, wish: Wish, now: datetime) -> ShortLink:
    """Keep the consent to a photo before it is drawn, and return the link; two at once get the same, and keep one."""
    with transaction.atomic():
        if not Member.objects.select_for_update().filter(pk=member.pk, code=member.code).exists():
            raise NotFound(_("This person does not take part in the campaign."))  # they left meanwhile
        if wish.photo:
            _keep_consent(member, wish, now)
        known = queries.find_member_link(member)
        return known.link if known else _make_link(member, wish, now)


def _make_link(member: Member, wish: Wish, now: datetime) -> ShortLink:
    campaign, share = member.campaign, events.name_poster(member)
    draft = LinkDraft(f"{wish.page}?from={member.code}", campaign=campaign.slug, channel=CHANNEL, parent=share)
    link = create_link(PERSONAL, draft, now)
    MemberLink.objects.create(member=member, link=link, made_at=now)
    events.tell_poster(campaign, member, now)
    return link


def _keep_consent(member: Member, wish: Wish, now: datetime) -> None:
    text, language = wish.consent
    defaults = {"language": language, "given_at": now}
    Consent.objects.get_or_create(member=member, purpose=PURPOSE, text=text, withdrawn_at=None, defaults=defaults)
