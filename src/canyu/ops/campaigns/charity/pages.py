"""The staff's pages of charity: what was given, the pledge, payouts, stories and their pictures."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.events.importers.expressions import MINOR_DIGITS
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.ops.campaigns import queries as campaigns
from canyu.ops.campaigns.charity import actions, queries
from canyu.ops.campaigns.charity.forms import PayoutForm, PictureForm, PledgeForm, StoryForm
from canyu.ops.campaigns.charity.gifts.actions import find_accounts
from canyu.ops.campaigns.charity.models import Pledge, Story, StoryPicture
from canyu.ops.campaigns.charity.pictures.actions import add_picture as keep_picture
from canyu.ops.campaigns.charity.pictures.actions import withdraw_picture
from canyu.ops.campaigns.charity.public import answer_picture
from canyu.ops.campaigns.charity.rules import BASIS_WORDS, GIFT_WORDS, STORY_WORDS, GiftState
from canyu.ops.campaigns.models import Campaign
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CAMPAIGNS, RELEASE_CAMPAIGNS, VIEW_CAMPAIGNS

SHOWN = 50


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_charity(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show what a campaign gives: the sums, what was paid out, the stories, and what gave nothing."""
    return _render(request, campaign_id)


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_about(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show how the sums of a pledge come to be: definition, data version, accounts of the ledger."""
    campaign = campaigns.get_campaign(get_viewer(request), campaign_id)
    pledge = queries.get_pledge(get_viewer(request), campaign)
    context = {
        "campaign": campaign,
        "pledge": pledge,
        "sums": queries.measure_pledge(pledge),
        "counts": queries.count_gifts(pledge),
        "accounts": find_accounts(pledge),
        "basis": BASIS_WORDS[pledge.basis],
    }
    name = "charity/about.html" if request.headers.get("HX-Request") else "charity/about_page.html"
    return render(request, name, context)


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_pledge(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the pledge of a draft, or keep it."""
    viewer, error = get_viewer(request), None
    campaign = campaigns.get_campaign(viewer, campaign_id)
    pledge = queries.find_pledge(campaign)
    data = request.POST if request.method == "POST" else None
    form = PledgeForm(data, currency=campaign.currency, initial=_fill(campaign, pledge))
    if data is not None and ("drop" in data or form.is_valid()):
        try:
            if "drop" in data:
                actions.drop_pledge(viewer, campaign_id, get_now())
            else:
                actions.save_pledge(viewer, campaign_id, form.make_draft(), get_now())
        except NotFound:
            raise
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept."))
            return redirect("campaign", campaign_id)
    status = error.status if error else 400 if form.errors else 200
    context = {"form": form, "campaign": campaign, "pledge": pledge, "error": error, "zone": load_config().zone}
    return render(request, "charity/pledge.html", context, status=status)


@requires(RELEASE_CAMPAIGNS)
@require_POST
def pay_out(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Enter a transfer to the recipient, with its receipt."""
    viewer = get_viewer(request)
    pledge = queries.get_pledge(viewer, campaigns.get_campaign(viewer, campaign_id))
    form = PayoutForm(request.POST, files=request.FILES, currency=pledge.currency)
    if not form.is_valid():
        return _render(request, campaign_id, payout=form)
    return _act(request, campaign_id, lambda: actions.pay_out(viewer, pledge, form.make_draft(), get_now()))


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def write_story(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the form of a new story, or keep it."""
    return _write(request, campaign_id, None)


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_story(request: HttpRequest, campaign_id: int, story_id: int) -> HttpResponseBase:
    """Show a story with its pictures, or keep what was changed."""
    return _write(request, campaign_id, story_id)


@requires(RELEASE_CAMPAIGNS)
@require_POST
def decide_story(request: HttpRequest, campaign_id: int, story_id: int) -> HttpResponseBase:
    """Let the public see a story, or take it down."""
    viewer, (_pledge, story) = get_viewer(request), _get_story(request, campaign_id, story_id)
    if request.POST.get("decision") != "show":
        return _act(request, campaign_id, lambda: actions.hide_story(viewer, story, get_now()))
    seen = request.POST.get("seen", "")
    return _act(request, campaign_id, lambda: actions.show_story(viewer, story, seen, get_now()))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def add_picture(request: HttpRequest, campaign_id: int, story_id: int) -> HttpResponseBase:
    """Take a picture in for a story."""
    viewer, (pledge, story) = get_viewer(request), _get_story(request, campaign_id, story_id)
    form = PictureForm(request.POST, files=request.FILES)
    if not form.is_valid():
        return _render_story(request, pledge, story, {"picture_form": form})
    try:
        keep_picture(viewer, story, form.make_draft(), get_now())
    except CanyuError as error:
        return _render_story(request, pledge, story, {"picture_form": form, "error": error})
    messages.success(request, _("The picture is kept; the story waits for a second person."))
    return redirect("edit_charity_story", campaign_id, story_id)


@requires(MANAGE_CAMPAIGNS)
@require_POST
def drop_picture(request: HttpRequest, campaign_id: int, story_id: int, picture_id: int) -> HttpResponseBase:
    """Take a picture away for good, such as when its consent is withdrawn."""
    _pledge, story = _get_story(request, campaign_id, story_id)
    picture = story.pictures.filter(pk=picture_id).first()
    if picture is None:
        raise Http404(str(picture_id))
    withdraw_picture(picture, get_viewer(request).username, get_now())
    messages.success(request, _("The picture is gone for good."))
    return redirect("edit_charity_story", campaign_id, story_id)


@requires(VIEW_CAMPAIGNS)
@require_safe
def send_picture(request: HttpRequest, campaign_id: int, name: str) -> HttpResponse:
    """Send a picture to the staff, also of a story that is not public yet."""
    campaign = campaigns.get_campaign(get_viewer(request), campaign_id)
    pledge = queries.get_pledge(get_viewer(request), campaign)
    return answer_picture(StoryPicture.objects.filter(name=name, story__pledge=pledge, withdrawn_at=None).first())


def _write(request: HttpRequest, campaign_id: int, story_id: int | None) -> HttpResponseBase:
    viewer = get_viewer(request)
    pledge = queries.get_pledge(viewer, campaigns.get_campaign(viewer, campaign_id))
    story = queries.get_story(viewer, pledge, story_id) if story_id else None
    if request.method != "POST":
        return _render_story(request, pledge, story, {})
    form = StoryForm(request.POST, payouts=queries.list_free_payouts(viewer, pledge, story))
    if not form.is_valid():
        return _render_story(request, pledge, story, {"form": form})
    try:
        kept = actions.write_story(viewer, pledge, story_id, form.make_draft(), get_now())
    except NotFound:
        raise
    except CanyuError as error:
        return _render_story(request, pledge, story, {"form": form, "error": error})
    messages.success(request, _("Kept as a draft: a second person shows it."))
    return redirect("edit_charity_story", campaign_id, kept.pk)


def _render_story(request: HttpRequest, pledge: Pledge, story: Story | None, given: dict[str, Any]) -> HttpResponse:
    payouts = queries.list_free_payouts(get_viewer(request), pledge, story)
    initial: dict[str, Any] = {}
    if story is not None:
        initial = {name: getattr(story, name) for name in ("title_zh", "title_en", "text_zh", "text_en")}
        initial |= {"payouts": list(story.entries.values_list("payout", flat=True))}
    error, form, pictures = given.get("error"), given.get("form"), given.get("picture_form")
    has_faults = any(one is not None and one.errors for one in (form, pictures))
    context = {
        "campaign": pledge.campaign,
        "pledge": pledge,
        "story": story,
        "state": STORY_WORDS[story.state] if story else None,
        "form": form or StoryForm(payouts=payouts, initial=initial),
        "payouts": payouts,
        "picture_form": pictures or PictureForm(),
        "pictures": story.pictures.order_by("pk") if story else [],
        "error": error,
    }
    status = error.status if error else 400 if has_faults else 200
    return render(request, "charity/story.html", context, status=status)


def _act(request: HttpRequest, campaign_id: int, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except NotFound:
        raise
    except CanyuError as error:
        return _render(request, campaign_id, error)
    messages.success(request, _("Kept."))
    return redirect("charity", campaign_id)


def _render(
    request: HttpRequest, campaign_id: int, error: CanyuError | None = None, payout: PayoutForm | None = None
) -> HttpResponse:
    viewer = get_viewer(request)
    campaign = campaigns.get_campaign(viewer, campaign_id)
    pledge = queries.find_pledge(campaign)
    context: dict[str, Any] = {"campaign": campaign, "pledge": pledge, "error": error}
    if pledge is not None:
        gone = (GiftState.BEYOND, GiftState.KEPT, GiftState.RETURNED)
        context |= {
            "basis": BASIS_WORDS[pledge.basis],
            "sums": queries.measure_pledge(pledge),
            "counts": queries.count_gifts(pledge),
            "accounts": find_accounts(pledge),
            "payouts": queries.list_payouts(viewer, pledge),
            "payout_form": payout or PayoutForm(currency=pledge.currency),
            "stories": queries.list_stories(pledge, is_public=False),
            "story_words": STORY_WORDS,
            "gift_words": GIFT_WORDS,
            "gone": [one for state in gone for one in queries.list_gifts(viewer, pledge, state, SHOWN)],
            "shown": SHOWN,
        }
    status = error.status if error else 400 if payout is not None else 200
    return render(request, "charity/charity.html", context, status=status)


def _get_story(request: HttpRequest, campaign_id: int, story_id: int) -> tuple[Pledge, Story]:
    viewer = get_viewer(request)
    pledge = queries.get_pledge(viewer, campaigns.get_campaign(viewer, campaign_id))
    return pledge, queries.get_story(viewer, pledge, story_id)


def _fill(campaign: Campaign, pledge: Pledge | None) -> dict[str, Any]:
    """Return what the form of a pledge shows first: the kept one, else the campaign's own period."""
    zone = ZoneInfo(load_config().zone)

    def show(minor: int | None) -> str:
        digits = MINOR_DIGITS.get(campaign.currency, 2)
        return "" if minor is None else f"{Decimal(minor).scaleb(-digits).normalize():f}"

    times = {name: getattr(pledge or campaign, name) for name in ("starts_at", "ends_at")}
    found = {name: moment.astimezone(zone).replace(tzinfo=None) for name, moment in times.items() if moment}
    if pledge is None:
        return found
    kept = {name: getattr(pledge, name) for name in ("basis", "recipient", "recipient_number", "note_zh", "note_en")}
    return found | kept | {"amount": show(pledge.amount_minor), "cap": show(pledge.cap_minor)}
