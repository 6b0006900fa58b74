"""All reads of spread; the viewer comes first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from canyu.events import Verb
from canyu.events.traces import ERASED
from canyu.kit.errors import NotFound
from canyu.measure import Picture
from canyu.measure.facts import Reader, identify_lake
from canyu.measure.kept import Kept
from canyu.measure.period import make_period
from canyu.ops.insight.posts import Post, list_by_ids
from canyu.ops.insight.queries import Rerun, get_own_actors
from canyu.ops.lakes import LakeFacts, get_lake
from canyu.ops.people.models import Person
from canyu.ops.people.rules import VIEW_POSTS
from canyu.ops.travel.campaigns import Campaign, choose_campaigns, list_campaigns
from canyu.ops.travel.figures import list_figures
from canyu.ops.travel.forecast_pictures import draw_forecast as draw_lake_forecast
from canyu.ops.travel.forecasts import (
    Forecast,
    Forecasts,
    Reactions,
    find_forecasts,
    find_reactions,
    foresee,
    forget_forecasts,
)
from canyu.ops.travel.gathering import FOLLOWED, list_spreading
from canyu.ops.travel.one import OneCascade, find_one
from canyu.ops.travel.rules import MOST_AGE_H, ForecastQuery, OneQuery, TravelQuery, find_previous
from canyu.ops.travel.travels import Travel, find_kept, forget_travels
from canyu.ops.travel.travels import get_travel as get_lake_travel
from canyu.ops.waiting import Wait, Workshop
from canyu.spread.prediction import Root
from canyu.spread.prediction.horizon import LEAST_SEEN

_ANSWERS, _MOMENTS, _LARGE = Kept(64), Kept(128), Kept(4)
_WORKSHOP = Workshop("canyu-travel", 80_000.0)  # measured on one core with a million reposts
MOST_AT_ONCE = 250_000
"""Rows that are read while the page waits: some seconds."""


def get_travel(viewer: Person, query: TravelQuery) -> Travel:  # noqa: ARG001 - reads take the viewer first
    """Return the cascades of a view; computed once per data version and kept."""
    return get_lake_travel(get_lake(), query)


def get_previous(viewer: Person, query: TravelQuery, facts: LakeFacts) -> Travel | None:
    """Return the same view of equally many days before; None where the data begin later than these days."""
    earlier = find_previous(query, facts.first_day)
    return get_travel(viewer, earlier) if earlier else None


def list_begun(viewer: Person, begin: datetime, end: datetime) -> tuple[Campaign, ...]:  # noqa: ARG001 - as above
    """Return the largest campaigns that began in a stretch of time, in order."""
    return choose_campaigns(list_campaigns(get_lake()), begin, end)


def rerun_travel(viewer: Person, query: TravelQuery, facts: LakeFacts) -> Rerun:
    """Compute the view again from the files, with the one before, and say whether every digit is the same."""
    before, earlier = get_travel(viewer, query), get_previous(viewer, query, facts)
    forget_travels()
    started = time.perf_counter()
    after, again = get_travel(viewer, query), get_previous(viewer, query, facts)
    pairs = ((before, earlier), (after, again))
    values = [[(figure.value, figure.previous) for figure in list_figures(*pair)] for pair in pairs]
    is_equal = values[0] == values[1] and before.totals.equals(after.totals) and before.shapes.equals(after.shapes)
    return Rerun(time.perf_counter() - started, is_equal)


def get_one(viewer: Person, query: TravelQuery, asked: OneQuery) -> OneCascade:
    """Return one cascade of a view, looked at from a repost on; raises NotFound."""
    return find_one(get_travel(viewer, query), asked.post, asked.at, may_see_posts(viewer))


def may_see_posts(viewer: Person) -> bool:
    """Say whether texts and accounts are shown to the viewer."""
    return viewer.has_perm(VIEW_POSTS)


def read_posts(viewer: Person, one: OneCascade, ids: Sequence[str]) -> dict[str, Post]:
    """Return posts of a cascade by id, with text and scores; none to those who may not see posts."""
    if not ids or not may_see_posts(viewer):
        return {}
    first, last = (moment.date() for moment in one.days)
    return {post.id: post for post in list_by_ids(get_lake(), list(dict.fromkeys(ids)), first, last)}


def read_roots(viewer: Person, travel: Travel, places: Sequence[int]) -> dict[str, Post]:
    """Return the posts of these cascades by id, those that the lake holds; none to those who may not see posts."""
    rows = [row for row in travel.take(places)[1] if row["is_known"]]
    if not rows or not may_see_posts(viewer):
        return {}
    times = [row["time"] for row in rows]
    found = list_by_ids(get_lake(), [row["root"] for row in rows], min(times).date(), max(times).date())
    return {post.id: post for post in found}


def list_answers(viewer: Person, one: OneCascade) -> list[float]:  # noqa: ARG001 - reads take the viewer first
    """Return the ages in seconds at which the brand answered in a cascade: replies, and what its own accounts wrote."""
    lake, own = get_lake(), get_own_actors()
    reader = Reader(lake)
    key = (identify_lake(lake), lake.version("events"), one.travel.query, one.shape["root"], own)
    found: list[float] | None = _ANSWERS.find(key)
    if found is None:
        rows = reader.ask(list_brand_answers, "events", *one.days, tuple(sorted(own))).table.to_pylist()
        known = set(one.ids)
        begin = one.begin / 1_000_000
        found = sorted(max(row["time"].timestamp() - begin, 0.0) for row in rows if row["parent"] in known)
        _ANSWERS.keep(key, found)
    return found


def list_brand_answers(events: ir.Table, first: datetime, end: datetime, own: tuple[str, ...]) -> ir.Table:
    """Return parent and time of what the brand answered in a stretch of time."""
    rows = events.filter(events.day >= ibis.literal(first.date()), events.day <= ibis.literal(end.date()))
    is_own = rows.actor.isin(list(own)) if own else ibis.literal(False)
    spoken = rows.type.isin([str(Verb.COMMENT), str(Verb.REPOST)])
    rows = rows.filter((rows.type == str(Verb.REPLY)) | (is_own & spoken), rows.parent.notnull())
    return rows.select("parent", "time")


def find_moment(viewer: Person, event_id: str) -> datetime | None:  # noqa: ARG001 - reads take the viewer first
    """Return the time of an event, None where the lake does not hold it."""
    lake = get_lake()
    key = (identify_lake(lake), lake.version("events"), event_id)
    found: tuple[datetime | None] | None = _MOMENTS.find(key)
    if found is None:
        events = lake.scan("events")
        rows = lake.engine.run(events.filter(events.id == event_id).limit(1).select("time")).to_pylist()
        found = (rows[0]["time"] if rows else None,)
        _MOMENTS.keep(key, found)
    return found[0]


def narrow_to_post(viewer: Person, query: TravelQuery, asked: OneQuery) -> TravelQuery:
    """Return the view of the one day on which a post was published; as it is where the lake does not hold the post."""
    moment = find_moment(viewer, asked.post)
    if moment is None:
        return query
    day = moment.astimezone(ZoneInfo(query.zone)).date()
    return TravelQuery(day, day, query.zone, with_answers=query.with_answers)


def get_forecasts(viewer: Person, asked: ForecastQuery) -> Forecasts:  # noqa: ARG001 - reads take the viewer first
    """Return what can be foreseen at a moment; raises NotFound while the lake holds no posts."""
    found = find_forecasts(get_lake(), asked.at, asked.passes)
    if found is None:
        raise NotFound(_("There are no posts yet."), mend=_("Import posts and their reposts first."))
    return found


def rerun_forecasts(viewer: Person, asked: ForecastQuery) -> Rerun:
    """Foresee everything again from the files and say whether every digit is the same."""
    before = get_forecasts(viewer, asked)
    forget_forecasts()
    started = time.perf_counter()
    after = get_forecasts(viewer, asked)
    return Rerun(time.perf_counter() - started, [one.found for one in before.rows] == [one.found for one in after.rows])


def rerun_forecast(viewer: Person, one: Forecast, passes: int) -> Rerun:
    """Foresee one post again from the files and say whether every digit is the same."""
    forget_forecasts()
    started = time.perf_counter()
    reactions = get_reactions(viewer, one.reactions.root.id)
    after = foresee(reactions, one.reactions.root.time + one.found.age, passes)
    return Rerun(time.perf_counter() - started, after is not None and after.found == one.found)


def get_reactions(viewer: Person, post: str) -> Reactions:
    """Return a post with all reactions to it; raises NotFound where it has none."""
    moment = find_moment(viewer, post)
    found = find_reactions(get_lake(), post, moment) if moment else None
    if found is None:
        raise NotFound(
            _("There is no such post with reactions."), mend=_("It may have been erased; open one from the list.")
        )
    return found


def read_young(viewer: Person, found: Forecasts) -> dict[str, Post]:
    """Return the posts of forecasts by id; none to those who may not see posts."""
    if not found.rows or not may_see_posts(viewer):
        return {}
    times = [one.reactions.root.time for one in found.rows]
    ids = [one.reactions.root.id for one in found.rows]
    return {post.id: post for post in list_by_ids(get_lake(), ids, min(times).date(), max(times).date())}


def read_post(viewer: Person, root: Root) -> Post | None:
    """Return the post of a forecast; None to those who may not see posts."""
    if not may_see_posts(viewer):
        return None
    day = root.time.astimezone(UTC).date()
    return next(iter(list_by_ids(get_lake(), [root.id], day, day)), None)


def draw_forecast(viewer: Person, one: Forecast) -> Picture:  # noqa: ARG001 - reads take the viewer first
    """Return the band of one post with the proof of how it was read."""
    return draw_lake_forecast(one, one.reactions.answer, get_lake().engine.name)


def list_large_posts(viewer: Person, most: int) -> list[dict[str, Any]]:  # noqa: ARG001 - reads take the viewer first
    """Return the posts with most direct reactions, and the first moment from an hour on at which they can be foreseen.

    Posts that are too slow for that are left out. Rows: id, moment, reactions; found once per data version.
    """
    lake = get_lake()
    key = (identify_lake(lake), lake.version("events"), most)
    found: list[dict[str, Any]] | None = _LARGE.find(key)
    if found is None:
        reader = Reader(lake)
        counted = reader.ask(count_reactions, "events", 4 * most).table.to_pylist()
        counts = {row["parent"]: row["reactions"] for row in counted if row["reactions"] >= LEAST_SEEN}
        ids = tuple(sorted(counts))
        posts = reader.ask(find_posts, "events", ids).table.to_pylist() if counts else []
        times = reader.ask(list_reaction_times, "events", ids).table if counts else None
        rows = []
        for row in posts:
            mine = times.filter(pc.equal(times["parent"], row["id"]))["time"].to_pylist() if times is not None else []
            moment = max(row["time"] + timedelta(hours=1), sorted(mine)[LEAST_SEEN - 1])
            if moment <= row["time"] + timedelta(hours=MOST_AGE_H):
                rows.append({"id": row["id"], "moment": moment, "reactions": counts[row["id"]]})
        found = sorted(rows, key=lambda row: (-row["reactions"], row["id"]))[:most]
        _LARGE.keep(key, found)
    return found


def count_reactions(events: ir.Table, most: int) -> ir.Table:
    """Return the events with most direct reposts and comments."""
    rows = events.filter(events.type.isin([str(Verb.REPOST), str(Verb.COMMENT)]), events.parent != ERASED)
    counted = rows.group_by("parent").aggregate(reactions=rows.count())
    return counted.order_by(counted.reactions.desc(), counted.parent).limit(most)


def find_posts(events: ir.Table, ids: tuple[str, ...]) -> ir.Table:
    """Return id and time of those of these events that are posts."""
    return events.filter(events.id.isin(list(ids)), events.type == str(Verb.POST)).select("id", "time")


def list_reaction_times(events: ir.Table, ids: tuple[str, ...]) -> ir.Table:
    """Return parent and time of the reposts and comments that hang on these events."""
    rows = events.filter(events.type.isin([str(Verb.REPOST), str(Verb.COMMENT)]), events.parent.isin(list(ids)))
    return rows.select("parent", "time")


def find_wait(viewer: Person, query: TravelQuery) -> Wait | None:
    """Return how long a large view will take, and begin to compute it beside; None where it can be shown at once."""
    lake = get_lake()
    if find_kept(lake, query) is not None:
        return None
    period = make_period(query.start, query.end, query.zone)
    span = (period.start - FOLLOWED, period.end + FOLLOWED)
    many = Reader(lake).ask(count_spreading, "events", *span).table["rows"][0].as_py()
    if many <= MOST_AT_ONCE:
        return None
    return _WORKSHOP.wait_for(
        (identify_lake(lake), lake.version("events"), query), many, lambda: get_travel(viewer, query)
    )


def find_wait_before(viewer: Person, query: TravelQuery, facts: LakeFacts) -> Wait | None:
    """Return how long the view of the days before will take, as ``find_wait`` does; None where there is none."""
    earlier = find_previous(query, facts.first_day)
    return find_wait(viewer, earlier) if earlier else None


def count_spreading(events: ir.Table, first: datetime, end: datetime) -> ir.Table:
    """Return how many posts, reposts and comments of a stretch of time there are."""
    return list_spreading(events, first, end).aggregate(rows=ibis._.count())
