"""All reads of posters; staff's reads take the viewer first."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from canyu.ops.campaigns.copy_rules import check_texts, find_open
from canyu.ops.campaigns.models import Campaign, CopyAnswer, Member
from canyu.ops.campaigns.posters.drawing import Face
from canyu.ops.campaigns.posters.models import Design, MemberLink, Shown
from canyu.ops.campaigns.posters.rules import POSTER_FIELDS, DesignDraft
from canyu.ops.campaigns.queries import CopyCheck
from canyu.ops.links.models import LinkDay
from canyu.ops.links.rules import Outcome
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class Reach:
    """How many members have a poster, and how often the codes on them were scanned, or their links clicked."""

    members: int
    scans: int
    clicks: int


def find_design(campaign: Campaign) -> Design | None:
    """Return the newest design of a campaign."""
    return campaign.designs.select_related("picture").order_by("-revision").first()


def find_shown(campaign: Campaign) -> Shown | None:
    """Return the design that members get, with who switched it on."""
    return Shown.objects.filter(campaign=campaign).select_related("design", "design__picture").first()


def list_designs(viewer: Person, campaign: Campaign) -> list[Design]:  # noqa: ARG001 - reads take the viewer first
    """Return every revision, newest first."""
    return list(campaign.designs.order_by("-revision"))


def list_texts(design: Design) -> dict[str, str]:
    """Return the texts of a design by name."""
    return {name: getattr(design, name) for name in POSTER_FIELDS}


def check_design(design: Design) -> CopyCheck:
    """Return what the check of advertising law finds in a design's texts, with the answers."""
    answers = {answer.key: answer for answer in CopyAnswer.objects.filter(campaign_id=design.campaign_id)}
    findings = check_texts(list_texts(design), POSTER_FIELDS)
    rows = [(one, answers.get(one.key)) for one in findings if one.needs_answer]
    return CopyCheck(rows, len(find_open(findings, answers)))


def list_authors(design: Design, check: CopyCheck) -> set[str]:
    """Return who had a hand in a design: who made it, and who answered for its texts."""
    return {design.made_by, *(answer.who for _found, answer in check.rows if answer)}


def make_face(draft: DesignDraft, language: str, picture: bytes) -> Face:
    """Return a design in one language, as it is drawn."""
    part = "zh" if language.startswith("zh") else "en"
    return Face(
        layout=draft.layout,
        accent=draft.accent,
        side=draft.side,
        align=draft.align,
        language=part,
        headline=draft.texts[f"headline_{part}"],
        subline=draft.texts[f"subline_{part}"],
        picture=picture,
    )


def load_draft(design: Design) -> DesignDraft:
    """Return a design as it was kept."""
    return DesignDraft(design.layout, design.accent, design.side, design.align, list_texts(design))


def read_picture(design: Design | None) -> bytes:
    """Return the product picture of a design, empty where it has none."""
    return bytes(design.picture.content) if design and design.picture else b""


def find_member_link(member: Member) -> MemberLink | None:
    """Return the short link on a member's posters."""
    return MemberLink.objects.filter(member=member).select_related("link").first()


def measure_reach(viewer: Person, campaign: Campaign) -> Reach:  # noqa: ARG001 - reads take the viewer first
    """Return how far a campaign's posters went."""
    made = MemberLink.objects.filter(member__campaign=campaign)
    days = LinkDay.objects.filter(code__in=made.values("link__code"))
    sums = dict(days.values_list("outcome").annotate(Sum("n")))
    return Reach(made.count(), sums.get(Outcome.SCAN, 0), sums.get(Outcome.CLICK, 0))
