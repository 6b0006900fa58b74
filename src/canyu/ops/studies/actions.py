"""The only place that changes studies: keeping a text, and putting a study away."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import IntegrityError, transaction

from canyu.kit.words import Words
from canyu.ops.lakes import get_lake, name_lake
from canyu.ops.people.models import Person
from canyu.ops.studies.errors import StudyChanged
from canyu.ops.studies.models import Study, StudyText
from canyu.ops.studies.queries import get_study
from canyu.ops.studies.rules import DESIGNED, StudyDraft, check_draft

logger = logging.getLogger("canyu.studies")


@transaction.atomic
def save_study(viewer: Person, draft: StudyDraft, now: datetime) -> Study:
    """Keep a text as the newest of its study; one that is the same as the newest changes nothing.

    A question under a name that there is becomes its newest text; a design does so only where it was opened to be
    changed. Raises StudyUnfit, BadInput, NotFound, and StudyChanged where somebody else was first: nothing is
    overwritten.
    """
    draft = check_draft(draft)
    row = _find_row(viewer, draft, now)
    newest = row.texts.order_by("-number").first()
    if draft.study and newest is not None and newest.number != draft.number:
        raise _tell_changed(newest.made_by)
    if newest is not None and (newest.text, newest.table) == (draft.text, draft.table):
        return row
    number = 1 if newest is None else newest.number + 1
    try:
        with transaction.atomic():
            StudyText.objects.create(
                study=row,
                number=number,
                text=draft.text,
                table=draft.table,
                lake=name_lake(get_lake()),
                made_by=viewer.username,
                made_at=now,
            )
    except IntegrityError as error:
        raise _tell_changed("") from error
    logger.info("%s kept the study %s, text %s", viewer.username, row.pk, number)
    return row


def put_away(viewer: Person, study_id: int, is_away: bool) -> Study:
    """Put a study away, or bring it back; nothing of it is lost. Raises NotFound."""
    row = get_study(viewer, study_id)
    row.is_away = is_away
    row.save(update_fields=["is_away"])
    logger.info("%s put the study %s %s", viewer.username, row.pk, "away" if is_away else "back")
    return row


def _find_row(viewer: Person, draft: StudyDraft, now: datetime) -> Study:
    named = Study.objects.filter(kind=draft.kind, name=draft.name).first()
    if draft.study:
        row = get_study(viewer, draft.study)
        if named is not None and named.pk != row.pk:
            raise _tell_taken(draft.name)
        if row.name != draft.name:
            row.name = draft.name
            row.save(update_fields=["name"])
        return row
    if named is not None and draft.kind in DESIGNED:
        raise _tell_taken(draft.name)
    if named is not None:
        return named
    made = {"kind": draft.kind, "name": draft.name, "made_by": viewer.username, "made_at": now}
    try:
        with transaction.atomic():
            return Study.objects.create(**made)
    except IntegrityError as error:
        raise _tell_taken(draft.name) from error


def _tell_taken(name: str) -> StudyChanged:
    return StudyChanged(
        Words(f"已有名为“{name}”的研究。", f"There is a study named {name!r} already."),
        mend=Words("换一个名称，或打开那一个来改。", "Choose another name, or open that one to change it."),
    )


def _tell_changed(who: str) -> StudyChanged:
    return StudyChanged(
        Words(f"{who or '别人'}已在此期间改过它。", f"{who or 'Somebody else'} changed it meanwhile."),
        mend=Words("没有覆盖任何内容。请打开新的一版再改。", "Nothing was overwritten. Open the newer text."),
    )
