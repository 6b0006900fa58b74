"""The staff's page of posters: the designer with its preview, what law says of the texts, and which design is shown."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.kit.words import Words
from canyu.ops.alerts.rules import parse_number
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.posters import actions, queries
from canyu.ops.campaigns.posters.drawing import Face, Guest, draw_poster
from canyu.ops.campaigns.posters.forms import DesignForm
from canyu.ops.campaigns.posters.layouts import LAYOUTS
from canyu.ops.campaigns.posters.models import Design
from canyu.ops.campaigns.posters.rules import ACCENTS, POSTER_FIELDS, WHITE, measure_contrast
from canyu.ops.campaigns.queries import get_campaign
from canyu.ops.campaigns.rules import is_second_person
from canyu.ops.evidence.words import SEVERITY_WORDS
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CAMPAIGNS, RELEASE_CAMPAIGNS, VIEW_CAMPAIGNS

SAMPLE_NAME = Words("林小满", "Sample Name")


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_poster(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show the designer with the newest design, its copy check, how far posters went, and every revision."""
    return _render(request, campaign_id)


@requires(MANAGE_CAMPAIGNS)
@require_POST
def preview_poster(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show how a design would look, without keeping it: alone where the page asks for it, else in the whole page."""
    campaign, form = _read_form(request, campaign_id)
    if not request.headers.get("HX-Request"):
        return _render(request, campaign_id, form=form)
    context: dict[str, Any] = {"form": form, "error": None}
    if form.is_valid():
        context |= _draw(request, campaign, _make_face(form))
    return render(request, "posters/preview.html", context)


@requires(MANAGE_CAMPAIGNS)
@require_POST
def save_poster(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Keep a design as the next revision."""
    viewer = get_viewer(request)
    _campaign, form = _read_form(request, campaign_id)
    if not form.is_valid():
        return _render(request, campaign_id, form=form)
    picture = form.choose_picture()
    return _act(
        request,
        campaign_id,
        lambda: actions.save_design(viewer, campaign_id, form.make_draft(), picture, get_now()),
    )


@requires(MANAGE_CAMPAIGNS)
@require_POST
def answer_poster_finding(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Keep the answer to a finding in a poster's texts."""
    viewer, key, reason = get_viewer(request), request.POST.get("key", ""), request.POST.get("reason", "")
    return _act(request, campaign_id, lambda: actions.answer_finding(viewer, campaign_id, key, reason, get_now()))


@requires(RELEASE_CAMPAIGNS)
@require_POST
def switch_poster_on(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Let members get the newest design; a second person does."""
    viewer, revision = get_viewer(request), parse_number(request.POST.get("revision", "")) or 0
    return _act(request, campaign_id, lambda: actions.switch_on(viewer, campaign_id, revision, get_now()))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def switch_poster_off(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Let members get no more posters."""
    return _act(request, campaign_id, lambda: actions.switch_off(get_viewer(request), campaign_id, get_now()))


def _act(request: HttpRequest, campaign_id: int, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except NotFound:
        raise
    except CanyuError as error:
        return _render(request, campaign_id, error=error)
    messages.success(request, _("Kept."))
    return redirect("poster", campaign_id)


def _read_form(request: HttpRequest, campaign_id: int) -> tuple[Campaign, DesignForm]:
    campaign = get_campaign(get_viewer(request), campaign_id)
    kept = queries.read_picture(queries.find_design(campaign))
    return campaign, DesignForm(request.POST, files=request.FILES, kept=kept)


def _render(
    request: HttpRequest, campaign_id: int, error: CanyuError | None = None, form: DesignForm | None = None
) -> HttpResponse:
    viewer = get_viewer(request)
    campaign = get_campaign(viewer, campaign_id)
    design = queries.find_design(campaign)
    check = queries.check_design(design) if design else None
    authors = queries.list_authors(design, check) if design and check else set()
    is_sent = form is not None
    form = form or DesignForm(initial=_fill(campaign, design))
    face = _make_face(form) if is_sent and form.is_valid() else _make_kept_face(design, get_language() or "")
    context: dict[str, Any] = {
        "campaign": campaign,
        "design": design,
        "form": form,
        "texts": [form[name] for name in POSTER_FIELDS],
        "accents": [(box, *_describe_accent(box.data["value"])) for box in form["accent"]],
        "shown": queries.find_shown(campaign),
        "reach": queries.measure_reach(viewer, campaign),
        "has_picture": design is not None and design.picture is not None,
        "designs": queries.list_designs(viewer, campaign),
        "layouts": {name: layout.words for name, layout in LAYOUTS.items()},
        "check": check,
        "severities": SEVERITY_WORDS,
        "copy_fields": POSTER_FIELDS,
        "is_second": is_second_person(viewer.username, authors),
        "error": error,
    }
    drawn = _draw(request, campaign, face) if face else {}
    context |= drawn if not error else {**drawn, "error": error}
    status = error.status if error else 400 if form.errors else 200
    return render(request, "posters/poster.html", context, status=status)


def _fill(campaign: Campaign, design: Design | None) -> dict[str, Any]:
    """Return what the form shows first: the newest design, or the campaign's titles."""
    shown_in = "zh" if (get_language() or "").startswith("zh") else "en"
    if design is None:
        titles = {"headline_zh": campaign.title_zh[:40], "headline_en": campaign.title_en[:80]}
        return {**titles, "shown_in": shown_in}
    draft = queries.load_draft(design)
    plain = {"layout": draft.layout, "accent": draft.accent, "side": draft.side, "align": draft.align}
    return {**plain, **draft.texts, "shown_in": shown_in}


def _make_face(form: DesignForm) -> Face:
    return queries.make_face(form.make_draft(), form.cleaned_data["shown_in"], form.choose_picture())


def _make_kept_face(design: Design | None, language: str) -> Face | None:
    return queries.make_face(queries.load_draft(design), language, queries.read_picture(design)) if design else None


def _draw(request: HttpRequest, campaign: Campaign, face: Face) -> dict[str, Any]:
    """Return a poster as the page shows it, with a sample name and the campaign's page on its code, or why not."""
    page = request.build_absolute_uri(reverse("campaign_page", args=[campaign.slug]))
    try:
        poster = draw_poster(face, Guest(SAMPLE_NAME.say(face.language), page))
    except CanyuError as error:
        return {"error": error}
    return {"preview": "data:image/png;base64," + base64.b64encode(poster).decode()}


def _describe_accent(name: str) -> tuple[str, float]:
    """Return a colour as drawings name it, and its contrast with white."""
    colour = ACCENTS[name]
    return "#" + bytes(colour).hex(), measure_contrast(colour, WHITE)
