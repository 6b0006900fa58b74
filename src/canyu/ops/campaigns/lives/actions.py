"""The only place that changes live sessions: set-up, start and end, marks, minutes, clips and their plays."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events import Event, Verb, make_event_id
from canyu.kit.jsonio import dump_json
from canyu.ops.campaigns.lives.errors import SessionFixed, SessionUnusable
from canyu.ops.campaigns.lives.intake.reading import MinuteLine, PlayLine
from canyu.ops.campaigns.lives.models import Clip, ClipPlays, Mark, MinuteReading, Session
from canyu.ops.campaigns.lives.rules import LONGEST, Host, LiveState, MarkKind, SessionDraft, Source
from canyu.ops.campaigns.models import Campaign
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.rules import CONSOLE
from canyu.ops.people.models import Person

AT_ONCE = 50
"""Rows in one statement: SQLite takes no more than 999 values on old systems."""
logger = logging.getLogger("canyu.campaigns")


@dataclass(frozen=True, slots=True)
class ClipDraft:
    """One clip as somebody enters it."""

    title: str
    platform: str
    url: str
    is_replay: bool
    published_at: datetime


@dataclass(frozen=True, slots=True)
class MarkDraft:
    """One mark as somebody sets it."""

    kind: MarkKind
    at: datetime
    label: str = ""


def plan_session(viewer: Person, campaign: Campaign, draft: SessionDraft, now: datetime) -> Session:
    """Keep a new session with its stated window. Raises SessionUnusable."""
    _check(draft)
    session = Session(campaign=campaign, made_by=viewer.username, made_at=now)
    with transaction.atomic():
        _fill(session, draft, viewer, now)
        _tell(session, viewer, "planned", now)
    return session


def change_session(viewer: Person, session: Session, campaign: Campaign, draft: SessionDraft, now: datetime) -> Session:
    """Keep a changed plan. Raises SessionUnusable, or SessionFixed once it has started: what was stated stays."""
    _check(draft)
    with transaction.atomic():
        session = _lock(session)
        _need(session, LiveState.PLANNED)
        session.campaign = campaign
        _fill(session, draft, viewer, now)
        _tell(session, viewer, "changed", now)
    return session


def start_session(viewer: Person, session: Session, at: datetime, now: datetime) -> Session:
    """Say that a session began at an instant; from now on what it states is fixed. Raises SessionFixed."""
    with transaction.atomic():
        session = _lock(session)
        _need(session, LiveState.PLANNED)
        if at > now:
            raise _refuse(_("The start lies ahead."), _("Start it when it begins."))
        session.started_at, session.started_by = at, viewer.username
        session.save(update_fields=["started_at", "started_by"])
        _tell(session, viewer, "started", now)
    return session


def end_session(viewer: Person, session: Session, at: datetime, now: datetime) -> Session:
    """Say that a session ended at an instant. Raises SessionFixed, or SessionUnusable for one before its start."""
    with transaction.atomic():
        session = _lock(session)
        _need(session, LiveState.LIVE)
        if session.started_at is None or not session.started_at < at <= min(now, session.started_at + LONGEST):
            raise _refuse(_("It ends after its start, within a day, and not ahead."), _("Correct the time."))
        session.ended_at, session.ended_by = at, viewer.username
        session.save(update_fields=["ended_at", "ended_by"])
        _tell(session, viewer, "ended", now)
    return session


def set_mark(viewer: Person, session: Session, draft: MarkDraft, now: datetime) -> Mark:
    """Keep what happened at an instant; the same told twice is one mark. Raises SessionFixed, SessionUnusable."""
    with transaction.atomic():
        session = _lock(session)
        if session.started_at is None:
            raise _refuse(_("The session has not started."), _("Start it first."))
        if not session.started_at <= draft.at <= (session.ended_at or now):
            raise _refuse(_("The instant is outside the session."), _("Correct the time."))
        kept, is_new = Mark.objects.get_or_create(
            session=session,
            kind=draft.kind,
            at=draft.at,
            defaults={"label": draft.label, "made_by": viewer.username, "made_at": now},
        )
        if is_new:
            _tell(session, viewer, f"marked:{kept.kind}:{kept.at.isoformat()}", now)
    return kept


def drop_mark(viewer: Person, mark: Mark, now: datetime) -> None:
    """Take a mark off, once; the lake keeps that there was one."""
    with transaction.atomic():
        if Mark.objects.filter(pk=mark.pk).delete()[0]:
            _tell(mark.session, viewer, f"unmarked:{mark.kind}:{mark.at.isoformat()}", now)


def keep_minutes(viewer: Person, session: Session, lines: Iterable[MinuteLine], source: Source, now: datetime) -> int:
    """Keep what a file or a hand says of minutes, what it said before replaced; return how many. All or none."""
    last = {(one.platform, one.metric, one.minute): one for one in lines}
    rows = [
        MinuteReading(
            session=session,
            platform=one.platform,
            metric=one.metric,
            minute=one.minute,
            value=one.value,
            source=source,
            told_by=viewer.username,
            told_at=now,
        )
        for one in last.values()
    ]
    MinuteReading.objects.bulk_create(
        rows,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["session", "platform", "metric", "minute", "source"],
        update_fields=["value", "told_by", "told_at"],
    )
    logger.info("%s told %s minutes of the live session %s", viewer.username, len(rows), session.pk)
    return len(rows)


def add_clip(viewer: Person, session: Session, draft: ClipDraft, now: datetime) -> Clip:
    """Keep a clip. Raises SessionUnusable where its title stands on this platform already."""
    try:
        with transaction.atomic():
            return Clip.objects.create(
                session=session,
                title=draft.title,
                platform=draft.platform,
                url=draft.url,
                is_replay=draft.is_replay,
                published_at=draft.published_at,
                made_by=viewer.username,
                made_at=now,
            )
    except IntegrityError as error:
        raise _refuse(_("This clip was entered before."), _("Give it another title.")) from error


def keep_plays(viewer: Person, session: Session, lines: Sequence[PlayLine], source: Source, now: datetime) -> int:
    """Keep how often clips had been played by some moments, what was said before replaced; return how many."""
    clips = {(clip.platform, clip.title): clip for clip in session.clips.all()}
    last = {(clips[one.platform, one.clip], one.at): one.plays for one in lines}
    rows = [
        ClipPlays(clip=clip, at=at, plays=plays, source=source, told_by=viewer.username, told_at=now)
        for (clip, at), plays in last.items()
    ]
    ClipPlays.objects.bulk_create(
        rows,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["clip", "at"],
        update_fields=["plays", "source", "told_by", "told_at"],
    )
    return len(rows)


def _check(draft: SessionDraft) -> None:
    if not draft.planned_start < draft.planned_end <= draft.planned_start + LONGEST:
        raise _refuse(_("A session ends after its start, within a day."), _("Correct the times."))
    if draft.host is Host.KOL and draft.kol is None:
        raise _refuse(_("A KOL's session needs the KOL."), _("Choose one of the roster."))
    if draft.host is Host.FOUNDER and not draft.host_name:
        raise _refuse(_("A founder's session needs the name."), _("Write who is on screen."))
    if not draft.platforms:
        raise _refuse(_("A session is on at least one platform."), _("Choose it."))


def _fill(session: Session, draft: SessionDraft, viewer: Person, now: datetime) -> None:
    for name in draft.__slots__:
        if name not in {"kol", "platforms", "products", "links"}:
            setattr(session, name, getattr(draft, name))
    session.kol_id = draft.kol if draft.host is Host.KOL else None
    session.host_name = draft.host_name if draft.host is Host.FOUNDER else ""
    session.platforms, session.products = list(draft.platforms), list(draft.products)
    session.links = list(draft.links)
    session.changed_by, session.changed_at = viewer.username, now
    session.save()


def _lock(session: Session) -> Session:
    return Session.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=session.pk)


def _need(session: Session, state: LiveState) -> None:
    if session.state is not state:
        raise SessionFixed(
            _("The session does not stand where this step begins; what it stated is fixed from its start on."),
            mend=_("Open it again: somebody may have taken a step meanwhile."),
        )


def _refuse(message: str, mend: str) -> SessionUnusable:
    return SessionUnusable(message, mend=mend)


def _tell(session: Session, viewer: Person, step: str, now: datetime) -> None:
    props = {"step": step, "window_minutes": session.window_minutes, "tail_minutes": session.tail_minutes}
    add_event(
        Event(
            id=make_event_id(CONSOLE, "live", str(session.pk), step, now.isoformat()),
            type=str(Verb.BOOK),
            time=now,
            received=now,
            source=CONSOLE,
            actor=f"staff:{viewer.pk}",
            object=f"live:{session.pk}",
            campaign=session.campaign.slug,
            props=dump_json(props),
        ),
        now,
    )
    logger.info("%s: live session %s %s", viewer.username, session.pk, step)
