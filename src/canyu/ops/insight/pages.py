"""The pages Pulse and Posts: an address becomes a view, a view becomes a page, a file or the proof drawer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import vl_convert
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.measure import OverviewQuery, Picture, render_chart
from canyu.measure.emotions import EMOTIONS
from canyu.measure.report import Subject, render_html, render_pdf
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight import queries
from canyu.ops.insight.building import get_reading
from canyu.ops.insight.findings import mark_opinions, name_findings, name_opinion
from canyu.ops.insight.posts import MOST_EXPORTED
from canyu.ops.insight.rules import (
    ALL,
    ANY_GROUP,
    DEFAULT_DAYS,
    PERIODS_DAYS,
    Bounds,
    Column,
    Sentiment,
    Sort,
    parse_columns,
    parse_overview,
    parse_posts,
)
from canyu.ops.insight.steps import list_days, list_steps
from canyu.ops.insight.tables import build_table_view, link_figure, link_posts, write_csv, write_posts_csv
from canyu.ops.labels.queries import find_correction
from canyu.ops.lakes import LakeFacts, describe_place, find_facts
from canyu.ops.people.rules import VIEW_POSTS, VIEW_PULSE
from canyu.ops.voices.queries import get_emotions
from canyu.ops.voices.words import get_storylines

MAIN_PICTURES = ("volume_by_day", "sentiment_by_day")
SIDE_TABLES = (("share_of_voice", "channels"), ("products", "board_minutes"))
WIDE_PX, SLIM_PX, FILE_PX = 1104, 296, 960
PNG_SCALE = 2.0
REPORT_KINDS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
COLUMNS_COOKIE = "canyu_posts_columns"
YEAR_S = 365 * 24 * 3600


@requires(VIEW_PULSE)
@require_safe
def show_pulse(request: HttpRequest) -> HttpResponse:
    """Show the overview of a period: figures, one main picture, the tables behind, what to do next."""
    facts = find_facts()
    if facts is None:
        return render(request, "insight/empty.html", {"place": describe_place(), "page": "pulse"})
    bounds = queries.get_bounds(get_viewer(request), facts)
    query = parse_overview(request.GET.dict(), bounds)
    overview = queries.get_overview(get_viewer(request), query)
    pictures = {picture.name: picture for picture in overview.pictures}
    main = pictures[_choose_main(request)]
    language = get_language() or ""
    context = {
        **describe_filters(request, facts, bounds),
        "query": query,
        "overview": overview,
        "building": get_reading(get_viewer(request)),
        "place": describe_place(),
        "figures": [(figure, link_figure(figure.name, query)) for figure in overview.figures],
        "moods": [(name, link_posts(query, sentiment=name)) for name in (Sentiment.POSITIVE, Sentiment.NEGATIVE)],
        "days": [(one, link_posts(query, day=one.day, **one.narrower)) for one in list_days(main)],
        "main": main,
        "main_choices": [pictures[name] for name in MAIN_PICTURES],
        "main_table": build_table_view(main, query, language),
        "chart_wide": render_chart(main, language, "auto", width=WIDE_PX),
        "chart_slim": make_own_ids(render_chart(main, language, "auto", width=SLIM_PX), main),
        "tables": [
            [(pictures[name], build_table_view(pictures[name], query, language)) for name in column]
            for column in SIDE_TABLES
        ],
        "posts": (pictures["posts"], build_table_view(pictures["posts"], query, language)),
        "emotions": get_emotions(get_viewer(request), query),
        "steps": list_steps(overview),
        "has_scores": any(picture.table.num_rows for picture in overview.pictures),
    }
    return render(request, "insight/pulse.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_proof(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Show how a figure or picture came to be; with ``again`` compute it again and compare every digit."""
    if kind not in {"figure", "picture"}:
        raise Http404(kind)
    viewer, query = get_viewer(request), _get_query(request)
    rerun = queries.rerun_overview(viewer, query) if "again" in request.GET else None
    get_shown = queries.get_figure if kind == "figure" else queries.get_picture
    shown = get_shown(viewer, query, name)
    context = {"shown": shown, "kind": kind, "proof": shown.proof, "query": query, "rerun": rerun}
    is_fragment = bool(request.headers.get("HX-Request"))
    return render(request, "insight/proof.html" if is_fragment else "insight/proof_page.html", context)


@requires(VIEW_PULSE)
@require_safe
def send_picture(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Send a picture as CSV, SVG or PNG; the file holds what the page shows."""
    query = _get_query(request)
    picture = queries.get_picture(get_viewer(request), query, name)
    language = get_language() or ""
    if form == "csv":
        # the mark lets spreadsheets read UTF-8
        body, kind = ("\ufeff" + write_csv(picture)).encode(), "text/csv; charset=utf-8"
    elif form == "svg":
        body, kind = render_chart(picture, language, "light", width=FILE_PX).encode(), "image/svg+xml"
    elif form == "png":
        drawn = render_chart(picture, language, "light", width=FILE_PX)
        body, kind = vl_convert.svg_to_png(drawn, scale=PNG_SCALE), "image/png"
    else:
        raise Http404(form)
    return send_file(body, kind, f"canyu-{name}-{query.start}-{query.end}.{form}")


@requires(VIEW_PULSE)
@require_safe
def send_report(request: HttpRequest, form: str) -> HttpResponse:
    """Send the overview as a self-contained HTML page or a PDF, in the page's language."""
    if form not in REPORT_KINDS:
        raise Http404(form)
    query = _get_query(request)
    overview = queries.get_overview(get_viewer(request), query)
    brand = queries.get_labels().get(query.brand, Words(query.brand, query.brand))
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    subject = Subject(overview, language, brand, get_now())
    body = render_html(subject) if form == "html" else render_pdf(subject)
    return send_file(body, REPORT_KINDS[form], f"canyu-report-{query.start}-{query.end}.{form}")


@requires(VIEW_POSTS)
@require_safe
def show_posts(request: HttpRequest) -> HttpResponseBase:
    """Show one page of the posts that match the address; the choice of columns is kept in a cookie."""
    facts = find_facts()
    if facts is None:
        return render(request, "insight/empty.html", {"place": describe_place(), "page": "posts"})
    viewer = get_viewer(request)
    bounds = queries.get_bounds(viewer, facts)
    page = queries.list_posts(viewer, parse_posts(request.GET.dict(), bounds))
    if page.query.page > page.pages:
        params = request.GET.copy()
        params["page"] = str(page.pages)
        return redirect(f"{request.path}?{params.urlencode()}")
    columns = parse_columns(request.GET.getlist("column"), request.COOKIES.get(COLUMNS_COOKIE, ""))
    context = {
        **describe_filters(request, facts, bounds),
        "query": page.query,
        "page": page,
        "columns": columns,
        "all_columns": list(Column),
        "sorts": list(Sort),
        "sentiments": list(Sentiment),
        "labels": queries.get_labels(),
        "emotions": EMOTIONS.items(),
        "narrowed": name_findings(page.query),
        "one_group": page.query.group if page.query.group != ANY_GROUP else "",
        "most_exported": MOST_EXPORTED if page.total > MOST_EXPORTED else 0,
        "kept": [(name, value) for name, value in request.GET.items() if name not in {"column", "page"}],
    }
    answer = render(request, "insight/posts.html", context)
    if request.GET.getlist("column"):
        answer.set_cookie(COLUMNS_COOKIE, ".".join(columns), max_age=YEAR_S, samesite="Lax", httponly=True)
    return answer


@requires(VIEW_POSTS)
@require_safe
def send_posts(request: HttpRequest) -> HttpResponse:
    """Send the posts that match the address as CSV, the first ``MOST_EXPORTED`` in the order of the list."""
    facts = find_facts()
    if facts is None:
        raise Http404("no data yet")
    viewer = get_viewer(request)
    query = parse_posts(request.GET.dict(), queries.get_bounds(viewer, facts))
    # the mark lets spreadsheets read UTF-8
    body = ("\ufeff" + write_posts_csv(queries.list_posts_for_file(viewer, query).rows)).encode()
    return send_file(body, "text/csv; charset=utf-8", f"canyu-posts-{query.start}-{query.end}.csv")


@requires(VIEW_POSTS)
@require_safe
def show_post(request: HttpRequest) -> HttpResponse:
    """Show one post: its words with what they name, its scores, what it set off, and the event as it is kept."""
    read = queries.read_post(get_viewer(request), request.GET.get("id", ""))
    post = read.post
    scores = [(name, getattr(post, f"p_{name}")) for name in Sentiment if getattr(post, f"p_{name}") is not None]
    context = {
        "read": read,
        "parts": mark_opinions(read.parts, queries.get_labels()),
        "emotion": EMOTIONS.get(post.emotion or ""),
        "opinions": [(name_opinion(one), one) for one in read.opinions],
        "storylines": [(get_storylines().names.get(one, Words(one, one)), one) for one in post.storylines],
        "post": post,
        "correction": find_correction(get_viewer(request), post.id),
        "scores": scores,
        "labels": queries.get_labels(),
        "event_json": dump_json(_shorten(post.event)),
        "back": _find_way_back(request),
    }
    return render(request, "insight/post.html", context)


def describe_filters(request: HttpRequest, facts: LakeFacts, bounds: Bounds) -> dict[str, Any]:
    """Return what the filters above a page are drawn from."""
    catalogue = queries.get_catalogue()
    days = request.GET.get("days", "" if request.GET.get("from") else str(DEFAULT_DAYS))
    whole = (facts.last_day - facts.first_day + timedelta(days=1)).days
    return {
        "facts": facts,
        "bounds": bounds,
        "periods": PERIODS_DAYS,
        "chosen_days": int(days) if days.isdigit() and not request.GET.get("to") else None,
        "whole_days": whole,
        "brands": catalogue.list_brands(),
        "entries": [(brand, catalogue.list_entries(brand.id)) for brand in catalogue.list_brands()],
        "all": ALL,
    }


def send_file(body: bytes | str, kind: str, name: str) -> HttpResponse:
    """Send a file as a download."""
    # a file with texts from outside is never shown as a page of this site
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _find_way_back(request: HttpRequest) -> str:
    """Return the list of posts that the viewer came from, with its filters; else the list without any."""
    came = urlsplit(request.headers.get("referer", ""))
    home = reverse("posts")
    return f"{home}?{came.query}" if came.netloc == request.get_host() and came.path == home and came.query else home


def _get_query(request: HttpRequest) -> OverviewQuery:
    facts = find_facts()
    if facts is None:
        raise Http404("no data yet")
    return parse_overview(request.GET.dict(), queries.get_bounds(get_viewer(request), facts))


def _choose_main(request: HttpRequest) -> str:
    chosen = request.GET.get("picture", "")
    return chosen if chosen in MAIN_PICTURES else MAIN_PICTURES[0]


def make_own_ids(svg: str, picture: Picture) -> str:
    """Return the chart with other ids: it stands in the page twice, for wide and for slim screens."""
    return svg.replace(f"chart-{picture.name}-", f"slim-{picture.name}-")


def _shorten(event: dict[str, Any]) -> dict[str, Any]:
    most = 2_000
    return {k: f"{v[:most]}…" if isinstance(v, str) and len(v) > most else v for k, v in event.items()}
