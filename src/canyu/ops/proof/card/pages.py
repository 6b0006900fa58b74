"""The pages of the scorecard: one page for a leader, its proofs and files, and the targets with their history."""

from __future__ import annotations

from typing import Any

import vl_convert
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import Conflict
from canyu.kit.words import Words
from canyu.measure import Picture, render_chart
from canyu.measure.catalogue import INDICES, METRICS
from canyu.measure.claims import VERDICTS, Verdict
from canyu.measure.report import render_html, render_pdf
from canyu.measure.scorecard import STANDINGS, Scorecard, Standing
from canyu.measure.scorecard.decomposition import DIMENSIONS
from canyu.measure.scorecard.pictures import draw_shifts, draw_targets, list_parts
from canyu.measure.scorecard.report import CardReport
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import FILE_PX, PNG_SCALE, REPORT_KINDS, SLIM_PX, WIDE_PX, make_own_ids, send_file
from canyu.ops.insight.queries import get_catalogue, get_labels
from canyu.ops.insight.tables import write_csv
from canyu.ops.lakes import describe_place, find_facts
from canyu.ops.people.rules import SET_TARGETS, VIEW_PROOF
from canyu.ops.proof.card import actions, queries
from canyu.ops.proof.card.forms import TargetForm
from canyu.ops.proof.card.rules import RHYTHMS, WEIGHT, Asked, parse_asked
from canyu.ops.proof.models import Rhythm

DRAWN = {"targets": draw_targets, "shifts": draw_shifts}
MOST_CLAIMS = 8
ORDER = (Verdict.CONTRADICTED, Verdict.NOT_SUPPORTED, Verdict.VERIFIED)
"""What a leader must know first."""


@requires(VIEW_PROOF)
@require_safe
def show_card(request: HttpRequest) -> HttpResponse:
    """Show the scorecard of a week or month; while it is being worked out, that."""
    facts = find_facts()
    if facts is None:
        return render(request, "insight/empty.html", {"place": describe_place(), "page": "scorecard"})
    asked = parse_asked(request.GET.dict(), facts.last_day)
    card = queries.find_card(asked)
    context = {
        "asked": asked,
        "rhythms": RHYTHMS,
        "dimensions": DIMENSIONS,
        "room": "scorecard",
        **({} if card is None else _describe(card)),
    }
    return render(request, "proof/scorecard.html", context)


@requires(VIEW_PROOF)
@require_safe
def show_proof(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Show how a figure of the card came to be; with ``again`` compute the card again and compare."""
    asked, card = _get_card(request)
    found = queries.find_proof(card, kind, name)
    if found is None:
        raise Http404(name)
    is_equal = None
    if "again" in request.GET:
        queries.forget_cards()
        again = queries.find_proof(_get_card(request)[1], kind, name)
        is_equal = again == found
    context = {**found, "asked": asked, "query": card.query, "rerun": None, "is_equal": is_equal}
    is_fragment = bool(request.headers.get("HX-Request"))
    return render(request, "proof/card_proof.html" if is_fragment else "proof/card_proof_page.html", context)


@requires(VIEW_PROOF)
@require_safe
def send_picture(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Send a picture of the card as CSV, SVG or PNG."""
    asked, card = _get_card(request)
    language = get_language() or ""
    picture = DRAWN[name](card, language) if name in DRAWN else None
    if picture is None or form not in {"csv", "svg", "png"}:
        raise Http404(name)
    stem = f"canyu-scorecard-{name}-{asked.span.first}-{asked.span.last}.{form}"
    if form == "csv":
        return send_file(("\ufeff" + write_csv(picture)).encode(), "text/csv; charset=utf-8", stem)
    drawn = render_chart(picture, language, "light", width=FILE_PX)
    if form == "svg":
        return send_file(drawn.encode(), "image/svg+xml", stem)
    return send_file(vl_convert.svg_to_png(drawn, scale=PNG_SCALE), "image/png", stem)


@requires(VIEW_PROOF)
@require_safe
def send_report(request: HttpRequest, form: str) -> HttpResponse:
    """Send the card as a self-contained HTML page or a PDF, in the page's language."""
    if form not in REPORT_KINDS:
        raise Http404(form)
    asked, card = _get_card(request)
    report = make_report(card, "zh" if (get_language() or "").startswith("zh") else "en")
    body = render_pdf(report) if form == "pdf" else render_html(report)
    return send_file(body, REPORT_KINDS[form], f"canyu-scorecard-{asked.span.first}-{asked.span.last}.{form}")


@requires(VIEW_PROOF)
@require_safe
def show_targets(request: HttpRequest) -> HttpResponse:
    """Show the targets in force, every one that was ever set, and the form of another."""
    return _render_targets(request, TargetForm(initial={"since": get_now().date()}))


@requires(SET_TARGETS)
@require_http_methods(["POST"])
def set_target(request: HttpRequest) -> HttpResponseBase:
    """Set a target; the older ones stay in the history."""
    form = TargetForm(request.POST)
    if not form.is_valid():
        return _render_targets(request, form)
    actions.set_target(get_viewer(request), form.make_draft(), get_now())
    messages.success(request, _("Kept."))
    return redirect("targets")


def make_report(card: Scorecard, language: str) -> CardReport:
    """Return the card as a report in a language."""
    brand = get_catalogue().home
    return CardReport(card, language, get_labels().get(brand, Words(brand, brand)), get_now())


def _get_card(request: HttpRequest) -> tuple[Asked, Scorecard]:
    facts = find_facts()
    if facts is None:
        raise Http404("no data yet")
    asked = parse_asked(request.GET.dict(), facts.last_day)
    card = queries.find_card(asked, queries.FILE_WAIT_S)
    if card is None:
        raise Conflict(_("The scorecard is still being worked out."), mend=_("Try again in a minute."))
    return asked, card


def _describe(card: Scorecard) -> dict[str, Any]:
    language = get_language() or ""
    drawn = draw_targets(card, language)
    main = ("targets", drawn) if drawn is not None else ("shifts", draw_shifts(card, language))
    claims = sorted(card.claims, key=lambda one: ORDER.index(one.verdict))
    return {
        "card": card,
        "standings": STANDINGS,
        "reached": card.count(Standing.REACHED),
        "main_name": main[0],
        "main": main[1],
        **(_draw_twice(main[1]) if main[1] is not None else {}),
        "shifts": [
            (line, shift, [(name, one, _scale(one.amount, shift.parts)) for name, one in list_parts(shift)])
            for line, shift in card.shifts
        ],
        "claims": claims[:MOST_CLAIMS],
        "more_claims": max(0, len(claims) - MOST_CLAIMS),
        "verdict_counts": [(words, sum(one.verdict is each for one in claims)) for each, words in VERDICTS.items()],
        "verdicts": VERDICTS,
        "weights": [
            (
                index,
                [
                    (
                        f"{WEIGHT}{part.metric}",
                        METRICS[part.metric].label,
                        card.query.weights.get(part.metric, part.weight),
                    )
                    for part in index.parts
                ],
            )
            for index in INDICES.values()
        ],
    }


def _scale(amount: Any, parts: Any) -> float:
    longest = max((abs(one.amount) for one in parts), default=0)
    return float(100 * amount / longest) if longest else 0.0


def _draw_twice(picture: Picture) -> dict[str, str]:
    language = get_language() or ""
    slim = make_own_ids(render_chart(picture, language, "auto", width=SLIM_PX), picture)
    return {"chart_wide": render_chart(picture, language, "auto", width=WIDE_PX), "chart_slim": slim}


def _render_targets(request: HttpRequest, form: TargetForm) -> HttpResponse:
    viewer, facts = get_viewer(request), find_facts()
    today = get_now().date() if facts is None else max(facts.last_day, get_now().date())
    context = {
        "in_force": [(words, queries.list_targets(Rhythm(name), today)) for name, words in RHYTHMS.items()],
        "history": queries.list_history(viewer),
        "metrics": METRICS,
        "labels": {name: metric.label for name, metric in METRICS.items()},
        "units": {name: metric.unit for name, metric in METRICS.items()},
        "rhythms": RHYTHMS,
        "form": form,
        "room": "targets",
    }
    return render(request, "proof/targets.html", context, status=400 if form.errors else 200)
