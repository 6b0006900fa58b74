"""The HTTP API of live sessions: the same reads as the pages, errors in the fixed shape of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from canyu.kit.clock import get_now
from canyu.ops.campaigns.lives import queries
from canyu.ops.campaigns.lives.figures import list_figures
from canyu.ops.campaigns.lives.models import Session
from canyu.ops.campaigns.lives.queries import CountedClip, MinuteRow
from canyu.ops.campaigns.lives.rules import MOST_PAGES
from canyu.ops.config import load_config
from canyu.ops.gate import Holder, get_viewer
from canyu.ops.insight.schemas import ErrorOut
from canyu.ops.people.rules import VIEW_CAMPAIGNS

router = Router()
REFUSALS = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut}


class LiveOut(Schema):
    """One session in the list."""

    id: int
    campaign: str
    title_zh: str
    title_en: str
    state: str
    platforms: list[str]
    zone: str
    planned_start: datetime
    planned_end: datetime
    started_at: datetime | None
    ended_at: datetime | None


class MinuteOut(Schema):
    """One minute: ``viewers`` is null in a gap, never 0; ``told`` is what each platform said, and its source."""

    minute: datetime
    viewers: int | None
    told: dict[str, tuple[int | None, str]]
    orders: int
    all_orders: int
    usual_low: int | None
    usual_high: int | None


class WindowOut(Schema):
    """The stated window, its orders, those told as pre-orders, and those with a refund since."""

    start: datetime
    end: datetime
    orders: int
    preorders: int
    refunded: int


class PlaysOut(Schema):
    """How often a clip had been played in all by a moment; ``source``: lake, csv or hand."""

    at: datetime
    plays: int
    source: str


class ClipOut(Schema):
    """One clip; an ``observe`` event on its ``object`` or ``url`` with the metric ``plays`` tells its plays."""

    id: int
    title: str
    platform: str
    url: str
    object: str
    is_replay: bool
    published_at: datetime
    plays: list[PlaysOut]


class OneLiveOut(LiveOut):
    """One session with its figures and minutes, by one version of the lake."""

    version: Annotated[int | None, Field(description="Version of the lake's events; null where there is no lake.")]
    figures: dict[str, float | None]
    intervals: dict[str, tuple[float, float]]
    window: WindowOut
    minutes: list[MinuteOut]
    clips: list[ClipOut]


@router.get("", response={200: list[LiveOut], **REFUSALS}, auth=Holder(VIEW_CAMPAIGNS), summary="Live sessions")
def list_lives(request: HttpRequest, page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1) -> list[LiveOut]:
    """List sessions, the newest first."""
    found = queries.list_sessions(get_viewer(request), "", page, load_config().page_rows)
    return [LiveOut(**_describe(row)) for row in found.rows]


@router.get(
    "/{session_id}",
    response={200: OneLiveOut, **REFUSALS},
    auth=Holder(VIEW_CAMPAIGNS),
    summary="One live session, minute by minute",
)
def get_live(request: HttpRequest, session_id: int, v: Annotated[int | None, Query(ge=0)] = None) -> OneLiveOut:
    """Return one session by the present version of the lake, or by ``v``."""
    viewer = get_viewer(request)
    session = queries.get_session(viewer, session_id)
    found = queries.measure_session(viewer, session, get_now(), v)
    figures, orders = list_figures(found), found.in_window
    window = WindowOut(
        start=found.window.start,
        end=found.window.end,
        orders=len(orders),
        preorders=sum(one.is_preorder for one in orders),
        refunded=sum(one.is_refunded for one in orders),
    )
    return OneLiveOut(
        **_describe(session),
        version=found.counted.version if found.counted else None,
        figures={name: one.value for name, one in figures.items()},
        intervals={name: one.interval for name, one in figures.items() if one.interval},
        window=window,
        minutes=[_describe_minute(row) for row in found.rows],
        clips=[_describe_clip(one) for one in queries.measure_clips(session, v)],
    )


def _describe(session: Session) -> dict[str, Any]:
    same = ("id", "title_zh", "title_en", "platforms", "zone", "planned_start", "planned_end", "started_at", "ended_at")
    values = {name: getattr(session, name) for name in same}
    return values | {"campaign": session.campaign.slug, "state": session.state.value}


def _describe_clip(counted: CountedClip) -> ClipOut:
    clip = counted.clip
    same = ("id", "title", "platform", "url", "is_replay", "published_at")
    plays = [PlaysOut(at=one.at, plays=one.plays, source=one.source.value) for one in counted.plays]
    return ClipOut(object=clip.object_name, plays=plays, **{name: getattr(clip, name) for name in same})


def _describe_minute(row: MinuteRow) -> MinuteOut:
    return MinuteOut(
        minute=row.minute.minute,
        viewers=row.minute.viewers,
        told={name: (one.value, one.source.value) for name, one in row.minute.told.items()},
        orders=row.orders,
        all_orders=row.all_orders,
        usual_low=row.usual.low if row.usual else None,
        usual_high=row.usual.high if row.usual else None,
    )
