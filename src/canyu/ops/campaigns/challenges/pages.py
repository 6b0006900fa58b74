"""The staff's pages of a challenge: who leads, its set-up, the queue of entries, and one entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.ops.alerts.rules import parse_choice, parse_number
from canyu.ops.campaigns.challenges import actions, queries
from canyu.ops.campaigns.challenges.checks import COMPARED, check_entries
from canyu.ops.campaigns.challenges.forms import ChallengeForm, fill_form
from canyu.ops.campaigns.challenges.models import Challenge
from canyu.ops.campaigns.challenges.moderation.actions import Decision, decide_entries, set_points, undo_step
from canyu.ops.campaigns.challenges.public.pages import answer_image
from canyu.ops.campaigns.challenges.public.rules import write_span
from canyu.ops.campaigns.challenges.rules import (
    MOST_JURY,
    PART_WORDS,
    REASON_WORDS,
    SIGN_WORDS,
    STATE_WORDS,
    WAY_WORDS,
    EntryState,
    Part,
)
from canyu.ops.campaigns.challenges.voting.actions import decide_votes
from canyu.ops.campaigns.queries import get_campaign, load_market
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CAMPAIGNS, VIEW_CAMPAIGNS

QUEUE = 30
MOST_AT_ONCE = 200


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_challenge(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show who leads, what was counted by day, and which votes are held."""
    return _render_challenge(request, campaign_id)


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_challenge(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the form of a draft's challenge, or keep it."""
    viewer, error = get_viewer(request), None
    campaign = get_campaign(viewer, campaign_id)
    data = request.POST if request.method == "POST" else None
    markets = [load_market(kept) for kept in campaign.markets]
    form = ChallengeForm(data, markets=markets, initial=fill_form(queries.find_challenge(campaign)))
    if data is not None and form.is_valid():
        try:
            actions.save_challenge(viewer, campaign_id, form.make_draft(), get_now())
        except NotFound:
            raise
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept."))
            return redirect("challenge", campaign_id)
    status = error.status if error else 400 if form.errors else 200
    context = {
        "form": form,
        "campaign": campaign,
        "error": error,
        "basics": [form[name] for name in ("hashtags", "market", "opens_at", "closes_at")],
        "limits": [form[name] for name in ("most_entries_a_day", "most_votes_a_day")],
        "texts": [form[name] for name in ("rules_zh", "rules_en", "prizes_zh", "prizes_en")],
        "weights": [form[f"weight_{part}"] for part in Part],
    }
    return render(request, "challenges/edit.html", context, status=status)


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_entries(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show the entries of one state with what stands out about each."""
    return _render_entries(request, campaign_id)


@requires(MANAGE_CAMPAIGNS)
@require_POST
def decide(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show or refuse the entries that were ticked."""
    viewer = get_viewer(request)
    challenge = queries.get_challenge(viewer, campaign_id)
    asked = (parse_number(one) for one in request.POST.getlist("entry")[:MOST_AT_ONCE])
    ids = [one for one in asked if one is not None]
    what, note = request.POST.get("decision", ""), request.POST.get("note", "")
    decision = Decision(what == "show", request.POST.get("reason", ""), note, _read_seen(request))
    try:
        steps = decide_entries(viewer, challenge, ids, decision, get_now()) if what in {"show", "refuse"} else []
    except CanyuError as error:
        return _render_entries(request, campaign_id, error)
    told = ngettext("%(n)s entry decided.", "%(n)s entries decided.", len(steps)) % {"n": len(steps)}
    messages.success(request, told)
    state = parse_choice(request.POST.dict(), "state", tuple(EntryState), EntryState.PENDING)
    return redirect(f"{reverse('challenge_entries', args=[campaign_id])}?state={state}")


@requires(MANAGE_CAMPAIGNS)
@require_POST
def undo(request: HttpRequest, campaign_id: int, step_id: int) -> HttpResponseBase:
    """Put an entry back to where it stood before a decision."""
    viewer = get_viewer(request)
    challenge = queries.get_challenge(viewer, campaign_id)
    try:
        undo_step(viewer, challenge, step_id, get_now())
    except NotFound:
        raise
    except CanyuError as error:
        return _render_entries(request, campaign_id, error)
    messages.success(request, _("Taken back."))
    return redirect("challenge_entries", campaign_id)


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_entry(request: HttpRequest, campaign_id: int, entry_id: int) -> HttpResponse:
    """Show one entry in any state, with its points, votes and history."""
    return _render_entry(request, campaign_id, entry_id)


@requires(MANAGE_CAMPAIGNS)
@require_POST
def give_points(request: HttpRequest, campaign_id: int, entry_id: int) -> HttpResponseBase:
    """Keep the jury's points of an entry."""
    viewer, points = get_viewer(request), parse_number(request.POST.get("points", "").strip())
    challenge = queries.get_challenge(viewer, campaign_id)
    if points is None or points > MOST_JURY:
        messages.error(request, _("Write a whole number from 0 to %s; nothing was changed.") % MOST_JURY)
        return redirect("challenge_entry_staff", campaign_id, entry_id)
    return _act(request, campaign_id, entry_id, lambda: set_points(viewer, challenge, entry_id, points, get_now()))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def decide_held(request: HttpRequest, campaign_id: int, entry_id: int) -> HttpResponseBase:
    """Release or refuse the held votes of an entry."""
    viewer = get_viewer(request)
    entry = queries.get_entry(queries.get_challenge(viewer, campaign_id), entry_id)
    is_kept, note = request.POST.get("decision") == "release", request.POST.get("note", "")
    return _act(request, campaign_id, entry_id, lambda: decide_votes(viewer, entry, is_kept, note, get_now()))


@requires(VIEW_CAMPAIGNS)
@require_safe
def send_picture(request: HttpRequest, campaign_id: int, entry_id: int) -> HttpResponseBase:
    """Send the image of an entry that may not be shown yet."""
    return answer_image(queries.get_entry(queries.get_challenge(get_viewer(request), campaign_id), entry_id), "large")


def _act(request: HttpRequest, campaign_id: int, entry_id: int, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except NotFound:
        raise
    except CanyuError as error:
        return _render_entry(request, campaign_id, entry_id, error)
    messages.success(request, _("Kept."))
    return redirect("challenge_entry_staff", campaign_id, entry_id)


def _render_challenge(request: HttpRequest, campaign_id: int) -> HttpResponse:
    viewer = get_viewer(request)
    challenge = queries.get_challenge(viewer, campaign_id)
    context = {
        "campaign": challenge.campaign,
        "challenge": challenge,
        "span": write_span(challenge.opens_at, challenge.closes_at, challenge.zone),
        "weights": _list_weights(challenge),
        "ways": [WAY_WORDS[way] for way in challenge.ways],
        "figures": queries.measure_figures(viewer, challenge),
        "leaders": queries.list_board(challenge),
        "days": queries.list_days(viewer, challenge),
        "held": queries.list_held(viewer, challenge),
        "sign_words": SIGN_WORDS,
    }
    return render(request, "challenges/challenge.html", context)


def _render_entries(request: HttpRequest, campaign_id: int, error: CanyuError | None = None) -> HttpResponse:
    viewer, asked = get_viewer(request), request.POST.dict() or request.GET.dict()
    challenge = queries.get_challenge(viewer, campaign_id)
    state = parse_choice(asked, "state", tuple(EntryState), EntryState.PENDING)
    found = queries.list_entries(challenge, state, parse_number(asked.get("before", "")), QUEUE)
    context: dict[str, Any] = {
        "campaign": challenge.campaign,
        "challenge": challenge,
        "found": found,
        "rows": check_entries(challenge, found.rows),
        "compared": COMPARED,
        "state": state,
        "states": STATE_WORDS,
        "counts": queries.count_entries(viewer, challenge),
        "reasons": REASON_WORDS,
        "way_words": WAY_WORDS,
        "last": queries.list_last_steps(viewer, challenge),
        "are_all_ticked": asked.get("all") == "1",
        "ticked": request.POST.getlist("entry"),
        "given": request.POST,
        "error": error,
    }
    return render(request, "challenges/entries.html", context, status=error.status if error else 200)


def _render_entry(
    request: HttpRequest, campaign_id: int, entry_id: int, error: CanyuError | None = None
) -> HttpResponse:
    viewer = get_viewer(request)
    challenge = queries.get_challenge(viewer, campaign_id)
    entry = queries.get_entry(challenge, entry_id)
    context: dict[str, Any] = {
        "campaign": challenge.campaign,
        "challenge": challenge,
        "entry": entry,
        "checked": check_entries(challenge, [entry])[0],
        "counts": [(PART_WORDS[part], getattr(entry, part), challenge.weights.get(part, 0)) for part in Part],
        "history": queries.list_history(viewer, entry),
        "held": queries.count_held(viewer, entry),
        "states": STATE_WORDS,
        "reasons": REASON_WORDS,
        "way_words": WAY_WORDS,
        "sign_words": SIGN_WORDS,
        "most": MOST_JURY,
        "error": error,
    }
    return render(request, "challenges/entry.html", context, status=error.status if error else 200)


def _read_seen(request: HttpRequest) -> dict[int, str]:
    """Return the marks of the entries as the form showed them."""
    told = (one.partition(":") for one in request.POST.getlist("seen")[:MOST_AT_ONCE])
    numbered = ((parse_number(number), mark) for number, _colon, mark in told)
    return {number: mark for number, mark in numbered if number is not None}


def _list_weights(challenge: Challenge) -> list[tuple[Any, int]]:
    return [(PART_WORDS[part], weight) for part, weight in queries.load_rule(challenge).weigh().items()]
