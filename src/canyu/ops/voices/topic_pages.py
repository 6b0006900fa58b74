"""The page Topics: what people talk about by day or week, its posts, its proof and its table as a file."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from canyu.kit.errors import NotFound
from canyu.listen.topic_table import KIND as TOPICS
from canyu.listen.topic_table import MOST_UNIQUE
from canyu.measure import OverviewQuery
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.building import get_progress
from canyu.ops.insight.findings import ACCOUNT_WORDS
from canyu.ops.insight.pages import describe_filters, send_file
from canyu.ops.insight.posts import list_by_ids
from canyu.ops.insight.queries import get_bounds
from canyu.ops.insight.rules import parse_accounts
from canyu.ops.insight.tables import write_csv
from canyu.ops.lakes import describe_place, find_facts, get_lake
from canyu.ops.people.rules import VIEW_POSTS, VIEW_PULSE
from canyu.ops.voices import queries
from canyu.ops.voices.pages import render_proof
from canyu.ops.voices.rules import TOPIC_DAYS, UNITS, parse_topics
from canyu.ops.voices.strips import build_topic_strip
from canyu.ops.voices.topic_view import build_topics, find_days, find_last_day, list_members


@requires(VIEW_PULSE)
@require_safe
def show_topics(request: HttpRequest) -> HttpResponse:
    """Show the topics of a day or week with what stands for each, and how they went on."""
    facts = find_facts()
    if facts is None:
        return render(request, "voices/empty.html", {"place": describe_place(), "page": "topics"})
    viewer = get_viewer(request)
    bounds = get_bounds(viewer, facts)
    query, unit = parse_topics(request.GET.dict(), bounds)
    report = queries.get_topic_report(viewer, query, unit)
    view = build_topics(report, _parse_period(request))
    filters = describe_filters(request, facts, bounds)
    if not request.GET.get("days") and not request.GET.get("from"):
        filters["chosen_days"] = TOPIC_DAYS
    context: dict[str, Any] = {
        **filters,
        "query": query,
        "unit": unit,
        "units": UNITS,
        "report": report,
        "building": get_progress(viewer, TOPICS),
        "view": view,
        "strip": build_topic_strip(report, query, find_days(query, unit)),
        "until": find_last_day(view.chosen, unit) if view.chosen else None,
        "most": MOST_UNIQUE,
        "place": describe_place(),
    }
    return render(request, "voices/topics.html", context)


@requires(VIEW_POSTS)
@require_safe
def show_topic_posts(request: HttpRequest) -> HttpResponse:
    """Show the posts of one topic of a day or week, those that are most like it first."""
    query, unit = _get_query(request)
    report = queries.get_topic_report(get_viewer(request), query, unit)
    day, topic = _parse_period(request), request.GET.get("topic", "")
    accounts = parse_accounts(request.GET.dict())
    ids = list_members(report, topic, day, accounts) if day else []
    if not ids or day is None:
        raise NotFound(_("There is no such topic."), mend=_("Choose one from the page of topics."))
    view = build_topics(report, day)
    row = next((row for row in view.rows if row.id == topic), None)
    page_rows = load_config().page_rows
    text = request.GET.get("page", "1")
    pages = max(1, -(-len(ids) // page_rows))
    page = min(pages, max(1, int(text[:6]))) if text.isascii() and text.isdigit() else 1
    shown = ids[(page - 1) * page_rows : page * page_rows]
    # UTC days: a local day may begin on the day before
    posts = list_by_ids(get_lake(), shown, date.fromordinal(day.toordinal() - 1), find_last_day(day, unit))
    context: dict[str, Any] = {"row": row, "posts": posts, "total": len(ids), "n": page, "pages": pages, "query": query}
    context["whose"] = ACCOUNT_WORDS.get(accounts)
    return render(request, "voices/topic_posts.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_topics_proof(request: HttpRequest) -> HttpResponse:
    """Show how the topics came to be; with ``again`` find them again and compare every digit."""
    viewer, (query, unit) = get_viewer(request), _get_query(request)
    rerun = queries.rerun_topics(viewer, query, unit) if "again" in request.GET else None
    report = queries.get_topic_report(viewer, query, unit)
    view = build_topics(report, _parse_period(request))
    context = {"shown": view.picture, "query": query, "rerun": rerun, "way": "topics"}
    return render_proof(request, context, build_topic_strip(report, query, find_days(query, unit)))


@requires(VIEW_PULSE)
@require_safe
def send_topics(request: HttpRequest) -> HttpResponse:
    """Send every topic of every day or week as CSV."""
    query, unit = _get_query(request)
    picture = build_topics(queries.get_topic_report(get_viewer(request), query, unit), None).picture
    # the mark lets spreadsheets read UTF-8
    body = ("\ufeff" + write_csv(picture)).encode()
    return send_file(body, "text/csv; charset=utf-8", f"canyu-topics-{query.start}-{query.end}.csv")


def _get_query(request: HttpRequest) -> tuple[OverviewQuery, str]:
    facts = find_facts()
    if facts is None:
        raise Http404("no data yet")
    return parse_topics(request.GET.dict(), get_bounds(get_viewer(request), facts))


def _parse_period(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("period", ""))
    except ValueError:
        return None
