"""The only place that changes sources: keys made, changed and switched; refused events kept, mended and dropped."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from canyu.events.collector import Frame, Refused, Tally, Translator, hash_key
from canyu.events.importers import get_salt
from canyu.events.suppression import find_erased_actors
from canyu.kit.jsonio import parse_json
from canyu.ops.config import load_config
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person
from canyu.ops.sources import queries
from canyu.ops.sources.errors import SourceNameTaken
from canyu.ops.sources.models import CountedSegment, QuarantinedEvent, SourceHour, WriteKey
from canyu.ops.sources.queries import Filters
from canyu.ops.sources.rules import HINT_LETTERS, SourceDraft, check_draft, check_name, make_key

FORMER_VALID = timedelta(hours=24)
SEGMENTS_KEPT = timedelta(days=2)
MOST_QUARANTINED = 100_000  # per source: a sender gone wild fills neither the disk nor the page
MOST_RETRIED = 5_000
AT_ONCE = 500
logger = logging.getLogger("canyu.sources")


def create_source(who: str, name: str, draft: SourceDraft, now: datetime) -> str:
    """Make a source and return its write key, which nobody can read again. Raises SourceNameTaken, SourceUnusable."""
    draft, key = check_draft(draft), make_key()
    row = WriteKey(name=check_name(name), key_hash=hash_key(key), hint=key[-HINT_LETTERS:], made_by=who, made_at=now)
    _fill(row, draft, who, now)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise SourceNameTaken(_("Another source has this name."), mend=_("Choose another one.")) from error
    logger.info("%s made the source %s", who, name)
    return key


def update_source(viewer: Person, source_id: int, draft: SourceDraft, now: datetime) -> WriteKey:
    """Change what is set of a source; holds within seconds. Raises NotFound or SourceUnusable."""
    row = queries.get_source(viewer, source_id)
    _fill(row, check_draft(draft), viewer.username, now)
    row.save()
    logger.info("%s changed the source %s", viewer.username, row.name)
    return row


def switch_source(viewer: Person, source_id: int, is_on: bool, now: datetime) -> WriteKey:
    """Switch a source on or off: off, its key opens nothing."""
    row = queries.get_source(viewer, source_id)
    row.is_on, row.changed_by, row.changed_at = is_on, viewer.username, now
    row.save(update_fields=["is_on", "changed_by", "changed_at"])
    logger.info("%s switched the source %s %s", viewer.username, row.name, "on" if is_on else "off")
    return row


def rotate_key(viewer: Person, source_id: int, now: datetime) -> tuple[WriteKey, str]:
    """Give a source a new key and return it; the former one stays valid for a day, while senders change over."""
    row, key = queries.get_source(viewer, source_id), make_key()
    row.former_hash, row.former_until = row.key_hash, now + FORMER_VALID
    row.key_hash, row.hint = hash_key(key), key[-HINT_LETTERS:]
    row.changed_by, row.changed_at = viewer.username, now
    row.save()
    logger.info("%s rotated the key of the source %s", viewer.username, row.name)
    return row, key


def keep_refused(refused: Sequence[Refused]) -> None:
    """Put refused events in quarantine, each id once; beyond a source's share the newest are counted only."""
    room = {name: MOST_QUARANTINED - _count_quarantined(name) for name in {one.source for one in refused}}
    rows = []
    for one in refused:
        room[one.source] -= 1
        if room[one.source] >= 0:
            rows.append(_build_quarantined(one))
    QuarantinedEvent.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def count_segments(segments: Sequence[str], tallies: Mapping[str, Tally], now: datetime) -> bool:
    """Count what became of the events of these segments, once; return whether this was the time that counts."""
    with transaction.atomic():
        known = set(CountedSegment.objects.filter(name__in=segments).values_list("name", flat=True))
        if known:
            return False
        CountedSegment.objects.bulk_create([CountedSegment(name=name, counted_at=now) for name in segments])
        hour = now.replace(minute=0, second=0, microsecond=0)
        for source, tally in tallies.items():
            row, _is_new = SourceHour.objects.get_or_create(source=source[:64], hour=hour)
            SourceHour.objects.filter(pk=row.pk).update(
                sent=F("sent") + tally.sent,
                kept=F("kept") + tally.kept,
                refused=F("refused") + tally.refused,
                left_out=F("left_out") + tally.left_out,
            )
    return True


def retry_quarantine(viewer: Person, filters: Filters, now: datetime) -> tuple[int, int]:
    """Read the chosen refused events again, as their sources are set now; return how many are mended, and how many not.

    What is mended is in the lake before it leaves the quarantine; the lake counts an id once.
    """
    rows = list(queries.filter_quarantine(filters).order_by("received", "pk")[:MOST_RETRIED])
    return _retry(viewer, rows, now)


def retry_event(viewer: Person, event_pk: int, now: datetime) -> tuple[int, int]:
    """As ``retry_quarantine``, for one event."""
    return _retry(viewer, [queries.get_quarantined(viewer, event_pk)], now)


def drop_event(viewer: Person, event_pk: int) -> None:
    """Erase one refused event for good."""
    row = queries.get_quarantined(viewer, event_pk)
    row.delete()
    logger.info("%s erased the refused event %s", viewer.username, row.refused_id)


def drop_old(now: datetime) -> int:
    """Erase refused events that are too old, and what the carrier need not know any more; return how many events."""
    CountedSegment.objects.filter(counted_at__lt=now - SEGMENTS_KEPT).delete()
    old = now - timedelta(days=load_config().quarantine_days)
    return QuarantinedEvent.objects.filter(received__lt=old).delete()[0]


def forget_erased() -> int:
    """Erase the refused events of people who were erased from the lake; return how many."""
    lake = find_lake()
    if lake is None:
        return 0
    gone = sorted(find_erased_actors(lake.store, queries.list_quarantined_actors()))
    return _drop_all("actor", gone)


def _retry(viewer: Person, rows: Sequence[QuarantinedEvent], now: datetime) -> tuple[int, int]:
    lake = find_lake()
    if lake is None or not rows:
        return 0, len(rows)
    readable = [row for row in rows if _is_whole(row)]
    translator = Translator(queries.load_sources(), get_salt(lake.path))
    found = translator.translate([_build_frame(row) for row in readable], now)
    if found.events.num_rows:
        lake.append(found.events)
    still = {one.id: one for one in found.refused}
    mended = [row.refused_id for row in readable if row.refused_id not in still]
    _drop_all("refused_id", mended)
    for row in readable:
        if row.refused_id in still:
            again = still[row.refused_id]
            row.field, row.reason = again.field[:100], again.reason
            row.message, row.mend = list(again.message), list(again.mend)
            row.save(update_fields=["field", "reason", "message", "mend"])
    logger.info("%s read %s refused events again, %s are mended", viewer.username, len(rows), len(mended))
    return len(mended), len(rows) - len(mended)


def _is_whole(row: QuarantinedEvent) -> bool:
    """Say whether an event is kept in full: one that is too long, or that JSON cannot hold, is not."""
    try:
        parse_json(row.raw)
    except ValueError:
        return False
    return True


def _build_frame(row: QuarantinedEvent) -> Frame:
    return Frame(row.source, int(row.received.timestamp() * 1_000_000), row.dialect, f"[{row.raw}]".encode(), row.call)


def _build_quarantined(one: Refused) -> QuarantinedEvent:
    return QuarantinedEvent(
        refused_id=one.id,
        source=one.source[:64],
        received=one.received,
        row=one.row,
        field=one.field[:100],
        reason=one.reason,
        message=list(one.message),
        mend=list(one.mend),
        raw=one.raw.replace("\0", ""),
        dialect=one.dialect,
        call=one.call,
        actor=one.actor,
    )


def _count_quarantined(source: str) -> int:
    return QuarantinedEvent.objects.filter(source=source).count()


def _drop_all(name: str, values: Iterable[str]) -> int:
    chosen = list(values)
    return sum(
        QuarantinedEvent.objects.filter(**{f"{name}__in": chosen[start : start + AT_ONCE]}).delete()[0]
        for start in range(0, len(chosen), AT_ONCE)
    )


def _fill(row: WriteKey, draft: SourceDraft, who: str, now: datetime) -> None:
    row.market, row.channel, row.origins = draft.market, draft.channel, list(draft.origins)
    row.per_minute, row.names = draft.per_minute, dict(draft.names)
    row.changed_by, row.changed_at = who, now
