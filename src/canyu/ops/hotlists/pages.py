"""The pages Hot lists and Share of voice: their pictures, proofs and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import vl_convert
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.measure import OverviewQuery, Picture, render_chart
from canyu.measure.series import DEFINITION, METRICS
from canyu.measure.voice import Span
from canyu.ops.gate import get_viewer, requires
from canyu.ops.hotlists import pictures, queries
from canyu.ops.hotlists.rules import MOST_TITLES_SHOWN, choose_index, link_brand, link_span, link_title, need_brand
from canyu.ops.insight.pages import describe_filters, make_own_ids, send_file
from canyu.ops.insight.queries import get_bounds, get_labels, get_own_actors
from canyu.ops.insight.rules import WITHOUT, Bounds, parse_overview, parse_without_own
from canyu.ops.insight.tables import write_csv
from canyu.ops.lakes import LakeFacts, describe_place, find_facts
from canyu.ops.people.rules import VIEW_PULSE

WIDE_PX, SLIM_PX, FILE_PX = 1104, 296, 960
PNG_SCALE = 2.0
DRAWN = frozenset({"brands", "weeks"})
ONCE = {"copies": WITHOUT}
FILES = frozenset({"brands", "titles", "lists", "series", "weeks", "field"})


@requires(VIEW_PULSE)
@require_safe
def show_hot_lists(request: HttpRequest) -> HttpResponse:
    """Show how long a brand was on hot lists, with which entries, and what share of the period was observed."""
    facts = find_facts()
    if facts is None:
        return render(request, "hotlists/empty.html", {"place": describe_place(), "page": "hot_lists"})
    viewer, labels = get_viewer(request), get_labels()
    bounds, query = _read_query(request, facts)
    found = queries.get_hot_lists(viewer, query)
    choice = choose_index(request.GET.dict(), queries.list_measured(viewer, query), query)
    picture = pictures.draw_brands(found, labels)
    titles = found.titles[:MOST_TITLES_SHOWN]
    context = {
        **describe_filters(request, facts, bounds),
        **_draw_twice(picture),
        "query": query,
        "labels": labels,
        "found": found,
        "main": picture,
        "brands_table": [(row, link_brand(row["id"], query)) for row in picture.table.to_pylist()],
        "titles": [(title, link_title(title, query)) for title in titles],
        "longest": max((title.minutes for title in titles), default=0),
        "titles_left": len(found.titles) - len(titles),
        "choice": choice,
        "metrics": [(name, METRICS.get(name)) for name in choice.metrics],
        "charts": [_draw_small(number, one) for number, one in enumerate(queries.get_series(viewer, query, choice))],
        "series_definition": DEFINITION,
        "place": describe_place(),
    }
    return render(request, "hotlists/hot_lists.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_share_of_voice(request: HttpRequest) -> HttpResponse:
    """Show the brand's share of voice among its competitors by week, with copies and without."""
    facts = find_facts()
    if facts is None:
        return render(request, "hotlists/empty.html", {"place": describe_place(), "page": "share_of_voice"})
    labels = get_labels()
    bounds, query = _read_query(request, facts)
    without_own = parse_without_own(request.GET.dict())
    found = queries.get_share_of_voice(get_viewer(request), query, without_own)
    links = _LinkMaker(query, without_own)
    picture = pictures.draw_weeks(found, labels)
    field = pictures.list_field_rows(found, labels).table.to_pylist()
    context = {
        **describe_filters(request, facts, bounds),
        **_draw_twice(picture),
        "query": query,
        "labels": labels,
        "found": found,
        "main": picture,
        "raw": found.whole.find(query.brand),
        "once": found.whole.find(query.brand, is_once=True),
        "weeks": list(zip(picture.table.to_pylist(), map(links.link_week, found.weeks), strict=True)),
        "mine": links.link(query.brand),
        "without_own": without_own,
        "accounts": len(get_own_actors()),
        "known_weeks": sum(week.is_known for week in found.weeks),
        "field": [(row, links.link(row["id"])) for row in field if row["mentions_raw"]],
        "silent": [row for row in field if not row["mentions_raw"]],
        "place": describe_place(),
    }
    return render(request, "hotlists/share_of_voice.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_hot_lists_proof(request: HttpRequest, name: str) -> HttpResponse:
    """Show how a figure of the page came to be; with ``again`` compute it again and compare every digit."""
    viewer, query = get_viewer(request), _get_query(request)
    rerun = queries.rerun_hot_lists(viewer, query) if "again" in request.GET else None
    shown = next((figure for figure in queries.get_hot_lists(viewer, query).figures if figure.name == name), None)
    if shown is None:
        raise Http404(name)
    context = {"figure": shown, "proof": shown.proof, "query": query, "rerun": rerun, "way": "hot_lists"}
    return _render_proof(request, context)


@requires(VIEW_PULSE)
@require_safe
def show_share_of_voice_proof(request: HttpRequest) -> HttpResponse:
    """Show how the shares came to be; with ``again`` compute them again and compare every digit."""
    viewer, query = get_viewer(request), _get_query(request)
    without_own = parse_without_own(request.GET.dict())
    rerun = queries.rerun_share_of_voice(viewer, query, without_own) if "again" in request.GET else None
    proof = queries.get_share_of_voice(viewer, query, without_own).proof
    context = {"proof": proof, "query": query, "rerun": rerun, "way": "share_of_voice"}
    return _render_proof(request, context)


@requires(VIEW_PULSE)
@require_safe
def send_hot_list_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Send a table as CSV, or a picture as SVG or PNG."""
    if name not in FILES or (form != "csv" and name not in DRAWN):
        raise Http404(name)
    query = _get_query(request)
    picture = _find_picture(request, query, name)
    stem = f"canyu-{name}-{query.start}-{query.end}"
    if form == "csv":
        # the mark lets spreadsheets read UTF-8
        return send_file(("\ufeff" + write_csv(picture)).encode(), "text/csv; charset=utf-8", f"{stem}.csv")
    drawn = render_chart(picture, get_language() or "", "light", width=FILE_PX)
    if form == "svg":
        return send_file(drawn.encode(), "image/svg+xml", f"{stem}.svg")
    if form == "png":
        return send_file(vl_convert.svg_to_png(drawn, scale=PNG_SCALE), "image/png", f"{stem}.png")
    raise Http404(form)


def _find_picture(request: HttpRequest, query: OverviewQuery, name: str) -> Picture:
    viewer, labels = get_viewer(request), get_labels()
    if name == "series":
        choice = choose_index(request.GET.dict(), queries.list_measured(viewer, query), query)
        return pictures.list_series_rows(queries.get_series(viewer, query, choice))
    if name in {"weeks", "field"}:
        voices = queries.get_share_of_voice(viewer, query, parse_without_own(request.GET.dict()))
        return (pictures.draw_weeks if name == "weeks" else pictures.list_field_rows)(voices, labels)
    found = queries.get_hot_lists(viewer, query)
    if name == "brands":
        return pictures.draw_brands(found, labels)
    return pictures.list_titles(found) if name == "titles" else pictures.list_coverage(found)


@dataclass(frozen=True, slots=True)
class _LinkMaker:
    """Makes the two addresses of the posts behind a share: all that were counted, and those that are no copies."""

    query: OverviewQuery
    without_own: bool

    def link(self, brand: str) -> tuple[str, str]:
        return link_brand(brand, self.query, **self._whose()), link_brand(brand, self.query, **self._whose(), **ONCE)

    def link_week(self, week: Span) -> tuple[str, str]:
        return link_span(week, self.query, **self._whose()), link_span(week, self.query, **self._whose(), **ONCE)

    def _whose(self) -> dict[str, str]:
        return {"accounts": WITHOUT} if self.without_own else {}


def _draw_twice(picture: Picture) -> dict[str, str]:
    language = get_language() or ""
    slim = make_own_ids(render_chart(picture, language, "auto", width=SLIM_PX), picture)
    return {"chart_wide": render_chart(picture, language, "auto", width=WIDE_PX), "chart_slim": slim}


def _draw_small(number: int, series: Any) -> dict[str, Any]:
    picture = pictures.draw_one_series(series)
    drawn = render_chart(picture, get_language() or "", "auto", width=SLIM_PX)
    return {"picture": picture, "series": series, "svg": drawn.replace("chart-series-", f"chart-series{number}-")}


def _render_proof(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    is_fragment = bool(request.headers.get("HX-Request"))
    return render(request, "hotlists/proof.html" if is_fragment else "hotlists/proof_page.html", context)


def _read_query(request: HttpRequest, facts: LakeFacts) -> tuple[Bounds, OverviewQuery]:
    bounds = get_bounds(get_viewer(request), facts)
    return bounds, need_brand(parse_overview(request.GET.dict(), bounds), bounds.home)


def _get_query(request: HttpRequest) -> OverviewQuery:
    facts = find_facts()
    if facts is None:
        raise Http404("no data yet")
    return _read_query(request, facts)[1]
