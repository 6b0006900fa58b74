"""The page Aspects: products by aspects, its proof, and its table as a file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.kit.words import Words
from canyu.measure import OverviewQuery
from canyu.measure.aspects import LEAST_POSTS
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.building import get_reading
from canyu.ops.insight.pages import describe_filters, send_file
from canyu.ops.insight.queries import get_bounds, get_labels
from canyu.ops.insight.rules import parse_overview
from canyu.ops.insight.tables import write_csv
from canyu.ops.lakes import describe_place, find_facts
from canyu.ops.people.rules import VIEW_PULSE
from canyu.ops.voices import queries
from canyu.ops.voices.heat import Choice, Names, build_heat, list_domains, list_steps
from canyu.ops.voices.rules import parse_copies, parse_domain
from canyu.ops.voices.strips import Strip, build_aspect_strip
from canyu.ops.voices.words import get_aspect_names, get_domain_names


@requires(VIEW_PULSE)
@require_safe
def show_aspects(request: HttpRequest) -> HttpResponse:
    """Show what each product is praised and blamed for, aspect by aspect."""
    facts = find_facts()
    if facts is None:
        return render(request, "voices/empty.html", {"place": describe_place(), "page": "aspects"})
    viewer = get_viewer(request)
    bounds = get_bounds(viewer, facts)
    params = request.GET.dict()
    query = parse_overview(params, bounds)
    choice = Choice(parse_domain(params), parse_copies(params), get_language() or "", params.get("product", ""))
    names = Names(get_labels(), get_aspect_names(), get_domain_names())
    found = queries.get_aspects(viewer, query)
    context = {
        **describe_filters(request, facts, bounds),
        "query": query,
        "found": found,
        "strip": build_aspect_strip(found),
        "building": get_reading(viewer),
        "picture": found.picture,
        "choice": choice,
        "heat": build_heat(found, choice, names),
        "products": [(link, names.links.get(link, Words(link, link))) for link in found.list_links()],
        "domains": [(name, names.domains[name]) for name in list_domains(found)],
        "steps": list_steps(found, choice, names),
        "least": LEAST_POSTS,
        "place": describe_place(),
    }
    return render(request, "voices/aspects.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_aspects_proof(request: HttpRequest) -> HttpResponse:
    """Show how the heat map came to be; with ``again`` compute it again and compare every digit."""
    viewer, query = get_viewer(request), _get_query(request)
    rerun = queries.rerun_aspects(viewer, query) if "again" in request.GET else None
    found = queries.get_aspects(viewer, query)
    context = {"shown": found.picture, "query": query, "rerun": rerun, "way": "aspects"}
    return render_proof(request, context, build_aspect_strip(found))


@requires(VIEW_PULSE)
@require_safe
def send_aspects(request: HttpRequest) -> HttpResponse:
    """Send every cell of the heat map as CSV, with and without copies."""
    query = _get_query(request)
    picture = queries.get_aspects(get_viewer(request), query).picture
    # the mark lets spreadsheets read UTF-8
    body = ("\ufeff" + write_csv(picture)).encode()
    return send_file(body, "text/csv; charset=utf-8", f"canyu-aspects-{query.start}-{query.end}.csv")


@requires(VIEW_PULSE)
@require_safe
def show_emotions_proof(request: HttpRequest) -> HttpResponse:
    """Show how the shares of emotions came to be; with ``again`` compute them again and compare every digit."""
    viewer, query = get_viewer(request), _get_query(request)
    rerun = queries.rerun_emotions(viewer, query) if "again" in request.GET else None
    picture = queries.get_emotions(viewer, query)
    context = {"shown": picture, "query": query, "rerun": rerun, "way": "pulse"}
    return render_proof(request, context)


@requires(VIEW_PULSE)
@require_safe
def send_emotions(request: HttpRequest) -> HttpResponse:
    """Send the shares of emotions as CSV, with and without copies."""
    query = _get_query(request)
    picture = queries.get_emotions(get_viewer(request), query)
    # the mark lets spreadsheets read UTF-8
    body = ("\ufeff" + write_csv(picture)).encode()
    return send_file(body, "text/csv; charset=utf-8", f"canyu-emotions-{query.start}-{query.end}.csv")


def render_proof(request: HttpRequest, context: dict[str, Any], strip: Strip | None = None) -> HttpResponse:
    """Show a proof in the drawer, or as a page of its own where the browser runs no script.

    It is the proof of the picture ``shown``, or of the figure of the ``strip`` that the address names.
    """
    name = request.GET.get("figure", "") if strip else ""
    figure = strip.find(name) if strip else None
    if name and figure is None:
        raise Http404(name)
    context |= {"figure": figure, "proof": (figure or context["shown"]).proof}
    is_fragment = bool(request.headers.get("HX-Request"))
    return render(request, "voices/proof.html" if is_fragment else "voices/proof_page.html", context)


def _get_query(request: HttpRequest) -> OverviewQuery:
    facts = find_facts()
    if facts is None:
        raise Http404("no data yet")
    return parse_overview(request.GET.dict(), get_bounds(get_viewer(request), facts))
