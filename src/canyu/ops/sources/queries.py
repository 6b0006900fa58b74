"""All reads of sources: for pages (the viewer first), and for the processes that take and carry events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from canyu.events.collector import Source
from canyu.kit.clock import get_now
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import dump_json
from canyu.ops.config import load_config
from canyu.ops.people.models import Person
from canyu.ops.sources.models import QuarantinedEvent, SourceHour, WriteKey

VOLUME_DAYS = 7
COUNTS = ("sent", "kept", "refused", "left_out")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source with what it sent in the last seven days, and what waits in quarantine."""

    row: WriteKey
    sent: int
    kept: int
    refused: int
    left_out: int
    waiting: int
    last_hour: datetime | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which refused events a page shows."""

    source: str = ""
    reason: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """One page of refused events, newest first, and what there is to choose from."""

    rows: tuple[QuarantinedEvent, ...]
    total: int
    page: int
    pages: int
    sources: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]


def load_keys() -> dict[str, Source]:
    """Return the sources by the hash of their key, a former key included while it is still valid."""
    now = get_now()
    found: dict[str, Source] = {}
    for row in WriteKey.objects.all():
        source = build_source(row)
        found[row.key_hash] = source
        if row.former_hash and row.former_until is not None and row.former_until > now:
            found[row.former_hash] = source
    return found


def load_sources() -> dict[str, Source]:
    """Return the sources by name."""
    return {row.name: build_source(row) for row in WriteKey.objects.all()}


def build_source(row: WriteKey) -> Source:
    """Return a source as the collector knows it."""
    return Source(
        name=row.name,
        market=row.market,
        channel=row.channel,
        origins=frozenset(row.origins),
        per_minute=row.per_minute,
        is_on=row.is_on,
        names=row.names,
    )


def list_sources(viewer: Person, now: datetime) -> list[SourceLine]:  # noqa: ARG001 - reads take the viewer first
    """Return every source with its volume of the last seven days."""
    counted = _count_volumes(SourceHour.objects.filter(hour__gt=now - timedelta(days=VOLUME_DAYS)))
    waiting = dict(QuarantinedEvent.objects.values_list("source").annotate(n=Count("pk")))
    last = dict(SourceHour.objects.values_list("source").annotate(last=Max("hour")))
    return [
        SourceLine(row, **counted.get(row.name, _NONE), waiting=waiting.get(row.name, 0), last_hour=last.get(row.name))
        for row in WriteKey.objects.order_by("name")
    ]


def get_source(viewer: Person, source_id: int) -> WriteKey:  # noqa: ARG001 - reads take the viewer first
    """Return one source; raises NotFound."""
    found = WriteKey.objects.filter(pk=source_id).first()
    if found is None:
        raise NotFound(_("There is no such source."), mend=_("Choose one from the list."))
    return found


def list_hours(viewer: Person, name: str, now: datetime) -> list[SourceHour]:  # noqa: ARG001 - the viewer first
    """Return a source's volumes by hour over two days, newest first."""
    return list(SourceHour.objects.filter(source=name, hour__gt=now - timedelta(days=2)).order_by("-hour"))


def list_quarantine(viewer: Person, filters: Filters) -> QuarantinePage:  # noqa: ARG001 - reads take the viewer first
    """Return one page of refused events, newest first."""
    rows = filter_quarantine(filters)
    total, size = rows.count(), load_config().page_rows
    pages = max(1, -(-total // size))
    page = min(max(filters.page, 1), pages)
    chosen = tuple(rows.order_by("-received", "-pk")[(page - 1) * size : page * size])
    sources = tuple(QuarantinedEvent.objects.order_by("source").values_list("source", flat=True).distinct())
    reasons = QuarantinedEvent.objects.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return QuarantinePage(chosen, total, page, pages, sources, tuple(reasons))


def get_quarantined(viewer: Person, event_pk: int) -> QuarantinedEvent:  # noqa: ARG001 - reads take the viewer first
    """Return one refused event; raises NotFound."""
    found = QuarantinedEvent.objects.filter(pk=event_pk).first()
    if found is None:
        raise NotFound(_("There is no such event in quarantine."), mend=_("It may have been mended or erased."))
    return found


def filter_quarantine(filters: Filters) -> QuerySet[QuarantinedEvent]:
    """Return the refused events that the filters choose."""
    chosen = Q()
    if filters.source:
        chosen &= Q(source=filters.source)
    if filters.reason:
        chosen &= Q(reason=filters.reason)
    return QuarantinedEvent.objects.filter(chosen)


def iterate_quarantine(viewer: Person, filters: Filters) -> Iterator[QuarantinedEvent]:  # noqa: ARG001 - the viewer first
    """Give the chosen refused events one by one, oldest first, for a download."""
    yield from filter_quarantine(filters).order_by("received", "pk").iterator(chunk_size=500)


def list_quarantined_actors() -> list[str]:
    """Return the people that refused events are of."""
    return list(QuarantinedEvent.objects.exclude(actor="").values_list("actor", flat=True).distinct())


def dump_quarantined(row: QuarantinedEvent) -> str:
    """Return a refused event as one line of JSON: why, and what was sent."""
    return dump_json(
        {
            "id": row.refused_id,
            "source": row.source,
            "received": row.received.isoformat(),
            "row": row.row,
            "field": row.field,
            "reason": row.reason,
            "message": row.message[1],
            "mend": row.mend[1],
            "raw": row.raw,
        }
    )


_NONE: Mapping[str, int] = dict.fromkeys(COUNTS, 0)


def _count_volumes(hours: QuerySet[SourceHour]) -> dict[str, Mapping[str, int]]:
    rows = hours.values_list("source").annotate(Sum("sent"), Sum("kept"), Sum("refused"), Sum("left_out"))
    return {source: dict(zip(COUNTS, sums, strict=True)) for source, *sums in rows}
