"""The page Storylines: what a brand hopes people say, whether they do, what they say against it, and who began."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.listen.storyline_report import MOST_POSTS
from canyu.listen.storylines import Storyline
from canyu.measure import OverviewQuery, render_chart
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.building import get_reading
from canyu.ops.insight.pages import SLIM_PX, WIDE_PX, describe_filters, make_own_ids, send_file
from canyu.ops.insight.queries import get_bounds
from canyu.ops.insight.rules import parse_overview
from canyu.ops.insight.tables import write_csv
from canyu.ops.lakes import describe_place, find_facts
from canyu.ops.people.rules import VIEW_PULSE
from canyu.ops.voices import queries
from canyu.ops.voices.messages import MessageView, build_message, list_messages
from canyu.ops.voices.pages import render_proof
from canyu.ops.voices.strips import build_storyline_strip
from canyu.ops.voices.words import get_storylines


@requires(VIEW_PULSE)
@require_safe
def show_storylines(request: HttpRequest) -> HttpResponse:
    """Show every message, and one of them in detail."""
    facts = find_facts()
    if facts is None:
        return render(request, "voices/empty.html", {"place": describe_place(), "page": "storylines"})
    viewer, definitions = get_viewer(request), get_storylines()
    bounds = get_bounds(viewer, facts)
    query = parse_overview({**request.GET.dict(), "brand": "all"}, bounds)
    report = queries.get_storyline_report(viewer, query)
    rows = list_messages(report, definitions)
    chosen = definitions.get(request.GET.get("storyline") or rows[0].id)
    view = build_message(report, definitions, chosen, query)
    language = get_language() or ""
    context = {
        **describe_filters(request, facts, bounds),
        "query": query,
        "report": report,
        "definitions": definitions,
        "rows": [(row, _find_counter(definitions.get(row.id))) for row in rows],
        "view": view,
        "strip": build_storyline_strip(report, query, _find_brand()),
        "building": get_reading(viewer),
        "language": language,
        "most": MOST_POSTS,
        "place": describe_place(),
    }
    if not report.is_too_much and view.row.once.percent is not None:
        context["chart_wide"] = render_chart(view.picture, language, "auto", width=WIDE_PX)
        slim = render_chart(view.picture, language, "auto", width=SLIM_PX)
        context["chart_slim"] = make_own_ids(slim, view.picture)
    return render(request, "voices/storylines.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_storylines_proof(request: HttpRequest) -> HttpResponse:
    """Show how the figures of a message came to be; with ``again`` compute them again and compare every digit."""
    viewer, query = get_viewer(request), _get_query(request)
    rerun = queries.rerun_storylines(viewer, query) if "again" in request.GET else None
    picture = _get_view(request, query).picture
    report = queries.get_storyline_report(viewer, query)
    context = {"shown": picture, "query": query, "rerun": rerun, "way": "storylines"}
    return render_proof(request, context, build_storyline_strip(report, query, _find_brand()))


@requires(VIEW_PULSE)
@require_safe
def send_storyline(request: HttpRequest) -> HttpResponse:
    """Send the weeks of a message as CSV, with and without copies."""
    query = _get_query(request)
    view = _get_view(request, query)
    # the mark lets spreadsheets read UTF-8
    body = ("\ufeff" + write_csv(view.picture)).encode()
    return send_file(body, "text/csv; charset=utf-8", f"canyu-{view.row.id}-{query.start}-{query.end}.csv")


def _find_counter(entry: Storyline) -> str:
    """Return the one message against a storyline; empty where there are several, or none."""
    return entry.counters[0].id if len(entry.counters) == 1 else ""


def _find_brand() -> str:
    """Return the one brand that every message is about; empty where these are of several."""
    brands = {brand for entry in get_storylines().entries for brand in entry.brands}
    return next(iter(brands)) if len(brands) == 1 else ""


def _get_query(request: HttpRequest) -> OverviewQuery:
    facts = find_facts()
    if facts is None:
        raise Http404("no data yet")
    return parse_overview({**request.GET.dict(), "brand": "all"}, get_bounds(get_viewer(request), facts))


def _get_view(request: HttpRequest, query: OverviewQuery) -> MessageView:
    definitions = get_storylines()
    report = queries.get_storyline_report(get_viewer(request), query)
    chosen = definitions.get(request.GET.get("storyline") or list_messages(report, definitions)[0].id)
    return build_message(report, definitions, chosen, query)
