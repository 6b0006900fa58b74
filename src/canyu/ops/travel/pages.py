"""The page that says who carries word of mouth: its picture, tables, proofs and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import vl_convert
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.measure import Picture, render_chart
from canyu.measure.axes import Mark
from canyu.measure.period import make_period
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import describe_filters, make_own_ids, send_file
from canyu.ops.insight.queries import get_bounds
from canyu.ops.insight.rules import Bounds
from canyu.ops.insight.tables import write_csv
from canyu.ops.kols.queries import find_known
from canyu.ops.lakes import LakeFacts, describe_place, find_facts
from canyu.ops.people.models import Person
from canyu.ops.people.rules import VIEW_PULSE
from canyu.ops.travel import pictures, queries
from canyu.ops.travel.campaigns import make_marks
from canyu.ops.travel.figures import find_figure, list_figures, prove
from canyu.ops.travel.rules import Order, TravelQuery, parse_order, parse_travel
from canyu.ops.travel.travels import Travel
from canyu.ops.travel.words import DEFINITIONS, LABELS

WIDE_PX, SLIM_PX, FILE_PX = 1104, 296, 960
PNG_SCALE = 2.0
REFRESH_S = 3
SHOWN_CARRIERS, SHOWN_CASCADES = 12, 20
FILES = {"carriers": ("csv", "svg", "png"), "accounts": ("csv",), "cascades": ("csv",), "days": ("csv", "svg", "png")}
FORMS = {"svg": "image/svg+xml", "png": "image/png"}
Show = Callable[[HttpRequest, LakeFacts], HttpResponseBase]


def needs_lake(page: str) -> Callable[[Show], Callable[[HttpRequest], HttpResponseBase]]:
    """Give a page the facts of the lake; while there is none, say how to fill it."""

    def decorate(show: Show) -> Callable[[HttpRequest], HttpResponseBase]:
        @wraps(show)
        def show_or_explain(request: HttpRequest) -> HttpResponseBase:
            facts = find_facts()
            if facts is None:
                return render(request, "travel/empty.html", {"place": describe_place(), "page": page})
            return show(request, facts)

        return show_or_explain

    return decorate


@requires(VIEW_PULSE)
@require_safe
@needs_lake("spread")
def show_spread(request: HttpRequest, facts: LakeFacts) -> HttpResponseBase:
    """Show who carried the reposts of a period: figures, the accounts, the largest cascades."""
    viewer = get_viewer(request)
    bounds, query = read_query(request, facts)
    if wait := queries.find_wait(viewer, query) or queries.find_wait_before(viewer, query, facts):
        answer = render(request, "travel/reading.html", {"wait": wait, "query": query})
        answer["Refresh"] = str(REFRESH_S)
        return answer
    travel, before = queries.get_travel(viewer, query), queries.get_previous(viewer, query, facts)
    order, may_see = parse_order(request.GET.dict()), queries.may_see_posts(viewer)
    picture = pictures.draw_carriers(travel, may_see)
    places = travel.rank_cascades()[:SHOWN_CASCADES]
    rows = pictures.list_carrier_rows(travel, order, SHOWN_CARRIERS, may_see, before)
    known = find_known(viewer, [row["id"] for row in rows if row["id"]])
    rows = [row | {"known": known.get(row["id"])} for row in rows]
    context = {
        **describe_filters(request, facts, bounds),
        **describe_campaigns(travel, query),
        "query": query,
        "travel": travel,
        "figures": list_figures(travel, before),
        "has_before": before is not None,
        **(_describe_days(viewer, travel) if len(travel.shapes) else {}),
        "main": picture if len(picture.table) else None,
        **(draw_twice(picture) if len(picture.table) else {}),
        "carriers": rows,
        "carriers_left": max(0, len(travel.totals) - len(rows)),
        "order": order,
        "definitions": DEFINITIONS,
        "cascades": list_rows(travel, places, queries.read_roots(viewer, travel, places)),
        "cascades_left": max(0, len(travel.shapes) - len(places)),
        "most_carried": max((row["carried"] for row in rows), default=0),
        "place": describe_place(),
    }
    return render(request, "travel/spread.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_spread_proof(request: HttpRequest, name: str) -> HttpResponse:
    """Show how a figure of the page came to be; with ``again`` compute it again and compare every digit."""
    viewer, query = get_viewer(request), get_query(request)
    if name not in DEFINITIONS:
        raise Http404(name)
    facts = need_facts()
    rerun = queries.rerun_travel(viewer, query, facts) if "again" in request.GET else None
    travel, before = queries.get_travel(viewer, query), queries.get_previous(viewer, query, facts)
    figure = find_figure(list_figures(travel, before), name)
    label = figure.label if figure else LABELS.get(name) or pictures.draw_carriers(travel, False).subtitle
    context = {"figure": figure, "label": label, "proof": figure.proof if figure else prove(travel, name)}
    return render_proof(request, {**context, "query": query, "rerun": rerun, "way": "spread"})


@requires(VIEW_PULSE)
@require_safe
def send_spread_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Send a table as CSV, or the picture as SVG or PNG."""
    if form not in FILES.get(name, ()):
        raise Http404(name)
    viewer, query = get_viewer(request), get_query(request)
    travel, may_see = queries.get_travel(viewer, query), queries.may_see_posts(viewer)
    if name == "cascades":
        picture = pictures.list_cascades(travel)
    elif name == "accounts":
        before = queries.get_previous(viewer, query, need_facts())
        picture = pictures.list_carriers(travel, parse_order(request.GET.dict()), may_see, before)
    elif name == "days":
        picture = pictures.draw_days(travel)
    else:
        picture = pictures.draw_carriers(travel, may_see)
    marks = list_marks(viewer, travel) if name == "days" else ()
    return send_picture(picture, form, f"canyu-spread-{name}-{query.start}-{query.end}", marks)


def send_picture(picture: Picture, form: str, stem: str, marks: tuple[Mark, ...] = ()) -> HttpResponse:
    """Send a picture as CSV, SVG or PNG; an empty one has a table only."""
    if form == "csv":
        # the mark lets spreadsheets read UTF-8
        return send_file(("\ufeff" + write_csv(picture)).encode(), "text/csv; charset=utf-8", f"{stem}.csv")
    if not len(picture.table):
        raise Http404(form)
    drawn = render_chart(picture, get_language() or "", "light", width=FILE_PX, marks=marks)
    return send_drawing(drawn, form, stem)


def send_drawing(drawn: str, form: str, stem: str) -> HttpResponse:
    """Send an SVG as it is, or as PNG."""
    body = drawn.encode() if form == "svg" else vl_convert.svg_to_png(drawn, scale=PNG_SCALE)
    return send_file(body, FORMS[form], f"{stem}.{form}")


def draw_twice(picture: Picture, marks: tuple[Mark, ...] = ()) -> dict[str, str]:
    """Return the chart for wide and for slim screens, each with ids of its own."""
    language = get_language() or ""
    slim = make_own_ids(render_chart(picture, language, "auto", width=SLIM_PX, marks=marks), picture)
    return {"chart_wide": render_chart(picture, language, "auto", width=WIDE_PX, marks=marks), "chart_slim": slim}


def list_marks(viewer: Person, travel: Travel) -> tuple[Mark, ...]:
    """Return the campaigns that began on the days of a view's timeline."""
    days, zone = travel.count_days(), travel.query.zone
    period = make_period(days[0][0], days[-1][0], zone)
    return make_marks(queries.list_begun(viewer, period.start, period.end), zone)


def render_proof(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show a proof in the drawer, or as a page where no script asked for it."""
    is_fragment = bool(request.headers.get("HX-Request"))
    return render(request, "travel/proof.html" if is_fragment else "travel/proof_page.html", context)


def describe_campaigns(travel: Travel, query: TravelQuery) -> dict[str, Any]:
    """Return the campaigns to choose from, the one asked for among them."""
    return {
        "campaigns": sorted({*travel.campaigns, *([query.campaign] if query.campaign else [])}),
        "orders": list(Order),
    }


def list_rows(travel: Travel, places: list[int], posts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return cascades as rows: shape, what is known of the post, and its text where the viewer may see it."""
    shapes, roots = travel.take(places)
    return [
        {**root, **shape, "number": number, "told": posts.get(root["root"])}
        for number, (shape, root) in enumerate(zip(shapes, roots, strict=True), 1)
    ]


def read_query(request: HttpRequest, facts: LakeFacts) -> tuple[Bounds, TravelQuery]:
    """Return the bounds of the lake and the view that the address asks for."""
    bounds = get_bounds(get_viewer(request), facts)
    return bounds, parse_travel(request.GET.dict(), bounds)


def get_query(request: HttpRequest) -> TravelQuery:
    """Return the view that the address asks for; 404 while there is no data."""
    return read_query(request, need_facts())[1]


def need_facts() -> LakeFacts:
    """Return the facts of the lake; 404 while there is no data."""
    facts = find_facts()
    if facts is None:
        raise Http404("no data yet")
    return facts


def _describe_days(viewer: Person, travel: Travel) -> dict[str, Any]:
    picture, marks = pictures.draw_days(travel), list_marks(viewer, travel)
    return {"timeline": picture, "day_charts": draw_twice(picture, marks), "day_rows": picture.table.to_pylist()}
