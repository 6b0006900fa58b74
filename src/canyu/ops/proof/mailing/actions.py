"""The only place that changes schedules and sends the scorecard: once per due time, whoever dies in between."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from canyu.kit.errors import CanyuError, Conflict
from canyu.kit.words import Words, speak
from canyu.ops.letterbox.actions import Letterbox
from canyu.ops.people.models import Person
from canyu.ops.proof.card.pages import make_report
from canyu.ops.proof.card.queries import FILE_WAIT_S, find_card
from canyu.ops.proof.mailing import letters
from canyu.ops.proof.mailing.rules import LANGUAGES, find_asked, find_next_due
from canyu.ops.proof.models import Mailing, Rhythm, Schedule

TOO_LONG = Words("记分卡还没有算完。", "The scorecard was not worked out yet.")
logger = logging.getLogger("canyu.proof")


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """A schedule as somebody enters it."""

    rhythm: Rhythm
    day: int
    hour: int
    zone: str
    language: str
    recipients: tuple[str, ...]
    by: str


def create_schedule(viewer: Person, draft: ScheduleDraft, now: datetime) -> Schedule:
    """Keep a schedule; its first card goes out at the next due time."""
    row = Schedule(changed_by=viewer.username, changed_at=now, recipients=list(draft.recipients))
    for name in ("rhythm", "day", "hour", "zone", "language", "by"):
        setattr(row, name, getattr(draft, name))
    row.next_due = find_next_due(row, now)
    row.save()
    logger.info("%s scheduled the scorecard by mail: %s", viewer.username, row.pk)
    return row


def switch_schedule(viewer: Person, schedule: Schedule, is_on: bool, now: datetime) -> None:
    """Switch a schedule on or off; what fell due meanwhile is not sent later."""
    Schedule.objects.filter(pk=schedule.pk).update(
        is_on=is_on, next_due=find_next_due(schedule, now), changed_by=viewer.username, changed_at=now
    )


def drop_schedule(viewer: Person, schedule: Schedule) -> None:
    """Forget a schedule, its recipients and what became of its mails."""
    Schedule.objects.filter(pk=schedule.pk).delete()
    logger.info("%s dropped the scorecard by mail: %s", viewer.username, schedule.pk)


def send_again(viewer: Person, schedule: Schedule, now: datetime) -> int:
    """Try mails again that were refused or are not clear; a person decides it, since the latter may arrive twice."""
    count = MAILINGS.send_again(schedule.mailings.all(), now)
    logger.info("%s asked for %s mails of the scorecard again", viewer.username, count)
    return count


def send_due(now: datetime) -> int:
    """Send every scorecard whose time has come; returns how many mails left."""
    _make_mailings(now)
    waiting = MAILINGS.list_waiting(now).select_related("schedule")
    groups: dict[tuple[int, datetime], list[Mailing]] = {}
    for mailing in waiting.order_by("due_at", "pk"):
        groups.setdefault((mailing.schedule_id, mailing.due_at), []).append(mailing)
    return sum(_send_group(group, now) for group in groups.values())


def _make_mailings(now: datetime) -> None:
    """Make the mails of each schedule that is due: of its last due time only, where several have passed."""
    for schedule in Schedule.objects.filter(is_on=True, next_due__lte=now):
        due_at, following = schedule.next_due, find_next_due(schedule, schedule.next_due)
        while following <= now:
            due_at, following = following, find_next_due(schedule, following)
        with transaction.atomic():
            if Schedule.objects.filter(pk=schedule.pk, next_due=schedule.next_due).update(next_due=following):
                rows = [
                    Mailing(schedule=schedule, due_at=due_at, recipient=each, next_try=now)
                    for each in dict.fromkeys(schedule.recipients)
                ]
                Mailing.objects.bulk_create(rows, ignore_conflicts=True)


def _send_group(group: Sequence[Mailing], now: datetime) -> int:
    """Send one card to those of its recipients that no other process has taken."""
    mine = [each for each in group if MAILINGS.take(each, now)]
    if not mine:
        return 0
    try:
        letter = _write(mine[0])
    except CanyuError as error:
        MAILINGS.put_off(mine, error, now)
        return 0
    return MAILINGS.send(mine, lambda mailing: letters.address_letter(letter, mailing), now)


def _write(mailing: Mailing) -> letters.Letter:
    schedule = mailing.schedule
    asked = find_asked(schedule, mailing.due_at)
    with speak(schedule.language):
        card = find_card(asked, FILE_WAIT_S)
        if card is None:
            raise Conflict(TOO_LONG)
        return letters.write_letter(make_report(card, schedule.language), asked)


def _tell(error: CanyuError | None) -> dict[str, str]:
    """Return what went wrong in both languages: whoever looks later reads one of them."""
    if error is None:
        return {}
    found = {}
    for language in LANGUAGES:
        with speak(language):
            found[language] = str(error)[:300]
    return found


MAILINGS = Letterbox(Mailing, _tell)
