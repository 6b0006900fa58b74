"""The page of one cascade: its tree, its pace, who carried it, and every repost."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.measure import Picture
from canyu.ops.gate import get_viewer, requires
from canyu.ops.lakes import LakeFacts
from canyu.ops.people.rules import VIEW_PULSE
from canyu.ops.travel import pictures, queries
from canyu.ops.travel.drawing import Paper, draw_tree
from canyu.ops.travel.figures import find_figure, list_one_figures, prove_one
from canyu.ops.travel.marks import MarkMaker, list_ids, list_layouts
from canyu.ops.travel.one import OneCascade
from canyu.ops.travel.pages import (
    SLIM_PX,
    WIDE_PX,
    draw_twice,
    need_facts,
    needs_lake,
    read_query,
    render_proof,
    send_drawing,
    send_picture,
)
from canyu.ops.travel.rules import Colour, OneQuery, Order, Scale, TravelQuery, parse_one
from canyu.ops.travel.words import DEFINITIONS, LABELS, say_how
from canyu.spread.cascades.layout import Layout

SHOWN_CARRIERS = 12
PAGE_ROWS = 20
MOST_EXPORTED = 20_000
FILES = {"tree": ("csv", "svg", "png"), "pace": ("csv", "svg", "png"), "reposts": ("csv",)}


@requires(VIEW_PULSE)
@require_safe
@needs_lake("spread")
def show_one(request: HttpRequest, facts: LakeFacts) -> HttpResponseBase:
    """Show one cascade: the tree from the post or a repost on, its pace, its carriers, its reposts by page."""
    viewer = get_viewer(request)
    view, asked = _read(request, facts)
    one = queries.get_one(viewer, view, asked)
    rows = one.list_below(asked.page, PAGE_ROWS)
    pages = max(1, -(-one.tell(one.top).below // PAGE_ROWS))
    if asked.page > pages:
        params = request.GET.copy()
        params["page"] = str(pages)
        return redirect(f"{request.path}?{params.urlencode()}")
    layouts = list_layouts(one)
    ids = [*list_ids(one, layouts[0]), *list_ids(one, layouts[1]), *(row.id for row in rows), one.shape["root"]]
    posts = queries.read_posts(viewer, one, ids)
    pace = _draw_pace(request, one, asked)
    way = one.list_way()
    context = {
        "facts": facts,
        "query": view,
        "asked": asked,
        "one": one,
        "shape": one.shape,
        "post": one.post,
        "told": posts.get(one.shape["root"]),
        "figures": list_one_figures(one),
        "way": [(row, say_how(row.how), posts.get(row.id)) for row in way],
        "top": way[-1],
        "tree_title": pictures.tell_tree(one),
        **_draw(one, view, asked, posts, layouts),
        "marks": len(layouts[0].marks),
        "colours": list(Colour),
        "scales": list(Scale),
        "pace": pace,
        "pace_charts": draw_twice(pace),
        "growth_charts": draw_twice(pictures.draw_growth(pace)),
        "pace_rows": [row for row in pace.table.to_pylist() if row["reposts"]],
        "orders": list(Order),
        "carriers": one.list_carriers(asked.order, SHOWN_CARRIERS),
        "definitions": DEFINITIONS,
        "rows": [(row, say_how(row.how), posts.get(row.id)) for row in rows],
        "page": asked.page,
        "pages": pages,
    }
    return render(request, "travel/one.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_one_proof(request: HttpRequest, name: str) -> HttpResponse:
    """Show how a figure of one cascade came to be; with ``again`` compute it again and compare every digit."""
    one, view = _find(request)
    if name not in DEFINITIONS:
        raise Http404(name)
    rerun = queries.rerun_travel(get_viewer(request), view, need_facts()) if "again" in request.GET else None
    figure = find_figure(list_one_figures(one), name)
    context = {"figure": figure, "label": LABELS.get(name), "proof": prove_one(one, name), "query": view}
    return render_proof(request, {**context, "rerun": rerun, "way": "spread_one"})


@requires(VIEW_PULSE)
@require_safe
def send_one_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Send the tree or the pace of one cascade as CSV, SVG or PNG, or its reposts as CSV."""
    if form not in FILES.get(name, ()):
        raise Http404(name)
    one, view = _find(request)
    asked, stem = parse_one(request.GET.dict()), f"canyu-spread-{name}"
    if name == "pace":
        return send_picture(_draw_pace(request, one, asked), form, stem)
    if name == "reposts":
        return send_picture(pictures.list_reposts(one, one.list_below(1, MOST_EXPORTED)), form, stem)
    layout = list_layouts(one)[0]
    if form == "csv":
        rows = [one.tell(mark.node) for mark in layout.marks if not mark.is_rest]
        return send_picture(pictures.list_reposts(one, rows), form, stem)
    language, posts = get_language() or "", queries.read_posts(get_viewer(request), one, list_ids(one, layout))
    told = MarkMaker(one, view, asked, posts, language).make(layout)
    paper = Paper(WIDE_PX, pictures.tell_tree(one).say(language), "file", "light", has_links=False)
    return send_drawing(draw_tree(layout, told, paper), form, stem)


def _find(request: HttpRequest) -> tuple[OneCascade, TravelQuery]:
    view, asked = _read(request, need_facts())
    return queries.get_one(get_viewer(request), view, asked), view


def _draw_pace(request: HttpRequest, one: OneCascade, asked: OneQuery) -> Picture:
    """Return the pace with the brand's answers, and the campaigns that began while the cascade spread."""
    viewer = get_viewer(request)
    campaigns = queries.list_begun(viewer, *one.days)
    return pictures.draw_pace(one, asked.scale, queries.list_answers(viewer, one), campaigns)


def _read(request: HttpRequest, facts: LakeFacts) -> tuple[TravelQuery, OneQuery]:
    """Return the view and the cascade; without a period it is the day of the post."""
    asked = parse_one(request.GET.dict())
    query = read_query(request, facts)[1]
    if not any(request.GET.get(name) for name in ("from", "to", "days")):
        query = queries.narrow_to_post(get_viewer(request), query, asked)
    return query, asked


def _draw(
    one: OneCascade, view: TravelQuery, asked: OneQuery, posts: dict[str, Any], layouts: tuple[Layout, Layout]
) -> dict[str, SafeString]:
    language = get_language() or ""
    maker = MarkMaker(one, view, asked, posts, language)
    title = pictures.tell_tree(one).say(language)
    wide = draw_tree(layouts[0], maker.make(layouts[0]), Paper(WIDE_PX, title, "wide"))
    slim = draw_tree(layouts[1], maker.make(layouts[1]), Paper(SLIM_PX, title, "slim", is_slim=True))
    return {"tree_wide": wide, "tree_slim": slim}
