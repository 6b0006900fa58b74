"""What the overview asks of the data: Ibis expressions, the same for every engine, answering in whole numbers only.

Sums of integers are equal to the last digit on every engine and in every run; shares and intervals are computed from
them afterwards. A brand's day is found by integer arithmetic on microseconds, for the engines differ in time zones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.types as ir

from canyu.events.simulated import mark_simulated
from canyu.measure.period import Period, list_offsets

TOP_POSTS = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression is limited to: a period, the one before it, filters, and the model whose rows count.

    ``model`` is empty where the table holds the rows of one model only, so that nothing need be compared.
    """

    period: Period
    previous: Period
    brand: str
    channel: str
    market: str
    model: str
    count_micros: Callable[[Any], Any]
    count_days: Callable[[Any], Any]


def count_mentions(mentions: ir.Table, scope: Scope, without: tuple[str, ...] = ()) -> ir.Table:
    """Count the posts that mention each brand, by day, brand, channel and sentiment; each post once per brand.

    Posts of the actors ``without`` are left out.
    """
    rows = mentions.filter(mentions.is_first_of_brand)
    if without:
        rows = rows.filter(rows.actor.isnull() | rows.actor.notin(without))
    return _count_by_day(rows, scope, ("brand", "channel", "sentiment"))


def count_scored(scores: ir.Table, scope: Scope) -> ir.Table:
    """Count all scored posts, by day, channel and sentiment; both periods."""
    return _count_by_day(scores, scope, ("channel", "sentiment"))


def count_days(scores: ir.Table, scope: Scope, days: tuple[date, ...]) -> ir.Table:
    """Count scored posts by day, whoever they speak of, in the files of these UTC days; none at all is a gap."""
    return _count_by_day(scores.filter(scores.day.isin(days)), scope, ())


def count_links(mentions: ir.Table, scope: Scope) -> ir.Table:
    """Count the posts of the period that mention each product, feature or person, by sentiment."""
    rows = keep_scope(mentions, scope, (scope.period,))
    rows = rows.filter(rows.link != rows.brand)
    if scope.brand:
        rows = rows.filter(rows.brand == scope.brand)
    return rows.group_by("link", "sentiment").aggregate(**_count(rows))


def count_opinions(opinions: ir.Table, scope: Scope) -> ir.Table:
    """Count the posts of the period that speak of each aspect of each product, by polarity."""
    rows = keep_scope(opinions, scope, (scope.period,))
    rows = rows.filter(rows.brand == scope.brand) if scope.brand else rows.filter(rows.link.notnull())
    return rows.group_by("link", "aspect", "polarity").aggregate(**_count(rows))


def count_aspects(opinions: ir.Table, scope: Scope) -> ir.Table:
    """Count the posts of the period that speak of each aspect, by polarity; each post once per aspect."""
    rows = keep_scope(opinions, scope, (scope.period,))
    rows = rows.filter(rows.is_first_of_aspect)
    return rows.group_by("aspect", "polarity").aggregate(**_count(rows))


def count_posts(scores: ir.Table, scope: Scope) -> ir.Table:
    """Count the scored posts of the period: of the brand, or all."""
    rows = keep_scope(scores, scope, (scope.period,))
    rows = rows.filter(rows.links.contains(scope.brand)) if scope.brand else rows
    return rows.aggregate(**_count(rows))


def count_posts_with_opinions(opinions: ir.Table, scope: Scope) -> ir.Table:
    """Count the posts of the period that speak of any aspect, each once: of the brand, or all."""
    rows = keep_scope(opinions, scope, (scope.period,))
    rows = rows.filter(rows.brand == scope.brand) if scope.brand else rows
    once = ~rows.is_copy.fill_null(False)
    return rows.aggregate(posts=rows.event_id.nunique(), voices=rows.event_id.nunique(where=once))


def count_emotions(scores: ir.Table, scope: Scope) -> ir.Table:
    """Count the scored posts of the period by emotion: of the brand, or all."""
    rows = keep_scope(scores, scope, (scope.period,))
    rows = rows.filter(rows.links.contains(scope.brand)) if scope.brand else rows
    return rows.group_by("emotion").aggregate(**_count(rows))


def sum_engagement(engagement: ir.Table, scope: Scope) -> ir.Table:
    """Add up reposts, comments and likes of the posts of each of the two periods."""
    rows = _keep_both(_keep_brand(engagement, scope), scope, by_day=False)
    rows = rows.mutate(is_now=rows.time >= ibis.literal(scope.period.start))
    return rows.group_by("is_now").aggregate(
        posts=rows.count(),
        reposts=rows.reposts.sum().cast("int64"),
        comments=rows.comments.sum().cast("int64"),
        likes=rows.likes.sum().cast("int64"),
        total=rows.total.sum().cast("int64"),
    )


def list_top_posts(engagement: ir.Table, scope: Scope) -> ir.Table:
    """Choose the posts of the period that set off most; ties by time and id, the same everywhere."""
    rows = keep_scope(_keep_brand(engagement, scope), scope, (scope.period,), by_day=False)
    chosen = rows.order_by(rows.total.desc(), rows.time, rows.event_id).limit(TOP_POSTS)
    return chosen.select("event_id", "time", "channel", "reposts", "comments", "likes", "total")


def sum_board_time(board: ir.Table, scope: Scope, period: Period) -> ir.Table:
    """Add up microseconds on hot lists per brand: the union of its spells, so that two titles at once count once."""
    rows = add_union(cut_spells(keep_spells(board, period), scope, *get_edges(period)), "brand")
    return rows.group_by("brand").aggregate(
        micros=rows.added.sum().cast("int64"), spells=rows.count(), titles=rows.title.nunique()
    )


def keep_spells(board: ir.Table, period: Period) -> ir.Table:
    """Return the spells that have some time within a period."""
    return board.filter(
        board.start < ibis.literal(period.end), board.end > ibis.literal(period.start), board.end > board.start
    )


def get_edges(period: Period) -> tuple[ir.IntegerScalar, ir.IntegerScalar]:
    """Return the microseconds at which a period begins and ends."""
    return ibis.literal(period.start_micros, "int64"), ibis.literal(period.end_micros, "int64")


def cut_spells(board: ir.Table, scope: Scope, begin: ir.IntegerValue, end: ir.IntegerValue) -> ir.Table:
    """Return the spells of the model that counts, with ``since`` and ``until``: cut to a stretch of time."""
    rows = board.filter(board.model_version == scope.model) if scope.model else board
    rows = rows.filter(rows.channel == scope.channel) if scope.channel else rows
    micros = scope.count_micros
    return rows.mutate(since=ibis.greatest(micros(rows.start), begin), until=ibis.least(micros(rows.end), end))


def add_union(spells: ir.Table, *keys: str, is_summed: bool = False) -> ir.Table:
    """Return the spells with the microseconds that each adds to the union of those of its keys before it.

    Of two that begin and end together the first has all of it: by their names, unless only sums are asked for, which
    are the same whoever has it (to sort by two texts as well took a third of the time).
    """
    ties = () if is_summed else tuple(name for name in ("event_id", "title") if name not in keys)
    order = ["since", "until", *ties]
    before = ibis.window(group_by=list(keys), order_by=order, preceding=(None, 1))
    rows = spells.mutate(seen=spells.until.max().over(before))
    added = rows.until - ibis.greatest(rows.since, rows.seen.fill_null(rows.since))
    return rows.mutate(added=ibis.greatest(added, ibis.literal(0, "int64")))


def read_texts(events: ir.Table, ids: tuple[str, ...], days: tuple[object, ...]) -> ir.Table:
    """Read the texts of a few events; ``days`` are the UTC days they are on, so that only those files are opened."""
    rows = events.filter(events.day.isin(days), events.id.isin(ids))
    return rows.select("id", "text", "type", "source")


def read_sentiments(scores: ir.Table, ids: tuple[str, ...], days: tuple[object, ...], model: str) -> ir.Table:
    """Read the sentiment of a few events."""
    rows = scores.filter(scores.day.isin(days), scores.event_id.isin(ids))
    if model:
        rows = rows.filter(rows.model_version == model)
    return rows.select("event_id", "sentiment")


def find_day_number(time: ir.TimestampColumn, scope: Scope) -> ir.IntegerColumn:
    """Return days since 1970 on the brand's own calendar."""
    micros = scope.count_micros(time)
    offsets = list_offsets(scope.previous.first, scope.period.last, scope.period.zone)
    local = micros + offsets[0][1]
    if len(offsets) > 1:
        cases = [(micros >= since, micros + offset) for since, offset in reversed(offsets[1:])]
        local = ibis.cases(*cases, else_=local)
    return scope.count_days(local)


def _count_by_day(rows: ir.Table, scope: Scope, columns: tuple[str, ...]) -> ir.Table:
    kept = _keep_both(rows, scope)
    kept = kept.mutate(day_number=find_day_number(kept.time, scope))
    return kept.group_by("day_number", *columns).aggregate(**_count(kept))


def _count(rows: ir.Table) -> dict[str, ir.IntegerScalar]:
    """Count the posts, and those of them that are no copy of an earlier one."""
    return {"posts": rows.count(), "voices": (~rows.is_copy.fill_null(False)).sum().cast("int64")}


def _keep_both(rows: ir.Table, scope: Scope, *, by_day: bool = True) -> ir.Table:
    whole = Period(scope.previous.first, scope.period.last, scope.period.zone, scope.previous.start, scope.period.end)
    return keep_scope(rows, scope, (whole,), by_day=by_day)


def keep_scope(rows: ir.Table, scope: Scope, periods: tuple[Period, ...], *, by_day: bool = True) -> ir.Table:
    """Return the rows of these periods that pass the scope's filters, of the model that counts."""
    wanted = [reduce(or_, [_is_within(rows, period, by_day=by_day) for period in periods])]
    if scope.model:
        wanted.append(rows.model_version == scope.model)
    if scope.channel:
        wanted.append(rows.channel == scope.channel)
    if scope.market:
        wanted.append(rows.market == scope.market)
    return rows.filter(*wanted)


def _is_within(rows: ir.Table, period: Period, *, by_day: bool) -> ir.BooleanValue:
    within = (rows.time >= ibis.literal(period.start)) & (rows.time < ibis.literal(period.end))
    if by_day:  # the partition: files of other days are not opened
        last = (period.end - timedelta(microseconds=1)).date()
        within &= rows.day.between(ibis.literal(period.start.date()), ibis.literal(last))
    return within


def _keep_brand(rows: ir.Table, scope: Scope) -> ir.Table:
    return rows.filter(rows.brands.contains(scope.brand)) if scope.brand else rows


def find_simulated(events: ir.Table) -> ir.Table:
    """Return one row where any event came from a rehearsal."""
    return events.filter(mark_simulated(events)).select("id").limit(1)


def list_models(rows: ir.Table) -> ir.Table:
    """Return the versions of the models that made the rows."""
    return rows.select(model="model_version").distinct()
