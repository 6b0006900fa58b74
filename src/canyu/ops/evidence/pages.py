"""The pages of evidence: copies, coordinated posting, rumour candidates, and the check of copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from canyu.listen.coordination_table import KIND as COORDINATION
from canyu.listen.coordination_table import MOST_POSTS as MOST_GROUPED
from canyu.listen.copycheck import INDUSTRIES, RULES_VERSION, check_copy
from canyu.listen.rumour_table import KIND as RUMOURS
from canyu.listen.rumour_table import MOST_REACTIONS
from canyu.ops.evidence import queries
from canyu.ops.evidence.copies import COPY_SHARE
from canyu.ops.evidence.copy_check import MOST_LETTERS, describe_report, find_fault
from canyu.ops.evidence.rumours import PRECISIONS, SHARES, parse_rumours
from canyu.ops.evidence.words import INDUSTRY_WORDS
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.building import get_progress
from canyu.ops.insight.queries import get_bounds, get_catalogue
from canyu.ops.insight.rules import ALL, DEFAULT_DAYS, PERIODS_DAYS, PostsQuery, drop_nul, parse_overview, parse_posts
from canyu.ops.lakes import LakeFacts, describe_place, find_facts
from canyu.ops.people.rules import VIEW_PULSE

ANSWERS_TOO = "answers"
NO_PART: dict[str, Any] = {"cluster": "", "group": "", "is_once": False}
"""Copies are told of whole texts: what narrows a list of posts to some of them has no meaning here."""
Show = Callable[[HttpRequest, LakeFacts], HttpResponseBase]


def needs_posts(page: str) -> Callable[[Show], Callable[[HttpRequest], HttpResponseBase]]:
    """Give a page the facts of the lake; while there is none, say how to fill it."""

    def decorate(show: Show) -> Callable[[HttpRequest], HttpResponseBase]:
        @wraps(show)
        def show_or_explain(request: HttpRequest) -> HttpResponseBase:
            facts = find_facts()
            if facts is None:
                return render(request, "evidence/empty.html", {"place": describe_place(), "page": page})
            return show(request, facts)

        return show_or_explain

    return decorate


@requires(VIEW_PULSE)
@require_safe
@needs_posts("copies")
def show_copies(request: HttpRequest, facts: LakeFacts) -> HttpResponseBase:
    """Show who says the same: clusters of near copies of the period, the largest first."""
    query = replace(_read_query(request, facts), is_own=request.GET.get("with") != ANSWERS_TOO, text="", **NO_PART)
    page = queries.list_clusters(get_viewer(request), query)
    if query.page > page.pages:
        params = request.GET.copy()
        params["page"] = str(page.pages)
        return redirect(f"{request.path}?{params.urlencode()}")
    context = {
        **_describe_filters(request, facts),
        "query": query,
        "page": page,
        "definition": COPY_SHARE,
        "lake_place": describe_place(),
    }
    return render(request, "evidence/copies.html", context)


@requires(VIEW_PULSE)
@require_safe
@needs_posts("coordination")
def show_coordination(request: HttpRequest, facts: LakeFacts) -> HttpResponse:
    """Show the groups of accounts that post as one, the largest first, each with its evidence."""
    viewer = get_viewer(request)
    query = parse_overview(request.GET.dict(), get_bounds(viewer, facts))
    context = {
        **_describe_filters(request, facts),
        "query": query,
        "page": queries.get_coordination(viewer, query),
        "building": get_progress(viewer, COORDINATION),
        "most_posts": MOST_GROUPED,
        "lake_place": describe_place(),
    }
    return render(request, "evidence/coordination.html", context)


@requires(VIEW_PULSE)
@require_safe
@needs_posts("coordination")
def show_group(request: HttpRequest, facts: LakeFacts) -> HttpResponse:
    """Show one group: its figures beside what chance would give, and its posts in the order of time."""
    viewer = get_viewer(request)
    query = parse_overview(request.GET.dict(), get_bounds(viewer, facts))
    row, posts = queries.get_group(viewer, query, request.GET.get("id", ""))
    page = queries.get_coordination(viewer, query)
    context = {"query": query, "page": page, "row": row, "group": row.group, "posts": posts}
    return render(request, "evidence/group.html", context)


@requires(VIEW_PULSE)
@require_safe
@needs_posts("rumours")
def show_rumours(request: HttpRequest, facts: LakeFacts) -> HttpResponse:
    """Show the claims worth a look, the likeliest first, each with its evidence: a queue, not a verdict."""
    viewer = get_viewer(request)
    query = parse_rumours(drop_nul(request.GET.dict()), get_bounds(viewer, facts))
    context = {
        **_describe_filters(request, facts),
        "query": query.view,
        "asked": query,
        "page": queries.get_queue(viewer, query),
        "building": get_progress(viewer, RUMOURS),
        "place": describe_place(),
        "precisions": [(name, f"{100 * float(name):g}") for name in PRECISIONS],
        "loosest": PRECISIONS[0],
        "shares": [(name, f"{100 * float(name):g}") for name in SHARES],
        "most_reactions": MOST_REACTIONS,
    }
    return render(request, "evidence/rumours.html", context)


@requires(VIEW_PULSE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_copy_check(request: HttpRequest) -> HttpResponse:
    """Show the form; where copy was sent, its findings too. Nothing is stored."""
    sent = request.POST if request.method == "POST" else request.GET
    industry, is_paid = sent.get("industry", ""), sent.get("paid") == "1"
    context: dict[str, Any] = {
        "industries": [(name, INDUSTRY_WORDS[name]) for name in INDUSTRIES],
        "industry": industry if industry in INDUSTRIES else "",
        "is_paid": is_paid,
        "most": MOST_LETTERS,
        "rules_version": RULES_VERSION,
    }
    if request.method != "POST":
        return render(request, "evidence/copy_check.html", context)
    text = sent.get("text", "").replace("\r\n", "\n").replace("\0", "")
    fault = find_fault(text, industry)
    if fault:
        return render(request, "evidence/copy_check.html", {**context, "text": text, "fault": fault}, status=400)
    report = check_copy(text, industry=industry, is_paid=is_paid, catalogue=get_catalogue())
    return render(request, "evidence/copy_check.html", {**context, "text": text, **describe_report(text, report)})


def _read_query(request: HttpRequest, facts: LakeFacts) -> PostsQuery:
    return parse_posts(request.GET.dict(), get_bounds(get_viewer(request), facts))


def _describe_filters(request: HttpRequest, facts: LakeFacts) -> dict[str, Any]:
    catalogue = get_catalogue()
    days = request.GET.get("days", "" if request.GET.get("from") else str(DEFAULT_DAYS))
    return {
        "facts": facts,
        "periods": PERIODS_DAYS,
        "chosen_days": int(days) if days.isdigit() and not request.GET.get("to") else None,
        "whole_days": (facts.last_day - facts.first_day + timedelta(days=1)).days,
        "brands": catalogue.list_brands(),
        "entries": [(brand, catalogue.list_entries(brand.id)) for brand in catalogue.list_brands()],
        "all": ALL,
    }
