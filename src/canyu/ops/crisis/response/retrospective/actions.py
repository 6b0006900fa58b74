"""The only place that writes down lessons."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.crisis.actions import lock_run
from canyu.ops.crisis.response.models import Lessons
from canyu.ops.crisis.rules import clean
from canyu.ops.people.models import Person

MOST_LETTERS = 5_000
logger = logging.getLogger("canyu.crisis")


@transaction.atomic
def add_lessons(viewer: Person, run_id: int, text: str, now: datetime) -> Lessons:
    """Keep what was learnt, beside what was written before. Raises NotFound, BadInput for nothing."""
    told = clean(text, MOST_LETTERS)
    if not told:
        raise BadInput(
            Words("没有写任何内容。", "Nothing was written."), mend=Words("写下学到了什么。", "Write what was learnt.")
        )
    run = lock_run(run_id)
    kept = Lessons.objects.create(run=run, text=told, by=viewer.username, at=now)
    logger.info("%s wrote lessons of the run %s", viewer.username, run.pk)
    return kept
