"""The pages that say how far it will go: all that is young at a moment, and one post with its band."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from canyu.kit.words import Words
from canyu.measure import OverviewQuery
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.posts import Post
from canyu.ops.lakes import LakeFacts, describe_place, find_facts
from canyu.ops.people.rules import VIEW_PULSE
from canyu.ops.travel import forecast_pictures as pictures
from canyu.ops.travel import queries
from canyu.ops.travel.figures import find_figure
from canyu.ops.travel.forecasts import Forecast, Forecasts, Reactions, foresee
from canyu.ops.travel.pages import draw_twice, needs_lake, render_proof, send_picture
from canyu.ops.travel.rules import (
    LEAST_AGE_H,
    MOST_AGE_H,
    ForecastQuery,
    choose_ages,
    parse_age,
    parse_forecast,
    parse_one,
    spell_moment,
)
from canyu.ops.travel.words import FORECAST_DEFINITIONS, FORECAST_LABELS
from canyu.spread.prediction.horizon import LEAST_SEEN

FILES = {"forecasts": ("csv", "svg", "png")}
SUGGESTED = 5
PASSES = (100, 500, 1_000, 10_000)
EXCERPT_LETTERS = 24


@requires(VIEW_PULSE)
@require_safe
@needs_lake("forecasts")
def show_forecasts(request: HttpRequest, facts: LakeFacts) -> HttpResponseBase:
    """Show what is foreseen of the posts that are young at a moment; where there are none, say why."""
    viewer = get_viewer(request)
    asked = _read(request)
    found = queries.get_forecasts(viewer, asked)
    posts = queries.read_young(viewer, found)
    picture = pictures.draw_forecasts(found, _name_all(found, posts))
    zone = load_config().zone
    context = {
        "facts": facts,
        "found": found,
        "asked": asked,
        "at": spell_moment(found.moment, zone),
        "zone": zone,
        "query": _make_period(found.moment, zone),
        "figures": pictures.list_figures(found) if found.rows else (),
        "main": picture if found.rows else None,
        **(draw_twice(picture) if found.rows else {}),
        "rows": [
            (row, posts.get(one.reactions.root.id), one.is_day_right, _link(one, asked))
            for row, one in zip(pictures.list_rows(found, _name_all(found, posts)), found.rows, strict=True)
        ],
        "passes_choices": sorted({*PASSES, asked.passes}),
        "suggested": [] if found.rows else _suggest(request, asked),
        "least_seen": LEAST_SEEN,
        "place": describe_place(),
    }
    return render(request, "travel/forecasts.html", context)


@requires(VIEW_PULSE)
@require_safe
def show_forecasts_proof(request: HttpRequest, name: str) -> HttpResponse:
    """Show how a figure of the forecasts came to be; with ``again`` compute it again and compare every digit."""
    _need_lake()
    if name not in FORECAST_DEFINITIONS:
        raise Http404(name)
    viewer, asked = get_viewer(request), _read(request)
    if post := request.GET.get("post", ""):
        return _show_one_proof(request, post, asked)
    rerun = queries.rerun_forecasts(viewer, asked) if "again" in request.GET else None
    found = queries.get_forecasts(viewer, asked)
    figure = find_figure(pictures.list_figures(found), name)
    proof = figure.proof if figure else pictures.prove(found, name)
    context = {"figure": figure, "label": FORECAST_LABELS[name], "proof": proof, "rerun": rerun, "way": "forecasts"}
    return render_proof(request, {**context, "query": _make_period(found.moment, load_config().zone)})


@requires(VIEW_PULSE)
@require_safe
def send_forecasts_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Send what is foreseen as CSV, or its picture as SVG or PNG."""
    _need_lake()
    if form not in FILES.get(name, ()):
        raise Http404(name)
    found = queries.get_forecasts(get_viewer(request), _read(request))
    names = _name_all(found, queries.read_young(get_viewer(request), found))
    picture = pictures.list_forecasts(found, names) if form == "csv" else pictures.draw_forecasts(found, names)
    return send_picture(picture, form, f"canyu-forecasts-{found.moment:%Y%m%d-%H%M}")


@requires(VIEW_PULSE)
@require_safe
@needs_lake("forecasts")
def show_forecast(request: HttpRequest, facts: LakeFacts) -> HttpResponseBase:
    """Show one post: what was seen until an age, the band from there on, and what came where that is known."""
    viewer, asked = get_viewer(request), _read(request)
    reactions = _find_reactions(request)
    live = min((reactions.until - reactions.root.time) / timedelta(hours=1), MOST_AGE_H)
    age = parse_age(request.GET.dict()) or min(max(live, LEAST_AGE_H), 1.0)
    one = foresee(reactions, reactions.root.time + timedelta(hours=age), asked.passes)
    picture = queries.draw_forecast(viewer, one) if one else None
    seen = reactions.count(reactions.root.time + timedelta(hours=age))
    context = {
        "facts": facts,
        "query": _make_period(reactions.root.time, load_config().zone),
        "asked": asked,
        "reactions": reactions,
        "root": reactions.root,
        "told": queries.read_post(viewer, reactions.root),
        "one": one,
        "age": age,
        "ages": choose_ages(min(live, MOST_AGE_H) if live < max(MOST_AGE_H, 6.0) else None),
        "seen": seen,
        "least_seen": LEAST_SEEN,
        "ready_h": _find_ready(reactions),
        "day_actual": reactions.count_day(),
        "end_actual": reactions.count_end(),
        "main": picture,
        **(draw_twice(picture) if picture else {}),
        "table": picture.table.to_pylist() if picture else [],
        "passes_choices": sorted({*PASSES, asked.passes}),
    }
    return render(request, "travel/forecast.html", context)


@requires(VIEW_PULSE)
@require_safe
def send_forecast_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Send the band of one post as CSV, SVG or PNG."""
    _need_lake()
    if name != "forecast" or form not in FILES["forecasts"]:
        raise Http404(name)
    one = _foresee_one(request, _find_reactions(request), _read(request))
    if one is None:
        raise Http404("nothing is foreseen at this age")
    return send_picture(queries.draw_forecast(get_viewer(request), one), form, "canyu-forecast")


def _show_one_proof(request: HttpRequest, post: str, asked: ForecastQuery) -> HttpResponse:  # noqa: ARG001
    one = _foresee_one(request, _find_reactions(request), asked)
    if one is None:
        raise Http404("nothing is foreseen at this age")
    picture = queries.draw_forecast(get_viewer(request), one)
    rerun = queries.rerun_forecast(get_viewer(request), one, asked.passes) if "again" in request.GET else None
    context = {"figure": None, "label": picture.title, "proof": picture.proof, "rerun": rerun, "way": "forecast"}
    return render_proof(request, {**context, "query": _make_period(one.reactions.root.time, load_config().zone)})


def _foresee_one(request: HttpRequest, reactions: Reactions, asked: ForecastQuery) -> Forecast | None:
    live = (reactions.until - reactions.root.time) / timedelta(hours=1)
    age = parse_age(request.GET.dict()) or min(max(live, LEAST_AGE_H), 1.0)
    return foresee(reactions, reactions.root.time + timedelta(hours=age), asked.passes)


def _find_reactions(request: HttpRequest) -> Reactions:
    return queries.get_reactions(get_viewer(request), parse_one(request.GET.dict()).post)


def _find_ready(reactions: Reactions) -> float | None:
    """Return the age in hours from which on a forecast can be made, None where that never comes."""
    if len(reactions.times) < LEAST_SEEN:
        return None
    hours = (reactions.times[LEAST_SEEN - 1] / 1e6 - reactions.root.time.timestamp()) / 3600
    age = max(float(hours), LEAST_AGE_H)
    return age if age <= MOST_AGE_H else None


def _name_all(found: Forecasts, posts: Mapping[str, Post]) -> dict[str, Words]:
    """Return what each post is called: the begin of its text for those who may see it, else its number."""
    names = {}
    for number, one in enumerate(found.rows, 1):
        post = posts.get(one.reactions.root.id)
        text = " ".join(post.text.split())[:EXCERPT_LETTERS] if post else ""
        names[one.reactions.root.id] = Words(text, text) if text else Words(f"帖子 {number}", f"post {number}")
    return names


def _link(one: Forecast, asked: ForecastQuery) -> str:
    age = f"{one.found.age / timedelta(hours=1):.4g}"
    return urlencode({"post": one.reactions.root.id, "age": age, "passes": asked.passes})


def _suggest(request: HttpRequest, asked: ForecastQuery) -> list[dict[str, Any]]:
    """Return past moments at which something could have been foreseen: an hour or more after the largest began."""
    found = []
    for row in queries.list_large_posts(get_viewer(request), SUGGESTED):
        link = urlencode({"at": pictures.say_moment(row["moment"]), "passes": asked.passes})
        found.append({"moment": row["moment"], "reactions": row["reactions"], "link": link})
    return found


def _read(request: HttpRequest) -> ForecastQuery:
    return parse_forecast(request.GET.dict(), load_config().zone)


def _need_lake() -> None:
    if find_facts() is None:
        raise Http404("no data yet")


def _make_period(moment: datetime, zone: str) -> OverviewQuery:
    """Return the half day before a moment, for the words of a proof."""
    return OverviewQuery((moment - timedelta(hours=MOST_AGE_H)).date(), moment.date(), zone)
