"""All reads of live sessions: the list, one with what was told of it, and what the lake counts for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.campaigns.lives import counting
from canyu.ops.campaigns.lives.baseline import Usual, estimate_usual, list_before
from canyu.ops.campaigns.lives.models import Clip, ClipPlays, Mark, Session
from canyu.ops.campaigns.lives.rules import (
    LONGEST,
    MINUTE,
    LiveState,
    MarkKind,
    Metric,
    Minute,
    Reading,
    Scope,
    Source,
    Span,
    floor_minute,
    merge_minutes,
)
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person

EPOCH, HOUR = datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1)
STANDS: dict[str, Q] = {
    LiveState.PLANNED.value: Q(started_at=None),
    LiveState.LIVE.value: Q(started_at__isnull=False, ended_at=None),
    LiveState.ENDED.value: Q(ended_at__isnull=False),
}
"""``Session.state`` as the database asks for it."""
_COUNTED = Kept(16)


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One page of the list, and how many sessions are in each state."""

    rows: list[Session]
    counts: dict[str, int]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Plays:
    """How often a clip had been played in all by a moment, and who said so."""

    at: datetime
    plays: int
    source: Source


@dataclass(frozen=True, slots=True)
class CountedClip:
    """One clip with its plays, by time."""

    clip: Clip
    plays: list[Plays]


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """One minute with its viewers (None: a gap), the session's orders, all comparable ones, and what is usual."""

    minute: Minute
    orders: int
    all_orders: int
    usual: Usual | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What the lake counts in a span, at one version, and when comparable orders came on the days before."""

    version: int
    span: Span
    orders: counting.Orders
    before: list[list[datetime]]
    spans_before: list[Span]


@dataclass(frozen=True, slots=True)
class Measured:
    """One session as it is shown: its span and window, minute by minute, its orders, and what is usual in the window.

    ``window`` is what was stated: so many minutes from the instant at which orders opened, else from the start.
    """

    session: Session
    span: Span
    window: Span
    whole: Span
    rows: list[MinuteRow]
    counted: Counted | None
    usual: Usual | None
    others: dict[Metric, dict[str, int]]

    @property
    def in_window(self) -> list[counting.Order]:
        """The session's orders inside the stated window."""
        return self._list_ours(self.window)

    @property
    def in_session(self) -> list[counting.Order]:
        """The session's orders from its start to the stated minutes after its end."""
        return self._list_ours(self.whole)

    def _list_ours(self, span: Span) -> list[counting.Order]:
        rows = self.counted.orders.rows if self.counted else []
        return [one for one in rows if one.is_ours and span.holds(one.at)]


def list_sessions(viewer: Person, state: str, page: int, size: int) -> SessionPage:  # noqa: ARG001 - reads take the viewer first
    """Return sessions of one state (empty: all), the newest first, and counts of each state."""
    counted = Session.objects.aggregate(**{name: Count("pk", filter=stand) for name, stand in STANDS.items()})
    counts = {"": sum(counted.values()), **counted}
    chosen = Session.objects.filter(STANDS[state]) if state else Session.objects.all()
    rows = chosen.select_related("campaign", "kol").order_by("-planned_start", "-pk")[(page - 1) * size : page * size]
    return SessionPage(list(rows), counts, page, max(1, -(-counts[state] // size)))


def get_session(viewer: Person, session_id: int) -> Session:  # noqa: ARG001 - reads take the viewer first
    """Return one session; raises NotFound."""
    found = Session.objects.select_related("campaign", "kol").filter(pk=session_id).first()
    if found is None:
        raise NotFound(_("There is no such live session."))
    return found


def list_marks(session: Session) -> list[Mark]:
    """Return what happened, in order."""
    return list(session.marks.order_by("at", "pk"))


def list_clips(session: Session) -> list[Clip]:
    """Return the clips, each with its kept counts over time, the oldest first."""
    plays = Prefetch("plays", ClipPlays.objects.order_by("at"))
    return list(session.clips.prefetch_related(plays).order_by("published_at", "pk"))


def measure_clips(session: Session, version: int | None = None) -> list[CountedClip]:
    """Return the clips with their plays: events of the lake (None: its present version), files, and what was entered.

    Where several speak of one moment, what was entered by hand counts before the file, and the file before events. An
    event means a clip by its object name, or by its address; then by its platform too, where it names one.
    """
    clips, told = list_clips(session), _read_plays(session, version)
    found = []
    for clip in clips:
        names = {clip.object_name, clip.url}
        plays = {
            one.at: Plays(one.at, one.plays, Source.LAKE)
            for one in told
            if one.object_name in names and one.channel in {"", clip.platform}
        }
        plays |= {row.at: Plays(row.at, row.plays, Source(row.source)) for row in clip.plays.all()}
        found.append(CountedClip(clip, [plays[at] for at in sorted(plays)]))
    return found


def find_span(session: Session, now: datetime) -> Span:
    """Return from when to when a session runs: as it did, else as it is planned; a live one until now, or a day."""
    if session.started_at is None:
        return Span(session.planned_start, session.planned_end)
    so_far = min(max(now, session.started_at + MINUTE), session.started_at + LONGEST)
    return Span(session.started_at, session.ended_at or so_far)


def find_window(session: Session, marks: list[Mark], now: datetime) -> Span:
    """Return the stated window: from the first instant that opened orders, else from the start."""
    opened = next((mark.at for mark in marks if mark.kind == MarkKind.OPEN), find_span(session, now).start)
    return Span(opened, opened + timedelta(minutes=session.window_minutes))


def measure_session(
    viewer: Person,  # noqa: ARG001 - reads take the viewer first
    session: Session,
    now: datetime,
    version: int | None = None,
) -> Measured:
    """Return a session with everything that is counted for it, by one version of the lake (None: the present one)."""
    span, window = find_span(session, now), find_window(session, list_marks(session), now)
    whole = Span(span.start, span.end + timedelta(minutes=session.tail_minutes))
    asked = _ask(session, version)  # once: what comes into the lake meanwhile is of no figure, or of all
    told = _read_told(session, asked, span)
    minutes = merge_minutes(told[Metric.VIEWERS], session.platforms, span)
    # until its planned end at least, and a full hour: while a session runs, it is counted anew for a new version alone
    last = max(whole.end, window.end, session.planned_end + timedelta(minutes=session.tail_minutes))
    last += (EPOCH - last) % HOUR
    counted = _count(session, asked, Span(min(whole.start, window.start), last))
    usual = _estimate_window(counted, window) if counted else None
    others = {metric: _find_highest(told[metric]) for metric in (Metric.PEAK, Metric.TOTAL)}
    return Measured(session, span, window, whole, _make_rows(minutes, counted), counted, usual, others)


def forget_counted() -> None:
    """Forget what was counted, so that the next one to ask computes it from the files again."""
    _COUNTED.clear()


def _read_plays(session: Session, version: int | None) -> list[counting.PlaysTold]:
    """Return what events say of the plays of a session's clips; nothing is asked of the lake where there is none."""
    clips, lake = list(session.clips.all()), find_lake()
    present = lake.version() if lake is not None and clips else None
    if lake is None or present is None:
        return []
    names = {name for clip in clips for name in (clip.object_name, clip.url) if name}
    since = min(clip.published_at for clip in clips)
    return counting.read_plays(lake, present if version is None else version, sorted(names), since)


def _read_told(session: Session, asked: counting.Asked | None, span: Span) -> dict[Metric, list[Reading]]:
    """Return what was told of the minutes, by metric: by events of the lake, by files and by hand."""
    found: dict[Metric, list[Reading]] = {metric: [] for metric in Metric}
    lake = find_lake()
    if lake is not None and asked is not None:
        found |= counting.read_viewers(lake, asked, Span(floor_minute(span.start), span.end)).readings
    for row in session.readings.all():
        found[Metric(row.metric)].append(Reading(row.platform, row.minute, row.value, Source(row.source)))
    return found


def _ask(session: Session, version: int | None) -> counting.Asked | None:
    lake = find_lake()
    present = lake.version() if lake is not None else None
    if present is None:
        return None
    asked = present if version is None else version
    products = tuple(session.products)
    return counting.Asked(asked, session.campaign.slug, Scope(session.scope), products, session.object_name)


def _count(session: Session, asked: counting.Asked | None, span: Span) -> Counted | None:
    lake = find_lake()
    if lake is None or asked is None:
        return None
    key = (identify_lake(lake), asked, span, session.zone, session.baseline_days)
    found: Counted | None = _COUNTED.find(key)
    if found is None:
        before = counting.find_observed(lake, asked, list_before(span, session.zone, session.baseline_days))
        moments = counting.read_moments(lake, asked, before)
        found = Counted(asked.version, span, counting.read_orders(lake, asked, span), moments, before)
        _COUNTED.keep(key, found)
    return found


def _make_rows(minutes: list[Minute], counted: Counted | None) -> list[MinuteRow]:
    orders = counted.orders.rows if counted else []
    ours = Counter(floor_minute(one.at) for one in orders if one.is_ours)
    every = Counter(floor_minute(one.at) for one in orders)
    usual = _estimate_minutes(minutes, counted) if counted else {}
    return [MinuteRow(one, ours[one.minute], every[one.minute], usual.get(one.minute)) for one in minutes]


def _estimate_minutes(minutes: list[Minute], counted: Counted) -> dict[datetime, Usual | None]:
    """Return what is usual in each minute, by the minutes that stand at the same clock time on the days before."""
    tallies = [
        Counter((floor_minute(moment) - floor_minute(span.start)) // MINUTE for moment in moments)
        for span, moments in zip(counted.spans_before, counted.before, strict=True)
    ]
    begin = floor_minute(counted.span.start)
    return {one.minute: estimate_usual([tally[(one.minute - begin) // MINUTE] for tally in tallies]) for one in minutes}


def _estimate_window(counted: Counted, window: Span) -> Usual | None:
    after, length = window.start - counted.span.start, window.end - window.start
    counts = []
    for span, moments in zip(counted.spans_before, counted.before, strict=True):
        shifted = Span(span.start + after, span.start + after + length)
        counts.append(sum(shifted.holds(moment) for moment in moments))
    return estimate_usual(counts)


def _find_highest(readings: list[Reading]) -> dict[str, int]:
    """Return the highest that each platform told."""
    found: dict[str, int] = {}
    for one in readings:
        if one.value is not None:
            found[one.platform] = max(found.get(one.platform, 0), one.value)
    return found
