"""Which series are drawn and how: chosen from what there is; pure, no lake, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from canyu.measure import OverviewQuery
from canyu.measure.hotlists import TitleTime
from canyu.measure.series import METRICS, Measured, Step
from canyu.measure.voice import Span

MOST_CHARTS = 6
MOST_TITLES_SHOWN = 100
HOURLY_DAYS = 14


@dataclass(frozen=True, slots=True)
class IndexChoice:
    """The metric that is drawn, those that could be, the subjects, and how many more there are."""

    metric: str
    metrics: tuple[str, ...]
    objects: tuple[str, ...]
    left_out: int
    step: Step


def choose_index(params: Mapping[str, str], measured: Iterable[Measured], query: OverviewQuery) -> IndexChoice:
    """Return what is drawn: the metric of the address or the first there is; of the subjects those with most."""
    rows = list(measured)
    there = {row.metric for row in rows}
    metrics = tuple(
        sorted(there, key=lambda name: (list(METRICS).index(name) if name in METRICS else len(METRICS), name))
    )
    asked = params.get("metric", "")
    metric = asked if asked in there else metrics[0] if metrics else ""
    mine = sorted((row for row in rows if row.metric == metric), key=lambda row: (-row.total, row.object))
    step = Step.HOUR if (query.end - query.start).days < HOURLY_DAYS else Step.DAY
    objects = tuple(row.object for row in mine[:MOST_CHARTS])
    return IndexChoice(metric, metrics, objects, max(0, len(mine) - MOST_CHARTS), step)


def need_brand(query: OverviewQuery, home: str) -> OverviewQuery:
    """Return the query about one brand: these pages have no meaning for all brands at once."""
    return query if query.brand else replace(query, brand=home)


def link_title(title: TitleTime, query: OverviewQuery) -> str:
    """Return the query of the posts about the brand on the days on which the entry was seen."""
    place = ZoneInfo(query.zone)
    first = title.first.astimezone(place).date()
    last = (title.last - timedelta(microseconds=1)).astimezone(place).date()
    return _link(query, first.isoformat(), max(first, last).isoformat(), {})


def link_span(span: Span, query: OverviewQuery, **narrower: str) -> str:
    """Return the query of the posts about the brand in a week, narrowed as stated."""
    return _link(query, span.first.isoformat(), span.last.isoformat(), narrower)


def link_brand(brand: str, query: OverviewQuery, **narrower: str) -> str:
    """Return the query of the posts about a brand in the period, narrowed as stated."""
    return _link(replace(query, brand=brand), query.start.isoformat(), query.end.isoformat(), narrower)


def _link(query: OverviewQuery, first: str, last: str, narrower: Mapping[str, str]) -> str:
    params = {"from": first, "to": last, "link": query.brand, "channel": query.channel, "market": query.market}
    params |= narrower
    return urlencode({name: value for name, value in params.items() if value})
