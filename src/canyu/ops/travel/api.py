"""The HTTP API of spread; the same queries as the pages, errors in the fixed shape of the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from canyu.kit.errors import Conflict
from canyu.kit.words import Words
from canyu.ops.gate import Holder, get_viewer
from canyu.ops.insight.queries import get_bounds
from canyu.ops.insight.schemas import ErrorOut, FigureOut
from canyu.ops.lakes import LakeFacts, find_facts, get_lake
from canyu.ops.people.rules import VIEW_PULSE
from canyu.ops.travel import pictures, queries
from canyu.ops.travel.figures import list_figures, prove_one
from canyu.ops.travel.forecasts import foresee
from canyu.ops.travel.rules import (
    Order,
    TravelQuery,
    parse_age,
    parse_count,
    parse_forecast,
    parse_one,
    parse_travel,
)
from canyu.ops.travel.schemas import (
    CarrierOut,
    CascadeOut,
    ForecastOut,
    ForecastsOut,
    OneOut,
    RepostOut,
    TravelOut,
    make_proof_out,
)

router = Router()
REFUSALS = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut}
PAGE_ROWS = 100
REPOST_ROWS = 500
MOST_CARRIERS = 100
USUAL_AGE_H = 1.0


class TravelAsked(Schema):
    """Which cascades are asked for."""

    start: Annotated[date | None, Field(alias="from", description="First day.", examples=["2025-04-01"])] = None
    end: Annotated[date | None, Field(alias="to", description="Last day.", examples=["2025-06-30"])] = None
    link: Annotated[str, Field(description="Catalogue id that the posts speak of.", examples=["xiaomi/su7"])] = ""
    channel: Annotated[str, Field(examples=["weibo"])] = ""
    market: Annotated[str, Field(examples=["cn"])] = ""
    campaign: Annotated[str, Field(examples=["spring"])] = ""
    answers: Annotated[str, Field(alias="with", description="`answers` counts comments too.")] = ""
    page: Annotated[int, Field(ge=1, examples=[1])] = 1


class OneIn(TravelAsked):
    """Which cascade is asked for, and from which repost on; without a period it is the day of the post."""

    post: Annotated[str, Field(description="The id of the post.")]
    at: Annotated[str, Field(description="The id of a repost: only what hangs on it.")] = ""


class ForecastsIn(Schema):
    """Which forecasts are asked for."""

    at: Annotated[str, Field(description="A moment in ISO 8601; without one the last of the data.")] = ""
    passes: Annotated[int, Field(ge=1, description="Give the probability to pass this.", examples=[500])] = 100


class ForecastAsked(Schema):
    """Which post is asked for, and how much of it may be read."""

    post: Annotated[str, Field(description="The id of the post.")]
    age: Annotated[float, Field(description="Hours after the post, 0.25 to 12.", examples=[1.0])] = USUAL_AGE_H
    passes: Annotated[int, Field(ge=1, description="Give the probability to pass this.", examples=[500])] = 100


@router.get("/cascades", response={200: TravelOut, **REFUSALS}, auth=Holder(VIEW_PULSE), summary="Who carries it")
def list_cascades(request: HttpRequest, asked: Query[TravelAsked]) -> TravelOut:
    """Return figures, carriers and one page of the cascades of a period, the largest first."""
    viewer, query = get_viewer(request), _read(request, asked)
    travel, may_see = queries.get_travel(viewer, query), queries.may_see_posts(viewer)
    pages = max(1, -(-len(travel.shapes) // PAGE_ROWS))
    places = travel.rank_cascades()[(asked.page - 1) * PAGE_ROWS : asked.page * PAGE_ROWS]
    shapes, roots = travel.take(places)
    before = queries.get_previous(viewer, query, _need_facts())
    rows = pictures.list_carrier_rows(travel, Order.CARRIED, MOST_CARRIERS, may_see, before)
    carriers = [
        CarrierOut(
            account=row["id"] or row["label_en"],
            cascades=row["posts"],
            **{name: row[name] for name in ("carried", "carried_before", "share", "bridging", "reposts")},
        )
        for row in rows
    ]
    return TravelOut(
        figures=[FigureOut.make(figure) for figure in list_figures(travel, before)],
        carriers=carriers,
        cascades=[CascadeOut.make(root, shape) for root, shape in zip(roots, shapes, strict=True)],
        total=len(travel.shapes),
        page=asked.page,
        pages=pages,
    )


@router.get("/cascade", response={200: OneOut, **REFUSALS}, auth=Holder(VIEW_PULSE), summary="One cascade")
def get_cascade(request: HttpRequest, asked: Query[OneIn]) -> OneOut:
    """Return one cascade: its shape, its carriers, and one page of its reposts."""
    viewer, query = get_viewer(request), _read(request, asked)
    wanted = parse_one({"post": asked.post, "at": asked.at})
    if not (asked.start or asked.end):
        query = queries.narrow_to_post(viewer, query, wanted)
    one = queries.get_one(viewer, query, wanted)
    carriers = [
        CarrierOut(
            account=row["author"] if one.may_see else row["account"].en,
            share=100 * row["share"],
            cascades=1,
            **{name: row[name] for name in ("carried", "bridging", "reposts")},
        )
        for row in one.list_carriers("carried", MOST_CARRIERS)
    ]
    return OneOut(
        cascade=CascadeOut.make(one.post, one.shape),
        stated=one.sure,
        carriers=carriers,
        reposts=[RepostOut.make(row, one.may_see) for row in one.list_below(asked.page, REPOST_ROWS)],
        page=asked.page,
        pages=max(1, -(-one.tell(one.top).below // REPOST_ROWS)),
        proof=make_proof_out(prove_one(one, "carried")),
    )


@router.get("/forecasts", response={200: ForecastsOut, **REFUSALS}, auth=Holder(VIEW_PULSE), summary="How far it goes")
def list_forecasts(request: HttpRequest, asked: Query[ForecastsIn]) -> ForecastsOut:
    """Return what can be foreseen at a moment."""
    facts = _need_facts()
    params = {"at": asked.at, "passes": str(asked.passes)}
    zone = get_bounds(get_viewer(request), facts).zone
    return ForecastsOut.make(queries.get_forecasts(get_viewer(request), parse_forecast(params, zone)))


@router.get("/forecast", response={200: ForecastOut, **REFUSALS}, auth=Holder(VIEW_PULSE), summary="One post's band")
def get_forecast(request: HttpRequest, asked: Query[ForecastAsked]) -> ForecastOut:
    """Return the band of one post; 409 where it is too early to foresee."""
    _need_facts()
    viewer = get_viewer(request)
    age = parse_age({"age": f"{asked.age:g}"}) or USUAL_AGE_H
    passes = parse_count({"passes": str(asked.passes)}, "passes", 100, 10_000_000)
    reactions = queries.get_reactions(viewer, parse_one({"post": asked.post}).post)
    one = foresee(reactions, reactions.root.time + timedelta(hours=age), passes)
    if one is None:
        raise Conflict(
            Words("反应还不到 10 条，无法预测。", "There are fewer than ten reactions: it is too early to foresee."),
            mend=Words("请取更晚的时刻（age）。", "Ask for a later age."),
        )
    return ForecastOut.make_whole(one, get_lake().engine.name)


def _read(request: HttpRequest, asked: TravelAsked) -> TravelQuery:
    spelt = asked.model_dump(by_alias=True)
    params = {name: str(value) for name, value in spelt.items() if value not in (None, "")}
    return parse_travel(params, get_bounds(get_viewer(request), _need_facts()))


def _need_facts() -> LakeFacts:
    facts = find_facts()
    if facts is None:
        get_lake()  # says how to fill it
        raise AssertionError("an empty lake is told of")
    return facts
