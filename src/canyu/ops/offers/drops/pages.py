"""The pages of drops: the staff's list and one drop with its conservation; the public's page, entry and certificate."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.kit.jsonio import dump_json_bytes
from canyu.ops.campaigns.public.rules import name_text
from canyu.ops.gate import get_viewer, requires
from canyu.ops.offers.drops import actions, queries
from canyu.ops.offers.drops.claiming.actions import claim_together
from canyu.ops.offers.drops.claiming.rules import Answer, Answered, Ask
from canyu.ops.offers.drops.forms import DropForm
from canyu.ops.offers.drops.guests import choose_guest, keep_guest, name_guest, read_guest
from canyu.ops.offers.drops.models import EntryMode
from canyu.ops.offers.drops.passes import Pass, make_pass, read_pass
from canyu.ops.offers.drops.rules import ANSWER_WORDS, ENTRY_WORDS, STATE_WORDS
from canyu.ops.people.rules import MANAGE_OFFERS, RELEASE_OFFERS, VIEW_OFFERS


@requires(VIEW_OFFERS)
@require_safe
def show_drops(request: HttpRequest) -> HttpResponse:
    """Show every limited edition and where its units are."""
    context = {"found": queries.list_drops(get_viewer(request)), "states": STATE_WORDS, "entries": ENTRY_WORDS}
    return render(request, "drops/drops.html", context)


@requires(VIEW_OFFERS)
@require_safe
def show_drop(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Show one limited edition: units = sold + held + free, by the ledger and by the rows; late payments."""
    return _render_drop(request, drop_id)


@requires(MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_drop(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a limited edition, or keep it as a draft."""
    form = DropForm(request.POST) if request.method == "POST" else DropForm()
    error: CanyuError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.save_drop(get_viewer(request), form.make_draft(), get_now())
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept as a draft."))
            return redirect("drop", kept.pk)
    status = error.status if error else 400 if form.errors else 200
    return render(request, "drops/edit.html", {"form": form, "error": error}, status=status)


@requires(RELEASE_OFFERS)
@require_POST
def release_drop(request: HttpRequest, drop_id: int) -> HttpResponseBase:
    """Release what somebody else has written."""
    return _act(request, drop_id, lambda: actions.release_drop(get_viewer(request), drop_id, get_now()))


@requires(RELEASE_OFFERS)
@require_POST
def draw_drop(request: HttpRequest, drop_id: int) -> HttpResponseBase:
    """Draw the places, once."""
    beacon = request.POST.get("beacon", "").strip()[:200]
    return _act(request, drop_id, lambda: actions.draw_places(get_viewer(request), drop_id, beacon, get_now()))


@requires(RELEASE_OFFERS)
@require_POST
def close_drop(request: HttpRequest, drop_id: int) -> HttpResponseBase:
    """Take no more claims."""
    return _act(request, drop_id, lambda: actions.close_drop(get_viewer(request), drop_id))


@login_not_required
@require_safe
def show_public(request: HttpRequest, code: str) -> HttpResponse:
    """Show a drop to everybody; who took part before sees where they stand."""
    return _render_public(request, code, None)


@login_not_required
@require_POST
def take_part(request: HttpRequest, code: str) -> HttpResponseBase:
    """Claim a unit or enter, for whoever agreed to the privacy notice; works without script and without an account."""
    drop = queries.find_public(code)
    if drop is None:
        raise Http404(code)
    if request.POST.get("consent") != "1":
        return _render_public(request, code, None, status=400, needs_consent=True)
    now = get_now()
    held = read_pass(code, request.POST.get("pass", ""), now) or _hold(request)
    person = choose_guest(read_guest(request), held.person)
    ask = Ask(person, request.POST.get("market", "")[:40], consent=held.text, language=held.language)
    (told,) = claim_together(drop, [ask], now)
    waits = drop.entry == EntryMode.QUEUE and told.state is Answered.ENTERED
    answer = redirect("drop_place", code) if waits else _render_public(request, code, told)
    keep_guest(answer, person)
    return answer


@login_not_required
@require_safe
def send_draw(request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Send the file that ``canyu draw verify`` recomputes; the seed is in it once it was drawn."""
    drop = queries.find_public(code)
    if drop is None or drop.entry == EntryMode.FIRST_COME:
        raise Http404(code)
    answer = HttpResponse(dump_json_bytes(queries.describe_draw(drop)), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="draw-{drop.code}.json"'
    return answer


@login_not_required
@require_safe
def show_certificate(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Show the certificate of a sold unit; its address is known to its buyer alone."""
    try:
        claim = queries.get_certificate(code, token)
    except NotFound:
        raise Http404(code) from None
    return render(request, "drops/certificate.html", {"claim": claim, "drop": claim.drop})


def tell_consent() -> str:
    """Return what a visitor agrees to, in the page's language."""
    return _("I agree that this browser gets a random number, kept for 90 days, so that I get my unit once.")


def _hold(request: HttpRequest) -> Pass:
    """Return who the browser is, or is from now on, and the text that it is shown."""
    language = get_language() or ""
    text = name_text(tell_consent(), language)
    return Pass(read_guest(request) or name_guest(), text, language)


def _act(request: HttpRequest, drop_id: int, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except NotFound:
        raise
    except CanyuError as error:
        return _render_drop(request, drop_id, error)
    messages.success(request, _("Kept."))
    return redirect("drop", drop_id)


def _render_drop(request: HttpRequest, drop_id: int, error: CanyuError | None = None) -> HttpResponse:
    viewer = get_viewer(request)
    drop = queries.get_drop(viewer, drop_id)
    with transaction.atomic():  # rows and ledger as of one moment
        stand = queries.count_stand(drop)
    context = {
        "drop": drop,
        "stand": stand,
        "late": queries.list_late_payments(viewer, drop),
        "states": STATE_WORDS,
        "entries": ENTRY_WORDS,
        "is_own": drop.made_by == viewer.username,
        "error": error,
    }
    return render(request, "drops/drop.html", context, status=error.status if error else 200)


def _render_public(
    request: HttpRequest, code: str, told: Answer | None, status: int = 200, needs_consent: bool = False
) -> HttpResponse:
    drop = queries.find_public(code)
    if drop is None:
        raise Http404(code)
    now, guest = get_now(), read_guest(request)
    if told is None and guest:
        told = queries.find_answer(drop, guest)
    context = {
        "drop": drop,
        "told": told,
        "words": ANSWER_WORDS[told.state] if told else None,
        "is_open": drop.opens_at <= now and drop.state == "released" and (not drop.closes_at or now < drop.closes_at),
        "may_enter": drop.state == "released" and (drop.entry != EntryMode.FIRST_COME or drop.opens_at <= now),
        "has_unit": told is not None and told.state in {Answered.HELD, Answered.SOLD},
        "entry": ENTRY_WORDS[drop.entry],
        "left": queries.count_stand(drop).free,
        "needs_consent": needs_consent,
        "consent": tell_consent(),
        "pass": make_pass(drop.code, _hold(request), now),
    }
    return render(request, "drops/public.html", context, status=status)
