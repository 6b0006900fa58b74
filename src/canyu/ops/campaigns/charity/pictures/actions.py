"""The only place that changes pictures of stories: in through one gate, and gone when their consent is withdrawn."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from canyu.events.suppression import find_erased_actors
from canyu.kit.images import open_image, write_jpeg
from canyu.ops.campaigns.charity.errors import PictureConsentMissing
from canyu.ops.campaigns.charity.models import Story, StoryPicture
from canyu.ops.campaigns.charity.pictures.files import PICTURES
from canyu.ops.campaigns.charity.rules import PICTURE_LIMITS, PictureDraft, StoryState
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person

ERASED = "erased"
logger = logging.getLogger("canyu.campaigns")


def add_picture(viewer: Person, story: Story, draft: PictureDraft, now: datetime) -> StoryPicture:
    """Keep a picture, drawn anew and without anything else of its file; the story waits for a second person again.

    Raises BadInput for what is no picture or too large, PictureConsentMissing where people are on it without one.
    """
    if draft.shows_people and not (draft.consent and draft.consent_on):
        raise PictureConsentMissing(
            _("People are shown only with their consent."), mend=_("Write where the consent lies and since when it is.")
        )
    image = open_image(draft.data, PICTURE_LIMITS)
    clean = write_jpeg(image)
    name = PICTURES.keep(clean)  # before its row: a row never leads to nothing, and a file without one is swept
    with transaction.atomic():
        Story.objects.filter(pk=story.pk).update(
            state=StoryState.DRAFT, shown_by="", shown_at=None, changed_by=viewer.username, changed_at=now
        )
        return StoryPicture.objects.create(
            story=story,
            name=name,
            digest=hashlib.sha256(clean).hexdigest(),
            width=image.width,
            height=image.height,
            alt_zh=draft.alt_zh,
            alt_en=draft.alt_en,
            shows_people=draft.shows_people,
            person=draft.person if draft.shows_people else "",
            consent=draft.consent if draft.shows_people else "",
            consent_on=draft.consent_on if draft.shows_people else None,
            made_by=viewer.username,
            made_at=now,
        )


def withdraw_picture(picture: StoryPicture, who: str, now: datetime) -> None:
    """Take a picture away for good, with what names who is on it; that it was withdrawn stays on record."""
    gone = {"withdrawn_at": now, "withdrawn_by": who, "person": "", "consent": "", "alt_zh": "", "alt_en": ""}
    StoryPicture.objects.filter(pk=picture.pk, withdrawn_at=None).update(**gone)
    PICTURES.drop([picture.name])
    logger.info("%s withdrew the picture %s", who, picture.name)


def forget_erased(now: datetime) -> int:
    """Withdraw the pictures of people who were erased from the lake; return how many. Raises NotFound."""
    shown = StoryPicture.objects.exclude(person="")
    erased = find_erased_actors(get_lake().store, list(shown.values_list("person", flat=True).distinct()))
    gone = [picture for picture in shown if picture.person in erased]
    for picture in gone:
        withdraw_picture(picture, ERASED, now)
    return len(gone)


def sweep_files(now: datetime) -> int:
    """Remove files that no picture on show has, where a crash left them; return how many. Safe to repeat."""
    old = PICTURES.list_old(now)
    kept = set(StoryPicture.objects.filter(withdrawn_at=None).values_list("name", flat=True)) if old else set()
    PICTURES.drop(old - kept)
    return len(old - kept)
