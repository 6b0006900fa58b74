"""The only place that notes what a person agreed to and how old they are; each is a row of its own, never changed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from canyu.kit.errors import BadInput
from canyu.ops.fans.models import AgeTold, ConsentGiven, Fan, Identifier
from canyu.ops.fans.rules import TOLD_ELSEWHERE, Purpose
from canyu.ops.people.models import Person

logger = logging.getLogger("canyu.fans")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said to one purpose; ``text`` is the fingerprint, or version, of what they were shown."""

    purpose: Purpose
    is_given: bool
    text: str
    language: str
    channel: str
    at: datetime
    is_guardian: bool = False


def keep_decision(viewer: Person, fan: Fan, told: Decision, now: datetime) -> ConsentGiven:
    """Keep a consent or its withdrawal beside all earlier ones. Raises BadInput."""
    if told.purpose in TOLD_ELSEWHERE or not told.text.strip() or told.at > now:
        raise BadInput(
            _("A consent needs its purpose, the version of the text that was shown, and a time that is past."),
            mend=_("Fill in all of it."),
        )
    kept = ConsentGiven.objects.create(
        identifier=_get_first(fan),
        purpose=told.purpose,
        is_given=told.is_given,
        is_guardian=told.is_guardian,
        text=told.text.strip()[:64],
        language=told.language[:10],
        channel=told.channel.strip()[:64],
        at=told.at,
        kept_by=viewer.username,
        kept_at=now,
    )
    logger.info("%s kept a decision on %s of fan %s", viewer.username, told.purpose, fan.key)
    return kept


def keep_age(viewer: Person, fan: Fan, is_minor: bool, now: datetime) -> AgeTold:
    """Keep whether a person is below fourteen; the newest one holds."""
    return AgeTold.objects.create(identifier=_get_first(fan), is_minor=is_minor, who=viewer.username, at=now)


def _get_first(fan: Fan) -> Identifier:
    found = Identifier.objects.filter(fan=fan).order_by("pk").first()
    if found is None:
        raise BadInput(_("Nothing is known of this person any more."), mend=_("Look the person up again."))
    return found
