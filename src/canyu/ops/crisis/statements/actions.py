"""The only place that changes statements: versions written, returned, released by a second person, never edited."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from canyu.care.case_events import Audience
from canyu.care.crisis import run_events
from canyu.care.crisis.attachments import check_attachment
from canyu.care.crisis.statement import (
    Attachment,
    Verdict,
    check_slug,
    describe_statement,
    digest_statement,
    make_statement,
    read_statement,
)
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words
from canyu.ops.care.actions import Message
from canyu.ops.care.actions import say as say_in_case
from canyu.ops.crisis.actions import FIRST_RESPONSE, STATEMENT, append, keep_text, lock_run, tick_open
from canyu.ops.crisis.errors import FileUnfit, OwnStatement, SlugTaken, StatementChanged
from canyu.ops.crisis.models import Run, Statement, StatementFile, StatementVersion
from canyu.ops.crisis.statements import queries, shelf
from canyu.ops.crisis.statements.rules import Released, VersionDraft, tell_release, write_message
from canyu.ops.people.models import Person

logger = logging.getLogger("canyu.crisis")


def create_statement(viewer: Person, run_id: int, slug: str, draft: VersionDraft, now: datetime) -> StatementVersion:
    """Write the first version of a statement at an address of its own; nobody outside sees it. Raises SlugTaken."""
    check_slug(slug)
    try:
        with transaction.atomic():
            run = lock_run(run_id)
            row = Statement.objects.create(run=run, slug=slug, created_by=viewer.username, created_at=now)
            return _write(viewer, run, row, draft, now)
    except IntegrityError as error:
        raise SlugTaken(
            Words(f"网址 {slug} 已有声明。", f"There is a statement at {slug} already."),
            mend=Words(
                "请换一个网址，或在那份声明上写新版。", "Choose another address, or write a version of that one."
            ),
        ) from error


def write_version(viewer: Person, statement_id: int, draft: VersionDraft, now: datetime) -> StatementVersion:
    """Write the next version; the ones before stay as they are. Raises BadInput, StatementChanged."""
    known = queries.get_statement(viewer, statement_id)
    try:
        with transaction.atomic():
            return _write(viewer, lock_run(known.run_id), known, draft, now)
    except IntegrityError as error:
        raise _tell_changed() from error


def return_version(viewer: Person, statement_id: int, number: int, reason: str, now: datetime) -> None:
    """Say why the newest version is not released as it is. Raises Conflict for one that is not the newest."""
    known = queries.get_statement(viewer, statement_id)
    with transaction.atomic():
        run = lock_run(known.run_id)
        key = keep_text(run, viewer.username, reason, Audience.INSIDE, now)
        append(run, [run_events.Returned(now, viewer.username, str(known.pk), number, key)], now)


def release(viewer: Person, statement_id: int, number: int, digest: str, now: datetime) -> StatementVersion:
    """Release the newest version, whose digest is that of what the viewer read. It is public from here on, for good.

    The public's page, the case's message in public, the ticks of the checklist and the lake's event are one
    transaction. Raises OwnStatement for whoever wrote on it since the last release (nothing is kept),
    StatementChanged where it is not what they read, Conflict where it is not the newest.
    """
    known = queries.get_statement(viewer, statement_id)
    with transaction.atomic():
        run = lock_run(known.run_id)
        version = StatementVersion.objects.filter(statement=known, number=number).first()
        said = read_statement(version.body) if version else None
        if version is None or said is None or not version.digest == digest == digest_statement(said):
            raise _tell_changed()
        if viewer.username in list_authors(known):
            raise OwnStatement(
                Words("自己写的声明不能自己发布。", "Nobody releases what they wrote themselves."),
                mend=Words("请另一位有权发布的人来看。", "Ask somebody else who may release statements to read it."),
            )
        before = StatementVersion.objects.filter(statement=known, release__isnull=False).count()
        # checked again by the database itself: the released one has one release, and another name than its author
        done = StatementVersion.objects.filter(pk=version.pk, release__isnull=True).update(
            release=before + 1, released_by=viewer.username, released_at=now
        )
        if not done:
            raise _tell_changed()
        event = run_events.Released(now, viewer.username, str(known.pk), number, before + 1, digest)
        append(run, [event], now)
        _tell_world(viewer, run, Released(known.slug, said, before + 1, digest), now)
    logger.info("%s released version %s of the statement %s", viewer.username, number, known.slug)
    version.refresh_from_db()
    return version


def list_authors(statement: Statement) -> set[str]:
    """Return who wrote on a statement since its last release: each had a hand in what would be released next."""
    versions = StatementVersion.objects.filter(statement=statement).order_by("number")
    last = max((row.number for row in versions if row.release), default=0)
    return {row.author for row in versions if row.number > last}


def _tell_world(viewer: Person, run: Run, released: Released, now: datetime) -> None:
    event = tell_release(run.case, released, now)
    message = Message(viewer.username, write_message(released), Audience.PUBLIC, event=event)
    say_in_case(run.case_id, message, now)
    tick_open(run, viewer.username, FIRST_RESPONSE, now)
    if released.statement.verdict is not Verdict.WITHDRAWN:
        tick_open(run, viewer.username, STATEMENT, now)


def _write(viewer: Person, run: Run, row: Statement, draft: VersionDraft, now: datetime) -> StatementVersion:
    attachments = [*_list_kept(row, draft.kept), *_keep_uploads(viewer, row, draft, now)]
    unique = {each.sha256: each for each in attachments}
    is_out = StatementVersion.objects.filter(statement=row, release__isnull=False).exists()
    said = make_statement(replace(draft.statement, attachments=tuple(unique.values())), replaces=is_out)
    number = StatementVersion.objects.filter(statement=row).count() + 1
    version = StatementVersion.objects.create(
        statement=row,
        number=number,
        author=viewer.username,
        written_at=now,
        body=describe_statement(said),
        digest=digest_statement(said),
    )
    append(run, [run_events.Drafted(now, viewer.username, str(row.pk), number)], now)
    return version


def _list_kept(row: Statement, hashes: Sequence[str]) -> list[Attachment]:
    found = {kept.sha256: kept for kept in row.files.filter(sha256__in=list(hashes))}
    if len(found) != len(set(hashes)):
        raise FileUnfit(
            Words("有附件不属于这份声明。", "A file does not belong to this statement."),
            mend=Words("请重新上传。", "Send it again."),
        )
    return [_describe_file(found[each]) for each in dict.fromkeys(hashes)]


def _keep_uploads(viewer: Person, row: Statement, draft: VersionDraft, now: datetime) -> list[Attachment]:
    """Check every file before one of them is kept; a file that no row names is overwritten by the same bytes."""
    checked = [check_attachment(upload.name, upload.data) for upload in draft.uploads]
    for entry, upload in zip(checked, draft.uploads, strict=True):
        shelf.keep_file(upload.data, entry.sha256)
        StatementFile.objects.get_or_create(
            statement=row,
            sha256=entry.sha256,
            defaults={
                "name": entry.name,
                "media_type": entry.media_type,
                "bytes": entry.size,
                "kept_by": viewer.username,
                "kept_at": now,
            },
        )
    kept = {each.sha256: each for each in row.files.filter(sha256__in=[entry.sha256 for entry in checked])}
    return [_describe_file(kept[entry.sha256]) for entry in checked]


def _describe_file(row: StatementFile) -> Attachment:
    return Attachment(row.name, row.media_type, row.bytes, row.sha256)


def _tell_changed() -> CanyuError:
    return StatementChanged(
        Words("声明已不是你读到的那一版。", "The statement is not the version that you read any more."),
        mend=Words(
            "什么都没有发布。请打开最新一版再看。", "Nothing was released. Open the newest version and read it."
        ),
    )
