"""The only place that changes corrections and retrained models."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.kit.model_store import WEIGHTS
from canyu.listen.active_model import MODELS, set_active_model
from canyu.listen.feedback import Retrained, check_corrections
from canyu.listen.feedback import retrain as retrain_sentiment
from canyu.listen.sentiment import load_sentiment
from canyu.ops.config import load_config
from canyu.ops.insight.posts import get_post
from canyu.ops.insight.rules import SHOWN_LETTERS
from canyu.ops.labels import queries
from canyu.ops.labels.errors import NotLabelled, TooManyAtOnce
from canyu.ops.labels.models import Correction, RetrainedModel
from canyu.ops.labels.rules import CHINESE, SHIPPED, TEAM_MODEL, choose_number, clean_draft, dump_figures
from canyu.ops.lakes import find_missing_posts, get_lake
from canyu.ops.people.models import Person

MOST_TRIES = 5
MOST_IDS = 500  # SQLite takes no more variables in one query on old systems
logger = logging.getLogger("canyu.labels")


def correct_post(viewer: Person, event_id: str, label: str, note: str, now: datetime) -> Correction:
    """Keep what a post's sentiment really is; it replaces what stood of this post. Raises NotFound or NotLabelled."""
    draft = clean_draft(label, note)
    if draft is None:
        raise NotLabelled(_("The label is none of the three."), mend=_("Choose negative, neutral or positive."))
    post = get_post(get_lake(), event_id)
    text = post.text[:SHOWN_LETTERS].replace("\0", "")
    if post.lang != CHINESE or not text.strip():
        raise NotLabelled(
            _("Only posts in Chinese can be corrected: the other models do not learn yet."),
            mend=_("Choose a post in Chinese."),
        )
    kept, _is_new = Correction.objects.update_or_create(
        event_id=post.id,
        withdrawn_at=None,
        defaults={
            "text": text,
            "given": post.sentiment or "",
            "model_version": post.model_version or "",
            "label": draft[0],
            "note": draft[1],
            "who": viewer.username,
            "made_at": now,
        },
    )
    logger.info("%s kept the correction %s", viewer.username, kept.pk)
    return kept


def withdraw(viewer: Person, correction_id: int, now: datetime) -> None:
    """Take a correction back; its text and note are dropped, that it was there is kept. Raises NotFound."""
    row = queries.get_correction(viewer, correction_id)
    _overwrite_what_goes()
    Correction.objects.filter(pk=row.pk, withdrawn_at=None).update(
        text="", note="", withdrawn_by=viewer.username, withdrawn_at=now
    )
    logger.info("%s withdrew the correction %s", viewer.username, row.pk)


def forget_events(ids: Iterable[str]) -> int:
    """Drop every correction of these posts, standing or withdrawn, with their texts; return how many."""
    names, dropped = sorted(set(ids)), 0
    _overwrite_what_goes()
    for start in range(0, len(names), MOST_IDS):
        dropped += Correction.objects.filter(event_id__in=names[start : start + MOST_IDS]).delete()[0]
    return dropped


def forget_erased() -> int:
    """Drop the corrections of posts that the lake does not hold any more; return how many. Raises NotFound."""
    get_lake()  # without a lake nothing is dropped
    dropped = forget_events(find_missing_posts(queries.list_event_ids()))
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log of writes holds the texts, too
    return dropped


def retrain(viewer: Person, now: datetime) -> RetrainedModel:
    """Make a new version of the shipped model from every standing correction; it is not active yet.

    Corrections of posts that are no longer in the lake are left out. Two at once make two versions. Raises BadInput
    with the engine's words where there are too few or they contradict one another; then nothing is kept.
    """
    lessons = queries.list_lessons()
    gone = find_missing_posts([event_id for event_id, _lesson in lessons])
    chosen = [lesson for event_id, lesson in lessons if event_id not in gone]
    check_corrections(chosen)
    base = load_sentiment()
    row = _take_number(viewer, base.version, len(chosen), now)
    workshop = _get_models_folder() / f".making-{row.number}"
    try:
        found: Retrained = retrain_sentiment(base, chosen, workshop / row.folder)
        (workshop / row.folder).rename(_get_models_folder() / row.folder)
    except BaseException:
        RetrainedModel.objects.filter(pk=row.pk).delete()
        raise
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    row.version, row.figures = found.model.version, dump_figures(found)
    row.save(update_fields=["version", "figures"])
    logger.info("%s retrained %s from %s corrections", viewer.username, row.version, row.corrections)
    return row


def activate(viewer: Person, number: int, now: datetime) -> str:
    """Make a version, or the shipped model (0), the one that the next listening takes; return its name.

    The database and the file that ``canyu listen`` reads change together. Raises NotFound.
    """
    if number == SHIPPED:
        return _activate(None, viewer, now)
    row = queries.get_version(viewer, number)
    if not (_get_models_folder() / row.folder / WEIGHTS).is_file():
        raise NotFound(
            _("The weights of %s are not in the state folder any more.") % row.version,
            mend=_("Retrain, then activate."),
        )
    return _activate(row, viewer, now)


def _activate(row: RetrainedModel | None, viewer: Person, now: datetime) -> str:
    with transaction.atomic():
        # in one order, so that two at once cannot both be active
        list(RetrainedModel.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
        RetrainedModel.objects.filter(is_active=True).update(is_active=False)
        if row is not None:
            RetrainedModel.objects.filter(pk=row.pk).update(
                is_active=True, activated_by=viewer.username, activated_at=now
            )
        set_active_model(load_config().state_path, row.version if row else "")
    version = row.version if row else load_sentiment().version
    logger.info("%s made %s the active model", viewer.username, version)
    return version


def _take_number(viewer: Person, base_version: str, corrections: int, now: datetime) -> RetrainedModel:
    for _attempt in range(MOST_TRIES):
        taken = RetrainedModel.objects.values_list("number", flat=True)
        number = choose_number(taken, (path.name for path in _get_models_folder().iterdir()))
        try:
            with transaction.atomic():
                return RetrainedModel.objects.create(
                    number=number,
                    base_version=base_version,
                    made_at=now,
                    made_by=viewer.username,
                    corrections=corrections,
                    folder=f"{TEAM_MODEL}-{number}",
                )
        except IntegrityError:
            continue  # another one was first
    raise TooManyAtOnce(_("Others are retraining at this moment."), mend=_("Try again in a moment."))


def _overwrite_what_goes() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")  # otherwise the bytes stay in the file's free pages


def _get_models_folder() -> Path:
    folder = load_config().state_path / MODELS
    folder.mkdir(parents=True, exist_ok=True)
    return folder
