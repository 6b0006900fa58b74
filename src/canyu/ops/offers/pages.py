"""The staff's pages of offers: the list, one offer with its codes, its definition, and a cart to try offers on."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError, NotFound
from canyu.kit.jsonio import dump_json
from canyu.kit.sheets import quote_formula
from canyu.ops.gate import get_viewer, requires
from canyu.ops.kols.models import split_list
from canyu.ops.offers import actions, queries
from canyu.ops.offers.errors import WrongState
from canyu.ops.offers.forms import CodesForm, OfferForm, TryForm, describe_offer
from canyu.ops.offers.models import OfferState
from canyu.ops.offers.quoting import describe_effect, explain_step, parse_checkout, parse_offer
from canyu.ops.offers.quoting.telling import OUTCOME_WORDS, ROUNDING_WORDS
from canyu.ops.offers.rules import KIND_WORDS, STATE_WORDS, USE_WORDS
from canyu.ops.people.rules import MANAGE_OFFERS, RELEASE_OFFERS, VIEW_OFFERS

EXAMPLE_CART = "ac, 1, 4999, appliance\nfridge, 1, 5999, appliance"


@requires(VIEW_OFFERS)
@require_safe
def show_offers(request: HttpRequest) -> HttpResponse:
    """Show every offer with what is left of it."""
    state = request.GET.get("state", "")
    chosen = state if state in OfferState.values else ""
    context = {
        "found": queries.list_offers(get_viewer(request), chosen),
        "state": chosen,
        "states": STATE_WORDS,
        "kinds": KIND_WORDS,
    }
    return render(request, "offers/offers.html", context)


@requires(VIEW_OFFERS)
@require_safe
def show_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Show one offer: its rules, what is left, its codes, the orders that used it."""
    return _render_offer(request, offer_id)


@requires(MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_offer(request: HttpRequest, offer_id: int | None = None) -> HttpResponseBase:
    """Show the definition of an offer, or keep it as a draft."""
    viewer = get_viewer(request)
    offer = None if offer_id is None else queries.get_offer(viewer, offer_id)
    form = (
        OfferForm(request.POST)
        if request.method == "POST"
        else OfferForm(initial=describe_offer(offer) if offer else {})
    )
    error: CanyuError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.save_offer(viewer, form.make_draft(), get_now(), offer_id)
        except (BadInput, WrongState) as fault:
            error = fault
        else:
            messages.success(request, _("Kept as a draft."))
            return redirect("offer", kept.pk)
    status = error.status if error else 400 if form.errors else 200
    return render(request, "offers/edit.html", {"form": form, "offer": offer, "error": error}, status=status)


@requires(RELEASE_OFFERS)
@require_POST
def release_offer(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Release what somebody else has written."""
    return _act(request, offer_id, lambda: actions.release_offer(get_viewer(request), offer_id, get_now()))


@requires(RELEASE_OFFERS)
@require_POST
def close_offer(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Close an offer for good."""
    return _act(request, offer_id, lambda: actions.close_offer(get_viewer(request), offer_id))


@requires(MANAGE_OFFERS)
@require_POST
def add_code(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Give an offer a code that everybody may enter."""
    text = request.POST.get("code", "")
    return _act(request, offer_id, lambda: actions.add_campaign_code(get_viewer(request), offer_id, text, get_now()))


@requires(MANAGE_OFFERS)
@require_POST
def make_codes(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Make personal codes."""
    form = CodesForm(request.POST)
    if not form.is_valid():
        return _render_offer(request, offer_id, codes_form=form)
    number = form.cleaned_data["number"]
    return _act(
        request, offer_id, lambda: actions.make_personal_codes(get_viewer(request), offer_id, number, get_now())
    )


@requires(MANAGE_OFFERS)
@require_safe
def send_codes(request: HttpRequest, offer_id: int, batch: str) -> HttpResponseBase:
    """Send the codes of a batch as a file, made anew from the server's key."""
    viewer = get_viewer(request)
    offer = queries.get_offer(viewer, offer_id)
    answer = StreamingHttpResponse(_write_codes(queries.iterate_codes(viewer, offer, batch)), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="{offer.key}-{batch}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@requires(VIEW_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def try_offers(request: HttpRequest) -> HttpResponse:
    """Quote a cart with the released offers and explain every step; nothing is used."""
    form = TryForm(request.POST) if request.method == "POST" else TryForm(initial={"lines": EXAMPLE_CART})
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST" and form.is_valid():
        now = get_now()
        try:
            ready = queries.prepare_quote(parse_checkout(dump_json(form.make_request(now))), now)
        except BadInput as error:
            context["error"], status = error, error.status
        else:
            context |= _describe(ready)
    elif form.errors:
        status = 400
    return render(request, "offers/try.html", context, status=status)


class _Line:
    """Takes what the CSV writer writes, one row at a time."""

    def write(self, text: str) -> str:
        return text


def _write_codes(rows: Iterator[tuple[int, str, str, str]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(["serial", "code", "person", "state"])
    for serial, code, person, state in rows:
        yield writer.writerow([serial, code, quote_formula(person), state])


def _describe(ready: queries.Ready) -> dict[str, Any]:
    found = ready.quote
    currency = found.cart.currency
    steps = [
        {
            "name": ready.offers.get(step.offer.id),
            "id": step.offer.id,
            "outcome": OUTCOME_WORDS[step.outcome],
            "is_applied": step.reason is None,
            "why": explain_step(step, currency),
            "step": step,
        }
        for step in found.steps
    ]
    lines = [
        (line, discount, line.gross_minor - discount)
        for line, discount in zip(found.cart.lines, found.line_discounts, strict=True)
    ]
    rule = ROUNDING_WORDS[found.switches.rounding]
    return {"quote": found, "steps": steps, "lines": lines, "currency": currency, "rounding_rule": rule}


def _act(request: HttpRequest, offer_id: int, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except NotFound:
        raise
    except CanyuError as error:
        return _render_offer(request, offer_id, error=error)
    messages.success(request, _("Kept."))
    return redirect("offer", offer_id)


def _render_offer(
    request: HttpRequest, offer_id: int, error: CanyuError | None = None, codes_form: CodesForm | None = None
) -> HttpResponse:
    viewer = get_viewer(request)
    view = queries.get_offer_view(viewer, offer_id)
    parsed = parse_offer(view.offer.rules)
    context = {
        "view": view,
        "offer": view.offer,
        "rules": parsed,
        "effect": describe_effect(parsed, view.offer.currency),
        "triggers": split_list(view.offer.triggers),
        "batches": queries.list_batches(viewer, view.offer),
        "uses": queries.list_uses(viewer, view.offer),
        "states": STATE_WORDS,
        "kinds": KIND_WORDS,
        "use_states": USE_WORDS,
        "has_codes": parsed.kind.value in {"code", "voucher"},
        "is_own": view.offer.made_by == viewer.username,
        "codes_form": codes_form or CodesForm(),
        "error": error,
    }
    status = error.status if error else 400 if codes_form else 200
    return render(request, "offers/offer.html", context, status=status)
