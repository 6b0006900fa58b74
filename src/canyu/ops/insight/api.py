"""The HTTP API of what people say; the same queries as the pages, errors in one fixed shape."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, ValidationError
from pydantic import Field

from canyu.kit.errors import CanyuError
from canyu.kit.version import __version__
from canyu.kit.words import say
from canyu.ops.faults import list_faults
from canyu.ops.gate import LOGIN_ONLY, Holder, answer_api_refusal, get_viewer, requires
from canyu.ops.insight import queries
from canyu.ops.insight.rules import Bounds, parse_overview, parse_posts
from canyu.ops.insight.schemas import ErrorOut, OverviewOut, PostOut, PostsOut
from canyu.ops.lakes import find_facts, get_lake
from canyu.ops.people.rules import VIEW_POSTS, VIEW_PULSE

api = NinjaAPI(
    title="Canyu",
    version=__version__,
    description="What people say about a brand, with the proof of every number.",
    auth=Holder(),  # closed: an operation that names no permission is open to nobody
    docs_url=None,
    docs_decorator=requires(LOGIN_ONLY),
    urls_namespace="api",
)
REFUSALS = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut}


class OverviewIn(Schema):
    """Which overview is asked for."""

    start: Annotated[date | None, Field(alias="from", description="First day.", examples=["2025-04-01"])] = None
    end: Annotated[date | None, Field(alias="to", description="Last day.", examples=["2025-06-30"])] = None
    brand: Annotated[str, Field(description="Catalogue id, or `all`.", examples=["xiaomi"])] = ""
    channel: Annotated[str, Field(examples=["weibo"])] = ""
    market: Annotated[str, Field(examples=["CN"])] = ""


class PostsIn(Schema):
    """Which posts are asked for."""

    start: Annotated[date | None, Field(alias="from", description="First day.", examples=["2025-04-01"])] = None
    end: Annotated[date | None, Field(alias="to", description="Last day.", examples=["2025-06-30"])] = None
    q: Annotated[str, Field(description="Part of the text, in any case.", examples=["刹车"])] = ""
    link: Annotated[str, Field(description="Catalogue id that is spoken of.", examples=["xiaomi/su7"])] = ""
    sentiment: Annotated[str, Field(examples=["negative"])] = ""
    channel: Annotated[str, Field(examples=["weibo"])] = ""
    market: Annotated[str, Field(examples=["CN"])] = ""
    cluster: Annotated[str, Field(description="Posts that say the same, by the id of their cluster.")] = ""
    group: Annotated[str, Field(description="A group of accounts that post as one, or `any`.", examples=["any"])] = ""
    accounts: Annotated[str, Field(description="`without` the brands' own accounts, or `only` these.")] = ""
    copies: Annotated[str, Field(description="`without` leaves copies of earlier posts out.")] = ""
    sort: Annotated[str, Field(description="`newest`, `oldest` or `spread`.", examples=["spread"])] = ""
    page: Annotated[int, Field(ge=1, examples=[1])] = 1


@api.get("/overview", response={200: OverviewOut, **REFUSALS}, auth=Holder(VIEW_PULSE), summary="The overview")
def get_overview(request: HttpRequest, asked: Query[OverviewIn]) -> OverviewOut:
    """Return figures and pictures of a period, each with its proof."""
    query = parse_overview(_spell(asked), _get_bounds(request))
    return OverviewOut.make(queries.get_overview(get_viewer(request), query))


@api.get("/posts", response={200: PostsOut, **REFUSALS}, auth=Holder(VIEW_POSTS), summary="Search the posts")
def list_posts(request: HttpRequest, asked: Query[PostsIn]) -> PostsOut:
    """Return one page of the posts that match."""
    query = parse_posts(_spell(asked), _get_bounds(request))
    return PostsOut.make(queries.list_posts(get_viewer(request), query))


@api.get("/posts/one", response={200: PostOut, **REFUSALS}, auth=Holder(VIEW_POSTS), summary="One post")
def get_post(request: HttpRequest, event_id: Annotated[str, Query(alias="id")]) -> PostOut:
    """Return one post with its scores."""
    return PostOut.make(queries.read_post(get_viewer(request), event_id).post)


@api.exception_handler(PermissionDenied)
def answer_forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return 403 in the fixed shape."""
    return answer_api_refusal(request, error)


@api.exception_handler(AuthenticationError)
def answer_anonymous(request: HttpRequest, error: Exception) -> HttpResponse:  # noqa: ARG001 - ninja's signature
    """Return 401 in the fixed shape."""
    body = ErrorOut(
        code="anonymous",
        message=say("没有登录。", "Nobody is signed in."),
        mend=say("请到 /account/login/ 登录。", "Sign in at /account/login/."),
    )
    return api.create_response(request, body.model_dump(), status=401)


@api.exception_handler(ValidationError)
def answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Return 400 in the fixed shape, naming the parameters at fault."""
    faults, mend = list_faults(error.errors), say("见 /api/openapi.json。", "See /api/openapi.json.")
    body = ErrorOut(code="bad_input", message=str(faults), mend=mend)
    return api.create_response(request, body.model_dump(), status=400)


@api.exception_handler(CanyuError)
def answer_expected(request: HttpRequest, error: CanyuError) -> HttpResponse:
    """Return an expected error in the fixed shape, with its own status."""
    body = ErrorOut(code=error.code, message=error.message, mend=error.mend)
    return api.create_response(request, body.model_dump(), status=error.status)


def _get_bounds(request: HttpRequest) -> Bounds:
    facts = find_facts()
    if facts is None:
        get_lake()  # says how to fill it
        raise AssertionError("an empty lake is told of")
    return queries.get_bounds(get_viewer(request), facts)


def _spell(asked: Schema) -> dict[str, str]:
    return {name: str(value) for name, value in asked.model_dump(by_alias=True).items() if value is not None}
